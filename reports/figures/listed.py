"""A figure without an axis: one row per cell, the controls in panels of their own."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from refutable.reports.figures import marks, scales
from refutable.reports.figures.axes import Axes, Span, placed
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.sheet import INCH, Sheet
from refutable.reports.figures.style import COLOURS, SMALL
from refutable.reports.text import one_line

LABEL, LINES = 40, 2
"""Most characters of a line of a row's label, and most lines of one."""

RIGHT = 0.985
"""Share of the width at which the axes end."""

ROW, HEAD, TICKS = 0.27, 0.3, 0.32
"""Inches of a row, of what stands above the rows of a panel, and of the ticks below them."""


def height(picture: Picture) -> float:
    """Return the inches that the rows of a picture need."""
    return sum(ROW * len(points) + HEAD + TICKS for _, points, _ in _parts(picture)) + 0.05


def _parts(picture: Picture) -> list[tuple[Panel, tuple[Point, ...], bool]]:
    """Return panels with the points of one half of them, and whether they are the controls'."""
    return [
        (panel, points, control)
        for panel in picture.panels
        for points, control in ((panel.own, False), (panel.controls, True))
        if points
    ]


def draw(sheet: Sheet, picture: Picture, room: float = 0.0) -> None:
    """Draw one panel per functional, the values running horizontally.

    Parameters
    ----------
    sheet : Sheet
    picture : Picture
        Without an axis.
    room : float
        Inches that are taken above.
    """
    left, top = sheet.width * _label_room(picture), INCH * room
    for panel, points, control in _parts(picture):
        high = INCH * ROW * len(points)
        box = (left, top + INCH * HEAD, sheet.width * RIGHT - left, high)
        upwards = Span(len(points) - 0.5, -0.5)
        axes = placed(sheet, box, scales.value_span(panel), upwards)
        _rows(axes, panel, points, control)
        top += high + INCH * (HEAD + TICKS)


def _wrapped(label: str) -> str:
    """Return a label in at most `LINES` lines."""
    lines = textwrap.wrap(one_line(label, LABEL * LINES - 4), LABEL)
    return "\n".join(lines)


def _label_room(picture: Picture) -> float:
    """Return the share of the width that the labels of the rows need."""
    lines = (line for p in picture.points for line in _wrapped(p.label).split("\n"))
    return 0.025 + 0.0068 * max(8, *(len(line) for line in lines))


def _rows(axes: Axes, panel: Panel, points: Sequence[Point], control: bool) -> None:
    look, entry = marks.look_of(control), Entry("", 0, control, alone=True)
    axes.frame()
    axes.across(scales.value_ticks(axes.x.span, axes.x.length / scales.ACROSS), grid=True)
    across = [(row - 0.36, row + 0.36) for row in range(len(points))]
    for point, ends in zip(points, across, strict=True):
        marks.region(axes, point.region, ends, look, flat=True)
    marks.predictions(axes, points, across, flat=True)
    marks.intervals(axes, points, range(len(points)), entry, flat=True)
    axes.rows([(row, _wrapped(point.label)) for row, point in enumerate(points)], SMALL)
    title = one_line(panel.functional, 60)
    if control:
        axes.title(f"{title}  {marks.CONTROLS}", COLOURS["control"])
    else:
        axes.title(title, bold=True)
