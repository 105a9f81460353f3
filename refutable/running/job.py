"""A claim while it runs: its trial, its stored blocks, and what is on its way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from refutable.claims.claim import SHOWN, Claim
from refutable.claims.curves import along_axis
from refutable.claims.describe import counted, record
from refutable.claims.records import Effort, Verdict
from refutable.deciding.outcomes import decode
from refutable.deciding.results import ClaimResult, Failure
from refutable.deciding.trial import BlockKey, Trial, said
from refutable.errors import StoreError, printable, text_of
from refutable.extras import lacking
from refutable.running.interrupt import by_the_user
from refutable.running.registry import BUILTIN, Problem, Registry, Source
from refutable.running.tasks import Drawn, Task
from refutable.storing.fingerprint import ABSENT, Fingerprint, fingerprint
from refutable.storing.lines import enter
from refutable.storing.store import Store, StoredBlock
from refutable.storing.tables import keep_table
from refutable.storing.terms import terms

CHECKING = 0.02
"""Part of a claim's seconds that checks of whether blocks come from their seeds may take."""

CHEAP = 0.05
"""Seconds that they may take in any case: less than a command needs to start."""


@dataclass
class Job:
    """One claim of a run.

    Parameters
    ----------
    claim : Claim
    source : Source
    effort : Effort
    seed : int
    share : float
        Part of the ledger that the run owns.
    """

    claim: Claim
    source: Source
    effort: Effort
    seed: int
    share: float = 1.0
    in_flight: set[BlockKey] = field(default_factory=set)
    attempts: Counter[BlockKey] = field(default_factory=Counter)
    seconds: float = 0.0
    drawn: int = 0
    machines: Counter[str] = field(default_factory=Counter)
    checked: set[str] = field(default_factory=set)
    """Worlds of which a block was drawn again."""

    def __post_init__(self) -> None:
        shown = self.claim.drawn(self.effort)
        worlds = [*self.claim.worlds(self.effort), *([shown] if shown else [])]
        self.worlds = {world.key: world for world in worlds}
        self.prints: dict[str, Fingerprint] = {
            key: fingerprint(world.simulate, world.compute) for key, world in self.worlds.items()
        }
        self.cells = {key: frozenset(world.cells) for key, world in self.worlds.items()}
        deciding = {key: found for key, found in self.prints.items() if key != SHOWN}
        joined = "".join(f"{key}{p.digest}" for key, p in sorted(deciding.items()))
        digest = hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
        self.trial = Trial(self.claim, self.effort, self.seed, digest, self.share, self._failure)
        self.terms = terms(self.claim, self.effort)
        self.known = {**record(self.claim, self.source.place), "terms": self.terms}

    @property
    def done(self) -> bool:
        """Whether its verdict stands."""
        return self.trial.done

    def resume(self, store: Store) -> None:
        """Take what the store has of this claim and is not stale; an early look may settle it."""
        for block in store.read_blocks(self.claim.id):
            if self._usable(block):
                self._take(block)

    def _usable(self, block: StoredBlock) -> bool:
        known = self.prints.get(block.world)
        fresh = known is not None and block.fingerprint == known.digest
        return fresh and self._fits(block)

    def _fits(self, block: StoredBlock) -> bool:
        """Say whether the world draws a block of this size, number and cell."""
        world = self.worlds[block.world]
        alike = block.size == world.size and block.block < world.blocks
        return alike and block.cell in self.cells[block.world]

    def _take(self, block: StoredBlock) -> None:
        key = BlockKey(block.world, block.cell, block.block)
        self.seconds += block.seconds
        self.machines[block.machine] += 1
        self.drawn += 1
        try:
            self.trial.feed(key, decode(block.outcome))
        except BaseException as error:  # of this claim alone: the others go on
            if by_the_user(error):
                raise
            self.fail(key, said(error))

    def wanted(self, ahead: int) -> Iterator[BlockKey]:
        """Yield blocks that are needed, or may be soon, and are not on their way."""
        for key in self.trial.needs(ahead):
            if key not in self.in_flight:
                yield key

    def task(self, key: BlockKey) -> Task:
        """Return what a worker needs to draw a block."""
        allowance = 0.0 if key.world in self.checked else self._allowance
        return Task(
            self.source, self.claim.id, key.world, key.cell, key.block, self.seed, allowance
        )

    @property
    def _allowance(self) -> float:
        """Seconds that the check of one world may take."""
        return max(CHEAP, CHECKING * self.seconds) / len(self.worlds)

    def finish(self, key: BlockKey, drawn: Drawn, store: Store) -> None:
        """Take a block that a worker drew: store it first, then look at it."""
        self.in_flight.discard(key)
        if drawn.checked:
            self.checked.add(key.world)
        if drawn.needs_data:
            self.trial.lacks_data(drawn.error)
        elif drawn.suspect:  # not stored, so that another run finds it again
            self.trial.doubt(key, drawn.error)
        elif drawn.outcome is None:
            self.fail(key, drawn.error)
        else:
            block = StoredBlock(
                key.world,
                key.cell,
                key.block,
                self.worlds[key.world].size,
                self.prints[key.world].digest,
                drawn.outcome,
                drawn.seconds,
                drawn.machine,
            )
            try:
                store.append(self.claim.id, block)
            except (TypeError, ValueError, RecursionError) as error:  # no JSON can hold it
                self.fail(key, f"its outcome cannot be stored: {said(error)}")
                return
            self._take(block)

    def fail(self, key: BlockKey, error: str) -> None:
        """Take notice of a block that cannot be had."""
        self.trial.fail(key, error)

    def _failure(self, key: BlockKey, error: str) -> Failure:
        """Return the record of such a block, with the command that repeats it."""
        where = f"claim {self.claim.id}, cell {key.cell.label or '(none)'}, block {key.block}"
        return Failure(
            world=key.world,
            cell=dict(key.cell),
            block=key.block,
            error=printable(f"{where}, seed {self.seed}: {error}"),
            command=self.task(key).command,
        )

    def conclude(self, store: Store) -> ClaimResult:
        """Write result, cost, fingerprint and table; return the result."""
        result = self._result()
        store.write_record(self.claim.id, {**self.known, **along_axis(self.claim, self.effort)})
        store.write_print(self.claim.id, {key: p.parts for key, p in self.prints.items()})
        cost = {
            "seconds": self.seconds,
            "blocks": self.drawn,
            "machines": dict(sorted(self.machines.items())),
            "finished": _now(),
        }
        store.write_result(result, cost)
        try:
            keep_table(store, self.claim.id, self._used(store))
        except (StoreError, KeyboardInterrupt):
            raise
        except Exception as error:  # of this claim alone: the others go on
            reason = f"claim {self.claim.id}: its table cannot be written: {said(error)}"
            result = replace(result, verdict=str(Verdict.FAILED), reason=reason)
            store.write_result(result, cost)
        return result

    def _result(self) -> ClaimResult:
        try:
            return self.trial.result()
        except BaseException as error:
            if by_the_user(error):
                raise
            return ClaimResult(
                claim=self.claim.id,
                verdict=str(Verdict.FAILED),
                expected=str(self.claim.expected),
                reason=f"claim {self.claim.id} cannot be concluded: {said(error)}",
                seed=self.seed,
                effort=str(self.effort),
                fingerprint=self.trial.fingerprint,
                replicates=self.trial.replicates,
                alpha=self.trial.alpha,
            )

    def _used(self, store: Store) -> list[int]:
        """Return where the lines of the verdict's blocks begin, in the verdict's order."""
        used = {key: place for place, key in enumerate(self.trial.used())}
        offsets: dict[int, int] = {}
        for offset, block in store.scan_blocks(self.claim.id):
            place = used.get(BlockKey(block.world, block.cell, block.block))
            if place is not None and self._usable(block):
                offsets[place] = offset
        return [offsets[place] for place in sorted(offsets)]

    @property
    def missing(self) -> set[str]:
        """Distributions that the claim's code reaches and that are not installed."""
        versions = [part for found in self.prints.values() for part in found.parts.items()]
        return {name.partition(":")[2] for name, version in versions if version == ABSENT}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def prepare(
    claims: Iterable[Claim], registry: Registry, effort: Effort, seed: int, share: float = 1.0
) -> tuple[list[Job], list[Problem]]:
    """Return a job per claim that can be tried, and the problems of the others.

    Each whose predictions cannot be computed is a problem; those of the suite that reach a library
    that is not installed are one problem together.
    """
    jobs, problems = [], []
    for claim in claims:
        source = registry.sources[claim.id]
        try:
            jobs.append(Job(claim, source, effort, seed, share))
        except BaseException as error:
            if by_the_user(error):
                raise
            text = (
                f"Claim {claim.id!r} cannot be tried at effort {effort}: {text_of(error)} "
                "Look at the bounds and predictions of its expectations and controls."
            )
            problems.append(Problem(source.place, text, claim.id))
    short = [job for job in jobs if job.missing and job.source.within(BUILTIN)]
    return [job for job in jobs if job not in short], problems + _shortage(short)


