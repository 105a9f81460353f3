"""Argument checks shared by the halfspace modules; every message names the argument."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def points(x: ArrayLike, *, least_dimension: int = 1) -> FloatArray:
    """Return `x` as a finite C-ordered (n, d) array."""
    array = np.ascontiguousarray(x, dtype=float)
    if array.ndim != 2 or array.shape[0] == 0:
        raise ValueError(f"x must be a non-empty array of shape (n, d), got shape {array.shape}")
    if array.shape[1] < least_dimension:
        raise ValueError(f"x must have at least {least_dimension} columns, got {array.shape[1]}")
    if not np.isfinite(array).all():
        raise ValueError("x must be finite: drop or impute the NaN and infinite entries")
    return array


def signs(y: ArrayLike, n: int, name: str = "y") -> FloatArray:
    """Return `y` as an (n,) float array of -1 and +1."""
    array = np.ascontiguousarray(y, dtype=float)
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one label per point, got {array.shape}")
    if not (np.abs(array) == 1).all():
        raise ValueError(f"{name} must hold only -1 and +1: map the two classes to signs first")
    return array


def normal(w: ArrayLike, d: int, name: str = "w") -> FloatArray:
    """Return `w` as a finite (d,) array that is not zero, of any length."""
    array = np.asarray(w, dtype=float)
    if array.shape != (d,):
        raise ValueError(f"{name} must have shape ({d},) to match x, got {array.shape}")
    if not np.isfinite(array).all() or not array.any():
        raise ValueError(f"{name} must be finite and not zero: pass the halfspace's normal vector")
    return array


def both_classes(y: FloatArray, name: str) -> None:
    """Raise unless `y`, already known to be signs, holds both."""
    if abs(y.sum()) == y.size:
        raise ValueError(
            f"{name} holds one class only: pass labels of both classes, -1 and +1, or draw more"
        )


def unit(w: ArrayLike, d: int, name: str = "w") -> FloatArray:
    """Return `w` as a (d,) array, insisting that its Euclidean norm is 1."""
    array = np.ascontiguousarray(w, dtype=float)
    if array.shape != (d,):
        raise ValueError(f"{name} must have shape ({d},), got {array.shape}")
    length = float(np.linalg.norm(array))
    if not abs(length - 1) < 1e-6:
        raise ValueError(
            f"{name} must be a unit vector, its norm is {length:g}: divide by the norm"
        )
    return array


def positive(value: Any, name: str) -> float:
    """Return `value` as a float that is finite and above zero."""
    number = float(value)
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be a positive finite number, got {value!r}")
    return number


def count(value: Any, name: str, least: int = 1) -> int:
    """Return `value` as an integer that is at least `least`."""
    if int(value) != value or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")
    return int(value)


def inside(value: Any, name: str, low: float, high: float) -> float:
    """Return `value` as a float of the open interval (low, high)."""
    number = float(value)
    if not low < number < high:
        raise ValueError(f"{name} must lie strictly between {low:g} and {high:g}, got {value!r}")
    return number


def noise_rates(rates: ArrayLike, n: int, name: str = "rates") -> FloatArray:
    """Return the points' flip probabilities as an (n,) array, each in [0, 1/2)."""
    array = np.asarray(rates, dtype=float)
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one rate per label, got {array.shape}")
    if not ((array >= 0) & (array < 0.5)).all():
        raise ValueError(
            f"{name} must lie in [0, 1/2), without NaN: clip them, at 1/2 labels say nothing"
        )
    return array


def noise_rate(eta: Any) -> float:
    """Return a Massart rate: at 1/2 the labels carry no information."""
    rate = float(eta)
    if not 0 <= rate < 0.5:
        raise ValueError(f"noise_rate must lie in [0, 1/2), got {eta!r}: at 1/2 labels say nothing")
    return rate
