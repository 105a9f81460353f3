"""A figure along the claim's axis: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import legends, marks, scales
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Curve, Picture, Point
from refutable.reports.figures.rows import Half, Row, is_lowest, rows
from refutable.reports.figures.style import COLOURS
from refutable.reports.text import one_line

NAME = 110
"""Most characters of a title that takes the whole width."""

LEFT, RIGHT, BESIDE, APART = 0.75, 8.45, 0.22, 0.8
"""Inches to the edges of the axes, and between a claim and its controls, or two functionals."""

TITLE, PLOT, TICKS, LABEL, GAP = 0.3, 1.78, 0.22, 0.17, 0.1
"""Inches of the parts of a row."""


def height(picture: Picture) -> float:
    """Return the inches that the rows of a picture need."""
    arranged = rows(picture.panels)
    return sum(_row_height(arranged, place) for place in range(len(arranged)))


def draw(figure: Any, picture: Picture, whole: float, room: float = 0.0) -> None:
    """Draw the rows of panels; every lowest one of a column names the axis.

    Parameters
    ----------
    figure : matplotlib figure
    picture : Picture
        With an axis.
    whole : float
        Inches of the figure.
    room : float
        Inches that are taken above.
    """
    arranged = rows(picture.panels)
    top = whole - room
    for place, row in enumerate(arranged):
        for column, half in enumerate(row):
            left, width = _across(row, column)
            box = (left, top - TITLE - PLOT, width, PLOT)
            named = picture.axis if is_lowest(arranged, place, column) else ""
            _half(_axes(figure, box, whole), picture, half, width, named)
        top -= _row_height(arranged, place)


def _axes(figure: Any, box: tuple[float, float, float, float], whole: float) -> Any:
    left, bottom, width, high = box
    across = figure.get_figwidth()
    return figure.add_axes((left / across, bottom / whole, width / across, high / whole))


def _across(row: Row, column: int) -> tuple[float, float]:
    """Return where a half begins, and its width."""
    apart = BESIDE if row[-1].beside else APART
    width = (RIGHT - LEFT - apart * (len(row) - 1)) / len(row)
    return LEFT + column * (width + apart), width


def _row_height(arranged: Sequence[Row], place: int) -> float:
    row = arranged[place]
    named = any(is_lowest(arranged, place, column) for column in range(len(row)))
    lines = max(
        legends.lines(_names(half.points), _across(row, column)[1])
        for column, half in enumerate(row)
    )
    return TITLE + PLOT + TICKS + LABEL * named + legends.LINE * lines + GAP


def _names(points: Sequence[Point]) -> list[str]:
    return list(dict.fromkeys(point.series for point in points))


def _half(axes: Any, picture: Picture, half: Half, width: float, named: str) -> None:
    names = _names(half.points)
    told = {point.series for point in half.points if point.predicted is not None}
    told |= {curve.series for curve in half.curves}
    entries = legends.entries(names, half.controls, sorted(told))
    _prepare(axes, picture, half)
    _curves(axes, half.curves, {entry.name: entry for entry in entries})
    _plot(axes, picture, half, entries)
    for name, x in picture.marks:
        marks.singled_out(axes, name, x)
    _title(axes, half, NAME if width > 4 else NAME // 2)
    axes.set_xlabel(named, labelpad=2)
    legends.below(axes, entries, width, (TICKS + LABEL * bool(named) + 0.04) / PLOT)


def _prepare(axes: Any, picture: Picture, half: Half) -> None:
    xs = picture.places
    limits, log = scales.value_axis(half.panel)
    axes.set(xscale="log" if picture.log else "linear", yscale="log" if log else "linear")
    axes.set(xlim=scales.limits(xs, picture.log), ylim=limits)
    scales.ticks(axes.xaxis, picture.judged, picture.log)
    if log:
        scales.between_powers(axes.yaxis, limits)
    scales.plain(axes.yaxis, log)
    axes.grid(axis="y", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelleft=not half.beside)


def _title(axes: Any, half: Half, room: int) -> None:
    """Name the panel; beside the claim's own panel the controls need no second name."""
    if half.beside:
        axes.set_title(marks.CONTROLS, color=COLOURS["control"])
    elif half.controls:
        name = one_line(half.panel.functional, room - len(marks.CONTROLS))
        axes.set_title(f"{name}  {marks.CONTROLS}", color=COLOURS["control"])
    else:
        axes.set_title(one_line(half.panel.functional, room), fontweight="bold")


def _curves(axes: Any, curves: Sequence[Curve], looks: dict[str, Entry]) -> None:
    """Draw what is said all along the axis; several regions only where they are the same."""
    regions = {(curve.lower, curve.upper): curve for curve in curves if curve.bounded}
    if len(regions) == 1:
        marks.band(axes, *regions.values())
    for curve in curves:
        if curve.series in looks:
            marks.predicted_curve(axes, curve, looks[curve.series])


def _plot(axes: Any, picture: Picture, half: Half, entries: Sequence[Entry]) -> None:
    """Draw the points of every series side by side, with what is said of them alone."""
    shift, wide = scales.spacing(picture.judged, picture.log, len(entries))
    look = marks.look_of(half.controls)
    covered = {curve.series for curve in half.curves}
    shaded = len({(c.lower, c.upper) for c in half.curves if c.bounded}) == 1
    for entry in entries:
        members = [point for point in half.points if point.series == entry.name]
        aside = 0.0 if covered else entry.place - (len(entries) - 1) / 2
        places = [shift(point.x or 0.0, aside) for point in members]
        if entry.name not in covered:
            marks.curve(axes, members, places, entry)
        across = [(wide(at, -1), wide(at, 1)) for at in places]
        if not (shaded and entry.name in covered):
            for point, ends in zip(members, across, strict=True):
                marks.region(axes, point.region, ends, look, flat=False)
        if entry.name not in covered:
            marks.predictions(axes, members, across, flat=False)
        marks.intervals(axes, members, places, entry, flat=False)
