"""Checks of arguments, the same for every solver: name first, then the value, then what is asked.

Every refusal is a ValueError that names the argument, says what it was, and says what to give. A
bool is no number, text is no number, and NaN or infinity is refused wherever the function does not
say otherwise. Arrays of booleans count as zeros and ones where numbers are asked for, as in NumPy,
but never as whole numbers. The functions return what they checked in the type the solvers work in.
"""

from __future__ import annotations

from collections.abc import Collection
from numbers import Real
from reprlib import Repr
from typing import NoReturn, SupportsInt, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNIT_NORM = 1e-6
"""Distance of a norm from 1 that counts as none: above what single precision leaves, ``d * 6e-8``
for some ten dimensions, and far below what moves a result."""

UNIT_MASS = 1e-6
"""Distance of a sum of probabilities from 1 that counts as none, for the same reason."""

_brief = Repr()
_brief.maxother = _brief.maxstring = 60


def refuse(name: str, value: object, give: str) -> NoReturn:
    """Raise the ValueError that says what `name` was and what to give in its place."""
    if isinstance(value, np.ndarray) and value.ndim > 0:
        raise ValueError(f"{name} has shape {value.shape}: give {give}")
    raise ValueError(f"{name}={_brief.repr(value)}: give {give}")


# Arrays


