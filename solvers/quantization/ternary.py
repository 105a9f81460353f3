"""Ternary grids {w_min, 0, w_max} per row, as in QMoE (Frantar and Alistarh, 2024)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import bounded_array, finite_array, positive

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
    weights = finite_array("weights", weights, least=1)
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
    weights = finite_array("weights", weights, least=1)
    low, high = (grid[..., None] for grid in _grids(low, high, weights.shape[:-1]))
    above, below = weights > high / 2, weights < low / 2
    return above.astype(np.int8) - below.astype(np.int8)


def ternary_quantizer(low: Floats, high: Floats) -> Quantizer:
    """Return the map from a column (R,) to the ternary grids of its rows, for `gptq`."""
    low = bounded_array("low", low, -np.inf, 0)
    high = bounded_array("high", high, 0, shape=low.shape)

    def quantize(column: Floats) -> Floats:
        values: Floats = np.where(column > high / 2, high, np.where(column < low / 2, low, 0.0))
        return values

    return quantize


def _grids(low: Floats, high: Floats, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    below = bounded_array("low", low, -np.inf, 0, shape=shape)
    return below, bounded_array("high", high, 0, shape=shape)


def uniform_quantizer(step: float, largest: float = np.inf) -> Quantizer:
    """Return the map to the nearest multiple of `step`, clipped to +-`largest`.

    Raises
    ------
    ValueError
        If `step` or `largest` is not positive.
    """
    positive("step", step)
    positive("largest", largest, endless=True)
    return lambda column: np.clip(step * np.round(column / step), -largest, largest)
