"""Checks shared by the cache solvers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def checked_traces(traces: object, n_items: int) -> NDArray[np.int64]:
    """Return traces as contiguous int64 (R, T); raise ValueError if they are not ids below N."""
    array = np.asarray(traces)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"traces must be (R, T), not empty: shape {array.shape}")
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"traces must hold integers: dtype {array.dtype}")
    if array.min() < 0 or array.max() >= n_items:
        raise ValueError(f"traces must hold ids in 0..{n_items - 1}: raise n_items or relabel")
    return np.ascontiguousarray(array, dtype=np.int64)


def checked_capacity(capacity: int) -> int:
    """Return the capacity; raise ValueError unless it is a positive integer."""
    if int(capacity) != capacity or capacity < 1:
        raise ValueError(f"capacity must be a positive integer: {capacity}")
    return int(capacity)


def checked_law(p: object, capacity: int) -> NDArray[np.float64]:
    """Return a probability vector; raise ValueError if it is none or if the cache holds it all."""
    law = np.asarray(p, dtype=np.float64)
    if law.ndim != 1 or law.size == 0 or not (law > 0).all():
        raise ValueError("p must be a vector of positive probabilities")
    if abs(law.sum() - 1) > 1e-9:
        raise ValueError(f"p must sum to 1: {law.sum()}")
    if not 1 <= capacity <= law.size:
        raise ValueError(f"capacity must lie in 1..{law.size} (the number of items): {capacity}")
    return law
