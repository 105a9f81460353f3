"""One check: an expectation in one cell, and what the data so far say of it."""

from __future__ import annotations

from collections.abc import Iterable

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort
from refutable.deciding.estimating import Look, Status, start
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.kernels.sides import spendable
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
    alpha : float
        The error probability it owns.
    effort : Effort
        Of the run.
    """

    def __init__(self, expectation: Expectation, cell: Cell, alpha: float, effort: Effort) -> None:
        self.expectation, self.cell = expectation, cell
        self.alpha = alpha if expectation.decides else SHOWN_ERROR
        self.shown = SHOWN_REPLICATES[effort]
        self.region = expectation.region.at(cell)
        self._refuse_what_cannot_fail()
        self.accumulator = start(expectation.functional, cell)
        self.accumulator.watch(self.region.lower, self.region.upper)
        self.spent = self._spendable()
        self.interval = Interval.everything()
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

    def _spendable(self) -> float:
        """Return the error of the interval; a one-sided verdict can be wrong through one end."""
        if not self.accumulator.two_ended:
            return self.alpha
        return spendable(self.alpha, self.region.lower, self.region.upper)

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
        narrows = self.accumulator.narrows
        latest = self.last.interval
        self.interval = self.interval.intersect(latest) if narrows else latest
        self._judge(final=False)
        if not self.open:
            self._refine()

    def close(self) -> None:
        """No more data will come."""
        if self.open and self.last is not None:
            self._refine()
            self._judge(final=True)

    def _refine(self) -> None:
        """Take the finest interval; a look may have given only what it takes to decide."""
        if self.looked > self.refined:
            self.refined = self.looked
            self.interval = self.interval.intersect(self.accumulator.refine(self.spent))

    def _judge(self, final: bool) -> None:
        if self.interval.conflict:
            return  # two looks exclude each other: whatever is wrong, it is not for us to decide
        if self.decides and self.last is not None:
            look = Look(self.last.estimate, self.interval, self.last.detail)
            self.status = self.accumulator.status(look, self.region, final)

    @property
    def detail(self) -> str:
        """Words about the last look."""
        said = self.last.detail if self.last else ""
        return f"{said}; {_CONFLICT}".lstrip("; ") if self.interval.conflict else said

    def result(self) -> CheckResult:
        """Return what is to be stored and shown."""
        self._refine()
        look = self.last
        return CheckResult(
            functional=self.expectation.functional.label,
            evidence=str(self.expectation.functional.evidence),
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
            ladder=look.ladder if look else (),
            guarantee=self.accumulator.guarantee,
        )


def expand(
    expectations: Iterable[Expectation], cells: Iterable[Cell], alpha: float, effort: Effort
) -> list[Check]:
    """Return one check per expectation, guard and selected cell."""
    cells = tuple(cells)
    parts = [part for expectation in expectations for part in expectation.parts]
    pairs = [(part, cell) for part in parts for cell in cells if part.selects(cell)]
    return [Check(part, cell, alpha, effort) for part, cell in pairs]
