"""Checks shared by the quantisers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def checked_weights(weights: object, dimensions: int | None = None) -> NDArray[np.float64]:
    """Return finite, non-empty float64 weights; raise ValueError otherwise."""
    array = np.asarray(weights, dtype=np.float64)
    if array.size == 0 or array.ndim == 0:
        raise ValueError(f"weights must hold at least one entry: shape {array.shape}")
    if dimensions is not None and array.ndim != dimensions:
        raise ValueError(f"weights must have {dimensions} dimensions: shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("weights must be finite: remove NaN and inf")
    return array
