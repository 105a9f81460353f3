"""The trial of a claim: which blocks it needs next, and its verdict when it needs none.

A world advances in rounds. In round t every cell that still has something open takes its block t;
then the world is judged. The outcome is therefore a function of the blocks alone, whatever the
order in which they arrive, the number of workers, or how far ahead they were drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.claim import SHOWN, Claim, World
from refutable.claims.controls import Control, Positive
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort, Verdict
from refutable.claims.teeth import excluded
from refutable.deciding import ledger
from refutable.deciding.checks import SHOWN_ERROR, Check, expand
from refutable.deciding.distances import measured
from refutable.deciding.estimating import Status
from refutable.deciding.evidence import SHARE, Watch
from refutable.deciding.kernels.instances import LEAST
from refutable.deciding.results import BY_LOGIC, ClaimResult, ControlResult, Failure
from refutable.errors import OutcomeError, RefutableError, text_of


@dataclass(frozen=True)
class BlockKey:
    """Which block: world (its key), cell, index."""

    world: str
    cell: Cell
    block: int


class Doubt(str):
    """Why a block cannot count as evidence, with the mend."""


def said(error: BaseException) -> str:
    """Return an error's text, with its kind where it is none of ours."""
    text = text_of(error)
    return text if isinstance(error, RefutableError) else f"{type(error).__name__}: {text}"


def plain_failure(key: BlockKey, error: str) -> Failure:
    """Return the record of a failed block without the command that repeats it."""
    return Failure(key.world, dict(key.cell), key.block, error, "")


class _Group:
    """Checks with one fate: the claim's own, or a control's.

    Of the claim and of a positive control all checks must lie inside; of a control one outside.
    """

    def __init__(self, name: str, kind: str, checks: list[Check], right: bool = False) -> None:
        self.name, self.kind, self.checks, self.right = name, kind, checks, right

    @property
    def refuted(self) -> bool:
        return any(check.status is Status.OUTSIDE for check in self.checks)

    def asking(self) -> list[Check]:
        """Return the checks that ask for more data: a control needs one refuted, others all.

        Where an estimated check of the claim asks for data, or did, an exact one only looks on,
        once it has seen the fewest instances that show anything.
        """
        if not self.right:
            return [] if self.refuted else [c for c in self.checks if c.wants_data]
        estimated = {check.cell for check in self.checks if check.estimates}
        return [
            check
            for check in self.checks
            if check.wants_data
            and (check.estimates or check.cell not in estimated or check.replicates < LEAST)
        ]

    def fate(self) -> str:
        if self.refuted:
            return "refuted"
        if any(check.open for check in self.checks):
            return "undecided"
        return "supported" if self.right else "survived"

    def result(self) -> ControlResult:
        checks = tuple(check.result() for check in self.checks)
        return ControlResult(self.name, self.kind, self.fate(), checks)


