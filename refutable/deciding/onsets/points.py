"""One value of the parameter: a probe of an expectation in a cell, the author's own or another."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation, Probability
from refutable.claims.records import Effort
from refutable.deciding.checks import Check
from refutable.deciding.estimating import Look, Status
from refutable.deciding.ledger import Levels
from refutable.deciding.results import CheckResult
from refutable.errors import MisuseError


def anywhere(expectation: Expectation, *names: str) -> Expectation:
    """Return an expectation without its filters on some parameters: it is to hold at any value."""
    functional = copy.copy(expectation.functional)
    where = {name: value for name, value in functional.where.items() if name not in names}
    object.__setattr__(functional, "where", where)
    guard = None if expectation.guard is None else anywhere(expectation.guard, *names)
    return Expectation(functional, expectation.region, guard)


@dataclass(frozen=True)
class Margin:
    """By how much an estimate lies inside its region, in standard deviations of a replicate.

    Parameters
    ----------
    value : float
        Positive inside; at most `FAR` in size.
    replicates : int
        Behind it.
    """

    value: float
    replicates: int


FAR = 2.0
"""Margins beyond are all alike: a point so far is decided by a few dozen replicates."""


class Point:
    """The checks of an expectation, and of its guard, in one cell.

    The expectation holds there if every check lies inside its region, and fails if one lies
    outside: each of the two is said wrongly with probability at most `alpha`.

    Parameters
    ----------
    place : float
        Where it lies on the scale of the search.
    cell : Cell
    expectation : Expectation
        Without filters on what varies (see `anywhere`).
    alpha : float
        In (0, 1).
    computed : bool
        Whether there is one value and no more.
    cap : int
        Replicates after which values that are compared one by one (`Exact`) count as inside.

    Raises
    ------
    MisuseError
        If the expectation states nothing in this cell.
    """

    def __init__(
        self,
        place: float,
        cell: Cell,
        expectation: Expectation,
        alpha: float,
        computed: bool = False,
        cap: int = 0,
    ) -> None:
        parts = [part for part in expectation.parts if part.speaks_of(cell)]
        if not expectation.decides or not parts:
            label = expectation.functional.label
            raise MisuseError(f"nothing is stated of {label} in cell {cell.label}.")
        self.place, self.cell, self.alpha, self.cap = place, cell, alpha, cap
        self.computed = computed
        levels = Levels(alpha, alpha / len(parts))
        self.checks = [Check(p, cell, levels, Effort.FULL, not computed) for p in parts]
        self.blocks = self.replicates = 0

    @property
    def status(self) -> Status:
        """Inside, outside, or open."""
        found = [check.status for check in self.checks]
        if Status.OUTSIDE in found:
            return Status.OUTSIDE
        return Status.INSIDE if all(s is Status.INSIDE for s in found) else Status.OPEN

    @property
    def open(self) -> bool:
        """Whether it is not decided."""
        return self.status is Status.OPEN

    @property
    def exhausted(self) -> bool:
        """Whether another block would change nothing."""
        return not self.open or (self.computed and self.blocks > 0)

    def feed(self, columns: Columns, size: int) -> None:
        """Take the next block of this cell."""
        self.blocks += 1
        self.replicates += size
        for check in self.checks:
            check.feed(columns, size)
            passive = not check.estimates and self.replicates >= self.cap
            if check.open and (self.computed or passive):
                check.close()

    def margin(self) -> Margin | None:
        """Return by how much the worst check's estimate is inside, None before there is one."""
        found = [margin for check in self.checks if (margin := _margin(check)) is not None]
        return min(found, key=lambda one: one.value, default=None)

    def results(self) -> tuple[CheckResult, ...]:
        """Return what is to be stored and shown."""
        return tuple(check.result() for check in self.checks)


def _margin(check: Check) -> Margin | None:
    look = check.last
    if look is None or look.estimate is None:
        return None
    value = min(look.estimate - check.region.lower, check.region.upper - look.estimate)
    spread = _spread(check, look, value)
    scaled = value / spread if spread > 0 else math.copysign(FAR, value)
    return Margin(min(max(scaled, -FAR), FAR), check.replicates)


def _spread(check: Check, look: Look, value: float) -> float:
    """Return the standard deviation of a replicate; those that are all alike show no scatter."""
    many = check.replicates
    if isinstance(check.expectation.functional, Probability):
        assert look.estimate is not None
        p = (many * look.estimate + 1) / (many + 2)  # Laplace's: 50 of 50 may well be 0.98
        return math.sqrt(p * (1 - p))
    error = look.standard_error
    if error is None:  # a quarter of an interval's width is about a standard error
        width = check.against.width
        error = width / 4 if math.isfinite(width) else abs(value)
    return math.sqrt((error**2 * many**2 + value**2) / (many + 1))  # shrunk towards the margin
