"""Centres by k-means++ (Arthur and Vassilvitskii 2007), and the nearest centre of each point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import finite_array, generator, refuse, whole_number
from refutable.solvers.mixture_em._m_step import Data
from refutable.solvers.mixture_em.mixture import Array

__all__ = ["checked_centres", "kmeans_plus_plus", "nearest"]


def kmeans_plus_plus(rng: np.random.Generator, x: ArrayLike, k: int, starts: int = 1) -> Array:
    """Draw centres: the first uniformly, each next with probability ~ its squared distance.

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
    points = Data.of(x).x  # (R, d, n)
    rows, d, n = points.shape
    k = whole_number("k", k, 1, n)
    shape = (rows, whole_number("starts", starts))
    uniform = generator("rng", rng).random((k, *shape))
    centres = np.empty((*shape, k, d))
    _seed(points, uniform, centres)
    return centres


@compiled(nogil=True, error_model="numpy")
def _seed(points, uniform, centres):  # type: ignore[no-untyped-def]
    """Fill centres (R, S, k, d) from points (R, d, n), one uniform number for each (k, R, S)."""
    rows, d, n = points.shape
    k, _, starts = uniform.shape
    distance, fresh = np.empty(n), np.empty(n)
    for r in range(rows):
        for s in range(starts):
            distance[:] = 1.0
            for i in range(k):
                pick = _draw(distance, uniform[i, r, s])
                fresh[:] = 0.0
                for q in range(d):
                    along, at = points[r, q], points[r, q, pick]
                    centres[r, s, i, q] = at
                    for j in range(n):
                        fresh[j] += (along[j] - at) * (along[j] - at)
                for j in range(n):
                    distance[j] = fresh[j] if i == 0 else min(distance[j], fresh[j])


@compiled(nogil=True, error_model="numpy")
def _draw(distance, uniform):  # type: ignore[no-untyped-def]
    """Return an index with probability in proportion to its distance."""
    total = 0.0
    for j in range(distance.shape[0]):
        total += distance[j]
    level, reach = uniform * total, 0.0
    for j in range(distance.shape[0]):
        reach += distance[j]
        if reach > level:
            return j
    # When every point is a centre already the distances are all 0, and any point will do.
    return distance.shape[0] - 1


def _square_distances(points: Array, centre: Array) -> Array:
    """Return |x - centre|^2 for points (R, d, n) and centres (R, S, d): (R, S, n)."""
    total = np.zeros((*centre.shape[:2], points.shape[2]))
    for q in range(points.shape[1]):
        total += (points[:, None, q] - centre[:, :, None, q]) ** 2
    return total


def nearest(x: ArrayLike, centres: ArrayLike) -> NDArray[np.int64]:
    """Return the nearest centre of each point, the first among equals.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    centres : array_like, shape (R, starts, k, d)

    Returns
    -------
    ndarray of int, shape (R, starts, n)
    """
    points = Data.of(x).x
    at = checked_centres(points, centres)
    best = _square_distances(points, at[:, :, 0])
    label = np.zeros(best.shape, dtype=np.int64)
    for i in range(1, at.shape[2]):
        other = _square_distances(points, at[:, :, i])
        label[other < best] = i
        best = np.minimum(best, other)
    return label


def checked_centres(points: Array, centres: ArrayLike) -> Array:
    """Return centres (R, starts, k, d) that go with points (R, d, n), else raise ValueError."""
    at = finite_array("centres", centres, ndim=4)
    if at.shape[0] != len(points) or at.shape[3] != points.shape[1]:
        refuse("centres", at, f"shape ({len(points)}, starts, k, {points.shape[1]})")
    return at
