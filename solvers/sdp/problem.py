"""The Peng-Wei semidefinite relaxation of K-means, as data.

Peng & Wei (2007): maximise ``<A, Z>`` subject to ``Z`` positive semidefinite, ``Z >= 0`` entrywise,
``Z 1 = 1`` and ``tr Z = K``. Here ``A`` is the Gram matrix of the *centred* points: because
``Z 1 = 1`` this shifts the objective by a constant only, and it makes every value and relative gap
independent of where the origin lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def checked_points(points: ArrayLike, name: str = "points", ndim: int = 2) -> FloatArray:
    """Return finite float points of the wanted dimension.

    Parameters
    ----------
    points : array_like
        Anything that converts to floats.
    name : str
        How an error calls the argument.
    ndim : int
        Wanted number of axes, the last two being points and coordinates.

    Returns
    -------
    ndarray
        The points as float64.

    Raises
    ------
    ValueError
        When the shape is wrong, the array is empty, or an entry is not finite.
    """
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != ndim:
        raise ValueError(
            f"{name} must have {ndim} axes, got shape {array.shape}; pass one row per point"
        )
    if array.size == 0:
        raise ValueError(
            f"{name} is empty (shape {array.shape}); pass at least one point and coordinate"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinite entries; remove or impute them first")
    return array


def checked_labels(labels: ArrayLike, n: int, k: int, name: str = "labels") -> IntArray:
    """Return labels of ``n`` points that use every one of ``k`` groups.

    Raises
    ------
    ValueError
        When the shape is not ``(n,)``, a label is outside ``0..k-1``, or a group is empty.
    """
    array = np.asarray(labels)
    if array.shape != (n,):
        raise ValueError(
            f"{name} must have shape ({n},), got {array.shape}; pass one label per point"
        )
    if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() >= k:
        raise ValueError(f"{name} must be integers from 0 to {k - 1}; relabel the groups")
    if np.bincount(array, minlength=k).min() == 0:
        raise ValueError(f"{name} leaves one of the {k} groups empty; use fewer groups")
    return array.astype(np.intp)


@dataclass(frozen=True, eq=False)
class KMeansProblem:
    """Points and number of groups of one K-means semidefinite program.

    Attributes
    ----------
    points : ndarray, shape (n, p)
        The points, one a row.
    k : int
        Number of groups, from 1 to ``n``.

    Raises
    ------
    ValueError
        When the points are not a finite non-empty matrix, or ``k`` is out of range.
    """

    points: FloatArray
    k: int

    def __post_init__(self) -> None:
        points = checked_points(self.points)
        if not 1 <= self.k <= len(points):
            raise ValueError(
                f"k must be between 1 and the number of points {len(points)}, got {self.k}"
            )
        object.__setattr__(self, "points", points)

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)

    @cached_property
    def centred(self) -> FloatArray:
        """Points minus their mean, shape (n, p)."""
        return np.asarray(self.points - self.points.mean(axis=0))

    @cached_property
    def gram(self) -> FloatArray:
        """The objective matrix ``A``, shape (n, n)."""
        return np.asarray(self.centred @ self.centred.T)

    def partition_value(self, labels: IntArray) -> float:
        """Objective of the partition matrix: the between-group sum of squares.

        Parameters
        ----------
        labels : ndarray of int, shape (n,)
            A group from 0 to ``k - 1`` for each point; every group is used.
        """
        sizes = np.bincount(labels, minlength=self.k)
        sums = np.zeros((self.k, self.points.shape[1]))
        np.add.at(sums, labels, self.centred)
        return float(((sums**2).sum(axis=1) / np.maximum(sizes, 1)).sum())


def membership_factor(labels: IntArray, k: int) -> FloatArray:
    """Return the normalised indicators ``F``, shape (n, k), with ``Z_G = F F^T``."""
    sizes = np.bincount(labels, minlength=k)
    factor = np.zeros((len(labels), k))
    factor[np.arange(len(labels)), labels] = 1.0 / np.sqrt(sizes[labels])
    return factor