def real_array(name: str, values: ArrayLike) -> NDArray[np.generic]:
    """Return `values` as an array of real numbers of any kind; it may be empty, NaN or infinite.

    Raises
    ------
    ValueError
        For text, complex numbers, None, or rows of unequal length.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = np.asarray([_real(v) for v in array.ravel()]).reshape(array.shape)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: give an array of real numbers, rows equally long") from None
    if array.dtype.kind not in "biuf" or (array.ndim == 0 and array.dtype.kind == "b"):
        raise ValueError(f"{name} holds {array.dtype}: give an array of real numbers")
    return array


def _real(value: object) -> float:
    """Return one entry of an array of Python objects; TypeError for what is no number."""
    if not isinstance(value, Real):
        raise TypeError
    return float(value)


def finite_array(
    name: str,
    values: ArrayLike,
    ndim: int | None = None,
    least: int = 0,
    shape: tuple[int, ...] | None = None,
) -> Floats:
    """Return `values` as a non-empty float array without NaN or infinity.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    values : array_like
        What was given.
    ndim : int, optional
        The exact number of axes; any number if None.
    least : int, optional
        The least number of axes.
    shape : tuple of int, optional
        The exact shape.

    Raises
    ------
    ValueError
        If it is empty, has NaN or infinity, holds no real numbers, or has the wrong shape.
    """
    array = np.asarray(real_array(name, values), dtype=np.float64)
    _check_shape(name, array, ndim, least, shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinite values: remove or replace them")
    return array


def _check_shape(
    name: str,
    array: NDArray[np.generic],
    ndim: int | None,
    least: int,
    shape: tuple[int, ...] | None,
) -> None:
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: give shape {shape}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} has {array.ndim} axes: give an array with {ndim}")
    if array.ndim < least:
        raise ValueError(f"{name} has {array.ndim} axes: give at least {least}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: give at least one value")


def positive_array(
    name: str, values: ArrayLike, ndim: int | None = None, shape: tuple[int, ...] | None = None
) -> Floats:
    """Return a `finite_array` whose every entry is above 0, else raise ValueError."""
    array = finite_array(name, values, ndim, shape=shape)
    if array.min() <= 0:
        raise ValueError(f"{name} holds {array.min()}: give numbers above 0")
    return array


def bounded_array(
    name: str,
    values: ArrayLike,
    low: float,
    high: float = np.inf,
    ndim: int | None = None,
    least: int = 0,
    shape: tuple[int, ...] | None = None,
) -> Floats:
    """Return a `finite_array` whose every entry lies in [low, high], else raise ValueError."""
    array = finite_array(name, values, ndim, least, shape)
    if array.min() < low or array.max() > high:
        raise ValueError(
            f"{name} holds values from {array.min()} to {array.max()}: give {_range(low, high)}"
        )
    return array


def whole_array(
    name: str,
    values: ArrayLike,
    low: int = 0,
    high: int | None = None,
    ndim: int | None = None,
    least: int = 0,
    shape: tuple[int, ...] | None = None,
) -> Ints:
    """Return `values` as a non-empty int64 array with every entry in [low, high].

    Raises
    ------
    ValueError
        If it is empty, is not of an integer type, or has an entry out of range or the wrong shape.
    """
    array = real_array(name, values)
    _check_shape(name, array, ndim, least, shape)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} holds {array.dtype}: give an array of whole numbers")
    if array.min() < low or (high is not None and array.max() > high):
        raise ValueError(
            f"{name} holds values from {array.min()} to {array.max()}: give {_range(low, high)}"
        )
    return array.astype(np.int64, copy=False)


def _range(low: float, high: float | None) -> str:
    return f"at least {low}" if high is None or high == np.inf else f"values from {low} to {high}"


def flags(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> Bools:
    """Return booleans, or zeros and ones, as a bool array; raise ValueError for anything else."""
    array = finite_array(name, values, shape=shape)
    if not ((array == 0) | (array == 1)).all():
        raise ValueError(f"{name} holds other values than 0 and 1: give booleans")
    return np.asarray(array == 1)


def matrix(name: str, values: ArrayLike, columns: int = 1) -> Floats:
    """Return a finite (n, d) array in C order, n >= 1 and d >= `columns`, else raise ValueError."""
    array = np.ascontiguousarray(finite_array(name, values, ndim=2))
    if array.shape[1] < columns:
        raise ValueError(f"{name} has shape {array.shape}: give at least {columns} columns")
    return array


def square(name: str, values: ArrayLike, ndim: int | None = None) -> Floats:
    """Return finite matrices, shape (..., n, n), else raise ValueError."""
    array = finite_array(name, values, ndim, least=2)
    if array.shape[-1] != array.shape[-2]:
        raise ValueError(f"{name} has shape {array.shape}: give square matrices, (..., n, n)")
    return array


def symmetric(name: str, values: ArrayLike, tolerance: float, ndim: int | None = None) -> Floats:
    """Return finite matrices, shape (..., n, n), equal to their transposes.

    A difference of `tolerance` times the largest entry counts as none.

    Raises
    ------
    ValueError
        If they are not square, not finite or not symmetric.
    """
    array = square(name, values, ndim)
    apart = np.abs(array - np.swapaxes(array, -1, -2)).max()
    if apart > tolerance * np.abs(array).max():
        raise ValueError(f"{name} is not symmetric: give the mean of it and its transpose")
    return array


def probabilities(
    name: str, values: ArrayLike, ndim: int | None = None, shape: tuple[int, ...] | None = None
) -> Floats:
    """Return numbers, at least 0, whose last axis sums to 1, else raise ValueError."""
    array = bounded_array(name, values, 0, ndim=ndim, least=1, shape=shape)
    if (np.abs(array.sum(axis=-1) - 1) > UNIT_MASS).any():
        raise ValueError(f"{name} does not sum to 1: give probabilities along the last axis")
    return array


def signs(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> Floats:
    """Return labels -1 and +1, of a given shape, as C-ordered floats, else raise ValueError."""
    array = np.ascontiguousarray(finite_array(name, values, shape=shape))
    if not (np.abs(array) == 1).all():
        raise ValueError(f"{name} holds other values than -1 and +1: give the two classes as signs")
    return array


def both_classes(name: str, labels: Floats) -> None:
    """Raise ValueError unless every row (..., n) of checked signs holds both -1 and +1."""
    if ((labels > 0).all(axis=-1) | (labels < 0).all(axis=-1)).any():
        raise ValueError(f"{name} holds one class only: give labels of both, -1 and +1")


def directions(name: str, values: ArrayLike) -> Floats:
    """Return vectors, shape (..., d), none of them zero, else raise ValueError."""
    array = finite_array(name, values, least=1)
    if (np.linalg.norm(array, axis=-1) == 0).any():
        raise ValueError(f"{name} holds a zero vector, which has no direction: give another")
    return array


def unit_vector(name: str, values: ArrayLike, dimension: int | None = None) -> Floats:
    """Return a C-ordered vector of length 1, of a given dimension, else raise ValueError."""
    shape = None if dimension is None else (dimension,)
    array = np.ascontiguousarray(finite_array(name, values, ndim=1, shape=shape))
    length = float(np.linalg.norm(array))
    if abs(length - 1) >= UNIT_NORM:
        raise ValueError(f"{name} has norm {length:g}: give a unit vector, divided by its norm")
    return array


def partition(name: str, labels: ArrayLike, points: int | None, groups: int) -> NDArray[np.intp]:
    """Return the group, 0 to groups - 1, of every point, shape (points,), every group in use.

    Raises
    ------
    ValueError
        If the shape is wrong, a label is out of range or no whole number, or a group is empty.
    """
    shape = None if points is None else (points,)
    array = whole_array(name, labels, 0, groups - 1, ndim=1, shape=shape)
    if groups > len(array) or np.bincount(array, minlength=groups).min() == 0:
        raise ValueError(f"{name} leaves one of the {groups} groups empty: give fewer groups")
    return array.astype(np.intp, copy=False)


def equal_shapes(first: str, a: NDArray[np.generic], second: str, b: NDArray[np.generic]) -> None:
    """Raise ValueError unless the arrays have one shape."""
    if a.shape != b.shape:
        raise ValueError(f"{second} has shape {b.shape}: give the shape of {first}, {a.shape}")


# Numbers


def _number(value: object) -> float | None:
    """Return a real number, a numpy scalar or an array of no axes as a float; None for the rest."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def whole_number(name: str, value: object, low: int = 1, high: int | None = None) -> int:
    """Return `value` if it is an integer in [low, high], else raise ValueError; 3.0 counts as 3."""
    asked = f"at least {low}" if high is None else f"from {low} to {high}"
    number = _number(value)
    if number is None or not number.is_integer():
        refuse(name, value, f"a whole number {asked}")
    whole = int(cast(SupportsInt, value))
    if whole < low or (high is not None and whole > high):
        refuse(name, value, f"a whole number {asked}")
    return whole


