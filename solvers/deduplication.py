"""Pruning of near-duplicates by cosine similarity: smallest column maximum, and greedy leader.

The column maximum is taken over the strict upper triangle with zeros below it, as released with
SemDeDup (arXiv 2303.09540) and Adapt-infinity (arXiv 2410.10636).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    finite_array,
    flags,
    refuse,
    square,
    whole_number,
)


def _limit(threshold: ArrayLike, matrix: Floats) -> Floats:
    """Return the threshold of every similarity matrix (..., n, n), shape (...,)."""
    limit = finite_array("threshold", threshold)
    try:
        return np.broadcast_to(limit, matrix.shape[:-2])
    except ValueError:
        refuse("threshold", limit, f"one number, or shape {matrix.shape[:-2]}")


def column_maxima(similarity: ArrayLike) -> Floats:
    """Largest similarity to an earlier point, at least 0: (..., n, n) -> (..., n)."""
    return np.asarray(np.triu(square("similarity", similarity), k=1).max(axis=-2))


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
    keep = whole_number("keep", keep, 1, maxima.shape[-1])
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
    matrix = square("similarity", similarity)
    limit = _limit(threshold, matrix)
    kept = np.zeros(matrix.shape[:-1], dtype=bool)
    kept[..., 0] = True
    for j in range(1, matrix.shape[-1]):
        closest = np.where(kept[..., :j], matrix[..., :j, j], -np.inf).max(axis=-1)
        kept[..., j] = closest <= limit
    return kept


def largest_kept_similarity(similarity: ArrayLike, kept: ArrayLike) -> Floats:
    """Largest similarity between two kept points, -inf for a single one: -> (...,)."""
    matrix = square("similarity", similarity)
    held = flags("kept", kept, matrix.shape[:-1])
    pairs = held[..., :, None] & held[..., None, :]
    upper = pairs & np.triu(np.ones(matrix.shape[-2:], dtype=bool), k=1)
    return np.asarray(np.where(upper, matrix, -np.inf).max(axis=(-2, -1)))


def uncovered_points(similarity: ArrayLike, kept: ArrayLike, threshold: ArrayLike) -> Bools:
    """Pruned points without a kept point at or above the threshold: -> (..., n)."""
    matrix = square("similarity", similarity)
    held = flags("kept", kept, matrix.shape[:-1])
    closest = np.where(held[..., None, :], matrix, -np.inf).max(axis=-1)
    limit = _limit(threshold, matrix)[..., None]
    return np.asarray(~held & (closest < limit))
