"""A search for an onset, or a survey of a plane, while it runs: its blocks, known and new."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from refutable.claims.arrays import Columns
from refutable.claims.asking import resolved_map
from refutable.claims.claim import OWN, Claim
from refutable.claims.describe import counted
from refutable.claims.expectations import Expectation
from refutable.claims.onsets import Onset
from refutable.claims.planes import Map
from refutable.claims.records import Effort
from refutable.claims.tightness import Tightness
from refutable.deciding.evidence import SHARE, Watch
from refutable.deciding.onsets.found import OnsetFound, found_by, number
from refutable.deciding.onsets.gauging import GaugesFound, Gauging, gauged_by, gauging_for
from refutable.deciding.onsets.mapped import MapFound, mapped_by
from refutable.deciding.onsets.rounds import Rounds, Wanted
from refutable.deciding.onsets.search import Search
from refutable.deciding.onsets.setting import key_of, map_key_of, search_for, size_of, survey_for
from refutable.deciding.onsets.survey import Survey
from refutable.deciding.outcomes import decode
from refutable.deciding.trial import BlockKey, said
from refutable.errors import RefutableError, printable
from refutable.running.interrupt import by_the_user
from refutable.running.job import CHEAP, CHECKING
from refutable.running.registry import Source
from refutable.running.tasks import Drawn, Task
from refutable.storing.fingerprint import fingerprint
from refutable.storing.onsets import enter, keep, keep_map
from refutable.storing.store import Store, StoredBlock

F = TypeVar("F")
A = TypeVar("A", bound=Onset | Map | Tightness)


class Drawing(ABC, Generic[A, F]):
    """What asks for blocks of a claim; they are the claim's own, drawn by the same seeds, shared.

    Parameters
    ----------
    claim : Claim
    source : Source
    asked : Onset, Map or Tightness
    seed : int
        Of the store.
    """

    def __init__(self, claim: Claim, source: Source, asked: A, seed: int) -> None:
        self.claim, self.source, self.asked, self.seed = claim, source, asked, seed
        self.in_flight: set[BlockKey] = set()
        self.attempts: Counter[BlockKey] = Counter()
        self.seconds, self.trouble, self.checked = 0.0, "", False
        self.world = claim.worlds(Effort.STANDARD)[0]
        self.size = size_of(self.world, asked)
        self.digest = fingerprint(self.world.simulate, self.world.compute).digest
        self.rounds = self._rounds()
        read = self.expectation.parts
        names = {name for part in read for name in part.functional.outcomes}
        self.watch = Watch(() if self.world.computed else names, SHARE * asked.alpha)
        self.rounds.look_on = self._watch
        self._known: dict[Wanted, int] = {}

    @abstractmethod
    def _rounds(self) -> Rounds[Any, Any]:
        """Return what asks for blocks."""

    @property
    @abstractmethod
    def expectation(self) -> Expectation:
        """What is to hold."""

    @property
    @abstractmethod
    def key(self) -> str:
        """What tells it from another in the store."""

    @property
    @abstractmethod
    def standing(self) -> str:
        """Where it stands, in a line."""

    @abstractmethod
    def found(self) -> F:
        """Return what was found so far."""

    @abstractmethod
    def _keep(self, store: Store, found: F) -> None:
        """Write it."""

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return bool(self.trouble) or self.rounds.done

    def resume(self, store: Store) -> None:
        """Enter it into the ledger's line; take what the store has."""
        enter(store, self.key, self.asked.alpha)
        for offset, block in store.scan_blocks(self.claim.id):
            fits = block.world == OWN and block.size == self.size
            if fits and block.fingerprint == self.digest:
                self._known[Wanted(block.cell, block.block)] = offset
        self._take_known(store)

    def _take_known(self, store: Store) -> None:
        """Feed what was stored before, for as long as that is what the search asks for."""
        while not self.done:
            ready = [wanted for wanted in self.rounds.needs() if wanted in self._known]
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
            self.rounds.feed(wanted, decode(block.outcome))
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
        for wanted in () if self.done else self.rounds.needs(ahead):
            key = BlockKey(OWN, wanted.cell, wanted.block)
            if key not in self.in_flight and wanted not in self._known:
                yield key

    def task(self, key: BlockKey) -> Task:
        """Return what a worker needs to draw a block."""
        allowance = 0.0 if self.checked else max(CHEAP, CHECKING * self.seconds)
        size = 0 if self.size == self.world.size else self.size
        place = (key.cell, key.block, self.seed)
        return Task(self.source, self.claim.id, OWN, *place, allowance, anywhere=True, size=size)

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
            self.size,
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

    def conclude(self, store: Store) -> F:
        """Write what was found; return it.

        Raises
        ------
        RefutableError
            If a block could not be had.
        """
        if self.trouble:
            raise RefutableError(self.trouble)
        found = self.found()
        self._keep(store, found)
        return found

    @property
    def _drawn(self) -> str:
        many = counted(self.rounds.replicates, "replicate")
        return f"{many} of {self.rounds.budget:,}"


