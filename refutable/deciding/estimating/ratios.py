r"""Ratios of means of bounded columns, by betting on what is left when a ratio is taken off.

For a ratio *r* the column :math:`z_i = a_i - r b_i` is bounded, and as :math:`E b > 0` its mean is
at most 0 exactly if the true ratio is at most *r*. A constant fraction *f* bet against that has the
factors :math:`1 + f z_i / c(r)`, where :math:`-c(r)` is the least that *z* can be. For
:math:`0 \le a_0 \le a_i` and :math:`r \ge 0` that is :math:`c(r) = r b_1 - a_0`, and

.. math:: \frac{d}{dr} \frac{a_i - r b_i}{r b_1 - a_0}
          = \frac{a_0 b_i - a_i b_1}{(r b_1 - a_0)^2} \le 0;

on the other side :math:`(r b_i - a_i) / (a_1 - r b_0)` rises, as :math:`a_1 b_i \ge a_i b_0`. So
every capital is monotone in *r*, the ratios that stand are an interval, and bisection finds its
ends. A numerator that may be negative has no such order: then the ends of the region are tested,
each at its share of the error, and the interval is no finer than that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import RatioOfMeans
from refutable.claims.expectations.means import Bounds, bounds_at, ratio_range
from refutable.deciding.estimating.base import Accumulator, Look, standard_error
from refutable.deciding.estimating.columns import numeric, within
from refutable.deciding.estimating.declared import beyond
from refutable.deciding.guarantee import Guarantee, theorem
from refutable.deciding.kernels.betting import Betting
from refutable.deciding.kernels.blocks import Moments
from refutable.deciding.kernels.capital import ABOVE, BELOW, FOLLOWING
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.kernels.search import last_above

_DOUBLINGS = 60  # of a bracket without an end; 1e18 times the estimate


@dataclass(frozen=True)
class Box:
    """Bounds of numerator and denominator."""

    a: tuple[float, float]
    b: tuple[float, float]

    def least(self, r: float) -> float:
        """Return the least that ``a - r b`` can be."""
        return self.a[0] - max(r * self.b[0], r * self.b[1])

    def most(self, r: float) -> float:
        """Return the most that ``a - r b`` can be."""
        return self.a[1] - min(r * self.b[0], r * self.b[1])

    def target(self, r: float) -> float:
        """Return where zero lies once ``a - r b`` is rescaled to [0, 1]."""
        least, most = self.least(r), self.most(r)
        return -least / (most - least)

    def scaled(self, r: float, rows: FloatArray) -> FloatArray:
        """Return ``a - r b`` of rows (n, 2), rescaled to [0, 1]."""
        least, most = self.least(r), self.most(r)
        rest = rows[:, 0] - r * rows[:, 1]
        return np.clip((rest - least) / (most - least), 0.0, 1.0)

    @property
    def ratios(self) -> Interval:
        """All that the ratio could be."""
        return Interval(*ratio_range(self.a, self.b))


class BoundedRatio(Accumulator):
    """The ratio of the means of two bounded columns."""

    def __init__(self, names: tuple[str, str], box: Box) -> None:
        self.names, self.box = names, box
        self.moments = Moments.of(np.empty((0, 2)))
        self.parts: list[FloatArray] = []
        self.watch(-math.inf, math.inf)

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        (a0, a1), (b0, b1) = self.box.a, self.box.b
        return theorem(f"betting, bounds [{a0:g}, {a1:g}] and [{b0:g}, {b1:g}]")

    def watch(self, lower: float, upper: float) -> None:
        """Bet at the ends of the region, where they can be tested at all."""
        self.ends = sorted({end for end in (lower, upper) if self._testable(end)})
        self.bets = [Betting([self.box.target(r)], watched=len(self.ends)) for r in self.ends]
        self.peaks = np.full((2, len(self.ends)), -math.inf)
        ordered = self.box.a[0] >= 0
        self.price = 0.0 if ordered else math.log(max(len(self.ends), 1))

    def _testable(self, end: float) -> bool:
        return math.isfinite(end) and 0.0 < self.box.target(end) < 1.0

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        seen = self.moments.count
        pairs = zip(self.names, (self.box.a, self.box.b), strict=True)
        checked = [within(name, numeric(columns, name), ends, seen) for name, ends in pairs]
        rows = np.stack(checked, axis=1)
        self.parts.append(rows)
        self.moments = self.moments.merge(Moments.of(rows))
        for place, (r, bets) in enumerate(zip(self.ends, self.bets, strict=True)):
            bets.add(self.box.scaled(r, rows))
            evidence = bets.log_evidence()[:, 0] - self.price
            self.peaks[:, place] = np.maximum(self.peaks[:, place], evidence)

    def look(self, alpha: float) -> Look:
        """Return the ratio of the averages, and on which side of the ends the true one lies."""
        interval = self.box.ratios.intersect(beyond(self.ends, self.peaks, alpha))
        count, ((a, b), second) = self.moments.count, (self.moments.mean, self.moments.second)
        if not count or b == 0:
            return Look(None, interval)
        ratio = float(a / b)
        direction = np.array([1.0, -ratio]) / b
        scatter = max(float(direction @ second @ direction), 0.0)
        return Look(ratio, interval, "", standard_error(count, scatter))

    def refine(self, alpha: float) -> Interval:
        """Return the interval of the ratios that stand."""
        coarse = self.look(alpha)
        if coarse.estimate is None or self.box.a[0] < 0:
            return coarse.interval
        threshold = math.log(2.0 / alpha)
        rows = np.concatenate(self.parts)
        low = self._end(ABOVE, rows, coarse.estimate, threshold)
        high = self._end(BELOW, rows, coarse.estimate, threshold)
        return coarse.interval.intersect(Interval(low, max(low, high)))

    def _end(self, side: int, rows: FloatArray, inner: float, threshold: float) -> float:
        """Return the ratio farthest out that is not refuted, rounded outwards."""
        outer = self._outer(side, rows, inner, threshold)
        if math.isinf(outer):
            return outer
        sign = 1.0 if outer < inner else -1.0
        found = last_above(
            lambda r: self._surplus(side, rows, sign * r, threshold), sign * outer, sign * inner
        )
        return sign * found

    def _outer(self, side: int, rows: FloatArray, inner: float, threshold: float) -> float:
        possible = self.box.ratios
        if side == ABOVE or math.isfinite(possible.upper):
            return possible.lower if side == ABOVE else possible.upper
        for doubling in range(_DOUBLINGS):
            far = max(inner, math.ulp(0.0)) * 2.0**doubling
            if self._surplus(side, rows, far, threshold) > 0.0:
                return far
        return math.inf

    def _surplus(self, side: int, rows: FloatArray, r: float, threshold: float) -> float:
        """Return by how much the evidence against a ratio exceeds the threshold.

        Constant fractions only are bet: their part of the mixture that decides at the ends.
        """
        if not self._testable(r):
            return -math.inf
        bets = Betting()
        bets.add(self.box.scaled(r, rows))
        target = self.box.target(r)
        evidence = bets.log_evidence_at(side, target if side == ABOVE else 1.0 - target)
        return evidence + math.log(1.0 - FOLLOWING) - threshold


def bounded_ratio(
    functional: RatioOfMeans, bounds: tuple[Bounds, Bounds], cell: Cell
) -> Accumulator:
    """Return the accumulator of a ratio with declared bounds.

    Raises
    ------
    ValueError
        If the denominator may be negative.
    """
    box = Box(bounds_at(bounds[0], cell), bounds_at(bounds[1], cell))
    if box.b[0] < 0:
        raise ValueError(
            f"the denominator of {functional.label} is declared to be {box.b[0]:g} or more; "
            "a ratio of means needs a denominator of 0 or more."
        )
    return BoundedRatio((functional.numerator, functional.denominator), box)
