"""What every expectation has in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from refutable.claims.cells import Cell, plain
from refutable.claims.records import Evidence
from refutable.claims.regions import Bound, Region


@dataclass(frozen=True, kw_only=True)
class Functional(ABC):
    """A number that belongs to the law of an outcome in one cell.

    How it is estimated is not said here: see `refutable.deciding.estimating`.
    """

    evidence: ClassVar[Evidence] = Evidence.STATISTICAL
    span: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # all that it could be
    yes_or_no: ClassVar[bool] = False  # its interval is 1 or 0; the detail says it
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    @abstractmethod
    def outcomes(self) -> tuple[str, ...]:
        """Names of the columns it reads."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The functional as people write it, such as `P(recovered)`."""

    def could_be(self, cell: Cell) -> tuple[float, float]:
        """Return all that it could be in a cell: a region that covers it cannot fail."""
        del cell
        return self.span

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from another functional, besides the filter."""
        return (type(self).__name__, self.label)

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
    """A functional and its region; it must hold in every cell that the filter selects.

    Only there is nothing stated where its bounds are functions that return None.
    """

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

    def speaks_of(self, cell: Cell) -> bool:
        """Say whether it selects the cell and states something there."""
        return self.selects(cell) and self.region.speaks(cell)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for two expectations that say the same."""
        functional = self.functional
        where = tuple(sorted((k, repr(plain(v))) for k, v in functional.where.items()))
        return (*functional.identity, where, self.region.identity)


def pair(bounds: Any) -> Any:
    """Return declared bounds as a tuple of two, or None.

    Raises
    ------
    ValueError
        If they are not two.
    """
    if bounds is None:
        return None
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise ValueError(f"bounds={bounds!r} must be a pair: the least and the greatest value")
    return tuple(bounds)
