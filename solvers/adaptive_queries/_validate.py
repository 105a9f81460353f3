"""Argument checks shared by the mechanisms and analysts; every message names the argument."""

from typing import Any

import numpy as np
from refutable.solvers.adaptive_queries.interaction import FloatArray


def not_negative(value: Any, name: str) -> float:
    """Return `value` as a float of at least 0 (infinity is allowed)."""
    number = float(value)
    if not number >= 0:
        raise ValueError(f"{name} must be at least 0, got {value!r}")
    return number


def count(value: Any, name: str, least: int = 1) -> int:
    """Return `value` as an integer of at least `least`."""
    if int(value) != value or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")
    return int(value)


def odd(value: Any, name: str) -> int:
    """Return `value` as an odd integer, so that votes cannot tie."""
    number = count(value, name)
    if number % 2 == 0:
        raise ValueError(f"{name} must be odd so that votes cannot tie, got {value!r}")
    return number


def block(values: FloatArray, runs: int | None = None, points: int | None = None) -> FloatArray:
    """Return query values of shape (runs, points, b), insisting on the given sizes."""
    array = np.asarray(values)
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(f"values must be non-empty of shape (runs, points, b), got {array.shape}")
    if runs is not None and array.shape[0] != runs:
        raise ValueError(f"values must hold {runs} runs, got {array.shape[0]}")
    if points is not None and array.shape[1] != points:
        raise ValueError(f"values must hold {points} points, got {array.shape[1]}")
    return array


def distributions(weights: Any, name: str = "weights") -> FloatArray:
    """Return (runs, points) non-negative rows that sum to 1."""
    array = np.asarray(weights, dtype=float)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} must be non-empty of shape (runs, points), got {array.shape}")
    if not (array >= 0).all() or not np.allclose(array.sum(axis=1), 1):
        raise ValueError(f"{name} must be non-negative and sum to 1 in every run")
    return array
