"""What every expectation has in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.records import Evidence
from refutable.claims.regions import Bound, Region, ResolvedRegion
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
    ladder : tuple of Rung
        The losses behind a slope; empty for everything else.
    """

    estimate: float | None
    interval: Interval
    detail: str = ""
    standard_error: float | None = None
    ladder: tuple[Rung, ...] = ()


class Accumulator(Protocol):
    """Takes blocks in order and answers for the functional at any time."""

    def add(self, columns: Columns) -> None:
        """Take the next block."""

    def look(self, alpha: float) -> Look:
        """Return estimate and interval at error probability `alpha`."""


@dataclass(frozen=True, kw_only=True)
class Functional(ABC):
    """A number that belongs to the law of an outcome in one cell."""

    evidence: ClassVar[Evidence] = Evidence.STATISTICAL
    passive: ClassVar[bool] = False  # asks for no data of its own where others do
    narrows: ClassVar[bool] = True  # intervals hold at every look at once, so they intersect
    span: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # all that it could be
    yes_or_no: ClassVar[bool] = False  # its interval is 1 or 0; the detail says it
    two_ended: ClassVar[bool] = True  # each end of an interval owns half of its error
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    @abstractmethod
    def outcomes(self) -> tuple[str, ...]:
        """Names of the columns it reads."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The functional as people write it, such as `P(recovered)`."""

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from another functional, besides the filter."""
        return (type(self).__name__, self.label)

    @abstractmethod
    def start(self, cell: Cell) -> Accumulator:
        """Return an empty accumulator."""

    def status(self, look: Look, region: ResolvedRegion, final: bool) -> Status:
        """Return inside, outside or open; `final` says that no more data will come."""
        del final
        if look.interval.inside(region.lower, region.upper):
            return Status.INSIDE
        disjoint = look.interval.disjoint(region.lower, region.upper)
        return Status.OUTSIDE if disjoint else Status.OPEN

    def at_least(self, lower: Bound, predicted: Bound = None) -> Expectation:
        """Expect a value of `lower` or more."""
        return Expectation(self, Region(lower=lower, predicted=predicted))

    def at_most(self, upper: Bound, predicted: Bound = None) -> Expectation:
        """Expect a value of `upper` or less."""
        return Expectation(self, Region(upper=upper, predicted=predicted))

    def within(self, lower: Bound, upper: Bound, predicted: Bound = None) -> Expectation:
        """Expect a value in [lower, upper]."""
        return Expectation(self, Region(lower=lower, upper=upper, predicted=predicted))

    def near(self, value: Bound, margin: Bound) -> Expectation:
        """Expect a value within `margin` of `value` (equivalence)."""
        return Expectation(self, Region(predicted=value, margin=margin))

    def shown(self, predicted: Bound = None) -> Expectation:
        """Estimate and draw only; says nothing about the verdict."""
        return Expectation(self, Region(predicted=predicted))


@dataclass(frozen=True, init=False)
class OfOutcome(Functional):
    """A functional of one column.

    Parameters
    ----------
    outcome : str
        Name of the column.
    **where : scalar or tuple
        Selects cells.
    """

    outcome: str

    def __init__(self, outcome: str, **where: Any) -> None:
        object.__setattr__(self, "outcome", outcome)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The one column."""
        return (self.outcome,)


@dataclass(frozen=True)
class Expectation:
    """A functional and its region; it must hold in every cell that the filter selects."""

    functional: Functional
    region: Region
    guard: Expectation | None = None

    @property
    def decides(self) -> bool:
        """Whether it has a say in the verdict (`shown` has none)."""
        return self.region.bounded

    @property
    def parts(self) -> tuple[Expectation, ...]:
        """Itself, and the guard that must hold as well."""
        return (self,) if self.guard is None else (replace(self, guard=None), self.guard)

    def selects(self, cell: Cell) -> bool:
        """Say whether the cell is one of those it speaks of."""
        return cell.matches(self.functional.where)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for two expectations that say the same."""
        functional = self.functional
        where = tuple(sorted((k, repr(v)) for k, v in functional.where.items()))
        return (*functional.identity, where, self.region.identity)


def standard_error(count: int, scatter: float) -> float | None:
    """Return the standard error of a mean of `count` values with this sum of squares."""
    return math.sqrt(scatter / (count - 1) / count) if count > 1 else None
