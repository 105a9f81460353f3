r"""Rates of the expected loss: the slope of log E[loss / curve] on log(size).

The slope is :math:`\sum_i w_i \log(E_i / c_i)` with the fixed weights of least squares. With
declared bounds each :math:`E_i` has a betting sequence at its share of the error; where all hold,
so does the interval whose ends take each mean's better or worse end by the sign of its weight.
Without bounds it is the t on means of 8 of the linearised contributions
:math:`\sum_i w_i x_i / \bar x_i` (delta method): approximate.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import RateOfMean
from refutable.claims.expectations.slope import LadderBound
from refutable.deciding.estimating.base import Accumulator, Look, standard_error, start
from refutable.deciding.estimating.columns import within
from refutable.deciding.estimating.means import NORMAL, too_few
from refutable.deciding.estimating.slopes import ladder, log_curve, weights
from refutable.deciding.guarantee import Guarantee, approximate, theorem
from refutable.deciding.kernels import student
from refutable.deciding.kernels.betting import EVERY_SCALE, Betting
from refutable.deciding.kernels.blocks import SIZE, ScaledBlocks
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.ladder import Rung

LOOKS = 1.1
"""A bounded rate bisects 2 L ends: it does so each time the data have grown by this factor."""


def contributions(functional: RateOfMean, columns: Columns) -> FloatArray:
    """Return what each replicate adds to the slope, to first order, shape (n,); they sum to 0."""
    losses = ladder(functional, columns)[:, functional.start_at :]
    found: FloatArray = (losses / losses.mean(axis=0)) @ weights(functional)
    return found


class MeanRate(Accumulator):
    """The slope of the logarithm of the means, by the t."""

    def __init__(self, functional: RateOfMean, cell: Cell) -> None:
        self.functional = functional
        self.kept = ScaledBlocks(len(functional.sizes))
        self.curve = log_curve(functional, cell)
        self.weights = np.zeros(len(functional.sizes))
        self.weights[functional.start_at :] = weights(functional)
        self.offset = float(weights(functional) @ self.curve)

    @property
    def guarantee(self) -> Guarantee:
        """Approximate."""
        return approximate(f"{NORMAL}; linearised", SIZE * self.kept.blocks.means.count)

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        self.kept.extend(ladder(self.functional, columns))

    def look(self, alpha: float) -> Look:
        """Return the slope and its interval."""
        means = self.kept.blocks.means
        if not means.count or not (means.mean > 0).all():
            return Look(None, Interval.everything(), self._zeros())
        slope, direction = self._slope(), self.weights / means.mean
        scatter = max(means.along(direction)[1], 0.0)
        skewness = self.kept.blocks.skewness(direction)
        interval = student.interval(means.count, slope, scatter, alpha, skewness)
        if too_few(means.count):
            interval = Interval.everything()
        detail, error = f"{means.count} means of {SIZE}", standard_error(means.count, scatter)
        if student.is_constant(means.count, float(np.abs(self.weights).sum()), scatter):
            constant = "all the same: a constant shows nothing about a mean; use ExactSlope"
            return Look(slope, Interval.everything(), f"{detail}, {constant}", error)
        return Look(slope, interval, detail, error)

    def _zeros(self) -> str:
        return "every loss is zero at some size so far" if self.kept.blocks.means.count else ""

    def _log_means(self) -> FloatArray:
        logs: FloatArray = np.log(self.kept.blocks.means.mean)
        return logs + self.kept.exponents * math.log(2.0)

    def _slope(self) -> float:
        return float(self.weights @ self._log_means()) - self.offset

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The mean losses of a whole ladder; none while one of them is zero."""
        means = self.kept.blocks.means
        if self.functional.start_at or not means.count or not (means.mean > 0).all():
            return ()
        spread = np.sqrt(np.maximum(np.diag(means.second), 0.0) / max(means.count - 1, 1))
        errors = spread / math.sqrt(means.count) / means.mean
        losses = np.exp(self._log_means())
        shape = None if self.functional.curve is None else np.exp(self.curve)
        return tuple(
            Rung(
                size,
                float(losses[i]),
                float(errors[i]) if means.count > 1 else None,
                None if shape is None else float(shape[i]),
            )
            for i, size in enumerate(self.functional.sizes)
        )


class BoundedRate(MeanRate):
    """The same by betting on the loss at each size."""

    def __init__(
        self, functional: RateOfMean, cell: Cell, bounds: tuple[LadderBound, LadderBound]
    ) -> None:
        super().__init__(functional, cell)
        self.low, self.high = (_each(functional, end, cell) for end in bounds)
        if not ((self.low >= 0) & (self.low < self.high) & np.isfinite(self.high)).all():
            raise ValueError(
                f"bounds {self.low} and {self.high} of {functional.label} in cell {cell.label} "
                "must be finite and in order, the least loss 0 or more."
            )
        self.used = range(functional.start_at, len(functional.sizes))
        self.bets = {place: Betting(fractions=EVERY_SCALE) for place in self.used}
        self.seen, self.due = 0, 0.0
        self.found = Interval.everything()

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        low, high = float(self.low.min()), float(self.high.max())
        return theorem(f"betting at each of {len(self.used)} sizes, bounds [{low:g}, {high:g}]")

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        losses = ladder(self.functional, columns)
        for place, bets in self.bets.items():
            low, high = float(self.low[place]), float(self.high[place])
            name = f"{self.functional.losses}[{place}]"
            checked = within(name, losses[:, place], (low, high), self.seen)
            bets.add(np.clip((checked - low) / (high - low), 0.0, 1.0))
        self.kept.extend(losses)
        self.seen += len(losses)

    def look(self, alpha: float) -> Look:
        """Return the slope, the interval as of the last look that was due."""
        if self.seen >= self.due:
            self.refine(alpha)
        return replace(super().look(alpha), interval=self.found, detail="")

    def refine(self, alpha: float) -> Interval:
        """Return the interval from all replicates."""
        self.due = LOOKS * self.seen
        counted = [place for place in self.used if self.weights[place]]
        ends = np.array([self._log_ends(place, alpha / len(self.used)) for place in counted])
        terms = np.sort(self.weights[counted, None] * ends, axis=1)  # a negative weight swaps them
        low, high = (float(total) - self.offset for total in terms.sum(axis=0))
        self.found = Interval(low, max(low, high))
        return self.found

    def _log_ends(self, place: int, alpha: float) -> tuple[float, float]:
        """Return the ends of the interval of the logarithm of a mean."""
        share = self.bets[place].interval(alpha)
        low, width = float(self.low[place]), float(self.high[place] - self.low[place])
        ends = (low + width * min(max(end, 0.0), 1.0) for end in (share.lower, share.upper))
        least, most = (math.log(end) if end > 0 else -math.inf for end in ends)
        return least, most


def _each(functional: RateOfMean, bound: LadderBound, cell: Cell) -> FloatArray:
    value = bound(cell) if callable(bound) else bound
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), len(functional.sizes)))


@start.register
def _(functional: RateOfMean, cell: Cell) -> Accumulator:
    if functional.bounds is None:
        return MeanRate(functional, cell)
    return BoundedRate(functional, cell, functional.bounds)
