"""Rates: each replicate's own slope of log(loss / curve), its median or every one of them."""

from __future__ import annotations

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import ExactSlope, OfLadder, Slope
from refutable.deciding.estimating.base import Accumulator, start
from refutable.deciding.estimating.samples import Inverted
from refutable.deciding.estimating.values import Range
from refutable.deciding.ladder import LogMedians, Rung
from refutable.errors import OutcomeError


class Ladders:
    """What turns losses into slopes in one cell, and keeps the losses for the figure."""

    def __init__(self, functional: OfLadder, cell: Cell) -> None:
        self.functional = functional
        self.weights, self.log_curve = weights(functional), log_curve(functional, cell)
        self.losses = LogMedians(len(functional.sizes))

    def slopes(self, columns: Columns) -> Columns:
        """Return the slope of every replicate, as a column; take notice of its losses."""
        logs = np.log(positive(self.functional, columns))
        if not self.functional.start_at:
            self.losses.add(logs)
        slopes = (logs[:, self.functional.start_at :] - self.log_curve) @ self.weights
        return {"slope": slopes}

    def rungs(self) -> tuple[Rung, ...]:
        """Return the losses of a whole ladder; a part of one has been drawn with it."""
        curve = None if self.functional.curve is None else np.exp(self.log_curve)
        return self.losses.rungs(self.functional.sizes, curve)


class TypicalSlope(Inverted):
    """The median of the replicates' own slopes."""

    def __init__(self, ladders: Ladders) -> None:
        super().__init__("slope", 0.5)
        self.ladders = ladders

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        super().add(self.ladders.slopes(columns))

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The median losses."""
        return self.ladders.rungs()


class ComputedSlope(Range):
    """The slope of every ladder that was computed."""

    def __init__(self, ladders: Ladders) -> None:
        super().__init__("slope")
        self.ladders = ladders

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        super().add(self.ladders.slopes(columns))

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The losses."""
        return self.ladders.rungs()


def slopes(functional: OfLadder, cell: Cell, columns: Columns) -> FloatArray:
    """Return each replicate's own slope, shape (size,).

    Raises
    ------
    OutcomeError
        If the losses are not positive numbers, one per size of the ladder.
    ValueError
        If the curve has no positive value somewhere on the ladder.
    """
    found: FloatArray = Ladders(functional, cell).slopes(columns)["slope"]
    return found


def weights(functional: OfLadder) -> FloatArray:
    """Return the weights of the least-squares slope on log(size)."""
    log_size = np.log(np.asarray(functional.sizes[functional.start_at :]))
    centred = log_size - log_size.mean()
    found: FloatArray = centred / (centred @ centred)
    return found


def log_curve(functional: OfLadder, cell: Cell) -> FloatArray:
    """Return the logarithm of the curve on the part of the ladder that counts.

    Raises
    ------
    ValueError
        If it has no positive value somewhere on the ladder.
    """
    if functional.curve is None:
        return np.zeros(len(functional.sizes) - functional.start_at)
    predicted = np.asarray(functional.curve(cell, np.asarray(functional.sizes)), dtype=float)
    fits = predicted.shape == (len(functional.sizes),)
    if not fits or not ((predicted > 0) & np.isfinite(predicted)).all():
        raise ValueError(
            f"the curve of {functional.label} must give {len(functional.sizes)} positive numbers, "
            f"one per size, in cell {cell.label}; it gave {predicted}."
        )
    found: FloatArray = np.log(predicted[functional.start_at :])
    return found


def ladder(functional: OfLadder, columns: Columns) -> FloatArray:
    """Return the losses, shape (n, L), as doubles.

    Raises
    ------
    OutcomeError
        If they are negative, not numbers, or not one per size.
    """
    losses, many = columns[functional.losses], len(functional.sizes)
    shaped = losses.ndim == 2 and losses.shape[1] == many
    if losses.dtype.kind not in "iuf" or not shaped or not (losses >= 0).all():
        raise OutcomeError(
            f"outcome {functional.losses!r} is a ladder of {many} sizes, so it must be "
            f"numeric, positive and of shape (size, {many}); its dtype is "
            f"{losses.dtype} and its shape {losses.shape}."
        )
    return losses.astype(np.float64)


def positive(functional: OfLadder, columns: Columns) -> FloatArray:
    """Return losses of which each has a logarithm.

    Raises
    ------
    OutcomeError
        As `ladder`, or saying how many are zero and what takes them.
    """
    losses = ladder(functional, columns)
    zeros = int(np.count_nonzero(losses == 0))
    if zeros:
        raise OutcomeError(
            f"outcome {functional.losses!r} is a ladder whose logarithms count, but {zeros} of "
            f"{losses.size} losses are zero, and a loss of zero has no logarithm; RateOfMean, the "
            "slope of the logarithm of the expected loss, takes zeros."
        )
    return losses


@start.register
def _(functional: Slope, cell: Cell) -> Accumulator:
    return TypicalSlope(Ladders(functional, cell))


@start.register
def _(functional: ExactSlope, cell: Cell) -> Accumulator:
    return ComputedSlope(Ladders(functional, cell))
