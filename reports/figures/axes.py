"""Axes: where values lie on a sheet, and the frame, ticks and names around them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from refutable.reports.figures.dots import Dot
from refutable.reports.figures.letters import ASCENT, DESCENT
from refutable.reports.figures.sheet import Place, Sheet, Stroke, polyline
from refutable.reports.figures.style import COLOURS, TEXT, TITLE

FAR = 50.0
"""Lengths of an axis beyond its ends at which everything is as good as infinite."""

LENGTH, PAD = 3.5, 3.5
"""Points of a tick, and from there to its label."""

SPACING = 0.9
"""From line to line of a name, in sizes of the font."""

RAISED = 6.0
"""Points from a title down to the axes."""

LINE, GRID = Stroke(COLOURS["soft"], 0.8), Stroke(COLOURS["line"], 0.5)

Tick = tuple[float, str]
Pair = tuple[Place, Place]


@dataclass(frozen=True)
class Span:
    """Limits of values, and whether they are drawn logarithmically."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Scale:
    """One axis.

    Parameters
    ----------
    span : Span
        Its values.
    start, end : float
        Where its limits lie on the sheet.
    """

    span: Span
    start: float
    end: float

    @property
    def limits(self) -> tuple[float, float]:
        """Both ends."""
        return self.span.low, self.span.high

    @property
    def length(self) -> float:
        """In points."""
        return abs(self.end - self.start)

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies, 0 and 1 at its limits."""
        low, high, even = map(self._even, (*self.limits, value))
        return (even - low) / (high - low)

    def _even(self, value: float) -> float:
        if not self.span.log:
            return value
        return -math.inf if value <= 0 else math.log(value)  # NaN stays NaN

    def at(self, value: float) -> float:
        """Return where a value lies on the sheet, NaN for NaN."""
        near = min(max(self.share(value), -FAR), FAR)  # NaN, being the first, stays NaN
        return self.start + near * (self.end - self.start)

    def seen(self, ticks: Iterable[Tick]) -> list[tuple[float, str]]:
        """Return the ticks that lie between the limits, by place on the sheet."""
        near = 1e-9
        return [(self.at(v), said) for v, said in ticks if -near <= self.share(v) <= 1 + near]


@dataclass(frozen=True)
class Axes:
    """A part of a sheet with values across and upwards; make it by `placed`."""

    sheet: Sheet
    x: Scale
    y: Scale
    clip: str

    def line(self, xs: Sequence[float], ys: Sequence[float], stroke: Stroke, order: float) -> None:
        """Join values, with gaps at NaN."""
        drawn = polyline(zip(map(self.x.at, xs), map(self.y.at, ys), strict=True))
        self.sheet.path(drawn, f"fill: none; {stroke}", order, self.clip)

    def area(self, xs: Sequence[float], ys: Sequence[float], style: str, order: float) -> None:
        """Fill what values enclose."""
        places = zip(map(self.x.at, xs), map(self.y.at, ys), strict=True)
        self.sheet.path(polyline(places, closed=True), style, order, self.clip)

    def dots(
        self, xs: Iterable[float], ys: Iterable[float], dot: Dot, size: float, order: float
    ) -> None:
        """Mark values, each above those before it."""
        for x, y in zip(xs, ys, strict=True):
            drawn = dot.at(self.x.at(x), self.y.at(y), size)
            self.sheet.path(drawn, dot.style, order, self.clip)

    def frame(self) -> None:
        """Draw the lines of both axes."""
        corners = [(self.x.start, self.y.end), (self.x.start, self.y.start)]
        drawn = polyline([*corners, (self.x.end, self.y.start)])
        self.sheet.path(drawn, f"fill: none; {LINE}; stroke-linejoin: miter", 2.5)

    def across(self, ticks: Sequence[Tick], length: float = LENGTH, grid: bool = False) -> None:
        """Put ticks below, and lines upwards from them if they are to be a grid."""
        places, bottom = self.x.seen(ticks), self.y.start
        self._ticks([((at, bottom), (at, bottom + length)) for at, _ in places if length])
        if grid:
            self._grid([((at, bottom), (at, self.y.end)) for at, _ in places])
        for at, said in places:
            self.sheet.text((at, bottom + length + PAD + ASCENT * TEXT), said, anchor="middle")

    def upwards(self, ticks: Sequence[Tick], labelled: bool = True, grid: bool = False) -> None:
        """Put ticks on the left, and lines from them across if they are to be a grid."""
        places, left = self.y.seen(ticks), self.x.start
        self._ticks([((left, at), (left - LENGTH, at)) for at, _ in places])
        if grid:
            self._grid([((left, at), (self.x.end, at)) for at, _ in places])
        if labelled:
            self.rows(ticks, length=LENGTH)

    def rows(self, ticks: Sequence[Tick], size: float = TEXT, length: float = 0.0) -> None:
        """Write names on the left, beyond ticks of a length, about their places."""
        for at, said in self.y.seen(ticks):
            lines = said.split("\n")
            for place, line in enumerate(lines):
                down = ASCENT / 2 + SPACING * (place - (len(lines) - 1) / 2)
                beside = (self.x.start - length - PAD, at + down * size)
                self.sheet.text(beside, line, size, anchor="end")

    def title(self, words: str, colour: str = COLOURS["ink"], bold: bool = False) -> None:
        """Name the axes above them."""
        self.sheet.text((self.x.start, self.y.end - RAISED), words, TITLE, colour, bold=bold)

    def named(self, words: str, apart: float, length: float = LENGTH) -> None:
        """Name what runs across, so far below the labels of ticks of a length."""
        down = length + PAD + (2 * ASCENT + DESCENT) * TEXT + apart
        middle = (self.x.start + self.x.end) / 2
        self.sheet.text((middle, self.y.start + down), words, anchor="middle")

    def _ticks(self, pairs: Sequence[Pair]) -> None:
        self._lines(pairs, LINE, 2.4, "")

    def _grid(self, pairs: Sequence[Pair]) -> None:
        self._lines(pairs, GRID, 0.5, self.clip)

    def _lines(self, pairs: Sequence[Pair], stroke: Stroke, order: float, clip: str) -> None:
        if pairs:
            drawn = "".join(map(polyline, pairs))
            self.sheet.path(drawn, f"fill: none; {stroke}", order, clip)


def placed(sheet: Sheet, box: tuple[float, float, float, float], x: Span, y: Span) -> Axes:
    """Return axes in a box of a sheet.

    Parameters
    ----------
    sheet : Sheet
    box : tuple of float
        Left and upper edge, width and height, in points.
    x, y : Span
    """
    left, top, width, height = box
    across = Scale(x, left, left + width)
    upwards = Scale(y, top + height, top)
    return Axes(sheet, across, upwards, sheet.clip(*box))
