"""The marks of a figure: region, interval, estimate, prediction."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from refutable.reports.figures.axes import Axes
from refutable.reports.figures.legends import Entry
from refutable.reports.figures.letters import ASCENT
from refutable.reports.figures.panels import DRAWN, Curve, Ends, Point
from refutable.reports.figures.sheet import Stroke
from refutable.reports.figures.style import COLOURS, SMALL

Pair = tuple[float, float]
Values = Sequence[float]

CONTROLS = "controls: must come out refuted"


REGION, EXACT, PREDICTION, INTERVAL, ESTIMATE = 1.0, 2.0, 3.0, 4.0, 5.0
"""Order of the marks, the later ones above the earlier ones."""

HATCH = 6
"""Points between the lines of a hatched region, across and upwards."""


@dataclass(frozen=True)
class Look:
    """How a claim's points differ from those of its controls."""

    region: str
    edge: str
    hatched: bool


OWN = Look(COLOURS["region"], COLOURS["region-edge"], False)
CONTROL = Look(COLOURS["control-region"], COLOURS["control"], True)


def look_of(control: bool) -> Look:
    """Return the look of a claim's points or of its controls'."""
    return CONTROL if control else OWN


def clipped(ends: Ends, low: float, high: float) -> tuple[float, float]:
    """Return ends with the infinite ones put just beyond the visible range."""
    return (low if ends[0] is None else ends[0], high if ends[1] is None else ends[1])


def region(axes: Axes, ends: Ends, across: Pair, look: Look, flat: bool) -> None:
    """Shade where theory says the functional lies.

    Parameters
    ----------
    axes : Axes
    ends : tuple of float or None
        The region.
    across : tuple of float
        Its extent on the other axis.
    look : Look
    flat : bool
        Values run horizontally.
    """
    if ends == (None, None):
        return
    low, high = clipped(ends, *_visible(axes, flat))
    corners = (low, high, high, low), (across[0], across[0], across[1], across[1])
    axes.area(*_turned(*corners, flat), _shade(axes, look), REGION)
    if low == high:
        _line(axes, (low, low), across, flat, Stroke(look.edge, 2.4), EXACT)


def _shade(axes: Axes, look: Look) -> str:
    """Return the style of a region."""
    face = f"url(#{_hatch(axes, look)})" if look.hatched else look.region
    return f"fill: {face}; stroke: {look.edge}; stroke-width: 0.7; stroke-linejoin: miter"


def _hatch(axes: Axes, look: Look) -> str:
    """Return the id of a pattern of lines that rise to the right; their ends lie in the corners."""
    lines = f"M-1 1L1-1M0 {HATCH}L{HATCH} 0M{HATCH - 1} {HATCH + 1}L{HATCH + 1} {HATCH - 1}"
    return axes.sheet.define(
        "hatch",
        "pattern",
        f' patternUnits="userSpaceOnUse" width="{HATCH}" height="{HATCH}"',
        f'<path d="M0 0H{HATCH}V{HATCH}H0z" style="fill: {look.region}"/>'
        f'<path d="{lines}" style="fill: none; stroke: {look.edge}; stroke-width: 0.6"/>',
    )


def _visible(axes: Axes, flat: bool) -> Pair:
    return (axes.x if flat else axes.y).limits


def _turned(along: Values, across: Values, flat: bool) -> tuple[Values, Values]:
    """Return the values of x and of y."""
    return (along, across) if flat else (across, along)


def _line(
    axes: Axes, along: Values, across: Values, flat: bool, stroke: Stroke, order: float
) -> None:
    axes.line(*_turned(along, across, flat), stroke, order)


def intervals(
    axes: Axes, points: Sequence[Point], at: Sequence[float], entry: Entry, flat: bool
) -> None:
    """Draw the intervals and the estimates of points; fainter where they have no say.

    All intervals of one kind are one line with gaps.
    """
    visible = _visible(axes, flat)
    for only_drawn in (False, True):
        pairs = [
            (point, place)
            for point, place in zip(points, at, strict=True)
            if (point.status == DRAWN) is only_drawn
        ]
        bars = [(clipped(point.interval, *visible), (place, place)) for point, place in pairs]
        _segments(axes, bars, flat, Stroke(entry.colour, 0.9 if only_drawn else 1.8), INTERVAL)
        known = [(p.estimate, place) for p, place in pairs if p.estimate is not None]
        along, across = [value for value, _ in known], [place for _, place in known]
        size = 3.2 if only_drawn else 5.0
        axes.dots(*_turned(along, across, flat), entry.dot, size, ESTIMATE)


def predictions(axes: Axes, points: Sequence[Point], across: Sequence[Pair], flat: bool) -> None:
    """Draw the predicted values of points as short dashes."""
    dashes = [
        ((point.predicted, point.predicted), ends)
        for point, ends in zip(points, across, strict=True)
        if point.predicted is not None
    ]
    _segments(axes, dashes, flat, Stroke(COLOURS["ink"], 1.2), PREDICTION)


def _segments(
    axes: Axes, segments: Sequence[tuple[Pair, Pair]], flat: bool, stroke: Stroke, order: float
) -> None:
    along = [value for ends, _ in segments for value in (*ends, math.nan)]
    across = [value for _, ends in segments for value in (*ends, math.nan)]
    if segments:
        _line(axes, along, across, flat, stroke, order)


def curve(axes: Axes, points: Sequence[Point], at: Sequence[float], entry: Entry) -> None:
    """Join the predicted values of a series, drawn at these places of the horizontal axis."""
    pairs = zip(at, points, strict=True)
    known = sorted((x, p.predicted) for x, p in pairs if p.predicted is not None)
    if len(known) > 1 and len({p.x for p in points}) == len(points):
        xs, ys = zip(*known, strict=True)
        axes.line(xs, ys, entry.curve, PREDICTION)


def predicted_curve(axes: Axes, found: Curve, entry: Entry) -> None:
    """Draw what theory predicts all along the axis; with gaps where it predicts nothing."""
    if any(value is not None for value in found.predicted):
        ys = [math.nan if value is None else value for value in found.predicted]
        axes.line(found.xs, ys, entry.curve, PREDICTION)


def band(axes: Axes, found: Curve) -> None:
    """Shade the region all along the axis, with gaps where nothing is said."""
    ends = zip(found.xs, found.lower, found.upper, strict=True)
    for said, run in itertools.groupby(ends, lambda one: one[1:] != (None, None)):
        if said:
            xs, lower, upper = zip(*run, strict=True)
            low, high = axes.y.limits
            below = [low if value is None else value for value in lower]
            above = [high if value is None else value for value in upper]
            axes.area((*xs, *xs[::-1]), (*below, *above[::-1]), _shade(axes, OWN), REGION)


def singled_out(axes: Axes, name: str, x: float) -> None:
    """Draw a line at a value that theory singles out, with its name."""
    colour = COLOURS["soft"]
    axes.line((x, x), axes.y.limits, Stroke(colour, 0.9, (2, 2)), EXACT)
    beside = (axes.x.at(x) + 3, axes.y.end + 2 + ASCENT * SMALL)
    axes.sheet.text(beside, name, SMALL, colour)
