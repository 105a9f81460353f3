"""A figure along the claim's axis: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence

from refutable.reports.figures import legends, marks, scales
from refutable.reports.figures.axes import Axes, placed
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import Curve, Picture, Point
from refutable.reports.figures.rows import Half, Row, is_lowest, rows
from refutable.reports.figures.sheet import INCH, Sheet
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


def draw(sheet: Sheet, picture: Picture, room: float = 0.0) -> None:
    """Draw the rows of panels; every lowest one of a column names the axis.

    Parameters
    ----------
    sheet : Sheet
    picture : Picture
        With an axis.
    room : float
        Inches that are taken above.
    """
    arranged = rows(picture.panels)
    top = room
    for place, row in enumerate(arranged):
        for column, half in enumerate(row):
            left, width = _across(row, column)
            box = (INCH * left, INCH * (top + TITLE), INCH * width, INCH * PLOT)
            axes = _axes(sheet, box, picture, half)
            named = picture.axis if is_lowest(arranged, place, column) else ""
            _half(axes, picture, half, width, named)
        top += _row_height(arranged, place)


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


def _axes(
    sheet: Sheet, box: tuple[float, float, float, float], picture: Picture, half: Half
) -> Axes:
    across = scales.span(picture.places, picture.log)
    axes = placed(sheet, box, across, scales.value_span(half.panel))
    axes.frame()
    axes.across(scales.ticks(picture.judged, across, axes.x.length))
    ticks = scales.value_ticks(axes.y.span, axes.y.length / scales.UPWARDS)
    axes.upwards(ticks, labelled=not half.beside, grid=True)
    return axes


def _half(axes: Axes, picture: Picture, half: Half, width: float, named: str) -> None:
    names = _names(half.points)
    told = {point.series for point in half.points if point.predicted is not None}
    told |= {curve.series for curve in half.curves}
    entries = legends.entries(names, half.controls, sorted(told))
    _curves(axes, half.curves, {entry.name: entry for entry in entries})
    _plot(axes, picture, half, entries)
    for name, x in picture.marks:
        marks.singled_out(axes, name, x)
    _title(axes, half, NAME if width > 4 else NAME // 2)
    if named:
        axes.named(named, 2)
    down = INCH * (TICKS + LABEL * bool(named) + 0.04)
    legends.below(axes.sheet, entries, width, (axes.x.start, axes.y.start + down))


def _title(axes: Axes, half: Half, room: int) -> None:
    """Name the panel; beside the claim's own panel the controls need no second name."""
    if half.beside:
        axes.title(marks.CONTROLS, COLOURS["control"])
    elif half.controls:
        name = one_line(half.panel.functional, room - len(marks.CONTROLS))
        axes.title(f"{name}  {marks.CONTROLS}", COLOURS["control"])
    else:
        axes.title(one_line(half.panel.functional, room), bold=True)


def _curves(axes: Axes, curves: Sequence[Curve], looks: dict[str, Entry]) -> None:
    """Draw what is said all along the axis; several regions only where they are the same."""
    regions = {(curve.lower, curve.upper): curve for curve in curves if curve.bounded}
    if len(regions) == 1:
        marks.band(axes, *regions.values())
    for curve in curves:
        if curve.series in looks:
            marks.predicted_curve(axes, curve, looks[curve.series])


def _plot(axes: Axes, picture: Picture, half: Half, entries: Sequence[Entry]) -> None:
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
