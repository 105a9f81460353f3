"""The error of 4096 quantised weights, and how closely a prediction of it must be met."""

from __future__ import annotations

from collections.abc import Callable

from refutable.solvers.quantization import Convention, absmax_quantize, dequantize
from refutable.theory.compression import finequant as theory

from refutable import Cell, FloatArray

Prediction = Callable[[Cell], float]

WEIGHTS = 4096
"""Weights of one replicate, whatever the group."""


def squared_error(weights: FloatArray, bits: int, group: int, convention: Convention) -> FloatArray:
    """Mean squared error (size,) of rows of weights."""
    restored = dequantize(absmax_quantize(weights, bits, group, convention))
    error: FloatArray = ((restored - weights) ** 2).mean(axis=-1)
    return error


def column_variance(bits: int, group: int, convention: Convention) -> float:
    """Bound on the variance of the error of a row of Gaussian weights."""
    return theory.column_mse_variance(bits, group, WEIGHTS, convention)


def two_percent(predicted: Prediction) -> Prediction:
    """Two percent of a prediction, as a margin."""
    return lambda cell: 0.02 * predicted(cell)
