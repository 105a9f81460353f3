"""Which series is which: names below the axes, as many columns as there is room for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from refutable.reports.figures import letters
from refutable.reports.figures.dots import Dot
from refutable.reports.figures.sheet import Place, Sheet, Stroke, polyline
from refutable.reports.figures.style import COLOURS, DASHES, MARKERS, SERIES, SMALL
from refutable.reports.text import one_line

LINE = 0.165
"""Inches of a line of names."""

LETTER, HANDLE = 0.062, 0.5
"""Inches of a letter and of what stands before a name."""

SAMPLE, AFTER, APART, PITCH, RAISED = 2.6, 0.6, 1.2, 1.3, 0.35
"""Of the names, in sizes of the font: what a series looks like, the rooms after it and between
columns, from line to line, and the height of the sample above the baseline."""

MOST = 18
"""Names in a legend; the rest is counted."""


@dataclass(frozen=True)
class Entry:
    """How a series looks.

    Parameters
    ----------
    name : str
    place : int
        Its number among the series of the axes, which gives marker, colour and dashes.
    control : bool
        Hollow, in the colour of controls.
    predicted : bool
        Has a prediction, whose dashes are shown as well.
    alone : bool
        The only series: its prediction is drawn in ink.
    """

    name: str
    place: int = 0
    control: bool = False
    predicted: bool = False
    alone: bool = False

    @property
    def colour(self) -> str:
        """Of its marks."""
        return COLOURS["control"] if self.control else SERIES[self.place % len(SERIES)]

    @property
    def marker(self) -> str:
        """Of its estimates."""
        return MARKERS[self.place % len(MARKERS)]

    @property
    def curve(self) -> Stroke:
        """Of its prediction."""
        colour = COLOURS["ink"] if self.alone or self.control else self.colour
        return Stroke(colour, 1.2, DASHES[0 if self.alone else self.place % len(DASHES)])

    @property
    def dot(self) -> Dot:
        """Of its estimates."""
        face = COLOURS["paper"] if self.control else self.colour
        return Dot(self.marker, face, self.colour)


Item = tuple[Entry | None, str]


def entries(names: Sequence[str], control: bool, predicted: Sequence[str]) -> list[Entry]:
    """Return the looks of series in the order of their names."""
    alone = len(names) == 1
    return [
        Entry(name, place, control, name in predicted, alone) for place, name in enumerate(names)
    ]


def columns(names: Sequence[str], width: float) -> int:
    """Return how many columns these names fill in so many inches."""
    longest = max((len(name) for name in names), default=0)
    return max(1, min(len(names), int(width / (HANDLE + LETTER * (longest + 2)))))


def cut(names: Sequence[str], width: float) -> list[str]:
    """Return names that fit into so many inches, each in a line of its own if need be."""
    return [one_line(name, int((width - HANDLE) / LETTER)) for name in names]


def lines(names: Sequence[str], width: float) -> int:
    """Return the lines that a legend of these names takes, 0 where none has a name."""
    named = cut([name for name in names if name][:MOST], width)
    extra = len([name for name in names if name]) > MOST
    return math.ceil(len(named) / columns(named, width)) + extra if named else 0


def below(sheet: Sheet, looks: Sequence[Entry], width: float, corner: Place) -> None:
    """Name the series below axes, column by column.

    Parameters
    ----------
    sheet : Sheet
    looks : sequence of Entry
    width : float
        Of the axes, in inches.
    corner : tuple of float
        The upper left one of the names, in points.
    """
    named = [look for look in looks if look.name]
    names = cut([look.name for look in named[:MOST]], width)
    shown: list[Item] = list(zip(named, names, strict=False))
    count = columns(names, width)
    if len(named) > MOST:
        shown.append((None, f"and {len(named) - MOST} more in the table"))
    left, top = corner
    for members in _split(shown, count):
        for row, (look, name) in enumerate(members):
            baseline = top + letters.ASCENT * SMALL + row * PITCH * SMALL
            if look is not None:
                _sample(sheet, look, (left, baseline - RAISED * SMALL))
            sheet.text((left + (SAMPLE + AFTER) * SMALL, baseline), name, SMALL)
        longest = max(letters.width(name, SMALL) for _, name in members)
        left += longest + (SAMPLE + AFTER + APART) * SMALL


def _split(shown: Sequence[Item], count: int) -> Iterator[Sequence[Item]]:
    """Yield columns that are as long as each other, or one longer than those after them."""
    rows, longer = divmod(len(shown), count)
    start = 0
    for column in range(count if shown else 0):
        stop = start + rows + (column < longer)
        yield shown[start:stop]
        start = stop


def _sample(sheet: Sheet, look: Entry, start: Place) -> None:
    """Draw what a series looks like, rightwards from a place."""
    left, middle = start
    if look.predicted:
        line = polyline([start, (left + SAMPLE * SMALL, middle)])
        sheet.path(line, f"fill: none; {look.curve}", 4.0)
    sheet.path(look.dot.at(left + SAMPLE * SMALL / 2, middle, 4.5), look.dot.style, 5.0)
