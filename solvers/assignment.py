"""Comparing two partitions when the names of their groups mean nothing.

The mis-clustering error is the least share of points that disagree over all matchings of groups
to groups, found by the Hungarian method on the confusion matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import refuse, whole_array

IntArray = NDArray[np.intp]


def _checked(name: str, labels: ArrayLike) -> IntArray:
    """Return labels as integers, shape (..., n)."""
    array = np.asarray(labels)
    # A partition in two groups may come as booleans.
    numbers = array.astype(np.intp) if array.dtype == np.bool_ else array
    return whole_array(name, numbers, least=1).astype(np.intp, copy=False)


def confusion(labels: ArrayLike, truth: ArrayLike) -> IntArray:
    """Count how the groups of two partitions overlap.

    Parameters
    ----------
    labels, truth : array_like of int, shapes (..., n)
        Nonnegative group numbers; the leading axes broadcast.

    Returns
    -------
    ndarray of int, shape (..., k, k)
        Entry ``[a, b]`` counts the points with label ``a`` and truth ``b``; ``k`` is one more than
        the largest number used by either.

    Raises
    ------
    ValueError
        When a partition is empty, not integer or negative, or the lengths differ.
    """
    first, second = _checked("labels", labels), _checked("truth", truth)
    if first.shape[-1] != second.shape[-1]:
        refuse("truth", second, f"as many points as labels has, {first.shape[-1]}")
    k = int(max(first.max(), second.max())) + 1
    codes = first * k + second
    batch, count = codes.shape[:-1], int(np.prod(codes.shape[:-1], dtype=np.intp))
    codes = codes.reshape(count, -1) + np.arange(count)[:, None] * k * k
    return np.bincount(codes.ravel(), minlength=count * k * k).reshape(*batch, k, k)


def misclustering_error(labels: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """Share of points put in the wrong group under the best matching of groups.

    Parameters
    ----------
    labels, truth : array_like of int, shapes (..., n)
        Partitions; the leading axes broadcast.

    Returns
    -------
    ndarray, shape (...,)
        From 0 (the same partition) to ``1 - 1/k``.

    Raises
    ------
    ValueError
        As `confusion`.
    """
    from scipy.optimize import linear_sum_assignment  # loads slowly

    table = confusion(labels, truth)
    flat = table.reshape(-1, *table.shape[-2:])
    hits = [one[linear_sum_assignment(one, maximize=True)].sum() for one in flat]
    total = flat.sum(axis=(1, 2))
    return np.asarray(1.0 - np.array(hits) / total).reshape(table.shape[:-2])


def adjusted_rand_index(labels: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """Agreement of two partitions on pairs of points, 0 on average by chance (Hubert, Arabie 1985).

    scikit-learn's ``adjusted_rand_score`` for many pairs of partitions at once.

    Parameters
    ----------
    labels, truth : array_like of int, shapes (..., n)
        Partitions; the leading axes broadcast.

    Returns
    -------
    ndarray, shape (...,)
        From -1/2 to 1 (the same partition); 1 where both have one group, or each point its own.

    Raises
    ------
    ValueError
        As `confusion`.
    """
    table = confusion(labels, truth).astype(np.float64)
    n = table.sum(axis=(-1, -2))
    pairs = (table * (table - 1)).sum(axis=(-1, -2))
    rows, columns = table.sum(axis=-1), table.sum(axis=-2)
    first, second = ((m * (m - 1)).sum(axis=-1) for m in (rows, columns))
    by_chance = first * second / np.maximum(n * (n - 1), 1.0)
    room = (first + second) / 2 - by_chance
    same = room == 0
    return np.asarray(np.where(same, 1.0, (pairs - by_chance) / np.where(same, 1.0, room)))
