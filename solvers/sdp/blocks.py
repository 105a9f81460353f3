"""Multipliers of the K-means program block by block, for points sorted by group.

The multiplier vanishes inside the groups. Between two of them it must have the row and column sums
of `Grouped.row_sums`; Sinkhorn scaling gives them to any positive block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from refutable.solvers.sdp.kkt import group_means, squared_distances
from refutable.solvers.sdp.problem import TINY, FloatArray, IntArray, KMeansProblem

SINKHORN_TOLERANCE = 1e-11
"""Relative error of the column sums; what is missing costs tightness, as the bound is rigorous."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """Points sorted by group: every block of a matrix is then a slice."""

    order: IntArray
    centred: FloatArray
    distances: FloatArray
    sizes: IntArray

    @classmethod
    def of(cls, problem: KMeansProblem, labels: IntArray) -> Grouped:
        """Sort the points of a problem by `labels`."""
        order = np.argsort(labels, kind="stable")
        points, groups = problem.centred[order], labels[order]
        means = group_means(points, groups, problem.k)
        sizes = np.bincount(groups, minlength=problem.k)
        return cls(order, points - means[groups], squared_distances(points, means), sizes)

    @property
    def groups(self) -> IntArray:
        """Labels in sorted order."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def slices(self) -> list[slice]:
        """Range of each group."""
        ends = np.cumsum(self.sizes)
        return [slice(int(e - s), int(e)) for s, e in zip(self.sizes, ends, strict=True)]

    def row_sums(self, lam: float) -> FloatArray:
        """Return the row sums ``r_ik`` of the multiplier over each group, shape (n, k)."""
        groups = self.groups
        own = self.distances[np.arange(len(groups)), groups][:, None]
        inverse = 1.0 / self.sizes
        sums = self.distances - own - lam * (inverse + inverse[groups][:, None])
        sums *= self.sizes / 2.0
        sums[np.arange(len(groups)), groups] = 0.0
        return np.asarray(np.maximum(sums, 0.0))

    def pairs(self) -> Iterator[tuple[int, int, slice, slice]]:
        """Every pair of groups ``k < l`` with its ranges."""
        slices = self.slices
        for k in range(len(slices)):
            for other in range(k + 1, len(slices)):
                yield k, other, slices[k], slices[other]


def sinkhorn(
    block: FloatArray, rows: FloatArray, columns: FloatArray, sweeps: int = 60
) -> FloatArray:
    """Scale a positive block to given row and column sums.

    Parameters
    ----------
    block : ndarray, shape (a, b)
        Positive entries.
    rows, columns : ndarray, shapes (a,) and (b,)
        Wanted sums, of equal totals.
    sweeps : int
        Most alternations.

    Returns
    -------
    ndarray
        ``diag(u) block diag(v)``; rows exact, columns to 1e-11 relative unless sweeps ran out.
    """
    v = np.ones(len(columns))
    u = rows / (block @ v)
    target = SINKHORN_TOLERANCE * max(float(columns.max()), TINY)
    for _ in range(sweeps):
        reached = v * (u @ block)
        if np.abs(reached - columns).max() <= target:
            break
        v *= np.divide(columns, reached, out=np.zeros_like(v), where=reached > 0)
        u = rows / np.maximum(block @ v, TINY)
    return np.asarray(block * u[:, None] * v)


def noise_cancelling(grouped: Grouped, sums: FloatArray, base: FloatArray) -> FloatArray:
    """Return ``Lam``: the scaled positive part of `base`, with the wanted row sums.

    A floor of 1e-6 times the rank-one block keeps every block scalable.
    """
    n = len(sums)
    lam = np.zeros((n, n))
    for k, other, left, right in grouped.pairs():
        rows, columns = sums[left, other], sums[right, k]
        total = float(rows.sum())
        if total <= 0.0:
            continue
        floor = np.multiply.outer(rows, columns * (1e-6 / total)) + TINY
        block = sinkhorn(np.maximum(base[left, right], floor), rows, columns)
        lam[left, right] = block
        lam[right, left] = block.T
    return lam


def rank_one_minus_noise(grouped: Grouped, sums: FloatArray, noise: FloatArray) -> FloatArray:
    """First guess: blocks ``r r^T / total`` minus the centred Gram matrix."""
    base = -noise
    for k, other, left, right in grouped.pairs():
        total = max(float(sums[left, other].sum()), TINY)
        base[left, right] += np.multiply.outer(sums[left, other], sums[right, k] / total)
    return base