def finite(name: str, value: object) -> float:
    """Return `value` if it is a finite number, else raise ValueError."""
    number = _number(value)
    if number is None or not np.isfinite(number):
        refuse(name, value, "a finite number")
    return number


def positive(name: str, value: object, *, endless: bool = False) -> float:
    """Return `value` if it is above 0 and finite (or infinite, if `endless`), else ValueError."""
    number = _number(value)
    if number is None or not number > 0 or (number == np.inf and not endless):
        refuse(name, value, f"a {'' if endless else 'finite '}number above 0")
    return number


def nonnegative(name: str, value: object, *, endless: bool = False) -> float:
    """Return `value` if it is 0 or more and finite (or infinite, if `endless`), else ValueError."""
    number = _number(value)
    if number is None or not number >= 0 or (number == np.inf and not endless):
        refuse(name, value, f"a {'' if endless else 'finite '}number, at least 0")
    return number


def between(name: str, value: object, low: float, high: float) -> float:
    """Return `value` if it lies in [low, high], else raise ValueError."""
    number = _number(value)
    if number is None or not low <= number <= high:
        refuse(name, value, f"a number from {low:g} to {high:g}")
    return number


def inside(name: str, value: object, low: float, high: float) -> float:
    """Return `value` if it lies in (low, high), the ends excluded, else raise ValueError."""
    number = _number(value)
    if number is None or not low < number < high:
        refuse(name, value, f"a number between {low:g} and {high:g}, the ends excluded")
    return number


def below(name: str, value: object, low: float, high: float) -> float:
    """Return `value` if it lies in [low, high), the upper end excluded, else raise ValueError."""
    number = _number(value)
    if number is None or not low <= number < high:
        refuse(name, value, f"a number from {low:g} to below {high:g}")
    return number


# Others


def one_of(name: str, value: object, options: Collection[str]) -> str:
    """Return `value` if it is one of the names in `options`, else raise ValueError."""
    if not isinstance(value, str) or value not in options:
        refuse(name, value, f"one of {', '.join(map(repr, options))}")
    return value


def generator(name: str, value: object) -> Generator:
    """Return `value` if it is a numpy Generator, else raise ValueError; a seed is none."""
    if not isinstance(value, Generator):
        refuse(name, value, "a numpy Generator, such as numpy.random.default_rng(seed)")
    return value
