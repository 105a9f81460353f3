"""Affinity matrices of a set of points, for methods that smooth over a graph.

Batched: features (..., n, d) give affinities (..., n, n). Inner products need no function here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite,
    finite_array,
    refuse,
    symmetric,
    whole_number,
)


def squared_distances(features: ArrayLike) -> Floats:
    """Squared Euclidean distances of all pairs, exactly zero on the diagonal.

    Parameters
    ----------
    features : array, shape (..., n, d)

    Returns
    -------
    array, shape (..., n, n)
    """
    points = finite_array("features", features, least=2)
    squares = (points**2).sum(axis=-1)
    distances = squares[..., :, None] + squares[..., None, :]
    distances -= 2 * points @ np.swapaxes(points, -1, -2)
    np.maximum(distances, 0, out=distances)
    _diagonal(distances)[...] = 0
    return np.asarray(distances)


def _diagonal(matrices: Floats) -> Floats:
    """Return a writable view of the diagonals, (..., n)."""
    view: Floats = np.einsum("...ii->...i", matrices)
    return view


def neighbour_affinity(features: ArrayLike, neighbours: int) -> Floats:
    """One where j is among the nearest neighbours of i, itself left out, else zero.

    It is not symmetric: rows sum to `neighbours`, columns need not.

    Parameters
    ----------
    features : array, shape (..., n, d)
    neighbours : int
        From 1 to n - 1.

    Returns
    -------
    array, shape (..., n, n)
    """
    distances = squared_distances(features)
    count = whole_number("neighbours", neighbours, 1, distances.shape[-1] - 1)
    _diagonal(distances)[...] = np.inf
    nearest = np.argpartition(distances, count - 1, axis=-1)[..., :count]
    affinity = np.zeros_like(distances)
    np.put_along_axis(affinity, nearest, 1.0, axis=-1)
    return affinity


def gaussian_affinity(features: ArrayLike, rank: int) -> Floats:
    """``exp(-d^2/(2 s^2))`` with s the mean distance of a point to its neighbour of a rank.

    Positive semidefinite, with ones on the diagonal.

    Parameters
    ----------
    features : array, shape (..., n, d)
    rank : int
        From 1 to n - 1; 1 is the nearest of the other points.

    Returns
    -------
    array, shape (..., n, n)

    Raises
    ------
    ValueError
        If the points of a set coincide so that s is 0.
    """
    distances = squared_distances(features)
    position = whole_number("rank", rank, 1, distances.shape[-1] - 1)
    # The point itself, at distance 0, is the first of the sorted row.
    reach = np.sqrt(np.partition(distances, position, axis=-1)[..., position])
    width = reach.mean(axis=-1)[..., None, None]
    if not width.all():
        refuse("features", features, "points that do not all coincide")
    return np.asarray(np.exp(-distances / (2 * width**2)))


SYMMETRY = 1e-12
"""Relative asymmetry that the rounding of a product of matrices leaves."""


def with_least_eigenvalue(affinity: ArrayLike, least: float) -> Floats:
    """Add the multiple of the identity that makes the least eigenvalue `least`.

    Parameters
    ----------
    affinity : array, shape (..., n, n)
        Symmetric.
    least : float

    Returns
    -------
    array, shape (..., n, n)
    """
    matrices = symmetric("affinity", affinity, SYMMETRY)
    shift = finite("least", least) - np.linalg.eigvalsh(matrices)[..., :1]
    return np.asarray(matrices + shift[..., None] * np.eye(matrices.shape[-1]))
