"""Lloyd's iterations for k-means, batched over replicates and starts.

Points go to the nearest centre, centres to the mean of their points, until no point moves (Lloyd
1982). scikit-learn fits one data set at a time and spends more on the checks around a fit of a few
hundred points than on the fit; hence the loop here. Seeds are drawn by
:func:`refutable.solvers.mixture_em.kmeans_plus_plus`, or uniformly by :func:`random_points`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import EXACT
from refutable.solvers.argument_checks import finite_array, generator, refuse, whole_number

__all__ = ["LloydFit", "lloyd", "random_points"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LloydFit:
    """Partitions of R replicates from S starts each.

    Attributes
    ----------
    labels : ndarray of int, shape (R, S, n) or (R, n)
        Nearest centre, the first among equals.
    centres : ndarray, shape (R, S, k, d) or (R, k, d)
        Means of the groups; a centre that lost its last point stays where it was.
    costs : ndarray, shape (R, S) or (R,)
        Sum of squared distances to the nearest centre.
    converged : ndarray of bool, shape (R, S) or (R,)
        Whether the last pass moved no point.
    """

    labels: NDArray[np.int64]
    centres: Array
    costs: Array
    converged: NDArray[np.bool_]

    def best(self, group: int | None = None) -> LloydFit:
        """Return the cheapest start of each replicate, or of each `group` starts in a row.

        Parameters
        ----------
        group : int, optional
            A divisor of S; the starts of the result are then the S / group groups.

        Returns
        -------
        LloydFit
            Without the axis of the starts unless `group` is given.
        """
        if self.costs.ndim != 2:
            raise ValueError("best: give a fit of several starts, this one has none to choose from")
        rows, starts = self.costs.shape
        size = whole_number("group", starts if group is None else group, 1, starts)
        if starts % size:
            refuse("group", group, f"a divisor of the number of starts, {starts}")
        pick = self.costs.reshape(rows, -1, size).argmin(axis=-1)
        pick += size * np.arange(starts // size)
        at = (np.arange(rows), pick[:, 0]) if group is None else (np.arange(rows)[:, None], pick)
        return LloydFit(self.labels[at], self.centres[at], self.costs[at], self.converged[at])


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _assign(u, centres, best, other, label):  # type: ignore[no-untyped-def]
    """Write the nearest centre of points u (d, n) and its squared distance; count the moves."""
    d, n = u.shape
    new = np.zeros(n, np.int64)
    for i in range(centres.shape[0]):
        row = best if i == 0 else other
        for j in range(n):
            row[j] = 0.0
        for p in range(d):
            up, c = u[p], centres[i, p]
            for j in range(n):
                row[j] += (up[j] - c) * (up[j] - c)
        if i > 0:
            for j in range(n):
                new[j] = i if other[j] < best[j] else new[j]
                best[j] = min(best[j], other[j])
    moved = 0
    for j in range(n):
        moved += new[j] != label[j]
        label[j] = new[j]
    return moved


@compiled(nogil=True, error_model="numpy")
def _means(u, label, centres, sums, counts):  # type: ignore[no-untyped-def]
    """Move each centre to the mean of its points, if it has any."""
    d, n = u.shape
    counts[:] = 0
    sums[:] = 0.0
    # Coordinates within: neighbours often have one label, and each sum waits for its last addition.
    for j in range(n):
        i = label[j]
        counts[i] += 1
        for p in range(d):
            sums[i, p] += u[p, j]
    for i in range(centres.shape[0]):
        if counts[i] > 0:
            for p in range(d):
                centres[i, p] = sums[i, p] / counts[i]


@compiled(nogil=True, error_model="numpy")
def _run(u, row, centres, labels, costs, converged, iterations):  # type: ignore[no-untyped-def]
    """Run every fit f on u[row[f]]; centres and labels (-1 at first) are overwritten."""
    n = u.shape[2]
    best, other = np.empty(n), np.empty(n)
    sums, counts = np.empty(centres.shape[1:]), np.empty(centres.shape[1], np.int64)
    for f in range(centres.shape[0]):
        points = u[row[f]]
        moved = _assign(points, centres[f], best, other, labels[f])
        for _ in range(iterations):
            if moved == 0:
                break
            _means(points, labels[f], centres[f], sums, counts)
            moved = _assign(points, centres[f], best, other, labels[f])
        costs[f], converged[f] = best.sum(), moved == 0


def lloyd(x: ArrayLike, centres: ArrayLike, iterations: int = 300) -> LloydFit:
    """Run Lloyd's iterations on each replicate from each start.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    centres : array_like, shape (R, S, k, d)
        Where the S starts of each replicate put their k centres.
    iterations : int
        Most moves of the centres, at least 1.

    Returns
    -------
    LloydFit

    Raises
    ------
    ValueError
        If the arrays are malformed or do not go together, or `iterations` is below 1.
    """
    points = _points(x)
    at = finite_array("centres", centres, ndim=4)
    rows, n, d = points.shape
    if at.shape[0] != rows or at.shape[3] != d:
        refuse("centres", at, f"shape ({rows}, starts, k, {d})")
    starts, k = at.shape[1:3]
    moved = np.array(at.reshape(-1, k, d))
    labels = np.full((rows * starts, n), -1, dtype=np.int64)
    costs, converged = np.empty(rows * starts), np.zeros(rows * starts, dtype=np.bool_)
    row = np.repeat(np.arange(rows), starts)
    laid = np.ascontiguousarray(np.swapaxes(points, 1, 2))
    _run(laid, row, moved, labels, costs, converged, whole_number("iterations", iterations))
    shape = (rows, starts)
    return LloydFit(
        labels.reshape(*shape, n), moved.reshape(*shape, k, d),
        costs.reshape(shape), converged.reshape(shape),
    )  # fmt: skip


def random_points(rng: np.random.Generator, x: ArrayLike, k: int, starts: int = 1) -> Array:
    """Draw k different points of each replicate as centres (Forgy's start).

    Parameters
    ----------
    rng : numpy.random.Generator
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    k : int
        Centres, 1 to n.
    starts : int
        Independent draws for each replicate.

    Returns
    -------
    ndarray, shape (R, starts, k, d)
    """
    points = _points(x)
    rows, n, _ = points.shape
    k = whole_number("k", k, 1, n)
    order = generator("rng", rng).random((rows, whole_number("starts", starts), n))
    chosen = np.argpartition(order, k - 1, axis=-1)[..., :k]
    return np.asarray(points[np.arange(rows)[:, None, None], chosen])


def _points(x: ArrayLike) -> Array:
    points = finite_array("x", x, least=2)
    if points.ndim > 3:
        refuse("x", points, "shape (R, n, d), or (n, d) for one data set")
    return points[None] if points.ndim == 2 else points
