"""A figure without an axis: one row per cell, the controls in panels of their own."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import marks, scales
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.style import COLOURS
from refutable.reports.text import one_line

LABEL, LINES = 40, 2
"""Most characters of a line of a row's label, and most lines of one."""

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


def draw(figure: Any, picture: Picture, whole: float, room: float = 0.0) -> None:
    """Draw one panel per functional, the values running horizontally.

    Parameters
    ----------
    figure : matplotlib figure
    picture : Picture
        Without an axis.
    whole : float
        Inches of the figure.
    room : float
        Inches that are taken above.
    """
    left, top = _label_room(picture), whole - room
    for panel, points, control in _parts(picture):
        rows = ROW * len(points)
        bottom = top - HEAD - rows
        axes = figure.add_axes((left, bottom / whole, 0.985 - left, rows / whole))
        _rows(axes, panel, points, control)
        top -= HEAD + rows + TICKS


def _wrapped(label: str) -> str:
    """Return a label in at most `LINES` lines."""
    lines = textwrap.wrap(one_line(label, LABEL * LINES - 4), LABEL)
    return "\n".join(lines)


def _label_room(picture: Picture) -> float:
    """Return the share of the width that the labels of the rows need."""
    lines = (line for p in picture.points for line in _wrapped(p.label).split("\n"))
    return 0.025 + 0.0068 * max(8, *(len(line) for line in lines))


def _rows(axes: Any, panel: Panel, points: Sequence[Point], control: bool) -> None:
    look, entry = marks.look_of(control), Entry("", 0, control, alone=True)
    limits, log = scales.value_axis(panel)
    axes.set(xscale="log" if log else "linear", xlim=limits, ylim=(len(points) - 0.5, -0.5))
    if log:
        scales.between_powers(axes.xaxis, limits)
    scales.plain(axes.xaxis, log)
    axes.grid(axis="x", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    across = [(row - 0.36, row + 0.36) for row in range(len(points))]
    for point, ends in zip(points, across, strict=True):
        marks.region(axes, point.region, ends, look, flat=True)
    marks.predictions(axes, points, across, flat=True)
    marks.intervals(axes, points, range(len(points)), entry, flat=True)
    labels = [_wrapped(point.label) for point in points]
    axes.set_yticks(range(len(points)), labels, linespacing=0.9)
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    title = one_line(panel.functional, 60)
    if control:
        axes.set_title(f"{title}  {marks.CONTROLS}", color=COLOURS["control"])
    else:
        axes.set_title(title, fontweight="bold")
