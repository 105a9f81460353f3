"""Losses along their ladders of sizes: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import legends, marks, scales
from refutable.reports.figures.along import BESIDE, LEFT, RIGHT
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Picture
from refutable.reports.figures.rungs import Ladder
from refutable.reports.figures.style import COLOURS

TITLE, PLOT, BELOW, GAP = 0.3, 1.9, 0.45, 0.12
"""Inches of the parts: the axes, their ticks and label below them, and the room to what follows."""


def height(own: Sequence[Ladder], controls: Sequence[Ladder]) -> float:
    """Return the inches that they need, 0 for none."""
    halves = [[ladder.series for ladder in members] for members in (own, controls) if members]
    if not halves:
        return 0.0
    lines = max(legends.lines(names, _width(len(halves))) for names in halves)
    return TITLE + PLOT + BELOW + legends.LINE * lines + GAP


def _width(halves: int) -> float:
    return (RIGHT - LEFT - BESIDE * (halves - 1)) / halves


def title(members: Sequence[Ladder]) -> str:
    """Return what is drawn: medians or means with their errors, or what was computed."""
    kinds = list(dict.fromkeys(ladder.typical for ladder in members if ladder.typical))
    shown = f" ({' and '.join(kinds)}, 2 s.e.)" if kinds else ""
    return f"losses{shown}, dashed: prediction"


def ladders(figure: Any, picture: Picture, whole: float) -> None:
    """Draw both panels on axes in common, at the top of the figure.

    Parameters
    ----------
    figure : matplotlib figure
    picture : Picture
        With ladders.
    whole : float
        Inches of the figure.
    """
    own, controls, across = picture.ladders, picture.control_ladders, figure.get_figwidth()
    every = [*own, *controls]
    xs = sorted({size for ladder in every for size in ladder.sizes})
    values = [value for ladder in every for value in ladder.values]
    halves = [half for half in ((own, False), (controls, True)) if half[0]]
    width = _width(len(halves))
    for column, (members, hollow) in enumerate(halves):
        left, bottom = LEFT + column * (width + BESIDE), whole - TITLE - PLOT
        box = (left / across, bottom / whole, width / across, PLOT / whole)
        axes = figure.add_axes(box)
        axes.set(xscale="log", yscale="log")
        axes.set_xlabel(picture.ladder_axis, labelpad=2)
        axes.set(xlim=scales.limits(xs, True), ylim=scales.limits(values, True))
        _axes(axes, xs, values, column == 1)
        predicted = [ladder.series for ladder in members if ladder.curve]
        entries = legends.entries([ladder.series for ladder in members], hollow, predicted)
        for ladder, entry in zip(members, entries, strict=True):
            _plot(axes, ladder, entry)
        legends.below(axes, entries, width, BELOW / PLOT)
        _name(axes, members, hollow)


def _axes(axes: Any, xs: Sequence[float], values: Sequence[float], beside: bool) -> None:
    scales.ticks(axes.xaxis, xs, True)
    scales.between_powers(axes.yaxis, values)
    scales.plain(axes.yaxis, True)
    axes.grid(axis="y", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelleft=not beside)


def _plot(axes: Any, ladder: Ladder, entry: Entry) -> None:
    if ladder.curve:
        style = {**entry.curve, "color": entry.colour if entry.control else entry.curve["color"]}
        axes.plot(ladder.sizes, ladder.curve, **style)
    for size, ends in zip(ladder.sizes, ladder.ends, strict=True):
        axes.plot((size, size), ends, color=entry.colour, lw=1.8, zorder=4)
    axes.plot(ladder.sizes, ladder.losses, ls="none", ms=5.0, zorder=5, **entry.dot)


def _name(axes: Any, members: Sequence[Ladder], hollow: bool) -> None:
    if hollow:
        axes.set_title(marks.CONTROLS, color=COLOURS["control"])
    else:
        axes.set_title(title(members), fontweight="bold")
