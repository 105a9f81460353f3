"""Means and ratios of means, by the anytime-valid t on means of 8 replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import (
    Accumulator,
    Functional,
    Look,
    OfOutcome,
    standard_error,
)
from refutable.deciding.kernels import student
from refutable.deciding.kernels.blocks import SIZE, Blocks
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError


def _column(columns: Columns, name: str) -> NDArray[np.float64]:
    values = columns[name]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise OutcomeError(
            f"outcome {name!r} is averaged, so it must be a numeric column of shape (size,); "
            f"it has dtype {values.dtype} and shape {values.shape}."
        )
    return values.astype(np.float64)


@dataclass(frozen=True, init=False)
class Mean(OfOutcome):
    """E[outcome]. A paired difference is the mean of a column `a - b`.

    Kernel (b): the exact anytime-valid t of Wang and Ramdas on means of 8 replicates.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    **where : scalar or tuple
        Selects cells.
    """

    @property
    def label(self) -> str:
        """`E[outcome]`."""
        return f"E[{self.outcome}]"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty average."""
        del cell
        return Average(lambda columns: _column(columns, self.outcome))


class Average:
    """The mean of a statistic of each replicate."""

    def __init__(self, statistic: Callable[[Columns], NDArray[np.float64]]) -> None:
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


@dataclass(frozen=True, init=False)
class RatioOfMeans(Functional):
    """E[numerator] / E[denominator], the denominator's mean being positive.

    Parameters
    ----------
    numerator, denominator : str
        Numeric columns of shape (size,), paired by replicate.
    **where : scalar or tuple
        Selects cells.
    """

    numerator: str
    denominator: str

    def __init__(self, numerator: str, denominator: str, **where: Any) -> None:
        object.__setattr__(self, "numerator", numerator)
        object.__setattr__(self, "denominator", denominator)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """`E[a] / E[b]`."""
        return f"E[{self.numerator}] / E[{self.denominator}]"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty pair of averages."""
        del cell
        return _Ratio(self.numerator, self.denominator)


class _Ratio:
    def __init__(self, numerator: str, denominator: str) -> None:
        self.names = (numerator, denominator)
        self.blocks = Blocks.empty(2)

    def add(self, columns: Columns) -> None:
        rows = np.stack([_column(columns, name) for name in self.names], axis=1)
        self.blocks = self.blocks.extend(rows)

    def look(self, alpha: float) -> Look:
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
