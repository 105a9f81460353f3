"""Pruning of near-duplicates by cosine similarity: smallest column maximum, and greedy leader.

The column maximum is taken over the strict upper triangle with zeros below it, as released with
SemDeDup (arXiv 2303.09540) and Adapt-infinity (arXiv 2410.10636).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Bools, Floats, finite_array, whole_number


def _square(similarity: ArrayLike) -> Floats:
    matrix = finite_array("similarity", similarity, least=2)
    if matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError("similarity: give square matrices, shape (..., n, n)")
    return matrix


def column_maxima(similarity: ArrayLike) -> Floats:
    """Largest similarity to an earlier point, at least 0: (..., n, n) -> (..., n)."""
    return np.asarray(np.triu(_square(similarity), k=1).max(axis=-2))


def keep_extreme_maxima(similarity: ArrayLike, keep: int, largest: bool = False) -> Bools:
    """Keep the points with the smallest (or largest) column maxima.

    Parameters
    ----------
    similarity : array, shape (..., n, n)
        Cosine similarities in visiting order.
    keep : int
        Points to keep, 1..n.
    largest : bool, optional
        Keep the largest instead: the opposite of deduplication.

    Returns
    -------
    kept : bool array, shape (..., n)
    """
    maxima = column_maxima(similarity)
    whole_number("keep", keep, 1, maxima.shape[-1])
    order = np.argsort(-maxima if largest else maxima, axis=-1, kind="stable")
    kept = np.zeros(maxima.shape, dtype=bool)
    np.put_along_axis(kept, order[..., :keep], True, axis=-1)
    return kept


def keep_leaders(similarity: ArrayLike, threshold: ArrayLike) -> Bools:
    """Visit points in order; keep one iff no kept point is more similar than the threshold.

    Parameters
    ----------
    similarity : array, shape (..., n, n)
        Cosine similarities in visiting order.
    threshold : array, shape (...,)
        Largest similarity allowed among kept points.

    Returns
    -------
    kept : bool array, shape (..., n)
    """
    matrix = _square(similarity)
    limit = np.broadcast_to(finite_array("threshold", threshold), matrix.shape[:-2])
    kept = np.zeros(matrix.shape[:-1], dtype=bool)
    kept[..., 0] = True
    for j in range(1, matrix.shape[-1]):
        closest = np.where(kept[..., :j], matrix[..., :j, j], -np.inf).max(axis=-1)
        kept[..., j] = closest <= limit
    return kept


def largest_kept_similarity(similarity: ArrayLike, kept: ArrayLike) -> Floats:
    """Largest similarity between two kept points, -inf for a single one: -> (...,)."""
    matrix, held = _square(similarity), np.asarray(kept, dtype=bool)
    pairs = held[..., :, None] & held[..., None, :]
    upper = pairs & np.triu(np.ones(matrix.shape[-2:], dtype=bool), k=1)
    return np.asarray(np.where(upper, matrix, -np.inf).max(axis=(-2, -1)))


def uncovered_points(similarity: ArrayLike, kept: ArrayLike, threshold: ArrayLike) -> Bools:
    """Pruned points without a kept point at or above the threshold: -> (..., n)."""
    matrix, held = _square(similarity), np.asarray(kept, dtype=bool)
    closest = np.where(held[..., None, :], matrix, -np.inf).max(axis=-1)
    limit = np.asarray(threshold, dtype=np.float64)[..., None]
    return np.asarray(~held & (closest < limit))
