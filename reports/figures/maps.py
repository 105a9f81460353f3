"""A figure over two numbers: one coloured field per cell, the claim left, its controls right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from refutable.reports import numbers
from refutable.reports.figures import colours, letters, marks, scales
from refutable.reports.figures.axes import PAD, Axes, Scale, Span, Tick, placed
from refutable.reports.figures.dots import Dot
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.rows import Half, rows
from refutable.reports.figures.sheet import INCH, Sheet, Stroke
from refutable.reports.figures.style import COLOURS, TEXT
from refutable.reports.text import one_line

SIGNS = {"inside": ".", "outside": "x", "open": "+"}
KEY = "dot: inside its region, cross: outside, plus: open, bare: nothing stated"
LINE = "; dashed: the predicted boundary"
LABELS = 10
"""Most values named along an axis."""

ROW, REST = 3.2, 0.6
"""Inches of a row of maps, and of what stands below the last."""

HEAD, FOOT, BETWEEN = 0.3, 0.62, 0.45
"""Inches above the first row and below the last; the room between rows, in heights of a map."""

LEFT, WIDE, APART = 52.6, 223.7, 298.2
"""Points to the first map, its width, and from map to map."""

KEY_RAISED, KEY_SIZE = 8.64, 8.0
"""Points of the key above the foot of the figure, and of its letters."""


def height(picture: Picture) -> float:
    """Return the inches that the maps of a picture need."""
    return REST + ROW * len(rows(picture.panels))


def draw(sheet: Sheet, picture: Picture, room: float = 0.0) -> None:
    """Draw the rows of panels, each a map with its scale of colours.

    Parameters
    ----------
    sheet : Sheet
        Empty.
    picture : Picture
        With both axes.
    room : float
        Inches that are taken above: none, for maps.
    """
    arranged = rows(picture.panels)
    top = INCH * (HEAD + room)
    high = _high(len(arranged))
    for row in arranged:
        for column, half in enumerate(row):
            box = (LEFT + APART * column, top, WIDE, high)
            wide, tall = (Span(0, len(values)) for values in (picture.places, picture.heights))
            _field(placed(sheet, box, wide, tall), picture, half)
        top += high * (1 + BETWEEN)
    key = KEY + (LINE if picture.boundary else "")
    sheet.text((LEFT, sheet.height - KEY_RAISED), key, KEY_SIZE, COLOURS["soft"])


def _high(count: int) -> float:
    """Return the points of a map's height where so many rows share what a figure has."""
    whole = ROW * count + REST - HEAD - FOOT
    return INCH * whole / (count + BETWEEN * (count - 1))


def _field(axes: Axes, picture: Picture, half: Half) -> None:
    xs, ys = picture.places, picture.heights
    values = Scale(_span(half.panel), axes.y.start, axes.y.end)
    colours.beside(axes, values)
    _cells(axes, _values(half.points, xs, ys), values)
    _signs(axes, half.points, xs, ys, values.share)
    _boundary(axes, picture.boundary, xs, ys)
    axes.frame()
    axes.across(_named(xs), length=0)
    axes.rows(_named(ys))
    axes.named(picture.axis, 4, length=0)
    if not half.beside:
        _beside(axes, picture.across, _named(ys))
    words = marks.CONTROLS if half.controls else ""
    name = one_line(half.panel.functional, 40)
    colour = COLOURS["control"] if half.controls else COLOURS["ink"]
    axes.title(words if half.beside else f"{name}  {words}".rstrip(), colour)


def _beside(axes: Axes, words: str, ticks: Sequence[Tick]) -> None:
    """Name what runs upwards, to the left of its ticks."""
    widest = max(letters.width(said, TEXT) for _, said in ticks)
    across = axes.x.start - PAD - widest - 4 - letters.DESCENT * TEXT
    middle = (axes.y.start + axes.y.end) / 2
    axes.sheet.text((across, middle), words, anchor="middle", turned=True)


def _cells(axes: Axes, known: list[list[float]], values: Scale) -> None:
    edge = f"stroke: {COLOURS['paper']}; stroke-width: 0.5"
    for up, row in enumerate(known):
        for across, value in enumerate(row):
            if not math.isnan(value):
                xs = (across, across, across + 1, across + 1)
                style = f"fill: {colours.colour(values.share(value))}; {edge}"
                axes.area(xs, (up, up + 1, up + 1, up), style, 0.1)


def _boundary(
    axes: Axes, points: Sequence[tuple[float, float]], xs: list[float], ys: list[float]
) -> None:
    """Draw the predicted boundary through fields that stand for unequal steps."""
    inside = [(x, y) for x, y in points if ys[0] <= y <= ys[-1]]
    if len(inside) > 1:
        places = [(_place(x, xs), _place(y, ys)) for x, y in inside]
        across, up = zip(*places, strict=True)
        axes.line(across, up, Stroke(COLOURS["paper"], 3.2), 3)
        axes.line(across, up, Stroke(COLOURS["ink"], 1.4, (4, 2)), 4)


def _place(value: float, known: list[float]) -> float:
    """Return where a value lies among the fields, whose middles are at 0.5, 1.5, ..."""
    return float(np.interp(value, known, [place + 0.5 for place in range(len(known))]))


def _span(panel: Panel) -> Span:
    """Return the ends of the colours: the same for a claim and its controls."""
    if scales.is_probability(panel):
        return Span(0.0, 1.0)
    values = [point.estimate for point in panel.points if point.estimate is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    apart = (0.1 * abs(low) or 0.1) * (low == high)
    return Span(low - apart, high + apart)


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
    axes: Axes,
    points: Sequence[Point],
    xs: list[float],
    ys: list[float],
    share: Callable[[float], float],
) -> None:
    for point in points:
        if point.status in SIGNS and point.x is not None and point.y is not None:
            light = point.estimate is not None and share(point.estimate) > 0.5
            ink = COLOURS["ink"] if light else COLOURS["paper"]
            place = (xs.index(point.x) + 0.5,), (ys.index(point.y) + 0.5,)
            axes.dots(*place, Dot(SIGNS[point.status], ink, ink, 1.0), 5.0, 2.0)


def _named(values: list[float]) -> list[Tick]:
    step = math.ceil(len(values) / LABELS)
    return [(k + 0.5, numbers.number(values[k])) for k in range(0, len(values), step)]
