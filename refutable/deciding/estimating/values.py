"""Computed values: every one that was seen must lie in the region."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import Exact
from refutable.claims.regions import ResolvedRegion
from refutable.deciding.estimating.base import Accumulator, Look, Status, start
from refutable.deciding.guarantee import Guarantee, computed
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError


class Range(Accumulator):
    """The smallest and the largest value seen."""

    narrows: ClassVar[bool] = False
    passive: ClassVar[bool] = True

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.count = 0
        self.lowest, self.highest, self.total = np.inf, -np.inf, 0.0

    @property
    def guarantee(self) -> Guarantee:
        """Computed."""
        return computed("every value that was seen")

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        values = columns[self.outcome]
        if values.dtype.kind not in "biufO":
            raise OutcomeError(
                f"outcome {self.outcome!r} is compared as a number, but it has dtype "
                f"{values.dtype}; use Printed or Symbolic for text."
            )
        numbers = _as_doubles(self.outcome, values)
        self.count += numbers.size
        self.total += float(numbers.sum())
        self.lowest = min(self.lowest, float(numbers.min()))
        self.highest = max(self.highest, float(numbers.max()))

    def look(self, alpha: float) -> Look:
        """Return the average and the range."""
        del alpha
        if not self.count:
            return Look(None, Interval.everything())
        interval = Interval(self.lowest, self.highest)
        many = f"{self.count} values" if self.count > 1 else ""
        return Look(self.total / self.count, interval, many)

    def status(self, look: Look, region: ResolvedRegion, final: bool) -> Status:
        """One value outside refutes; all inside support once no more will come."""
        if look.estimate is None:
            return Status.OPEN
        if not look.interval.inside(region.lower, region.upper):
            return Status.OUTSIDE
        return Status.INSIDE if final else Status.OPEN


def _as_doubles(name: str, values: NDArray[Any]) -> FloatArray:
    """Return numbers as doubles; a whole number that is none would be compared with another."""
    numbers = values.astype(np.float64)
    large = np.abs(numbers) >= 2.0**53
    if values.dtype.kind in "iuO" and large.any():
        for value, double in zip(values[large].tolist(), numbers[large].tolist(), strict=True):
            if Fraction(value) != Fraction(double):
                raise OutcomeError(
                    f"outcome {name!r} holds {value}, which is not a double; return its "
                    "difference from what is expected, or use Printed."
                )
    return numbers


@start.register
def _(functional: Exact, cell: Cell) -> Accumulator:
    del cell
    return Range(functional.outcome)
