"""A search for an onset while it runs: its blocks, stored and on their way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from refutable.claims.arrays import Columns
from refutable.claims.claim import OWN, Claim
from refutable.claims.onsets import Onset
from refutable.claims.records import Effort
from refutable.deciding.evidence import SHARE, Watch
from refutable.deciding.onsets.found import OnsetFound, found_by
from refutable.deciding.onsets.rounds import Wanted
from refutable.deciding.onsets.search import Search
from refutable.deciding.onsets.setting import key_of, search_for
from refutable.deciding.outcomes import decode
from refutable.deciding.trial import BlockKey, said
from refutable.errors import RefutableError, printable
from refutable.running.interrupt import by_the_user
from refutable.running.job import CHEAP, CHECKING
from refutable.running.registry import Source
from refutable.running.tasks import Drawn, Task
from refutable.storing.fingerprint import fingerprint
from refutable.storing.onsets import enter, keep
from refutable.storing.store import Store, StoredBlock


@dataclass
class Seeking:
    """One search of a run; its blocks are the claim's own, drawn by the same seeds and shared.

    Parameters
    ----------
    claim : Claim
    source : Source
    asked : Onset
    seed : int
        Of the store.
    """

    claim: Claim
    source: Source
    asked: Onset
    seed: int
    in_flight: set[BlockKey] = field(default_factory=set)
    attempts: Counter[BlockKey] = field(default_factory=Counter)
    seconds: float = 0.0
    trouble: str = ""
    checked: bool = False

    def __post_init__(self) -> None:
        self.search: Search = search_for(self.claim, self.asked)
        self.world = self.claim.worlds(Effort.STANDARD)[0]
        self.digest = fingerprint(self.world.simulate, self.world.compute).digest
        self.key = key_of(self.claim, self.search)
        read = self.search.expectation.parts
        names = {name for part in read for name in part.functional.outcomes}
        self.watch = Watch(() if self.world.computed else names, SHARE * self.asked.alpha)
        self.search.look_on = self._watch
        self._known: dict[Wanted, int] = {}

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return bool(self.trouble) or self.search.done

    def resume(self, store: Store) -> None:
        """Enter it into the ledger's line; take what the store has."""
        enter(store, self.key, self.asked.alpha)
        for offset, block in store.scan_blocks(self.claim.id):
            fits = block.world == OWN and block.size == self.world.size
            if fits and block.fingerprint == self.digest:
                self._known[Wanted(block.cell, block.block)] = offset
        self._take_known(store)

    def _take_known(self, store: Store) -> None:
        """Feed what was stored before, for as long as that is what the search asks for."""
        while not self.done:
            ready = [wanted for wanted in self.search.needs() if wanted in self._known]
            if not ready:
                return
            offsets = [self._known[wanted] for wanted in ready]
            blocks = store.blocks_at(self.claim.id, offsets)
            for wanted, block in zip(ready, blocks, strict=True):
                self._take(wanted, block)

    def _take(self, wanted: Wanted, block: StoredBlock) -> None:
        self.seconds += block.seconds
        key = BlockKey(OWN, wanted.cell, wanted.block)
        try:
            self.search.feed(wanted, decode(block.outcome))
        except BaseException as error:  # an author's column or bound
            if by_the_user(error):
                raise
            self.fail(key, said(error))

    def _watch(self, wanted: Wanted, columns: Columns) -> None:
        """Refuse a block that is no new evidence."""
        where = f"block {wanted.block} of cell {wanted.cell.label}"
        if doubt := self.watch.take(wanted.cell, where, columns):
            raise RefutableError(f"{where}: {doubt}")

    def wanted(self, ahead: int) -> Iterator[BlockKey]:
        """Yield blocks that are needed, or may be soon, and are not on their way."""
        for wanted in () if self.done else self.search.needs(ahead):
            key = BlockKey(OWN, wanted.cell, wanted.block)
            if key not in self.in_flight and wanted not in self._known:
                yield key

    def task(self, key: BlockKey) -> Task:
        """Return what a worker needs to draw a block."""
        allowance = 0.0 if self.checked else max(CHEAP, CHECKING * self.seconds)
        return Task(
            self.source, self.claim.id, OWN, key.cell, key.block, self.seed, allowance, True
        )

    def finish(self, key: BlockKey, drawn: Drawn, store: Store) -> None:
        """Take a block that a worker drew: store it first, then look at it."""
        self.in_flight.discard(key)
        self.checked = self.checked or drawn.checked
        if drawn.outcome is None:
            self.fail(key, drawn.error)
            return
        wanted = Wanted(key.cell, key.block)
        block = StoredBlock(
            OWN,
            key.cell,
            key.block,
            self.world.size,
            self.digest,
            drawn.outcome,
            drawn.seconds,
            drawn.machine,
        )
        store.append(self.claim.id, block)
        self._take(wanted, block)
        self._take_known(store)

    def fail(self, key: BlockKey, error: str) -> None:
        """Take notice of a block that cannot be had: the search ends."""
        again = self.task(key).command
        repeat = f" To see it again: {again}" if again else ""
        where = f"claim {self.claim.id}, cell {key.cell.label}, block {key.block}, seed {self.seed}"
        self.trouble = self.trouble or printable(f"{where}: {error}{repeat}")

    def conclude(self, store: Store) -> OnsetFound:
        """Write what was found; return it.

        Raises
        ------
        RefutableError
            If a block could not be had.
        """
        if self.trouble:
            raise RefutableError(self.trouble)
        found = self.found()
        keep(store, self.key, found)
        return found

    def found(self) -> OnsetFound:
        """Return what was found so far."""
        return found_by(self.search, self.claim.id, self.seed, self.asked.predicted, self.digest)
