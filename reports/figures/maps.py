"""A figure over two numbers: one coloured field per cell, the claim left, its controls right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from refutable.reports import numbers
from refutable.reports.figures import marks, scales
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.rows import Half, rows
from refutable.reports.figures.style import COLOURS
from refutable.reports.text import one_line

COLOUR_MAP = "cividis"
"""Reads the same to people who do not tell red from green, and in grey."""

SIGNS = {"inside": ".", "outside": "x", "open": "+"}
KEY = "dot: inside its region, cross: outside, plus: open, bare: nothing stated"
LINE = "; dashed: the predicted boundary"
LABELS = 10
"""Most values named along an axis."""


ROW, REST = 3.2, 0.6
"""Inches of a row of maps, and of what stands below the last."""


def height(picture: Picture) -> float:
    """Return the inches that the maps of a picture need."""
    return REST + ROW * len(rows(picture.panels))


def draw(figure: Any, picture: Picture, whole: float, room: float = 0.0) -> None:
    """Draw the rows of panels, each a map with its scale of colours.

    Parameters
    ----------
    figure : matplotlib figure or part of one
        Empty.
    picture : Picture
        With both axes.
    whole : float
        Inches of the figure.
    room : float
        Inches that are taken above: none, for maps.
    """
    height = whole - room
    arranged = rows(picture.panels)
    edges = {"left": 0.085, "right": 0.955, "top": 1 - 0.3 / height, "bottom": 0.62 / height}
    grid = figure.add_gridspec(len(arranged), 1, hspace=0.45, **edges)
    for place, row in enumerate(arranged):
        parts = grid[place, 0].subgridspec(1, 2, wspace=0.24)
        for column, half in enumerate(row):
            _field(figure.add_subplot(parts[0, column]), picture, half)
    key = KEY + (LINE if picture.boundary else "")
    figure.text(0.085, 0.12 / height, key, color=COLOURS["soft"], fontsize=8)


def _field(axes: Any, picture: Picture, half: Half) -> None:
    from matplotlib.colors import Normalize

    xs, ys = picture.places, picture.heights
    colours = Normalize(*_limits(half.panel))
    mesh = axes.pcolormesh(
        range(len(xs) + 1),
        range(len(ys) + 1),
        _values(half.points, xs, ys),
        cmap=COLOUR_MAP,
        norm=colours,
        edgecolor=COLOURS["paper"],
        linewidth=0.5,
    )
    _signs(axes, half.points, xs, ys, colours)
    _boundary(axes, picture.boundary, xs, ys)
    _named(axes.xaxis, xs, picture.axis)
    _named(axes.yaxis, ys, "" if half.beside else picture.across)
    scale = axes.figure.colorbar(mesh, ax=axes, pad=0.02, fraction=0.05)
    scale.outline.set_visible(False)
    words = marks.CONTROLS if half.controls else ""
    name = one_line(half.panel.functional, 40)
    colour = COLOURS["control"] if half.controls else COLOURS["ink"]
    axes.set_title(words if half.beside else f"{name}  {words}".rstrip(), color=colour)


def _boundary(
    axes: Any, points: Sequence[tuple[float, float]], xs: list[float], ys: list[float]
) -> None:
    """Draw the predicted boundary through fields that stand for unequal steps."""
    inside = [(x, y) for x, y in points if ys[0] <= y <= ys[-1]]
    if len(inside) > 1:
        places = [(_place(x, xs), _place(y, ys)) for x, y in inside]
        across, up = zip(*places, strict=True)
        axes.plot(across, up, color=COLOURS["paper"], lw=3.2, zorder=3)
        axes.plot(across, up, color=COLOURS["ink"], lw=1.4, ls=(0, (4, 2)), zorder=4)


def _place(value: float, known: list[float]) -> float:
    """Return where a value lies among the fields, whose middles are at 0.5, 1.5, ..."""
    return float(np.interp(value, known, [place + 0.5 for place in range(len(known))]))


def _limits(panel: Panel) -> tuple[float, float]:
    """Return the ends of the colours: the same for a claim and its controls."""
    if scales.is_probability(panel):
        return 0.0, 1.0
    values = [point.estimate for point in panel.points if point.estimate is not None]
    return min(values, default=0.0), max(values, default=1.0)


def _values(points: Sequence[Point], xs: list[float], ys: list[float]) -> list[list[float]]:
    """Return the estimates by row; what is judged in a cell covers what is only shown."""
    rows_of_cells = [[math.nan] * len(xs) for _ in ys]
    for point in _covering(points):
        if point.x is not None and point.y is not None and point.estimate is not None:
            rows_of_cells[ys.index(point.y)][xs.index(point.x)] = point.estimate
    return rows_of_cells


def _covering(points: Sequence[Point]) -> list[Point]:
    return sorted(points, key=lambda point: point.status != "shown")


def _signs(
    axes: Any, points: Sequence[Point], xs: list[float], ys: list[float], colours: Any
) -> None:
    for point in points:
        if point.status in SIGNS and point.x is not None and point.y is not None:
            light = point.estimate is not None and colours(point.estimate) > 0.5
            axes.plot(
                xs.index(point.x) + 0.5,
                ys.index(point.y) + 0.5,
                marker=SIGNS[point.status],
                color=COLOURS["ink"] if light else COLOURS["paper"],
                ms=5,
            )


def _named(axis: Any, values: list[float], label: str) -> None:
    step = math.ceil(len(values) / LABELS)
    kept = range(0, len(values), step)
    axis.set_ticks([place + 0.5 for place in kept], [numbers.number(values[k]) for k in kept])
    axis.set_tick_params(length=0)
    axis.set_label_text(label)
