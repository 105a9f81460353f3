"""A plane of two parameters, every cell of it decided or left open.

Each of the cells owns ``alpha / cells`` (a union bound), so that with probability at least
``1 - alpha`` no cell of the map is wrongly said to hold or to fail. No cell's statement uses its
neighbours: nothing is assumed of the shape of the boundary.

Every cell takes one block first. Then the cells that seem nearest to a decision go first: those
far from the boundary are done in a block or two, and what is left of the budget goes to the
boundary, where most of it belongs.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation
from refutable.deciding.onsets.points import Point
from refutable.deciding.onsets.rounds import Rounds

TOGETHER = 4
"""Open cells of which one goes on in a round, the nearest to a decision, at least `FEWEST`."""

FEWEST = 8

FAINTEST = 0.02
"""Margins below, in standard deviations, are taken for this one: their need is endless."""


@dataclass
class Survey(Rounds[Point, bool]):
    """A survey on blocks of one expectation; it ends with True where no cell is left open.

    Parameters
    ----------
    cells : sequence of Cell
    expectation : Expectation
        Without filters on what varies.
    alpha : float
        Error probability of the whole.
    budget, size, computed, cap
        As in `Search`.
    """

    cells: Sequence[Cell]
    expectation: Expectation
    alpha: float
    budget: int
    size: int
    computed: bool = False
    cap: int = 0

    def __post_init__(self) -> None:
        self.look_on = None
        self.ending = None
        share = self.alpha / len(self.cells)
        self.points = {
            cell: Point(0.0, cell, self.expectation, share, self.computed, self.cap)
            for cell in self.cells
        }
        self._begin()

    @property
    def spent(self) -> bool:
        """Whether no block more may be drawn."""
        return self._drawn + self.size > self.budget

    def open_points(self) -> list[Point]:
        """Return the points that another block might decide."""
        return [point for point in self.points.values() if not point.exhausted]

    def _steps(self) -> Generator[list[Point], None, bool]:
        if not self.spent:
            yield self.open_points()
        while not self.spent and (waiting := self.open_points()):
            many = max(FEWEST, -(-len(waiting) // TOGETHER))
            yield sorted(waiting, key=self._left)[:many]  # sorted is stable: ties keep their order
        return not any(point.open for point in self.points.values())

    def _left(self, point: Point) -> float:
        """Return the replicates that a point seems to need still."""
        margin = point.margin()
        if margin is None:
            return 0.0
        bar = math.log(1.0 / point.alpha) + 0.5 * math.log(1.0 + margin.replicates)
        return 2.0 * bar / max(abs(margin.value), FAINTEST) ** 2 - margin.replicates
