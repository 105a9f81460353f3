"""A claim while it runs: its trial, its stored blocks, and what is on its way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from refutable.claims.claim import Claim
from refutable.claims.describe import counted, record
from refutable.claims.records import Effort
from refutable.deciding.outcomes import decode
from refutable.deciding.results import ClaimResult, Failure
from refutable.deciding.trial import BlockKey, Trial, said
from refutable.extras import lacking
from refutable.running.registry import BUILTIN, Problem, Registry, Source
from refutable.running.tasks import Drawn, Task
from refutable.storing.fingerprint import ABSENT, Fingerprint, fingerprint
from refutable.storing.store import Store, StoredBlock
from refutable.storing.tables import keep_table
from refutable.storing.terms import terms


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

    def __post_init__(self) -> None:
        worlds = self.claim.worlds(self.effort)
        self.prints: dict[str, Fingerprint] = {
            world.key: fingerprint(world.simulate, world.compute) for world in worlds
        }
        self.cells = {world.key: frozenset(world.cells) for world in worlds}
        joined = "".join(f"{key}{p.digest}" for key, p in sorted(self.prints.items()))
        digest = hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
        self.trial = Trial(self.claim, self.effort, self.seed, digest, self.share, self._failure)
        self.terms = terms(self.claim, self.effort)

    def resume(self, store: Store) -> None:
        """Take what the store has of this claim and is not stale; an early look may settle it."""
        for block in store.read_blocks(self.claim.id):
            if self._usable(block):
                self._take(block)

    def _usable(self, block: StoredBlock) -> bool:
        known = self.prints.get(block.world)
        fresh = known is not None and block.fingerprint == known.digest
        return fresh and block.size == self.size(block.world) and self._in_grid(block)

    def _in_grid(self, block: StoredBlock) -> bool:
        within = block.block < self.trial.worlds[block.world].blocks
        return within and block.cell in self.cells[block.world]

    def size(self, world: str) -> int:
        """Replicates per block of a world."""
        return 1 if self.trial.worlds[world].world.compute is not None else self.claim.block

    def _take(self, block: StoredBlock) -> None:
        key = BlockKey(block.world, block.cell, block.block)
        self.seconds += block.seconds
        self.drawn += 1
        try:
            self.trial.feed(key, decode(block.outcome))
        except Exception as error:  # of this claim alone: the others go on
            self.fail(key, said(error))

    def wanted(self, ahead: int) -> Iterator[BlockKey]:
        """Yield blocks that are needed, or may be soon, and are not on their way."""
        for key in self.trial.needs(ahead):
            if key not in self.in_flight:
                yield key

    def task(self, key: BlockKey) -> Task:
        """Return what a worker needs to draw a block."""
        return Task(self.source, self.claim.id, key.world, key.cell, key.block, self.seed)

    def finish(self, key: BlockKey, drawn: Drawn, store: Store) -> None:
        """Take a block that a worker drew: store it first, then look at it."""
        self.in_flight.discard(key)
        if drawn.needs_data:
            self.trial.lacks_data(drawn.error)
        elif drawn.outcome is None:
            self.fail(key, drawn.error)
        else:
            block = StoredBlock(
                key.world,
                key.cell,
                key.block,
                self.size(key.world),
                self.prints[key.world].digest,
                drawn.outcome,
                drawn.seconds,
            )
            store.append(self.claim.id, block)
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
            error=f"{where}, seed {self.seed}: {error}",
            command=self.task(key).command,
        )

    def conclude(self, store: Store) -> ClaimResult:
        """Write result, cost, fingerprint and table; return the result."""
        result = self.trial.result()
        known = {**record(self.claim, self.source.place), "terms": self.terms}
        store.write_record(self.claim.id, known)
        store.write_print(self.claim.id, {key: p.parts for key, p in self.prints.items()})
        cost = {"seconds": self.seconds, "blocks": self.drawn, "finished": _now()}
        store.write_result(result, cost)
        keep_table(store, self.claim.id, self._used(store))
        return result

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
) -> list[Job]:
    """Return a job per claim; one whose predictions cannot be computed becomes a problem."""
    jobs = []
    for claim in claims:
        source = registry.sources[claim.id]
        try:
            jobs.append(Job(claim, source, effort, seed, share))
        except Exception as error:
            text = (
                f"Claim {claim.id!r} cannot be tried at effort {effort}: {error} Look at the "
                "bounds and predictions of its expectations and controls."
            )
            registry.problems.append(Problem(source.place, text, claim.id))
    return _possible(jobs, registry)


def _possible(jobs: list[Job], registry: Registry) -> list[Job]:
    """Set aside what the suite cannot try for want of a library: one problem for all."""
    missing = {
        job.claim.id: job.missing for job in jobs if job.missing and job.source.within(BUILTIN)
    }
    if missing:
        what = f"{counted(len(missing), 'claim')} of the suite cannot be tried"
        text = lacking(what, set().union(*missing.values()))
        registry.problems.append(Problem(BUILTIN, text))
    return [job for job in jobs if job.claim.id not in missing]
