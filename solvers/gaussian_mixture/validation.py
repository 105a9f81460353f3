"""Argument checks shared by the Gaussian-mixture toolbox; each error names the argument."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def finite(name: str, value: ArrayLike, ndim: int | None = None) -> Array:
    """Return `value` as a float array, or raise if it is empty, not finite or of another rank."""
    array = np.asarray(value, dtype=np.float64)
    if array.size == 0:
        raise ValueError(f"{name} is empty; pass at least one number")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or inf; remove or impute these entries first")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}")
    return array


def positive(name: str, value: ArrayLike) -> Array:
    """Return `value` as a float array, or raise unless every entry is finite and above zero."""
    array = finite(name, value)
    if (array <= 0).any():
        raise ValueError(f"{name} must be positive, got {array.min()!r}")
    return array


def count(name: str, value: Any, least: int = 1) -> int:
    """Return `value` as an int, or raise unless it is a whole number of at least `least`."""
    if isinstance(value, bool) or int(value) != value or value < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}")
    return int(value)


def directions(name: str, value: ArrayLike) -> Array:
    """Return `value` of shape (..., d) as floats, or raise if some vector is zero."""
    array = finite(name, value)
    if array.ndim == 0:
        raise ValueError(f"{name} must be a vector (or a stack of them), got a scalar")
    if (np.linalg.norm(array, axis=-1) == 0).any():
        raise ValueError(f"{name} holds a zero vector, which is no direction")
    return array


def signs(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return labels in {-1, +1} of the given shape as floats, or raise."""
    array = finite(name, value)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if not np.isin(array, (-1.0, 1.0)).all():
        raise ValueError(f"{name} must hold only -1 and +1; recode other labels first")
    return array


def both_classes(name: str, labels: Array) -> None:
    """Raise unless every row of `labels` (..., n) holds both -1 and +1."""
    if ((labels > 0).all(axis=-1) | (labels < 0).all(axis=-1)).any():
        raise ValueError(f"{name} holds one class only; both -1 and +1 are needed")
