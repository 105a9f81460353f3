"""The Peng-Wei semidefinite relaxation of K-means, as data.

Peng & Wei (2007): maximise ``<A, Z>`` subject to ``Z`` positive semidefinite, ``Z >= 0`` entrywise,
``Z 1 = 1`` and ``tr Z = K``. Here ``A`` is the Gram matrix of the *centred* points: because
``Z 1 = 1`` this shifts the objective by a constant only, and it makes every value and relative gap
independent of where the origin lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import SupportsFloat, SupportsInt, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

FACTOR_LIMIT = 10**7
"""Most numbers in a factor that a result carries along."""

SCALES = 2.0**-504, 2.0**504
"""Least spread and largest coordinate whose squares, summed, are floating-point numbers."""


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
    array = _as_floats(points, name)
    if array.ndim != ndim:
        wanted = "one row per point" if ndim == 2 else "one matrix per group"
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}; pass {wanted}")
    if array.size == 0:
        raise ValueError(
            f"{name} is empty (shape {array.shape}); pass at least one point and coordinate"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinite entries; remove or impute them first")
    return array


def _as_floats(values: ArrayLike, name: str) -> FloatArray:
    """Convert real numbers; text, complex numbers and ragged rows are refused."""
    try:
        raw = np.asarray(values)
        if raw.dtype.kind not in "biufO":
            raise TypeError(f"numbers of type {raw.dtype}")
        return np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ValueError(
            f"{name} must be an array of real numbers with rows of equal length ({problem})"
        ) from None


def checked_count(name: str, value: object, high: int, of: str = "the number of points") -> int:
    """Return a whole number from 1 to `high`; ``3.0`` counts as 3.

    Raises
    ------
    ValueError
        When `value` is no whole number, or out of range.
    """
    whole = isinstance(value, Integral) or (isinstance(value, Real) and float(value).is_integer())
    if not whole or isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    count = int(cast(SupportsInt, value))
    if not 1 <= count <= high:
        raise ValueError(f"{name} must be between 1 and {of} {high}, got {count}")
    return count


def checked_tolerance(tolerance: object) -> float:
    """Return a finite positive relative gap.

    Raises
    ------
    ValueError
        When it is not a finite number above 0: any gap would be within an infinite one.
    """
    real = isinstance(tolerance, Real) and not isinstance(tolerance, bool | np.bool_)
    number = float(cast(SupportsFloat, tolerance)) if real else np.nan
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"tolerance must be positive and finite, got {tolerance!r}")
    return number


def checked_rng(rng: Generator | None) -> Generator:
    """Return a random generator, a fixed one for None.

    Raises
    ------
    ValueError
        When it is something else, such as a bare seed.
    """
    if rng is None:
        return np.random.default_rng(0)
    if not isinstance(rng, Generator):
        raise ValueError(f"rng must be a numpy Generator, got {rng!r}; use default_rng(seed)")
    return rng


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
    if k > n or np.bincount(array, minlength=k).min() == 0:
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
        When the points are not a finite non-empty matrix, so large or so close together that
        their squares overflow or vanish, or ``k`` is no whole number or out of range.
    """

    points: FloatArray
    k: int

    def __post_init__(self) -> None:
        points = checked_points(self.points)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "k", checked_count("k", self.k, len(points)))
        largest = float(np.abs(points).max())
        spread = float(np.abs(self.centred).max()) if largest <= SCALES[1] else np.inf
        if largest > SCALES[1] or 0.0 < spread < SCALES[0]:
            raise ValueError(
                f"points have largest coordinate {largest:.1e} and spread {spread:.1e}, whose "
                "squares are no floating-point numbers; change the unit of measurement"
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


def kept_factor(labels: IntArray, k: int) -> FloatArray | None:
    """`membership_factor`, or None when it would be larger than a result should carry."""
    return membership_factor(labels, k) if len(labels) * k <= FACTOR_LIMIT else None


def membership_factor(labels: IntArray, k: int) -> FloatArray:
    """Return the normalised indicators ``F``, shape (n, k), with ``Z_G = F F^T``."""
    sizes = np.bincount(labels, minlength=k)
    factor = np.zeros((len(labels), k))
    factor[np.arange(len(labels)), labels] = 1.0 / np.sqrt(sizes[labels])
    return factor
