"""Means and ratios of means: with a declaration by a theorem, else by the t on means of 8."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import Mean, RatioOfMeans
from refutable.claims.expectations.means import bounds_at
from refutable.claims.regions import at_cell
from refutable.deciding.estimating.base import Accumulator, Look, standard_error, start
from refutable.deciding.estimating.columns import numeric
from refutable.deciding.estimating.declared import Bounded, Spread
from refutable.deciding.estimating.ratios import bounded_ratio
from refutable.deciding.guarantee import Guarantee, approximate
from refutable.deciding.kernels import student
from refutable.deciding.kernels.blocks import SIZE, ScaledBlocks
from refutable.deciding.kernels.interval import Interval

NORMAL = "block means of 8 are about normal, up to skewness"
LEAST = 64
"""Replicates before an approximate mean is first judged: 8 block means. The skewness of fewer is
noise, and what is rarer than 1 in 20 has likely not been seen."""
MOST_OF_ONE = 0.25
"""Share of one replicate in the sum of squared deviations above which nothing is decided. Among 64
normal replicates the largest share is about .1, and above .25 once in 700 samples."""


def too_few(blocks: int) -> bool:
    """Tell whether so many block means are too few for an approximate interval."""
    return SIZE * blocks < LEAST


class Average(Accumulator):
    """The mean of a statistic of each replicate."""

    def __init__(self, statistic: Callable[[Columns], FloatArray]) -> None:
        self.statistic = statistic
        self.kept = ScaledBlocks()
        self.lowest, self.highest = math.inf, -math.inf

    @property
    def guarantee(self) -> Guarantee:
        """Approximate."""
        return approximate(NORMAL, SIZE * self.kept.blocks.means.count)

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        values = self.statistic(columns)
        self.kept.extend(values[:, None])
        if len(values):
            self.lowest = min(self.lowest, float(values.min()))
            self.highest = max(self.highest, float(values.max()))

    def look(self, alpha: float) -> Look:
        """Return estimate and interval."""
        blocks, exponent = self.kept.blocks, int(self.kept.exponents[0])
        count, (mean, scatter, _) = blocks.means.count, blocks.means.along()
        interval = student.interval(count, mean, scatter, alpha, blocks.skewness())
        detail = f"{count} means of {SIZE}"
        if student.is_constant(count, mean, scatter):
            detail += ", all the same: a constant shows nothing about a mean; use Exact"
        elif count:
            share = self._largest_share()
            detail += f", largest share of one replicate {share:.0%}"
            if share > MOST_OF_ONE:
                interval, detail = Interval.everything(), f"{detail}: too much to decide on"
        if too_few(count):
            interval = Interval.everything()
        look = Look(mean if count else None, interval, detail, standard_error(count, scatter))
        return _shifted(look, exponent)

    def _largest_share(self) -> float:
        """Return the largest part of one replicate in the sum of squared deviations."""
        mean, square, _ = self.kept.blocks.rows.along()
        exponent = -int(self.kept.exponents[0])
        far = max(_ldexp(self.highest, exponent) - mean, mean - _ldexp(self.lowest, exponent))
        return min(far * far / square, 1.0) if square > 0.0 else 1.0


class Ratio(Accumulator):
    """The ratio of the means of two columns, paired by replicate."""

    def __init__(self, numerator: str, denominator: str) -> None:
        self.names = (numerator, denominator)
        self.kept = ScaledBlocks(2)

    @property
    def guarantee(self) -> Guarantee:
        """Approximate."""
        return approximate(NORMAL, SIZE * self.kept.blocks.means.count)

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        self.kept.extend(np.stack([numeric(columns, name) for name in self.names], axis=1))

    def look(self, alpha: float) -> Look:
        """Return the ratio of the averages and Fieller's interval."""
        blocks, means = self.kept.blocks, self.kept.blocks.means
        count, (a, b) = means.count, means.mean.tolist()
        (s_aa, s_ab), (_, s_bb) = means.second.tolist()
        if not count or b == 0:
            return Look(None, Interval.everything())
        ratio = a / b
        skewness = blocks.skewness((1.0, -ratio))
        interval = student.ratio_interval(count, a, b, s_aa, s_bb, s_ab, alpha, skewness)
        spread = max(s_aa - 2 * ratio * s_ab + ratio**2 * s_bb, 0.0) / b**2
        look = Look(ratio, interval, f"{count} means of {SIZE}", standard_error(count, spread))
        if too_few(count):
            look = replace(look, interval=Interval.everything())
        above, below = self.kept.exponents.tolist()
        return _shifted(look, above - below)


def _shifted(look: Look, exponent: int) -> Look:
    """Return a look with its numbers times a power of two."""

    def times(value: float | None) -> float | None:
        return None if value is None else _ldexp(value, exponent)

    low, high = (_ldexp(end, exponent) for end in (look.interval.lower, look.interval.upper))
    return replace(
        look,
        estimate=times(look.estimate),
        interval=Interval(low, high),
        standard_error=times(look.standard_error),
    )


def _ldexp(value: float, exponent: int) -> float:
    with np.errstate(over="ignore"):  # an end beyond the doubles is infinite
        return float(np.ldexp(value, exponent))


@start.register
def _(functional: Mean, cell: Cell) -> Accumulator:
    if functional.bounds is not None:
        return Bounded(functional.outcome, bounds_at(functional.bounds, cell))
    variance = at_cell(functional.variance_at_most, cell)
    if variance is not None:
        return Spread(functional.outcome, variance)
    return Average(lambda columns: numeric(columns, functional.outcome))


@start.register
def _(functional: RatioOfMeans, cell: Cell) -> Accumulator:
    if functional.bounds is not None:
        return bounded_ratio(functional, functional.bounds, cell)
    return Ratio(functional.numerator, functional.denominator)
