"""A figure along the claim's axis: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.figures import marks, scales
from reports.figures.panels import Panel, Picture, Point
from reports.figures.style import COLOURS, MARKERS
from reports.text import one_line


def along_axis(figure: Any, picture: Picture, height: float) -> None:
    """Draw one row of panels per functional.

    Parameters
    ----------
    figure : matplotlib figure or part of one
        Empty.
    picture : Picture
        With an axis.
    height : float
        In inches.
    """
    edges = {"left": 0.085, "right": 0.985, "top": 1 - 0.3 / height, "bottom": 0.5 / height}
    grid = figure.add_gridspec(len(picture.panels), 2, hspace=0.42, wspace=0.08, **edges)
    for row, panel in enumerate(picture.panels):
        label = picture.axis if row == len(picture.panels) - 1 else ""
        for column, points in enumerate((panel.own, panel.controls)):
            if points:
                axes = figure.add_subplot(grid[row, column])
                _plot(axes, picture, panel, points, (marks.OWN, marks.CONTROL)[column])
                _title(axes, panel, column == 1, apart=bool(panel.own))
                axes.set_xlabel(label)


def _title(axes: Any, panel: Panel, controls: bool, apart: bool) -> None:
    """Name the panel; beside the claim's own panel the controls need no second name."""
    name = one_line(panel.functional, 40)
    if not controls:
        axes.set_title(name, fontweight="bold")
        return
    axes.tick_params(labelleft=not apart)
    said = marks.CONTROLS if apart else f"{name}  {marks.CONTROLS}"
    axes.set_title(said, color=COLOURS["control"])


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
