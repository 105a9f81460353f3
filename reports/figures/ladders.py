"""Losses along their ladders of sizes: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from refutable.reports.figures import legends, marks, scales
from refutable.reports.figures.along import BESIDE, LEFT, RIGHT
from refutable.reports.figures.axes import Axes, placed
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Picture
from refutable.reports.figures.rungs import Ladder
from refutable.reports.figures.sheet import INCH, Sheet, Stroke
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


def draw(sheet: Sheet, picture: Picture) -> None:
    """Draw both panels on axes in common, at the top of the figure."""
    own, controls = picture.ladders, picture.control_ladders
    halves = [half for half in ((own, False), (controls, True)) if half[0]]
    width = _width(len(halves))
    for column, (members, hollow) in enumerate(halves):
        left = LEFT + column * (width + BESIDE)
        box = (INCH * left, INCH * TITLE, INCH * width, INCH * PLOT)
        axes = _axes(sheet, box, [*own, *controls], column == 1)
        predicted = [ladder.series for ladder in members if ladder.curve]
        entries = legends.entries([ladder.series for ladder in members], hollow, predicted)
        for ladder, entry in zip(members, entries, strict=True):
            _plot(axes, ladder, entry)
        axes.named(picture.ladder_axis, 2)
        legends.below(sheet, entries, width, (axes.x.start, axes.y.start + INCH * BELOW))
        _name(axes, members, hollow)


def _axes(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    every: Sequence[Ladder],
    beside: bool,
) -> Axes:
    xs = sorted({size for ladder in every for size in ladder.sizes})
    values = [value for ladder in every for value in ladder.values]
    axes = placed(sheet, box, scales.span(xs, True), scales.span(values, True))
    axes.frame()
    axes.across(scales.ticks(xs, axes.x.span, axes.x.length))
    ticks = scales.value_ticks(axes.y.span, axes.y.length / scales.UPWARDS, values)
    axes.upwards(ticks, labelled=not beside, grid=True)
    return axes


def _plot(axes: Axes, ladder: Ladder, entry: Entry) -> None:
    if ladder.curve:
        curve = replace(entry.curve, colour=entry.colour) if entry.control else entry.curve
        axes.line(ladder.sizes, ladder.curve, curve, marks.PREDICTION)
    for size, ends in zip(ladder.sizes, ladder.ends, strict=True):
        axes.line((size, size), ends, Stroke(entry.colour, 1.8), marks.INTERVAL)
    axes.dots(ladder.sizes, ladder.losses, entry.dot, 5.0, marks.ESTIMATE)


def _name(axes: Axes, members: Sequence[Ladder], hollow: bool) -> None:
    if hollow:
        axes.title(marks.CONTROLS, COLOURS["control"])
    else:
        axes.title(title(members), bold=True)
