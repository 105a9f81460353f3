"""Values that are computed, not sampled: tolerances, certificates, printed numbers, symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from refutable.claims.cells import Cell
from refutable.claims.expectations.base import (
    Expectation,
    Functional,
    OfOutcome,
)
from refutable.claims.records import Evidence
from refutable.claims.regions import Bound, Region


@dataclass(frozen=True, init=False)
class Exact(OfOutcome):
    """A computed value; where there are several, every one of them must lie in the region.

    On replicated data one replicate outside refutes. It supports when every replicate that was
    drawn lies inside: as many as the other expectations of the cell asked for, else the cap.
    Values are compared as doubles (a `Fraction` or `Decimal` as the nearest one).

    Parameters
    ----------
    outcome : str
        A numeric or bool column.
    **where : scalar or tuple
        Selects cells.
    """

    evidence: ClassVar[Evidence] = Evidence.EXACT

    @property
    def label(self) -> str:
        """The outcome's name."""
        return self.outcome

    def equals(self, value: Bound, tolerance: Bound = 0.0) -> Expectation:
        """Expect `value`, up to an absolute tolerance."""
        return self.near(value, tolerance)


class Certificate(Exact):
    """An `Exact` value that is itself a proof, such as a duality gap or a dual bound."""

    evidence: ClassVar[Evidence] = Evidence.CERTIFIED


@dataclass(frozen=True, init=False)
class Printed(Functional):
    """Agreement of a computed number with a printed one.

    A computed number *reproduces* a printed one when it rounds to it, that is when it lies
    within half a unit of the last printed digit. There are three outcomes: reproduced,
    reproduced only under a named convention, not reproduced.

    Parameters
    ----------
    outcome : str
        Column of the computed number (int, float, str, `Fraction` or `Decimal`).
    conventions : mapping of str to str, optional
        Name of a convention to the column computed under it.
    **where : scalar or tuple
        Selects cells.
    """

    evidence: ClassVar[Evidence] = Evidence.EXACT
    yes_or_no: ClassVar[bool] = True
    outcome: str
    conventions: Mapping[str, str] = field(default_factory=dict)
    printed: str | Callable[[Cell], str] | None = None
    only_under: str | None = None

    def __init__(
        self, outcome: str, conventions: Mapping[str, str] | None = None, **where: Any
    ) -> None:
        object.__setattr__(self, "outcome", outcome)
        object.__setattr__(self, "conventions", dict(conventions or {}))
        object.__setattr__(self, "printed", None)
        object.__setattr__(self, "only_under", None)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The computed column and those of the conventions."""
        return (self.outcome, *self.conventions.values())

    @property
    def label(self) -> str:
        """What is compared with what."""
        how = f" only under {self.only_under!r}" if self.only_under else ""
        shown = self.printed if isinstance(self.printed, str) else "the printed number"
        return f"{self.outcome} reproduces {shown}{how}"

    @property
    def identity(self) -> tuple[object, ...]:
        """Two agreements with different printed numbers differ."""
        return (*super().identity, self.printed, *self.conventions.items())

    def prints(self, printed: str | Callable[[Cell], str]) -> Expectation:
        """Expect the number to round to the printed one."""
        return Expectation(_with(self, printed=printed), Region(lower=1.0))

    def prints_only_under(
        self, convention: str, printed: str | Callable[[Cell], str]
    ) -> Expectation:
        """Expect the number to be reproduced under the named convention and not otherwise."""
        if convention not in self.conventions:
            raise ValueError(f"convention {convention!r} is not one of {list(self.conventions)}")
        named = _with(self, printed=printed, only_under=convention)
        return Expectation(named, Region(lower=1.0))


def _with(base: Printed, **changes: Any) -> Printed:
    changed = Printed(base.outcome, base.conventions, **base.where)
    for name, value in changes.items():
        object.__setattr__(changed, name, value)
    return changed


@dataclass(frozen=True, init=False)
class Symbolic(OfOutcome):
    """An identity; the column holds what `refutable.claims.symbolic.vanishes` said of it.

    Parameters
    ----------
    outcome : str
        Column of "proved", "refuted at ..." or "open" (one entry or several).
    **where : scalar or tuple
        Selects cells.
    """

    evidence: ClassVar[Evidence] = Evidence.SYMBOLIC
    yes_or_no: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """The identity's name."""
        return f"identity {self.outcome}"

    def holds(self) -> Expectation:
        """Expect a proof."""
        return Expectation(self, Region(lower=1.0))


__all__ = ["Certificate", "Exact", "Printed", "Symbolic"]
