"""A figure along the claim's axis: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import marks, scales
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.rows import Half, is_lowest, rows
from refutable.reports.figures.style import COLOURS, MARKERS
from refutable.reports.text import one_line

NAME = 110
"""Most characters of a title that takes the whole width."""


def along_axis(figure: Any, picture: Picture, height: float) -> None:
    """Draw the rows of panels; every lowest one of a column names the axis.

    Parameters
    ----------
    figure : matplotlib figure or part of one
        Empty.
    picture : Picture
        With an axis.
    height : float
        In inches.
    """
    arranged = rows(picture.panels)
    edges = {"left": 0.085, "right": 0.985, "top": 1 - 0.3 / height, "bottom": 0.5 / height}
    grid = figure.add_gridspec(len(arranged), 1, hspace=0.42, **edges)
    for place, row in enumerate(arranged):
        apart = 0.08 if row[-1].beside else 0.2
        parts = grid[place, 0].subgridspec(1, len(row), wspace=apart)
        for column, half in enumerate(row):
            axes = figure.add_subplot(parts[0, column])
            look = marks.CONTROL if half.controls else marks.OWN
            _plot(axes, picture, half.panel, half.points, look)
            _title(axes, half, NAME // len(row))
            if is_lowest(arranged, place, column):
                axes.set_xlabel(picture.axis)


def _title(axes: Any, half: Half, room: int) -> None:
    """Name the panel; beside the claim's own panel the controls need no second name."""
    if half.beside:
        axes.tick_params(labelleft=False)
        axes.set_title(marks.CONTROLS, color=COLOURS["control"])
    elif half.controls:
        name = one_line(half.panel.functional, room - len(marks.CONTROLS))
        axes.set_title(f"{name}  {marks.CONTROLS}", color=COLOURS["control"])
    else:
        axes.set_title(one_line(half.panel.functional, room), fontweight="bold")


def _plot(
    axes: Any,
    picture: Picture,
    panel: Panel,
    points: Sequence[Point],
    look: marks.Look,
) -> None:
    xs = picture.places
    limits, log = scales.value_axis(panel)
    axes.set(xscale="log" if picture.log else "linear", yscale="log" if log else "linear")
    axes.set(xlim=scales.limits(xs, picture.log), ylim=limits)
    scales.ticks(axes, xs, picture.log)
    if log:
        scales.plain_powers(axes.yaxis)
    axes.grid(axis="y", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    series = list(dict.fromkeys(point.series for point in points))
    shift, half = scales.spacing(xs, picture.log, len(series))
    for place, name in enumerate(series):
        members = [point for point in points if point.series == name]
        places = [shift(point.x or 0.0, place - (len(series) - 1) / 2) for point in members]
        marks.curve(axes, members, places)
        for point, at in zip(members, places, strict=True):
            across = (half(at, -1), half(at, 1))
            marks.region(axes, point.region, across, look, flat=False)
            marks.prediction(axes, point, across, flat=False)
            marks.interval(axes, point, at, look, place, flat=False)
    _legend(axes, series, look)


def _legend(axes: Any, series: Sequence[str], look: marks.Look) -> None:
    from matplotlib.lines import Line2D

    named = [name for name in series if name]
    if not named or len(series) > 5:
        return
    face = COLOURS["paper"] if look.hollow else look.colour
    handles = [
        Line2D([], [], color=look.colour, marker=MARKERS[place], mfc=face, ms=5, lw=1.8)
        for place, name in enumerate(series)
        if name
    ]
    labels = [one_line(name, 44) for name in named]
    axes.legend(handles, labels, loc="best", handlelength=1.6)