class Seeking(Drawing[Onset, OnsetFound]):
    """A search for an onset."""

    def _rounds(self) -> Search:
        self.search = search_for(self.claim, self.asked)
        return self.search

    @property
    def expectation(self) -> Expectation:
        """What is to hold."""
        return self.search.expectation

    @property
    def key(self) -> str:
        """What tells it from another in the store."""
        return key_of(self.claim, self.search)

    @property
    def standing(self) -> str:
        """The bracket, in a line."""
        search, name = self.search, self.search.line.name
        pair = search.bracket()
        if pair is None:
            return f"{self.claim.id}: {name} not bracketed yet; {self._drawn}"
        fails, holds = (number(search.value_of(point)) for point in pair)
        return f"{self.claim.id}: fails at {name} = {fails}, holds at {holds}; {self._drawn}"

    def found(self) -> OnsetFound:
        """Return what was found so far."""
        return found_by(self.search, self.claim.id, self.seed, self.asked.prediction, self.digest)

    def _keep(self, store: Store, found: OnsetFound) -> None:
        keep(store, self.key, found)


class Surveying(Drawing[Map, MapFound]):
    """A survey of a plane."""

    def _rounds(self) -> Survey:
        self.asked = resolved_map(self.claim, self.asked)
        self.survey = survey_for(self.claim, self.asked)
        return self.survey

    @property
    def expectation(self) -> Expectation:
        """What is to hold."""
        return self.survey.expectation

    @property
    def key(self) -> str:
        """What tells it from another in the store."""
        return map_key_of(self.claim, self.asked, self.survey)

    @property
    def standing(self) -> str:
        """How many cells are open, in a line."""
        many = sum(point.open for point in self.survey.points.values())
        left = f"{many} of {len(self.survey.cells)} cells open"
        return f"{self.claim.id}: {left}; {self._drawn}"

    def found(self) -> MapFound:
        """Return what was found so far."""
        return mapped_by(self.survey, self.asked, self.claim.id, self.seed, self.digest)

    def _keep(self, store: Store, found: MapFound) -> None:
        keep_map(store, self.key, found)


class Measuring(Drawing[Tightness, GaugesFound]):
    """How close a bound is, in every cell of a grid."""

    def _rounds(self) -> Gauging:
        self.gauging = gauging_for(self.claim, self.asked)
        return self.gauging

    @property
    def expectation(self) -> Expectation:
        """The bound."""
        return self.gauging.expectation

    @property
    def key(self) -> str:
        """What tells it from another in the store."""
        return self.gauging.key

    @property
    def standing(self) -> str:
        """How much was drawn, in a line."""
        return f"{self.claim.id}: {self._drawn}"

    def found(self) -> GaugesFound:
        """Return what was found so far."""
        return gauged_by(self.gauging, self.claim.id, self.seed)

    def _keep(self, store: Store, found: GaugesFound) -> None:
        """Nothing is kept but the blocks: it is computed from them again in no time."""
