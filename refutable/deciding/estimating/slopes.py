"""Rates: the mean over replicates of each replicate's own slope of log(loss / curve)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import Slope
from refutable.deciding.estimating.base import Accumulator, Look, start
from refutable.deciding.estimating.means import Average
from refutable.deciding.ladder import LogMeans
from refutable.errors import OutcomeError


class Ladder(Accumulator):
    """An average of slopes that keeps the losses for the figure."""

    def __init__(self, slope: Slope, average: Average, curve: FloatArray) -> None:
        self.slope, self.average = slope, average
        self.curve = None if slope.curve is None else curve
        self.losses = LogMeans(len(slope.sizes))

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        self.average.add(columns)
        self.losses.add(np.log(columns[self.slope.losses]))

    def look(self, alpha: float) -> Look:
        """Return the average slope, its interval, and the losses."""
        rungs = self.losses.rungs(self.slope.sizes, self.curve)
        return replace(self.average.look(alpha), ladder=rungs)


def slopes(slope: Slope, cell: Cell, columns: Columns) -> FloatArray:
    """Return each replicate's own slope, shape (size,).

    Raises
    ------
    OutcomeError
        If the losses are not positive numbers, one per size of the ladder.
    ValueError
        If the curve has no positive value somewhere on the ladder.
    """
    return _slopes(slope, columns, _weights(slope), _log_curve(slope, cell))


def _weights(slope: Slope) -> FloatArray:
    """Return the weights of the least-squares slope on log(size)."""
    log_size = np.log(np.asarray(slope.sizes[slope.start_at :]))
    centred = log_size - log_size.mean()
    weights: FloatArray = centred / (centred @ centred)
    return weights


def _log_curve(slope: Slope, cell: Cell) -> FloatArray:
    if slope.curve is None:
        return np.zeros(len(slope.sizes) - slope.start_at)
    predicted = np.asarray(slope.curve(cell, np.asarray(slope.sizes)), dtype=float)
    fits = predicted.shape == (len(slope.sizes),)
    if not fits or not ((predicted > 0) & np.isfinite(predicted)).all():
        raise ValueError(
            f"the curve of {slope.label} must give {len(slope.sizes)} positive numbers, one per "
            f"size, in cell {cell.label}; it gave {predicted}."
        )
    log_curve: FloatArray = np.log(predicted[slope.start_at :])
    return log_curve


def _slopes(
    slope: Slope, columns: Columns, weights: FloatArray, log_curve: FloatArray
) -> FloatArray:
    losses = columns[slope.losses]
    shaped = losses.ndim == 2 and losses.shape[1] == len(slope.sizes)
    if losses.dtype.kind not in "iuf" or not shaped or not (losses > 0).all():
        raise OutcomeError(
            f"outcome {slope.losses!r} is a ladder of {len(slope.sizes)} sizes, so it must be "
            f"numeric, positive and of shape (size, {len(slope.sizes)}); its dtype is "
            f"{losses.dtype} and its shape {losses.shape}."
        )
    found: FloatArray = (np.log(losses[:, slope.start_at :]) - log_curve) @ weights
    return found


@start.register
def _(functional: Slope, cell: Cell) -> Accumulator:
    weights, log_curve = _weights(functional), _log_curve(functional, cell)
    average = Average(lambda columns: _slopes(functional, columns, weights, log_curve))
    return average if functional.start_at else Ladder(functional, average, np.exp(log_curve))
