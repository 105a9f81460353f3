"""One check: an expectation in one cell, and what the data so far say of it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort, Evidence, when_sampled
from refutable.deciding.estimating import Look, Status, start
from refutable.deciding.kernels import instances
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.kernels.sides import spendable
from refutable.deciding.ledger import Levels, by_chance
from refutable.deciding.results import CheckResult

SHOWN_REPLICATES = {Effort.SMOKE: 64, Effort.STANDARD: 256, Effort.FULL: 1024}
"""How much data an expectation that is only drawn asks for in each cell."""

_CONFLICT = "looks contradict each other: the replicates are not alike, or a rare event happened"

SHOWN_ERROR = 0.05
"""Error of an interval that is only drawn; it has no say, so it draws on no ledger."""


class Check:
    """An expectation in one cell, looked at after every block.

    Parameters
    ----------
    expectation : Expectation
        Without a guard (guards are checks of their own).
    cell : Cell
        One that it selects.
    levels : Levels or float
        The error probabilities it owns; a number counts for both.
    effort : Effort
        Of the run.
    sampled : bool
        Whether the data are random: what is exact is then seen on instances alone.
    """

    def __init__(
        self,
        expectation: Expectation,
        cell: Cell,
        levels: Levels | float,
        effort: Effort,
        sampled: bool = False,
    ) -> None:
        self.expectation, self.cell = expectation, cell
        evidence = expectation.functional.evidence
        self.evidence = when_sampled(evidence) if sampled else evidence
        owned = levels if isinstance(levels, Levels) else Levels.both(levels)
        self.levels = owned if expectation.decides else Levels.both(SHOWN_ERROR)
        self.shown = SHOWN_REPLICATES[effort]
        self.region = expectation.region.at(cell)
        self._refuse_what_cannot_fail()
        self.accumulator = start(expectation.functional, cell)
        self.accumulator.watch(self.region.lower, self.region.upper)
        self.spent, self.spent_inside = self._spendable()
        self.against = self.within = self.interval = Interval.everything()
        self.status = Status.OPEN
        self.replicates = self.looked = self.refined = 0
        self.last: Look | None = None

    def _refuse_what_cannot_fail(self) -> None:
        low, high = self.expectation.functional.could_be(self.cell)
        if self.decides and self.region.lower <= low and high <= self.region.upper:
            raise ValueError(
                f"the region of {self.expectation.functional.label} in cell {self.cell.label} "
                "covers all that it could be, so it cannot fail."
            )

    def _spendable(self) -> tuple[float, float]:
        """Return the errors of the intervals that may say outside and inside.

        A functional outside its region is missed through one end of the interval alone, one
        inside a region with one end too; see `refutable.deciding.ledger`.
        """
        inside, outside = self.levels.inside, self.levels.outside
        if not (self.decides and by_chance(self.expectation)):
            return outside, outside
        if not self.accumulator.two_ended:
            return outside, inside
        lower, upper = self.region.lower, self.region.upper
        return spendable(outside, lower, upper), spendable(inside, 0.0, math.inf)

    @property
    def alpha(self) -> float:
        """The error probability of its status, or of the next one that refutes."""
        return self.levels.inside if self.status is Status.INSIDE else self.levels.outside

    @property
    def decides(self) -> bool:
        """Whether it has a say in a verdict."""
        return self.expectation.decides

    @property
    def open(self) -> bool:
        """Whether it waits for data."""
        return self.decides and self.status is Status.OPEN

    @property
    def wants_data(self) -> bool:
        """Whether another block of its cell would change anything."""
        if self.decides:
            return self.status is Status.OPEN
        return self.replicates < self.shown

    @property
    def estimates(self) -> bool:
        """Whether it decides on an estimate, rather than on every value drawn."""
        return self.decides and not self.accumulator.passive

    def feed(self, columns: Columns, size: int) -> None:
        """Take the next block of this cell and look; a decided check takes no more."""
        if not self.wants_data:
            return
        self.accumulator.add(columns)
        self.replicates += size
        self.last = self.accumulator.look(self.spent)
        self.looked = self.replicates
        self.against = self._after(self.against, self.last)
        if self.spent_inside == self.spent:
            self.within = self.against
        else:
            self.within = self._after(self.within, self.accumulator.look(self.spent_inside))
        self._judge(final=False)
        if not self.open:
            self._refine()

    def _after(self, before: Interval, look: Look) -> Interval:
        return before.intersect(look.interval) if self.accumulator.narrows else look.interval

    def close(self) -> None:
        """No more data will come."""
        if self.open and self.last is not None:
            self._refine()
            self._judge(final=True)

    def _refine(self) -> None:
        """Take the finest interval; a look may have given only what it takes to decide.

        A check that is decided refines the interval that decided it and is shown, and no other.
        """
        if self.looked == self.refined:
            return
        self.refined = self.looked
        inside = self.status is Status.INSIDE
        if self.status is not Status.OUTSIDE:
            self.within = self.within.intersect(self.accumulator.refine(self.spent_inside))
        if not inside:
            self.against = self.against.intersect(self.accumulator.refine(self.spent))
        self.interval = self.within if inside else self.against

    def _judge(self, final: bool) -> None:
        """Find inside by one interval, outside by the other; show the one that decided."""
        self.interval = self.against
        if not self.decides:
            return
        if self._status(self.within, final) is Status.INSIDE:
            self.status, self.interval = Status.INSIDE, self.within
        elif self._status(self.against, final) is Status.OUTSIDE:
            self.status = Status.OUTSIDE

    def _status(self, interval: Interval, final: bool) -> Status:
        if interval.conflict or self.last is None:
            return Status.OPEN  # two looks exclude each other: whatever is wrong, not ours to say
        look = Look(self.last.estimate, interval, self.last.detail)
        return self.accumulator.status(look, self.region, final)

    @property
    def detail(self) -> str:
        """Words about the last look."""
        said = self.last.detail if self.last else ""
        identity = self.decides and self.evidence is Evidence.SAMPLED_IDENTITY
        if identity and self.replicates and self.status is not Status.OUTSIDE:
            said = "; ".join(part for part in (said, instances.words(self.replicates)) if part)
        return f"{said}; {_CONFLICT}".lstrip("; ") if self.against.conflict else said

    def result(self) -> CheckResult:
        """Return what is to be stored and shown."""
        self._refine()
        look = self.last
        return CheckResult(
            functional=self.expectation.functional.label,
            evidence=str(self.evidence),
            cell=dict(self.cell),
            region=(self.region.lower, self.region.upper),
            region_label=self.region.label,
            predicted=self.region.predicted,
            estimate=look.estimate if look else None,
            standard_error=look.standard_error if look else None,
            interval=(self.interval.lower, self.interval.upper),
            status=str(self.status) if self.decides else "shown",
            detail=self.detail,
            replicates=self.replicates,
            alpha=self.alpha,
            ladder=self.accumulator.ladder if look else (),
            guarantee=self.accumulator.guarantee,
        )


def expand(
    expectations: Iterable[Expectation],
    cells: Iterable[Cell],
    levels: Levels | float,
    effort: Effort,
    sampled: bool = False,
) -> list[Check]:
    """Return one check per expectation, guard and cell of which it states something.

    Raises
    ------
    ValueError
        If an expectation's bounds are None in every cell that it selects.
    """
    cells = tuple(cells)
    parts = [part for expectation in expectations for part in expectation.parts]
    pairs = []
    for part in parts:
        spoken = [(part, cell) for cell in cells if part.speaks_of(cell)]
        if not spoken and any(map(part.selects, cells)):
            raise ValueError(f"the bounds of {part.functional.label} are None in every cell.")
        pairs += spoken
    return [Check(part, cell, levels, effort, sampled) for part, cell in pairs]