class _WorldTrial:
    """The rounds of one world."""

    def __init__(
        self, world: World, groups: list[_Group], level: float, watched: bool = True
    ) -> None:
        self.world, self.groups = world, groups
        self.watch = Watch(self.outcomes if watched and not world.computed else (), level)
        self.round = 0
        self.arrived: dict[tuple[Cell, int], Columns | str] = {}
        self.failed: list[tuple[Cell, int, str]] = []
        self.used: list[tuple[Cell, int]] = []
        self._open_cells = self._cells_with_open_checks()
        self.done = not self._open_cells

    @property
    def outcomes(self) -> set[str]:
        """Names of the columns that its checks read."""
        functionals = [check.expectation.functional for check in self._checks(None)]
        return {name for functional in functionals for name in functional.outcomes}

    def _cells_with_open_checks(self) -> list[Cell]:
        waiting = [check for group in self.groups for check in group.asking()]
        open_cells = {check.cell for check in waiting}
        return [cell for cell in self.world.cells if cell in open_cells]

    def needs(self, ahead: int) -> Iterator[BlockKey]:
        """Yield the blocks of this round, then those of the next `ahead` rounds."""
        if self.done:
            return
        for later in range(self.round, min(self.round + 1 + ahead, self.world.blocks)):
            for cell in self._open_cells:
                if (cell, later) not in self.arrived:
                    yield BlockKey(self.world.key, cell, later)

    def feed(self, key: BlockKey, columns: Columns | str) -> None:
        """Take a block, or why it cannot be had; play every round that is now complete."""
        self.arrived[key.cell, key.block] = columns
        while not self.done and all((c, self.round) in self.arrived for c in self._open_cells):
            self._play()

    def _play(self) -> None:
        arrived = {cell: self.arrived.pop((cell, self.round)) for cell in self._open_cells}
        for cell, found in arrived.items():
            if isinstance(found, str):
                self.failed.append((cell, self.round, found))
        if not self.failed:
            self._judge({c: found for c, found in arrived.items() if not isinstance(found, str)})
        self.round += 1
        self._open_cells = self._cells_with_open_checks()
        self.done = bool(self.failed) or self.round >= self.world.blocks or not self._open_cells
        if self.done:
            self._close()

    def _judge(self, arrived: dict[Cell, Columns]) -> None:
        for cell, columns in arrived.items():
            try:
                for check in self._checks(cell):
                    check.feed(columns, self.world.size)
            except BaseException as error:  # an author's column or curve; the other claims go on
                if isinstance(error, KeyboardInterrupt):
                    raise
                self.failed.append((cell, self.round, said(error)))
            else:
                self.used.append((cell, self.round))
                where = f"block {self.round}" + (f" of cell {cell.label}" if cell.label else "")
                if doubt := self.watch.take(cell, where, columns):
                    self.failed.append((cell, self.round, Doubt(doubt)))

    def _close(self) -> None:
        for check in self._checks(None):
            check.close()

    def _checks(self, cell: Cell | None) -> list[Check]:
        every = [check for group in self.groups for check in group.checks]
        return [check for check in every if cell is None or check.cell == cell]


