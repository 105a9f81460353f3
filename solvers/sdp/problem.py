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
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, generator, partition, whole_number

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

FACTOR_LIMIT = 10**7
"""Most numbers in a factor that a result carries along: 80 MB."""

TINY = 1e-300
"""Least divisor: keeps the quotient of two vanishing numbers finite, and changes no other, because
the points are scaled to about one."""

SCALES = 2.0**-504, 2.0**504
"""Least spread and largest coordinate whose squares, summed, are floating-point numbers."""


COINCIDENT = 8.0 * float(np.finfo(np.float64).eps)
"""Distance from the group's mean, over the largest coordinate, that is rounding of the mean."""


def points_array(points: ArrayLike) -> FloatArray:
    """Return points as a finite matrix of doubles in C order.

    Data frames, integers, single precision and Fortran order are converted first, so that equal
    numbers give equal bits.

    Raises
    ------
    ValueError
        When the points are sparse, masked, or not a finite non-empty matrix.
    """
    if hasattr(points, "toarray") and hasattr(points, "nnz"):
        raise ValueError("points is a sparse matrix: give a dense one, points.toarray()")
    if np.ma.is_masked(points):
        raise ValueError("points has masked entries: drop those rows, or fill them first")
    return np.ascontiguousarray(finite_array("points", points, ndim=2))


def given_or_fixed(rng: Generator | None) -> Generator:
    """Return a checked random generator, a fixed one for None; a bare seed is a ValueError."""
    return np.random.default_rng(0) if rng is None else generator("rng", rng)


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
        When the points are not a finite non-empty matrix, so large or so close together that
        their squares overflow or vanish, or ``k`` is no whole number or out of range.
    """

    points: FloatArray
    k: int

    def __post_init__(self) -> None:
        points = points_array(self.points)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "k", whole_number("k", self.k, 1, len(points)))
        largest = float(np.abs(points).max())
        spread = float(np.abs(self.centred).max()) if largest <= SCALES[1] else np.inf
        if largest > SCALES[1] or 0.0 < spread < SCALES[0]:
            raise ValueError(
                f"points has largest coordinate {largest:.1e} and spread {spread:.1e}, whose "
                "squares are no floating-point numbers: change the unit of measurement"
            )

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)

    @cached_property
    def centred(self) -> FloatArray:
        """Points minus their mean, shape (n, p)."""
        # Equal points thus become exactly zero, and a far origin costs no digits.
        shifted = self.points - self.points[0]
        return np.asarray(shifted - shifted.mean(axis=0))

    @cached_property
    def unit(self) -> float:
        """The power of two just above the largest centred coordinate; 1 for equal points."""
        largest = float(np.abs(self.centred).max())
        return float(np.ldexp(1.0, int(np.frexp(largest)[1]))) if largest > 0 else 1.0

    @cached_property
    def normalised(self) -> KMeansProblem:
        """The problem in units of `unit`: same solutions, objective ``unit**2`` times smaller."""
        if self.unit == 1.0:
            return self
        return KMeansProblem(self.centred / self.unit, self.k)

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

    @cached_property
    def total(self) -> float:
        """Sum of squares about the mean: the largest value there is."""
        return float((self.centred**2).sum())

    def partition_within(self, labels: IntArray) -> float:
        """Sum of squares within the groups, the K-means cost, without cancellation.

        Exactly zero when every point coincides with its group's mean but for rounding: no
        partition costs less.
        """
        sizes = np.bincount(labels, minlength=self.k)
        sums = np.zeros((self.k, self.points.shape[1]))
        np.add.at(sums, labels, self.centred)
        apart = self.centred - (sums / np.maximum(sizes, 1)[:, None])[labels]
        floor = COINCIDENT * float(np.abs(self.centred).max())
        return float((apart**2).sum()) if np.abs(apart).max() > floor else 0.0


def kept_factor(labels: IntArray, k: int) -> FloatArray | None:
    """`membership_factor`, or None when it would be larger than a result should carry."""
    return membership_factor(labels, k) if len(labels) * k <= FACTOR_LIMIT else None


def membership_factor(labels: IntArray, k: int) -> FloatArray:
    """Return the normalised indicators ``F``, shape (n, k), with ``Z_G = F F^T``.

    Raises
    ------
    ValueError
        When a label is not from 0 to ``k - 1`` or a group is empty.
    """
    k = whole_number("k", k)
    labels = partition("labels", labels, None, k)
    sizes = np.bincount(labels, minlength=k)
    factor = np.zeros((len(labels), k))
    factor[np.arange(len(labels)), labels] = 1.0 / np.sqrt(sizes[labels])
    return factor
