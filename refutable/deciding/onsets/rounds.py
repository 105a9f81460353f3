"""Rounds of blocks: what a search waits for, whatever the order in which blocks arrive.

Each round is complete before the next is chosen, so that what is found is the same for any number
of workers, on every back end and after any interruption.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell


class Station(Protocol):
    """Where blocks of one cell are taken."""

    cell: Cell
    blocks: int

    @property
    def exhausted(self) -> bool:
        """Whether another block would change nothing."""

    def feed(self, columns: Columns, size: int) -> None:
        """Take the next block of this cell."""


P = TypeVar("P", bound=Station)
E = TypeVar("E")

GROWTH = 8
"""A point takes an eighth of its blocks again in each round, so that rounds are few."""


@dataclass(frozen=True)
class Wanted:
    """A block that a search waits for."""

    cell: Cell
    block: int


class Rounds(ABC, Generic[P, E]):
    """What asks for blocks in rounds, and ends.

    Attributes
    ----------
    budget, size : int
        Replicates that may be drawn, and of a block.
    computed : bool
        Whether one block tells all.
    look_on : callable or None
        Is shown every block that counts, in the order in which they count; what it raises goes on.
    ending : object or None
        How it ended.
    """

    budget: int
    size: int
    computed: bool
    look_on: Callable[[Wanted, Columns], None] | None
    ending: E | None

    @abstractmethod
    def _steps(self) -> Generator[list[P], None, E]:
        """Yield the points that each round draws at; return how it ended."""

    def _begin(self) -> None:
        self._arrived: dict[Wanted, Columns] = {}
        self._round: dict[Wanted, P] = {}
        self._drawn = 0
        self._asking = self._steps()
        self._advance()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.ending is not None

    @property
    def replicates(self) -> int:
        """Replicates that were looked at."""
        return self._drawn

    def needs(self, ahead: int = 0) -> Iterator[Wanted]:
        """Yield the blocks of this round, then up to `ahead` more of each of its points."""
        for wanted in self._round:
            if wanted not in self._arrived:
                yield wanted
        counts: dict[Cell, int] = {}
        for wanted in self._round:
            counts[wanted.cell] = max(counts.get(wanted.cell, 0), wanted.block)
        for more in range(1, 0 if self.computed else ahead + 1):
            for cell, last in counts.items():
                if (later := Wanted(cell, last + more)) not in self._arrived:
                    yield later

    def feed(self, wanted: Wanted, columns: Columns) -> None:
        """Take a block, in any order; play the round if it is complete."""
        self._arrived[wanted] = columns
        while self._round and all(one in self._arrived for one in self._round):
            self._play()

    def _play(self) -> None:
        for wanted, point in self._round.items():
            columns = self._arrived.pop(wanted)
            if self.look_on is not None:
                self.look_on(wanted, columns)
            point.feed(columns, self.size)
            self._drawn += self.size
        self._advance()

    def _advance(self) -> None:
        """Ask the search for its next round; a round may be empty, where nothing is left to ask."""
        self._round = {}
        while not self._round and self.ending is None:
            try:
                asked = next(self._asking)
            except StopIteration as end:
                self.ending = end.value
                return
            self._round = self._affordable(asked)
            if asked and not self._round and self._drawn + self.size <= self.budget:
                raise RuntimeError("a round asks for nothing, so that it would be asked for ever")

    def _affordable(self, asked: list[P]) -> dict[Wanted, P]:
        """Return a round of these points' next blocks, as far as the budget goes."""
        found: dict[Wanted, P] = {}
        left = (self.budget - self._drawn) // self.size
        waiting = {id(p): p for p in asked if not p.exhausted}.values()
        for point in waiting:
            for more in range(1 if self.computed else 1 + point.blocks // GROWTH):
                if len(found) < left:
                    found[Wanted(point.cell, point.blocks + more)] = point
        return found

    @property
    def spent(self) -> bool:
        """Whether no block more may be drawn."""
        return self._drawn + self.size > self.budget
