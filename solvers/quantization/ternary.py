"""Ternary grids {w_min, 0, w_max} per row, as in QMoE (Frantar and Alistarh, 2024)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.quantization._validate import checked_weights

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Quantizer = Callable[[Floats], Floats]
"""Maps one weight of every row, shape (R,), to the nearest grid points of those rows, (R,)."""


def ternary_range(weights: Floats) -> tuple[Floats, Floats]:
    """Return the smallest and the largest entry of each row, 0 included.

    Parameters
    ----------
    weights
        (..., C).

    Returns
    -------
    tuple of arrays
        `low` <= 0 and `high` >= 0, both of shape (...).
    """
    weights = checked_weights(weights)
    return np.minimum(weights.min(axis=-1), 0.0), np.maximum(weights.max(axis=-1), 0.0)


def ternary_codes(weights: Floats, low: Floats, high: Floats) -> Codes:
    """Round to -1, 0 or +1, thresholds being half of `low` and half of `high`.

    Parameters
    ----------
    weights
        (..., C).
    low, high
        (...), low <= 0 <= high.

    Returns
    -------
    Codes
        (..., C) of int8; a tie with the threshold goes to 0.
    """
    weights = checked_weights(weights)
    low, high = np.asarray(low)[..., None], np.asarray(high)[..., None]
    if (low > 0).any() or (high < 0).any():
        raise ValueError("low must be at most 0 and high at least 0")
    above, below = weights > high / 2, weights < low / 2
    return above.astype(np.int8) - below.astype(np.int8)


def ternary_values(codes: Codes, low: Floats, high: Floats) -> Floats:
    """Return the weights (..., C) that codes stand for on the grids `low`, `high` (...)."""
    low, high = np.asarray(low)[..., None], np.asarray(high)[..., None]
    return np.where(codes > 0, high, np.where(codes < 0, low, 0.0))


def ternary_quantizer(low: Floats, high: Floats) -> Quantizer:
    """Return the map from a column (R,) to the ternary grids of its rows, for `gptq`."""

    def quantize(column: Floats) -> Floats:
        values: Floats = np.where(column > high / 2, high, np.where(column < low / 2, low, 0.0))
        return values

    return quantize


def uniform_quantizer(step: float, largest: float = np.inf) -> Quantizer:
    """Return the map to the nearest multiple of `step`, clipped to +-`largest`.

    Raises
    ------
    ValueError
        If `step` or `largest` is not positive.
    """
    if not step > 0 or not largest > 0:
        raise ValueError(f"step and largest must be positive: {step}, {largest}")
    return lambda column: np.clip(step * np.round(column / step), -largest, largest)
