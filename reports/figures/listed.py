"""A figure without an axis: one row per cell, the controls in panels of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import marks, scales
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.style import COLOURS
from refutable.reports.text import one_line

LABEL = 44
"""Most characters of a row's label."""


def as_list(figure: Any, picture: Picture, height: float) -> None:
    """Draw one panel per functional, the values running horizontally.

    Parameters
    ----------
    figure : matplotlib figure or part of one
        Empty.
    picture : Picture
        Without an axis.
    height : float
        In inches.
    """
    parts = [
        (panel, points, look)
        for panel in picture.panels
        for points, look in ((panel.own, marks.OWN), (panel.controls, marks.CONTROL))
        if points
    ]
    left = _label_room(picture)
    ratios = [len(points) + 2.6 for _, points, _ in parts]
    top, bottom = height - 0.12, 0.38
    unit = (top - bottom) / sum(ratios)
    for (panel, points, look), ratio in zip(parts, ratios, strict=True):
        rows = len(points) * unit
        low = top - ratio * unit + 1.3 * unit
        axes = figure.add_axes((left, low / height, 0.985 - left, rows / height))
        _rows(axes, panel, points, look)
        top -= ratio * unit


def _label_room(picture: Picture) -> float:
    """Return the share of the width that the labels of the rows need."""
    labels = (point.label for panel in picture.panels for point in panel.points)
    longest = max(len(one_line(label, LABEL)) for label in labels)
    return 0.025 + 0.0074 * max(longest, 8)


def _rows(axes: Any, panel: Panel, points: Sequence[Point], look: marks.Look) -> None:
    limits, log = scales.value_axis(panel)
    axes.set(xscale="log" if log else "linear", xlim=limits, ylim=(len(points) - 0.5, -0.5))
    if log:
        scales.plain_powers(axes.xaxis)
    axes.grid(axis="x", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    for row, point in enumerate(points):
        across = (row - 0.36, row + 0.36)
        marks.region(axes, point.region, across, look, flat=True)
        marks.prediction(axes, point, across, flat=True)
        marks.interval(axes, point, row, look, 0, flat=True)
    axes.set_yticks(range(len(points)), [one_line(point.label, LABEL) for point in points])
    axes.tick_params(axis="y", length=0)
    title = one_line(panel.functional, 60)
    if look is marks.CONTROL:
        axes.set_title(f"{title}  {marks.CONTROLS}", color=COLOURS["control"])
    else:
        axes.set_title(title, fontweight="bold")
