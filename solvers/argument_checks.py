"""Checks of arguments shared by the solvers: each error names the argument and what to do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def finite_array(name: str, values: ArrayLike, ndim: int | None = None, least: int = 0) -> Floats:
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

    Raises
    ------
    ValueError
        If it is empty, has NaN or infinity, or has the wrong number of axes.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise ValueError(f"{name} is empty: give at least one value")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} has {array.ndim} axes: give an array with {ndim}")
    if array.ndim < least:
        raise ValueError(f"{name} has {array.ndim} axes: give at least {least}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinite values: remove or replace them")
    return array


def whole_number(name: str, value: int, low: int = 1, high: int | None = None) -> int:
    """Return `value` if it is an integer in [low, high], else raise ValueError."""
    if int(value) != value:
        raise ValueError(f"{name}={value!r}: give a whole number")
    if value < low or (high is not None and value > high):
        limit = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ValueError(f"{name}={value!r}: give a number {limit}")
    return int(value)


def positive(name: str, value: float) -> float:
    """Return `value` if it is finite and above 0, else raise ValueError."""
    if not np.isfinite(value) or value <= 0:
        raise ValueError(f"{name}={value!r}: give a finite number above 0")
    return float(value)


def equal_shapes(first: str, a: NDArray[np.generic], second: str, b: NDArray[np.generic]) -> None:
    """Raise ValueError unless the arrays have one shape."""
    if a.shape != b.shape:
        raise ValueError(f"{second} has shape {b.shape}: give the shape of {first}, {a.shape}")
