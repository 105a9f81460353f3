"""Which series is which: names below the axes, as many columns as there is room for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refutable.reports.figures.style import COLOURS, DASHES, MARKERS, SERIES
from refutable.reports.text import one_line

LINE = 0.165
"""Inches of a line of names."""

LETTER, HANDLE = 0.062, 0.5
"""Inches of a letter and of what stands before a name."""

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
    def dashes(self) -> tuple[int, tuple[float, ...]]:
        """Of its prediction."""
        return (0, DASHES[0 if self.alone else self.place % len(DASHES)])

    @property
    def curve(self) -> dict[str, Any]:
        """Style of its prediction."""
        colour = COLOURS["ink"] if self.alone or self.control else self.colour
        return {"color": colour, "lw": 1.2, "ls": self.dashes, "zorder": 3}

    @property
    def dot(self) -> dict[str, Any]:
        """Style of its estimates."""
        face = COLOURS["paper"] if self.control else self.colour
        return {"marker": self.marker, "mfc": face, "mec": self.colour, "mew": 1.3}


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


def below(axes: Any, looks: Sequence[Entry], width: float, down: float) -> None:
    """Name the series below the axes.

    Parameters
    ----------
    axes : matplotlib Axes
    looks : sequence of Entry
    width : float
        Of the axes, in inches.
    down : float
        Where it begins, as a share of the axes' height below them.
    """
    from matplotlib.lines import Line2D

    named = [look for look in looks if look.name]
    if not named:
        return
    shown = named[:MOST]
    handles = [
        Line2D(
            [],
            [],
            color=look.curve["color"],
            lw=1.2,
            ls=look.dashes if look.predicted else "none",
            ms=4.5,
            **look.dot,
        )
        for look in shown
    ]
    names = cut([look.name for look in shown], width)
    count = columns(names, width)
    if len(named) > MOST:
        handles.append(Line2D([], [], ls="none"))
        names.append(f"and {len(named) - MOST} more in the table")
    axes.legend(
        handles,
        names,
        ncols=count,
        loc="upper left",
        bbox_to_anchor=(0.0, -down),
        borderaxespad=0.0,
        borderpad=0.0,
        fontsize=7.5,
        handlelength=2.6,
        handletextpad=0.6,
        labelspacing=0.3,
        columnspacing=1.2,
    )
