"""Means with a declared bound on the outcome or on its variance: theorems, by capital.

Against each end of the region there is a capital (`refutable.deciding.kernels.capital`). A look
reads only these: it says on which side of the ends the mean lies, which is all that a decision
takes. The interval itself costs a bisection, and is computed when it is asked for. A capital that
was once large enough has refuted its hypothesis for good, so the greatest so far counts.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.deciding.estimating.base import Accumulator, Look, standard_error
from refutable.deciding.estimating.columns import Running, numeric, within
from refutable.deciding.guarantee import Guarantee, theorem
from refutable.deciding.kernels.betting import EVERY_SCALE, FRACTIONS, Betting
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
    threshold = math.log(2.0 / alpha)
    above, below = -math.inf, math.inf
    for end, greater, less in zip(ends, peaks[ABOVE].tolist(), peaks[BELOW].tolist(), strict=True):
        if greater > threshold:
            above = max(above, math.nextafter(end, math.inf))
        if less > threshold:
            below = min(below, math.nextafter(end, -math.inf))
    if above <= below:
        return Interval(above, below)
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
        scaled = self._scaled(self._checked(numeric(columns, self.outcome)))
        self.running.add(scaled)
        self.kernel.add(scaled)
        if self.ends:
            self.peaks = np.maximum(self.peaks, self.kernel.log_evidence())

    def look(self, alpha: float) -> Look:
        """Return the average, and on which side of the region's ends the mean lies."""
        seen = self.running
        interval = self._known().intersect(beyond(self.ends, self.peaks, alpha))
        if not seen.count:
            return Look(None, interval)
        error = standard_error(seen.count, seen.scatter)
        return Look(
            self._unscaled(seen.mean),
            interval,
            "",
            None if error is None else self._stretched(error),
        )

    def refine(self, alpha: float) -> Interval:
        """Return the interval of the means that stand."""
        found = self.kernel.interval(alpha)
        low, high = self._unscaled(found.lower), self._unscaled(found.upper)
        return self.look(alpha).interval.intersect(Interval(low, max(low, high)))

    def _testable(self, end: float) -> bool:
        return math.isfinite(end)

    def _checked(self, values: FloatArray) -> FloatArray:
        return values

    def _known(self) -> Interval:
        return Interval.everything()

    @abstractmethod
    def _start(self, ends: list[float]) -> Capital:
        """Return the kernel, in its own units."""

    @abstractmethod
    def _scaled(self, values: FloatArray) -> FloatArray:
        """Return values in the kernel's units."""

    @abstractmethod
    def _unscaled(self, value: float) -> float:
        """Return a mean in the units of the outcome."""

    @abstractmethod
    def _stretched(self, length: float) -> float:
        """Return a length in the units of the outcome."""


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
        fractions = FRACTIONS if ends else EVERY_SCALE
        return Betting([self._place(end) for end in ends], fractions=fractions)

    def _place(self, end: float) -> float:
        return float(self._scaled(np.asarray(end)))

    def _checked(self, values: FloatArray) -> FloatArray:
        return within(self.outcome, values, (self.low, self.high), self.running.count)

    def _scaled(self, values: FloatArray) -> FloatArray:
        # halves first: the width itself may not be a double
        width = self.high / 2 - self.low / 2
        return np.clip((values / 2 - self.low / 2) / width, 0.0, 1.0)

    def _unscaled(self, value: float) -> float:
        share = min(max(value, 0.0), 1.0)
        found = self.low * (1.0 - share) + self.high * share
        return min(max(found, self.low), self.high)

    def _stretched(self, length: float) -> float:
        return length * self.high - length * self.low

    def _known(self) -> Interval:
        """Return the bounds; a mean at a bound allows no other outcome."""
        seen = self.running
        low = math.nextafter(self.low, math.inf) if seen.highest > 0.0 else self.low
        high = math.nextafter(self.high, -math.inf) if seen.lowest < 1.0 else self.high
        return Interval(low, high)


class Spread(Declared):
    """The mean of outcomes whose variance is at most some number, by a Catoni-style sequence."""

    def __init__(self, outcome: str, variance: float) -> None:
        self.variance = variance
        # a power of two near the standard deviation: squares of scaled outcomes are doubles
        self.exponent = math.frexp(math.sqrt(max(variance, 0.0)))[1]
        super().__init__(outcome)

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem(f"Catoni, variance at most {self.variance:g}")

    def _start(self, ends: list[float]) -> Capital:
        scaled = self._scaled(np.asarray(ends, dtype=np.float64))
        return Catoni(float(np.ldexp(self.variance, -2 * self.exponent)), scaled)

    def _scaled(self, values: FloatArray) -> FloatArray:
        return np.ldexp(values, -self.exponent)

    def _unscaled(self, value: float) -> float:
        return float(np.ldexp(value, self.exponent))

    def _stretched(self, length: float) -> float:
        return self._unscaled(length)
