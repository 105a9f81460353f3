"""Optimal k-means on a line by dynamic programming.

Optimal clusters are intervals, so that ``D_k(j) = min_i D_(k-1)(i) + cost(i, j)`` over the sorted
values (Wang and Song 2011, Ckmeans.1d.dp). The best i does not fall as j grows, hence divide and
conquer: O(k n log n). The cost of an interval comes from prefix sums of weight, value and square;
they are kept in twice the working precision, because tight clusters far apart would cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers._double_double import add, divide, multiply, two_product
from refutable.solvers.argument_checks import finite_array, positive_array, refuse, whole_number

__all__ = ["LineClusters", "kmeans_line"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LineClusters:
    """An optimal partition of points on a line.

    Attributes
    ----------
    labels : ndarray of int, shape (R, n) or (n,)
        0 to k - 1, growing with the value; equal values share a label.
    centres : ndarray, shape (R, k) or (k,)
        Weighted means, growing.
    costs : ndarray, shape (R, k) or (k,)
        Least weighted sum of squared distances with 1, ..., k clusters.
    """

    labels: NDArray[np.int64]
    centres: Array
    costs: Array

    @property
    def cost(self) -> Array:
        """The least cost with k clusters."""
        return np.asarray(self.costs[..., -1])


@compiled(nogil=True, error_model="numpy")
def _prefix(x, w, sums):  # type: ignore[no-untyped-def]
    """Merge equal values of sorted x; fill sums (n + 1, 6) and return each point's group."""
    n, groups = x.shape[0], 0
    group = np.zeros(n, np.int64)
    sums[0] = 0.0
    for i in range(n):
        if i == 0 or x[i] > x[i - 1]:
            groups += 1
            sums[groups] = sums[groups - 1]
        group[i], at = groups - 1, sums[groups]
        first, low = two_product(w[i], x[i])
        second, rest = multiply(first, low, x[i], 0.0)
        at[0], at[1] = add(at[0], at[1], w[i], 0.0)
        at[2], at[3] = add(at[2], at[3], first, low)
        at[4], at[5] = add(at[4], at[5], second, rest)
    return group, groups


@compiled(nogil=True, error_model="numpy")
def _cost(sums, i, j):  # type: ignore[no-untyped-def]
    """Return the sum of squares about the mean of groups i to j - 1."""
    a, b = sums[j], sums[i]
    wh, wl = add(a[0], a[1], -b[0], -b[1])
    sh, sl = add(a[2], a[3], -b[2], -b[3])
    qh, ql = add(a[4], a[5], -b[4], -b[5])
    th, tl = multiply(sh, sl, sh, sl)
    th, tl = divide(th, tl, wh, wl)
    high, low = add(qh, ql, -th, -tl)
    return max(high + low, 0.0)


@compiled(nogil=True, error_model="numpy")
def _layer(sums, m, k, before, now, choice):  # type: ignore[no-untyped-def]
    """Fill now[j] and choice[j], the start of the last of k clusters of the first j groups."""
    stack = np.empty((2 * (int(np.log2(m + 1)) + 2), 4), np.int64)
    stack[0] = k, m, k - 1, m - 1
    depth = 1
    while depth > 0:
        depth -= 1
        low, high, left, right = stack[depth]
        j = (low + high) // 2
        best, at = np.inf, left
        for i in range(max(left, k - 1), min(right, j - 1) + 1):
            value = before[i] + _cost(sums, i, j)
            if value < best:
                best, at = value, i
        now[j], choice[j] = best, at
        if low < j:
            stack[depth] = low, j - 1, left, at
            depth += 1
        if j < high:
            stack[depth] = j + 1, high, at, right
            depth += 1


@compiled(nogil=True, error_model="numpy")
def _solve(x, w, k):  # type: ignore[no-untyped-def]
    """Return labels and costs (k,) of sorted x; no labels if there are fewer than k values."""
    n = x.shape[0]
    sums, costs = np.empty((n + 1, 6)), np.empty(k)
    group, m = _prefix(x, w, sums)
    if m < k:
        return group[:0], costs, m
    before, now = np.full(m + 1, np.inf), np.full(m + 1, np.inf)
    choice = np.zeros((k + 1, m + 1), np.int64)
    for j in range(1, m + 1):
        before[j] = _cost(sums, 0, j)
    costs[0] = before[m]
    for c in range(2, k + 1):
        _layer(sums, m, c, before, now, choice[c])
        costs[c - 1] = now[m]
        before, now = now, before
    label, end = np.zeros(m, np.int64), m
    for c in range(k, 0, -1):
        start = choice[c, end] if c > 1 else 0
        label[start:end] = c - 1
        end = start
    return label[group], costs, m


def kmeans_line(x: ArrayLike, k: int, weights: ArrayLike | None = None) -> LineClusters:
    """Return a partition into k clusters of the least possible cost.

    Parameters
    ----------
    x : array_like, shape (n,), or (R, n) for R data sets
    k : int
        Clusters, from 1 to the number of distinct values in each data set.
    weights : array_like, shape (n,) or that of `x`, optional
        Above 0; 1 if left out.

    Returns
    -------
    LineClusters
        Where several partitions are optimal, the last cluster starts as early as it can.

    Raises
    ------
    ValueError
        If the arrays are malformed, a weight is not above 0, or `k` is out of range.
    """
    points = finite_array("x", x, least=1)
    if points.ndim > 2:
        refuse("x", points, "shape (n,), or (R, n) for R data sets")
    rows, count = np.atleast_2d(points), whole_number("k", k, 1, points.shape[-1])
    loads = _loads(weights, points, rows)
    order = np.argsort(rows, axis=1, kind="stable")
    ordered = np.take_along_axis(rows, order, axis=1)
    labels, costs = np.empty(rows.shape, dtype=np.int64), np.empty((len(rows), count))
    for r in range(len(rows)):
        found, costs[r], values = _solve(ordered[r], loads[r][order[r]], count)
        if values < count:
            refuse("k", k, f"at most the number of distinct values of x, {values}")
        labels[r, order[r]] = found
    centres = _centres(rows, loads, labels, count)
    shape = points.shape[:-1]
    return LineClusters(
        labels.reshape(points.shape), centres.reshape(*shape, count), costs.reshape(*shape, count)
    )


def _loads(weights: ArrayLike | None, points: Array, rows: Array) -> Array:
    if weights is None:
        return np.ones(rows.shape)
    given = positive_array("weights", weights)
    if given.shape not in (points.shape, points.shape[-1:]):
        refuse("weights", given, f"shape {points.shape}, as x has")
    return np.broadcast_to(given, rows.shape)


def _centres(rows: Array, loads: Array, labels: NDArray[np.int64], k: int) -> Array:
    """Return the weighted mean of each cluster, taken about one of its points."""
    centres = np.empty((len(rows), k))
    for c in range(k):
        member = labels == c
        anchor = rows[np.arange(len(rows)), member.argmax(axis=1)]
        load = np.where(member, loads, 0.0)
        shift = (load * np.where(member, rows - anchor[:, None], 0.0)).sum(axis=1)
        centres[:, c] = anchor + shift / load.sum(axis=1)
    return centres
