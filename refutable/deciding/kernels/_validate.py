"""Argument checks that every kernel shares; each error names the argument."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray


def error_rate(alpha: float) -> float:
    """Return `alpha` if it lies strictly between 0 and 1."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie strictly between 0 and 1, got {alpha}")
    return float(alpha)


def probability(name: str, value: float) -> float:
    """Return `value` if it lies in [0, 1]."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must lie in [0, 1], got {value}")
    return float(value)


def count(name: str, value: int, least: int = 0) -> int:
    """Return `value` if it is a whole number, at least `least`."""
    if isinstance(value, bool) or not math.isfinite(value) or value % 1 or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}")
    return int(value)


def finite(name: str, value: float) -> float:
    """Return `value` if it is neither NaN nor infinite."""
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return float(value)


def nonnegative(name: str, value: float) -> float:
    """Return `value` if it is finite and at least 0."""
    if finite(name, value) < 0.0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return float(value)


def ascending(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a float vector if it is non-empty, finite and sorted."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty vector, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold neither NaN nor inf")
    if (np.diff(array) < 0).any():
        raise ValueError(f"{name} must be sorted in ascending order")
    return array
