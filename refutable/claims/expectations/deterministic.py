"""Values that are computed, not sampled: tolerances, certificates, printed numbers, symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import (
    Accumulator,
    Expectation,
    Functional,
    Look,
    OfOutcome,
    Status,
)
from refutable.claims.records import Evidence
from refutable.claims.regions import Bound, Region, ResolvedRegion
from refutable.deciding.kernels import deterministic
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError


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
    narrows: ClassVar[bool] = False
    passive: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """The outcome's name."""
        return self.outcome

    def equals(self, value: Bound, tolerance: Bound = 0.0) -> Expectation:
        """Expect `value`, up to an absolute tolerance."""
        return self.near(value, tolerance)

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty range."""
        del cell
        return _Range(self.outcome)

    def status(self, look: Look, region: ResolvedRegion, final: bool) -> Status:
        """One value outside refutes; all inside support once no more will come."""
        if look.estimate is None:
            return Status.OPEN
        if not look.interval.inside(region.lower, region.upper):
            return Status.OUTSIDE
        return Status.INSIDE if final else Status.OPEN


class Certificate(Exact):
    """An `Exact` value that is itself a proof, such as a duality gap or a dual bound."""

    evidence: ClassVar[Evidence] = Evidence.CERTIFIED


class _Range:
    """The smallest and the largest value seen."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.count = 0
        self.lowest, self.highest, self.total = np.inf, -np.inf, 0.0

    def add(self, columns: Columns) -> None:
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
        del alpha
        if not self.count:
            return Look(None, Interval.everything())
        interval = Interval(self.lowest, self.highest)
        many = f"{self.count} values" if self.count > 1 else ""
        return Look(self.total / self.count, interval, many)


def _as_doubles(name: str, values: NDArray[Any]) -> NDArray[np.float64]:
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


class _Text:
    """Keeps the entries of a column of a deterministic claim."""

    def __init__(self, say: Callable[[Columns], Look]) -> None:
        self.say = say
        self.answer = Look(None, Interval.everything())

    def add(self, columns: Columns) -> None:
        self.answer = self.say(columns)

    def look(self, alpha: float) -> Look:
        del alpha
        return self.answer


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

    def start(self, cell: Cell) -> Accumulator:
        """Return an accumulator that compares with the number printed for this cell."""
        if self.printed is None:
            raise ValueError(f"Printed({self.outcome!r}) needs .prints('...')")
        printed = self.printed(cell) if callable(self.printed) else self.printed
        return _Text(lambda columns: self._compare(columns, printed))

    def _compare(self, columns: Columns, printed: str) -> Look:
        value = _single(columns, self.outcome)
        plain = self._prints(columns, self.outcome, printed)
        under = [
            name
            for name, column in self.conventions.items()
            if self._prints(columns, column, printed)
        ]
        holds = self.only_under in under and not plain if self.only_under else plain
        detail = f"computed {_short(value)}, printed {printed}: {_outcome(plain, under)}"
        return Look(float(value), Interval(float(holds), float(holds)), detail)

    def _prints(self, columns: Columns, column: str, printed: str) -> bool:
        try:
            return deterministic.prints(_single(columns, column), printed)
        except ValueError as error:
            raise OutcomeError(
                f"outcome {column!r} is compared with {printed!r}: {error}"
            ) from error


def _with(base: Printed, **changes: Any) -> Printed:
    changed = Printed(base.outcome, base.conventions, **base.where)
    for name, value in changes.items():
        object.__setattr__(changed, name, value)
    return changed


def _outcome(plain: bool, under: list[str]) -> str:
    if plain:
        return "reproduced"
    if under:
        return f"reproduced only under the convention {', '.join(under)}"
    return "not reproduced"


def _short(value: object) -> str:
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{float(value):.6g} = {value}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _single(columns: Columns, name: str) -> Any:
    values: NDArray[Any] = columns[name]
    if values.size != 1:
        raise OutcomeError(f"outcome {name!r} has {values.size} values; a printed number is one.")
    entry = values.ravel()[0]
    return entry.item() if isinstance(entry, np.generic) else entry


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

    def start(self, cell: Cell) -> Accumulator:
        """Return an accumulator of the answer."""
        del cell
        return _Text(lambda columns: _answer(self.outcome, columns))


def _answer(name: str, columns: Columns) -> Look:
    answers = [str(entry) for entry in columns[name].ravel()]
    strange = [a for a in answers if a not in ("proved", "open") and not a.startswith("refuted")]
    if strange:
        raise OutcomeError(
            f"outcome {name!r} holds {strange[0]!r}; return what "
            "refutable.claims.symbolic.vanishes says: 'proved', 'refuted at ...' or 'open'."
        )
    refuted = [answer for answer in answers if answer.startswith("refuted")]
    if refuted:
        return Look(0.0, Interval(0.0, 0.0), refuted[0])
    if all(answer == "proved" for answer in answers):
        return Look(1.0, Interval(1.0, 1.0), "proved")
    return Look(None, Interval(0.0, 1.0), "neither proved nor refuted")


__all__ = ["Certificate", "Exact", "Printed", "Symbolic"]
