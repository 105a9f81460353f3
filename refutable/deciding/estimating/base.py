"""What every estimate has in common: it takes blocks, and at any time says what they tell."""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Functional
from refutable.claims.regions import ResolvedRegion
from refutable.deciding.guarantee import Grade, Guarantee
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.ladder import Rung


class Status(StrEnum):
    """Where the interval of a check lies."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    OPEN = "open"


@dataclass(frozen=True)
class Look:
    """What the data so far say of a functional.

    Parameters
    ----------
    estimate : float or None
        Point estimate, None where there is none (text outcomes, no data yet).
    interval : Interval
        Holds the functional with the probability asked for, at every look at once.
    detail : str
        Words for people, such as the outcome of a comparison with a printed number.
    standard_error : float or None
        Monte Carlo standard error of the estimate.
    """

    estimate: float | None
    interval: Interval
    detail: str = ""
    standard_error: float | None = None


class Accumulator(ABC):
    """Takes blocks in order and answers for one functional in one cell at any time."""

    passive: ClassVar[bool] = False  # asks for no data of its own where others do
    narrows: ClassVar[bool] = True  # intervals hold at every look at once, so they intersect
    two_ended: ClassVar[bool] = True  # each end of an interval owns half of its error

    def watch(self, lower: float, upper: float) -> None:
        """Be told the region, maybe infinite, before any data; most estimates need not know."""
        del lower, upper

    @property
    def guarantee(self) -> Guarantee:
        """The ground on which its error probability stands."""
        return Guarantee(str(Grade.APPROXIMATE), "no theorem is stated")

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The losses behind a slope, asked for once, at the end; empty for everything else."""
        return ()

    def refine(self, alpha: float) -> Interval:
        """Return what is known beyond the last look, which may be coarse where that is cheaper."""
        del alpha
        return Interval.everything()

    @abstractmethod
    def add(self, columns: Columns) -> None:
        """Take the next block.

        Raises
        ------
        OutcomeError
            If a column that it reads is of the wrong kind.
        """

    @abstractmethod
    def look(self, alpha: float) -> Look:
        """Return estimate and interval at error probability `alpha`."""

    def status(self, look: Look, region: ResolvedRegion, final: bool) -> Status:
        """Return inside, outside or open; `final` says that no more data will come."""
        del final
        if look.interval.inside(region.lower, region.upper):
            return Status.INSIDE
        disjoint = look.interval.disjoint(region.lower, region.upper)
        return Status.OUTSIDE if disjoint else Status.OPEN


@functools.singledispatch
def start(functional: Functional, cell: Cell) -> Accumulator:
    """Return an empty accumulator for a functional in a cell.

    Every kind of functional registers its own.

    Raises
    ------
    TypeError
        If nobody has said how a functional of this kind is estimated.
    ValueError
        If the functional has no value in this cell, such as a curve that is not positive.
    """
    del cell
    kind = type(functional).__name__
    raise TypeError(f"no estimate of a {kind} is known; register one with estimating.start")


def standard_error(count: int, scatter: float) -> float | None:
    """Return the standard error of a mean of `count` values with this sum of squares."""
    return math.sqrt(scatter / (count - 1) / count) if count > 1 else None