class Trial:
    """A claim on trial at an effort.

    Parameters
    ----------
    claim : Claim
        Valid (see `refutable.claims.validate`).
    effort : Effort
        Sets grid and cap.
    seed : int
        Of the suite; only recorded here.
    fingerprint : str
        Of what the code means; only recorded here.
    share : float
        Part of the ledger that the run owns.
    explain : callable (BlockKey, str) -> Failure
        Makes the record of a block that cannot be had.
    """

    def __init__(
        self,
        claim: Claim,
        effort: Effort,
        seed: int,
        fingerprint: str,
        share: float = 1.0,
        explain: Callable[[BlockKey, str], Failure] = plain_failure,
    ) -> None:
        self.claim, self.effort = claim, effort
        self.seed, self.fingerprint = seed, fingerprint
        self.explain = explain
        self.missing_data = ""
        self.share = share
        own, *others = claim.worlds(effort)
        level = SHARE * ledger.alpha(claim) * share / (1 + len(others))
        levels = ledger.own_levels(claim, effort, share)
        checks = expand(claim.expect, own.cells, levels, effort, not own.computed)
        self.own = _Group("claim", "claim", checks, right=True)
        theories = [self._beside(c, c.expect, own) for c in claim.theories]
        self._controls: dict[str, _Group] = {group.name: group for group in theories}
        first = _WorldTrial(own, [self.own, *theories], level)
        self.worlds = {own.key: first}
        named = {control.name: control for control in claim.beside}
        for world in others:
            group = self._beside(named[world.name], world.expect, world)
            self._controls[world.name] = group
            self.worlds[world.key] = _WorldTrial(world, [group], level)
        self.drawn = self._only_shown(claim.drawn(effort))

    def _only_shown(self, world: World | None) -> list[Check]:
        """Return the checks of cells that are for the figure alone; their world comes last."""
        if world is None:
            return []
        checks = expand(world.expect, world.cells, SHOWN_ERROR, self.effort, not world.computed)
        group = _Group(world.name, world.name, checks, right=True)
        self.worlds[world.key] = _WorldTrial(world, [group], level=1.0, watched=False)
        return checks

    @property
    def _deciding(self) -> Iterator[tuple[str, _WorldTrial]]:
        return ((key, world) for key, world in self.worlds.items() if key != SHOWN)

    def _beside(
        self, control: Control | Positive, expect: tuple[Expectation, ...], world: World
    ) -> _Group:
        levels = ledger.levels_beside(self.claim, control.name, expect, world.cells, self.share)
        checks = expand(expect, world.cells, levels, self.effort, not world.computed)
        return _Group(control.name, control.kind, checks, isinstance(control, Positive))

    @property
    def done(self) -> bool:
        """Whether the verdict stands."""
        return bool(self.missing_data) or all(world.done for world in self.worlds.values())

    @property
    def failures(self) -> list[Failure]:
        """The blocks that could not be had, in the order of the trial.

        A world ends with the round in which one fails, the others go on: so what is said of a
        failed claim does not depend on which block came first.
        """
        return [failure for failure, error in self._troubles() if not isinstance(error, Doubt)]

    @property
    def doubts(self) -> list[Failure]:
        """The blocks that cannot count as evidence, in the order of the trial."""
        return [failure for failure, error in self._troubles() if isinstance(error, Doubt)]

    def _troubles(self) -> Iterator[tuple[Failure, str]]:
        for key, world in self.worlds.items():
            for cell, block, error in world.failed:
                yield self.explain(BlockKey(key, cell, block), error), error

    def needs(self, ahead: int = 0) -> Iterator[BlockKey]:
        """Yield the blocks it waits for, this round's first, then up to `ahead` rounds more."""
        if self.done:
            return
        for world in self.worlds.values():
            yield from world.needs(ahead)

    def feed(self, key: BlockKey, columns: Columns) -> None:
        """Take a finished block, in any order.

        Raises
        ------
        OutcomeError
            If a column that an expectation reads is missing or of the wrong kind.
        """
        world = self.worlds[key.world]
        self._check_columns(world, columns)
        world.feed(key, columns)

    def _check_columns(self, world: _WorldTrial, columns: Columns) -> None:
        for group in world.groups:
            for check in group.checks:
                missing = set(check.expectation.functional.outcomes) - columns.keys()
                if missing:
                    raise OutcomeError(
                        f"outcome {min(missing)!r} is expected by "
                        f"{check.expectation.functional.label} but was not returned; "
                        f"returned were: {', '.join(columns)}."
                    )

    def fail(self, key: BlockKey, error: str) -> None:
        """Take notice of a block that cannot be had, in any order; the claim is `failed`."""
        self.worlds[key.world].feed(key, error)

    def doubt(self, key: BlockKey, why: str) -> None:
        """Take notice of a block that is no evidence, in any order; the claim is `suspect`."""
        self.worlds[key.world].feed(key, Doubt(why))

    def lacks_data(self, how_to_get_it: str) -> None:
        """Record that the user must bring data; the claim is `not run`."""
        self.missing_data = how_to_get_it

    def used(self) -> Iterator[BlockKey]:
        """Yield the blocks that the verdict rests on."""
        for key, world in self._deciding:
            for cell, block in world.used:
                yield BlockKey(key, cell, block)

    def waits_for(self) -> Check | None:
        """Return an open check, the claim's own before a control's."""
        groups = [self.own, *self._controls.values()]
        waiting = (check for group in groups for check in group.asking())
        return next((check for check in waiting if check.open), None)

    @property
    def replicates(self) -> int:
        """Replicates used so far, over all cells and worlds that have a say."""
        return sum(len(world.used) * world.world.size for _, world in self._deciding)

    def result(self) -> ClaimResult:
        """Return the verdict as it stands, `undecided` if data are still missing."""
        ordered = [self._controls[control.name] for control in self.claim.controls]
        checks = tuple(check.result() for check in self.own.checks)
        controls = self._counted(tuple(measured(group.result(), checks) for group in ordered))
        positive = tuple(self._controls[one.name].result() for one in self.claim.positive)
        verdict, reason = self._verdict(controls, positive)
        return ClaimResult(
            claim=self.claim.id,
            verdict=str(verdict),
            expected=str(self.claim.expected),
            reason=reason,
            seed=self.seed,
            effort=str(self.effort),
            fingerprint=self.fingerprint,
            replicates=self.replicates,
            checks=checks,
            controls=controls,
            positive=positive,
            failures=tuple(self.failures),
            alpha=self.alpha,
            drawn=tuple(check.result() for check in self.drawn),
        )

    @property
    def alpha(self) -> float:
        """The error probability that the claim owns."""
        return ledger.alpha(self.claim, self.share) if ledger.spends(self.claim) else 0.0

    def _counted(self, controls: tuple[ControlResult, ...]) -> tuple[ControlResult, ...]:
        """Return the controls, those marked that fall whenever the claim stands."""
        vain = () if self.own.refuted else excluded(self.claim, self.effort)
        return tuple(
            replace(c, fate=BY_LOGIC) if c.name in vain and c.fate == "refuted" else c
            for c in controls
        )

    def _verdict(
        self, controls: tuple[ControlResult, ...], positive: tuple[ControlResult, ...]
    ) -> tuple[Verdict, str]:
        if self.missing_data:
            return Verdict.NOT_RUN, f"needs data: {self.missing_data}"
        if failures := self.failures:
            return Verdict.FAILED, failures[0].error
        if doubts := self.doubts:
            return Verdict.SUSPECT, doubts[0].error
        if not self.done:
            return Verdict.UNDECIDED, "the run has not finished"
        if surviving := _named(controls, "survived"):
            return Verdict.TOOTHLESS, f"not refuted by the same rule: control {surviving}"
        if fallen := _named(positive, "refuted"):
            return Verdict.TOOTHLESS, f"refuted by the same rule: positive control {fallen}"
        if waiting := _named(controls, "undecided"):
            return Verdict.UNDECIDED, f"not enough data to refute control {waiting}"
        if waiting := _named(positive, "undecided"):
            return Verdict.UNDECIDED, f"not enough data to support positive control {waiting}"
        return self._own_verdict()

    def _own_verdict(self) -> tuple[Verdict, str]:
        outside = next((c for c in self.own.checks if c.status is Status.OUTSIDE), None)
        if outside is not None:
            return Verdict.REFUTED, _say(outside, "is not")
        undecided = next((c for c in self.own.checks if c.open), None)
        if undecided is not None:
            return Verdict.UNDECIDED, _say(undecided, "is not yet decided: it must be")
        count = sum(check.decides for check in self.own.checks)
        if count == 1:
            return Verdict.SUPPORTED, "its check lies inside its region"
        return Verdict.SUPPORTED, f"all {count} checks lie inside their regions"


def _named(controls: tuple[ControlResult, ...], fate: str) -> str:
    return ", ".join(repr(control.name) for control in controls if control.fate == fate)


def _say(check: Check, where: str) -> str:
    at = f" at {check.cell.label}" if check.cell.label else ""
    look = check.last
    if check.expectation.functional.yes_or_no and look is not None:
        return f"{check.expectation.functional.label}{at}: {look.detail}"
    said = check.detail
    detail = f" ({said})" if said else ""
    low, high = check.interval.lower, check.interval.upper
    functional = check.expectation.functional.label
    return f"{functional}{at}: [{low:.4g}, {high:.4g}]{detail} {where} {check.region.label}"
