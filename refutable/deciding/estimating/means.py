"""Means and ratios of means: with a declaration by a theorem, else by the t on means of 8."""

from __future__ import annotations

from collections.abc import Callable

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
from refutable.deciding.kernels import student
from refutable.deciding.kernels.blocks import SIZE, Blocks
from refutable.deciding.kernels.interval import Interval


class Average(Accumulator):
    """The mean of a statistic of each replicate."""

    def __init__(self, statistic: Callable[[Columns], FloatArray]) -> None:
        self.statistic = statistic
        self.blocks = Blocks.empty()

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        self.blocks = self.blocks.extend(self.statistic(columns))

    def look(self, alpha: float) -> Look:
        """Return estimate and interval."""
        count, (mean, scatter, _) = self.blocks.means.count, self.blocks.means.along()
        interval = student.interval(count, mean, scatter, alpha, self.blocks.skewness())
        estimate = mean if count else None
        detail = f"{count} means of {SIZE}"
        if student.is_constant(count, mean, scatter):
            detail += ", all the same: a constant shows nothing about a mean; use Exact"
        return Look(estimate, interval, detail, standard_error(count, scatter))


class Ratio(Accumulator):
    """The ratio of the means of two columns, paired by replicate."""

    def __init__(self, numerator: str, denominator: str) -> None:
        self.names = (numerator, denominator)
        self.blocks = Blocks.empty(2)

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        rows = np.stack([numeric(columns, name) for name in self.names], axis=1)
        self.blocks = self.blocks.extend(rows)

    def look(self, alpha: float) -> Look:
        """Return the ratio of the averages and Fieller's interval."""
        means = self.blocks.means
        count, (a, b) = means.count, means.mean.tolist()
        (s_aa, s_ab), (_, s_bb) = means.second.tolist()
        if not count or b == 0:
            return Look(None, Interval.everything())
        ratio = a / b
        skewness = self.blocks.skewness((1.0, -ratio))
        interval = student.ratio_interval(count, a, b, s_aa, s_bb, s_ab, alpha, skewness)
        spread = max(s_aa - 2 * ratio * s_ab + ratio**2 * s_bb, 0.0) / b**2
        return Look(ratio, interval, f"{count} means of {SIZE}", standard_error(count, spread))


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
