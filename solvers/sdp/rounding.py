"""From a relaxed solution to a partition."""

from __future__ import annotations

import numpy as np
from refutable.solvers.sdp.problem import FloatArray, IntArray
from refutable.solvers.sdp.starts import fill_empty_groups, lloyd, plus_plus


def farthest_first(points: FloatArray, k: int) -> FloatArray:
    """Return ``k`` points (k, p), each the farthest from those before, the largest first."""
    chosen = [int((points**2).sum(axis=1).argmax())]
    nearest = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.asarray(points[chosen])


def round_coordinates(coordinates: FloatArray, k: int, restarts: int = 8) -> IntArray:
    """K-means on the rows of scaled leading eigenvectors, deterministic.

    Parameters
    ----------
    coordinates : ndarray, shape (n, r)
        Eigenvectors of the membership matrix times the roots of their eigenvalues.
    k : int
        Number of groups.
    restarts : int
        Seedings by distance-squared sampling, from a fixed generator, besides the farthest-first.

    Returns
    -------
    ndarray of int, shape (n,)
        Labels that use every group.
    """
    seedings = plus_plus(coordinates, k, restarts, np.random.default_rng(k))
    means = np.concatenate([farthest_first(coordinates, k)[None], seedings])
    found = lloyd(coordinates, means)
    costs = [_cost(coordinates, labels, k) for labels in found]
    return fill_empty_groups(coordinates, found[int(np.argmin(costs))], k)


def _cost(points: FloatArray, labels: IntArray, k: int) -> float:
    """Sum of squares within the groups."""
    indicator = (labels == np.arange(k)[:, None]).astype(np.float64)
    sums, sizes = indicator @ points, np.maximum(indicator.sum(axis=1), 1.0)
    return float((points**2).sum() - ((sums**2).sum(axis=1) / sizes).sum())
