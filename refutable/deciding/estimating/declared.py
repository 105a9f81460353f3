"""Means with a declared bound on the outcome or on its variance: theorems, by capital.

Against each end of the region there is a capital (`refutable.deciding.kernels.capital`). A look
reads only these: it says on which side of the ends the mean lies, which is all that a decision
takes. The interval itself costs a bisection, and is computed when it is asked for. A capital that
was once large enough has refuted its hypothesis for good, so the greatest so far counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.deciding.estimating.base import Accumulator, Look, standard_error
from refutable.deciding.estimating.columns import Running, numeric, within
from refutable.deciding.guarantee import Guarantee, theorem
from refutable.deciding.kernels.betting import Betting
from refutable.deciding.kernels.capital import ABOVE, BELOW, Capital
from refutable.deciding.kernels.catoni import Catoni
from refutable.deciding.kernels.interval import Interval


def beyond(ends: Sequence[float], peaks: FloatArray, alpha: float) -> Interval:
    """Return what evidence at the ends of a region says.

    Parameters
    ----------
    ends : sequence of float, length t
    peaks : ndarray, shape (2, t)
        Greatest log e-values so far, against "at most" and "at least" each end.
    alpha : float
        Half of it for each side.

    Returns
    -------
    Interval
        Strictly beyond every end whose hypothesis is refuted; in conflict if they contradict.
    """
    refuted = peaks > math.log(2.0 / alpha)
    marks = np.asarray(ends, dtype=np.float64)
    low, high = marks[refuted[ABOVE]], marks[refuted[BELOW]]
    above = math.nextafter(float(low.max()), math.inf) if low.size else -math.inf
    below = math.nextafter(float(high.min()), -math.inf) if high.size else math.inf
    return Interval(above, math.inf).intersect(Interval(-math.inf, below))


class Declared(Accumulator):
    """The mean of a column about which something is declared."""

    kernel: Capital

    def __init__(self, outcome: str) -> None:
        self.outcome, self.running = outcome, Running()
        self.ends: list[float] = []
        self.watch(-math.inf, math.inf)

    def watch(self, lower: float, upper: float) -> None:
        """Bet at the ends of the region, where they can be tested at all."""
        self.ends = sorted({end for end in (lower, upper) if self._testable(end)})
        self.kernel = self._start(self.ends)
        self.peaks = np.full((2, len(self.ends)), -math.inf)

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        values = self._checked(numeric(columns, self.outcome))
        self.running.add(values)
        self.kernel.add(self._scaled(values))
        if self.ends:
            self.peaks = np.maximum(self.peaks, self.kernel.log_evidence())

    def look(self, alpha: float) -> Look:
        """Return the average, and on which side of the region's ends the mean lies."""
        seen = self.running
        interval = self._known().intersect(beyond(self.ends, self.peaks, alpha))
        error = standard_error(seen.count, seen.scatter)
        return Look(seen.mean if seen.count else None, interval, "", error)

    def refine(self, alpha: float) -> Interval:
        """Return the interval of the means that stand."""
        return self.look(alpha).interval.intersect(self._unscaled(self.kernel.interval(alpha)))

    def _testable(self, end: float) -> bool:
        return math.isfinite(end)

    def _start(self, ends: list[float]) -> Capital:
        raise NotImplementedError

    def _checked(self, values: FloatArray) -> FloatArray:
        return values

    def _scaled(self, values: FloatArray) -> FloatArray:
        return values

    def _unscaled(self, interval: Interval) -> Interval:
        return interval

    def _known(self) -> Interval:
        return Interval.everything()


class Bounded(Declared):
    """The mean of outcomes in [low, high], by betting on them rescaled to [0, 1]."""

    def __init__(self, outcome: str, bounds: tuple[float, float]) -> None:
        self.low, self.high = bounds
        super().__init__(outcome)

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem(f"betting, bounds [{self.low:g}, {self.high:g}]")

    def _testable(self, end: float) -> bool:
        return self.low < end < self.high and 0.0 < self._place(end) < 1.0

    def _start(self, ends: list[float]) -> Capital:
        return Betting([self._place(end) for end in ends])

    def _place(self, end: float) -> float:
        return float(self._scaled(np.asarray(end)))

    def _checked(self, values: FloatArray) -> FloatArray:
        return within(self.outcome, values, (self.low, self.high), self.running.count)

    def _scaled(self, values: FloatArray) -> FloatArray:
        # halves first: the width itself may not be a double
        width = self.high / 2 - self.low / 2
        return np.clip((values / 2 - self.low / 2) / width, 0.0, 1.0)

    def _unscaled(self, interval: Interval) -> Interval:
        ends = (self.low * (1.0 - at) + self.high * at for at in _clipped(interval))
        low, high = (min(max(end, self.low), self.high) for end in ends)
        return Interval(low, max(low, high))

    def _known(self) -> Interval:
        """Return the bounds; a mean at a bound allows no other outcome."""
        low = math.nextafter(self.low, self.running.highest)
        high = math.nextafter(self.high, self.running.lowest)
        return Interval(low, high) if self.running.count else Interval(self.low, self.high)


def _clipped(interval: Interval) -> tuple[float, float]:
    return max(interval.lower, 0.0), min(interval.upper, 1.0)


class Spread(Declared):
    """The mean of outcomes whose variance is at most some number, by a Catoni-style sequence."""

    def __init__(self, outcome: str, variance: float) -> None:
        self.variance = variance
        super().__init__(outcome)

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem(f"Catoni, variance at most {self.variance:g}")

    def _start(self, ends: list[float]) -> Capital:
        return Catoni(self.variance, ends)
