"""The search for an onset: which blocks it needs next, and when it has found it.

It ends with two values of the parameter such that, with probability at least ``1 - alpha``, the
expectation fails at one and holds at the other. Every value that is visited owns ``alpha / most``
(a union bound over at most `most` of them, declared before anything is drawn), and is judged by
the confidence sequences of a check, valid at any time and wherever one chooses to look next: a
block depends on the value and its index alone. That statement needs no monotonicity. That the
onset lies *between* the two does: it is an assumption, tried by further probes outside.

The search advances in rounds, each complete before the next is chosen, so that what it finds is
the same for any number of workers, on every back end and after any interruption.

Localising by a posterior and testing until decided at each place follows Waeber, Frazier &
Henderson (2013, "Bisection search with noisy responses"), whose tests of power one are replaced by
confidence sequences. The place to draw is not the posterior's median, where a test takes longest,
but two flanks around it, as far apart as the bracket is to be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation
from refutable.deciding.estimating import Status
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.points import Point
from refutable.deciding.onsets.rounds import Rounds, Wanted
from refutable.deciding.onsets.working import Guess, guess

MOST = 24
"""Values that may be visited; measured: searches to 2 % of a range visit 13 to 20."""

ENDS = 0.25
"""Part of the budget that one end of the range may take before the search goes on without it."""

SPREADS = 0.6
"""The flanks stand this many spreads of the posterior from the guessed onset, until the tolerance
is near. Measured: 0.5 and 0.7 differ by 6 % at most, 1 costs up to a quarter more."""

WITHIN = 0.95
"""Part of the tolerance that the last flanks are apart, so that rounding does not undo it."""

SLACK = 1.3
"""A decided point this many half-widths from the guess serves as a flank."""

PROBES = 2
"""Values tried on either side outside the bracket."""

CLEAR = 1.0
"""Standard errors by which a value outside the bracket, if it is not decided, must lie where
monotonicity wants it. Measured: 2 costs a step a fifth more, and finds as many that are not."""

OUTSIDE = 0.25
"""Part of what the search has drawn that each of them may take."""


class Ending(StrEnum):
    """How a search ended."""

    FOUND = "found"  # a bracket as narrow as the tolerance
    WIDE = "wide"  # a bracket, but the budget is spent
    ALWAYS = "always"  # it holds at both ends, and wherever it was tried
    NEVER = "never"  # it fails at both ends, and wherever it was tried
    NOT_MONOTONE = "not monotone"
    OPEN = "open"  # an end is not decided
    NO_BUDGET = "no budget"
    STOPPED = "stopped"


@dataclass
class Search(Rounds[Point, Ending]):
    """A search on blocks of one expectation.

    Parameters
    ----------
    line : Line
    at : mapping
        The other parameters of every cell.
    expectation : Expectation
        Without a filter on the parameter.
    alpha : float
        Error probability of the bracket.
    budget : int
        Replicates that may be drawn.
    size : int
        Replicates of a block.
    most : int
        Values that may be visited.
    computed : bool
        Whether the outcome is computed: one block tells all.
    cap : int
        As in `Point`.
    look_on : callable (Wanted, columns), optional
        Is shown every block that counts, in the order in which they count; what it raises goes on.
    """

    line: Line
    at: Mapping[str, object]
    expectation: Expectation
    alpha: float
    budget: int
    size: int
    most: int = MOST
    computed: bool = False
    cap: int = 0
    look_on: Callable[[Wanted, Columns], None] | None = None
    ending: Ending | None = None
    points: dict[float, Point] = field(default_factory=dict)
    """By value, in the order of their first visit."""

    def __post_init__(self) -> None:
        self._begin()

    def _steps(self) -> Generator[list[Point], None, Ending]:
        if self.spent:
            return Ending.NO_BUDGET
        low, high = self._end(self.line.low), self._end(self.line.high)
        yield from self._until_decided([low, high], ENDS * self.budget)
        if low.open or high.open:
            return Ending.OPEN
        if low.status is high.status:
            yield from self._between()
            same = Ending.ALWAYS if low.status is Status.INSIDE else Ending.NEVER
            return Ending.NOT_MONOTONE if self._mixed() else same
        yield from self._narrow()
        yield from self._outside()
        if self._disordered():
            return Ending.NOT_MONOTONE
        found = self.line.narrow(*self._values())
        return Ending.FOUND if found else Ending.WIDE

    def _until_decided(self, asked: list[Point], most: float) -> Iterator[list[Point]]:
        """Draw at points until each is decided, or has had `most` replicates."""
        return self._while(lambda: [p for p in asked if not p.exhausted], most)

    def _while(self, asked: Callable[[], list[Point]], most: float) -> Iterator[list[Point]]:
        """Draw at the points that are asked for, anew in each round, up to `most` replicates."""
        while not self.spent:
            waiting = [p for p in asked() if p.replicates + self.size <= most]
            if not waiting:
                return
            yield waiting

    def _between(self) -> Iterator[list[Point]]:
        """Try some values between two ends that agree."""
        places = [k / (2 * PROBES) for k in range(1, 2 * PROBES)]
        tried = [p for place in places if (p := self._visit(place)) is not None]
        yield from self._until_decided(tried, ENDS * self.budget / len(tried or places))

    def _narrow(self) -> Iterator[list[Point]]:
        while not (self.spent or self.line.narrow(*self._values()) or self._disordered()):
            asked = self._flanks()
            if not asked:
                return
            yield asked

    def _outside(self) -> Iterator[list[Point]]:
        """Try the widest gaps outside the bracket, where monotonicity says what must be found.

        So are values that were visited on the way and left open.
        """
        most = max(OUTSIDE * self._drawn, float(self.size))
        for _ in range(0 if self.spent else PROBES):
            low, high = self._bracket()
            visited = sorted(p.place for p in self.points.values())
            below = [at for at in visited if at <= low.place]
            above = [at for at in visited if at >= high.place]
            for side in (below, above):
                if len(side) > 1:
                    self._visit(_middle(side))
            yield from self._while(self._doubtful, most)
            if self._disordered():
                return

    def _doubtful(self) -> list[Point]:
        """Return the points outside the bracket that may be decided against monotonicity."""
        if self._disordered():
            return []
        low, high = self._bracket()
        outside = [p for p in self.points.values() if not low.place < p.place < high.place]
        return [p for p in outside if not (p.exhausted or self._clear(p, p.place >= high.place))]

    def _clear(self, point: Point, above: bool) -> bool:
        """Say whether an open point leans to where monotonicity wants it."""
        margin = point.margin()
        if margin is None:
            return False
        leaning = margin.value * math.sqrt(margin.replicates)
        return (leaning if above is self.rising else -leaning) >= CLEAR

    def _end(self, value: int | float) -> Point:
        point = self._visit_value(value)
        assert point is not None  # the first two values that are visited
        return point

    # Where it stands

    @property
    def rising(self) -> bool:
        """Whether the expectation holds at the high end of the range."""
        return self.points[self.line.high].status is Status.INSIDE

    def _bracket(self) -> tuple[Point, Point]:
        """Return the nearest decided points that disagree, in order of place."""
        below = Status.OUTSIDE if self.rising else Status.INSIDE
        decided = self._decided()
        last = [p for p in decided if p.status is below][-1]
        first = next(p for p in decided if p.status is not below)
        if last.place < first.place:
            return last, first
        return next((a, b) for a, b in itertools.pairwise(decided) if a.status is not b.status)

    def bracket(self) -> tuple[Point, Point] | None:
        """Return the points where it fails and where it holds, None before there are two."""
        ends = [self.points.get(end) for end in (self.line.low, self.line.high)]
        found = [p.status for p in ends if p is not None and not p.open]
        if len(set(found)) < 2:
            return None
        low, high = self._bracket()
        return (low, high) if low.status is Status.OUTSIDE else (high, low)

    def _values(self) -> tuple[float, float]:
        low, high = self._bracket()
        return self.value_of(low), self.value_of(high)

    def value_of(self, point: Point) -> float:
        """Return the value of the parameter at a point."""
        value: float = point.cell[self.line.name]  # type: ignore[assignment]
        return value

    def _mixed(self) -> bool:
        return len({p.status for p in self._decided()}) > 1

    def _decided(self) -> list[Point]:
        """Return the points that are decided, in order of place."""
        decided = [p for p in self.points.values() if not p.open]
        return sorted(decided, key=lambda p: p.place)

    def _disordered(self) -> bool:
        """Say whether the decided points change more than once along the line."""
        found = [p.status for p in self._decided()]
        return sum(a is not b for a, b in itertools.pairwise(found)) > 1

    def guess(self) -> Guess:
        """Return where the onset seems to lie, by the working model."""
        low, high = self._bracket()
        seen = [(p.place, m) for p in self.points.values() if (m := p.margin()) is not None]
        return guess(seen, low.place, high.place, self.rising)

    def _flanks(self) -> list[Point]:
        """Return the points on either side of the guessed onset that would narrow the bracket."""
        low, high = self._bracket()
        guessed, final = self.guess(), WITHIN * self.line.share / 2
        at, third = guessed.onset, (high.place - low.place) / 3
        to_left, to_right = at - low.place, high.place - at
        half = max(final, min(SPREADS * guessed.spread, third))
        places = []
        if to_left > SLACK * half:
            places.append(at - half if to_right > half else high.place - 2 * half)
        if to_right > SLACK * half:
            places.append(at + half if to_left > half else low.place + 2 * half)
        if not places:  # both are near, and together still too far apart
            further = to_left >= to_right
            places.append(high.place - 2 * half if further else low.place + 2 * half)
        found = [self._near(place, at, low, high) for place in places]
        return [point for point in found if point is not None]

    def _near(self, place: float, at: float, low: Point, high: Point) -> Point | None:
        """Return an open point not far from a place and on its side, a new one if there is none."""
        reach = abs(place - at) / 2
        usable = [
            p for p in self.points.values() if not p.exhausted and low.place < p.place < high.place
        ]
        alike = [p for p in usable if (p.place < at) == (place < at)]
        close = [p for p in alike if abs(p.place - place) <= reach]
        if not close and (made := self._visit_between(place, low, high)) is not None:
            return None if made.exhausted else made
        return min(close or usable, key=lambda p: abs(p.place - place), default=None)

    def _visit_between(self, place: float, low: Point, high: Point) -> Point | None:
        """Visit a place strictly between two points, where rounding would hit one of them."""
        value = self.line.value(place)
        if self.line.whole:
            value = min(max(value, self.value_of(low) + 1), self.value_of(high) - 1)
        return self._visit_value(value)

    def _visit(self, place: float) -> Point | None:
        return self._visit_value(self.line.value(place))

    def _visit_value(self, value: int | float) -> Point | None:
        """Return the point of a value, a new one unless too many were visited."""
        if value not in self.points:
            if len(self.points) >= self.most:
                return None
            cell = Cell({**self.at, self.line.name: value})
            alpha = self.alpha / self.most
            self.points[value] = Point(
                self.line.place(value), cell, self.expectation, alpha, self.computed, self.cap
            )
        return self.points[value]


def _middle(places: list[float]) -> float:
    """Return the middle of the widest gap."""
    return max((b - a, (a + b) / 2) for a, b in itertools.pairwise(places))[1]