def begin(
    store: Store,
    claims: Sequence[Claim],
    registry: Registry,
    effort: Effort,
    problems: Sequence[Problem] = (),
) -> tuple[list[Job], list[Problem]]:
    """Enter the claims of a run into a store; return what `prepare` does, the longest first.

    Parameters
    ----------
    store : Store
        Open for writing.
    claims, registry, effort
        As in `prepare`.
    problems : sequence of Problem
        Met before; they are stored with the new ones.

    Raises
    ------
    ClaimError
        If the store's ledger has no room for them; then nothing is written.
    """
    enter(store, claims, registry.families(claims))
    jobs, unprepared = prepare(claims, registry, effort, store.seed, store.share)
    store.write_asked([claim.id for claim in claims])
    store.write_problems([asdict(problem) for problem in [*problems, *unprepared]])
    before = {job.claim.id: store.cost(job.claim.id).get("seconds", 0.0) for job in jobs}
    return sorted(jobs, key=lambda job: -before[job.claim.id]), unprepared


def _shortage(short: Sequence[Job]) -> list[Problem]:
    """Return the one problem of jobs of the suite that reach libraries which are missing."""
    what = f"{counted(len(short), 'claim')} of the suite cannot be tried"
    missing = set().union(*(job.missing for job in short))
    return [Problem(BUILTIN, lacking(what, missing))] if short else []
