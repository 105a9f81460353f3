"""The marks of a figure: region, interval, estimate, prediction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refutable.reports.figures.legends import Entry
from refutable.reports.figures.panels import DRAWN, Curve, Ends, Point
from refutable.reports.figures.style import COLOURS

CONTROLS = "controls: must come out refuted"


@dataclass(frozen=True)
class Look:
    """How a claim's points differ from those of its controls."""

    colour: str
    region: str
    edge: str
    hatch: str
    hollow: bool


OWN = Look(COLOURS["own"], COLOURS["region"], COLOURS["region-edge"], "", False)
CONTROL = Look(COLOURS["control"], COLOURS["control-region"], COLOURS["control"], "////", True)


def look_of(control: bool) -> Look:
    """Return the look of a claim's points or of its controls'."""
    return CONTROL if control else OWN


def clipped(ends: Ends, low: float, high: float) -> tuple[float, float]:
    """Return ends with the infinite ones put just beyond the visible range."""
    return (low if ends[0] is None else ends[0], high if ends[1] is None else ends[1])


def region(axes: Any, ends: Ends, across: tuple[float, float], look: Look, flat: bool) -> None:
    """Shade where theory says the functional lies.

    Parameters
    ----------
    axes : matplotlib Axes
        With its value axis already limited.
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
    low, high = clipped(ends, *(axes.get_xlim() if flat else axes.get_ylim()))
    style = {"facecolor": look.region, "edgecolor": look.edge, "linewidth": 0.7, "zorder": 1}
    box = (low, across[0], high - low, across[1] - across[0])
    if not flat:
        box = (box[1], box[0], box[3], box[2])
    _box(axes, box, {**style, "hatch": look.hatch})
    if low == high:
        _line(axes, (low, low), across, flat, {"color": look.edge, "lw": 2.4, "zorder": 2})


def _box(axes: Any, box: tuple[float, float, float, float], style: dict[str, Any]) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle(box[:2], box[2], box[3], **style))


def _line(
    axes: Any, along: Sequence[float], across: Sequence[float], flat: bool, style: dict[str, Any]
) -> None:
    axes.plot(*((along, across) if flat else (across, along)), **style)


def intervals(
    axes: Any, points: Sequence[Point], at: Sequence[float], entry: Entry, flat: bool
) -> None:
    """Draw the intervals and the estimates of points; fainter where they have no say.

    All of one kind are one line with gaps: a line costs more than its points.
    """
    visible = axes.get_xlim() if flat else axes.get_ylim()
    for only_drawn in (False, True):
        pairs = [
            (point, place)
            for point, place in zip(points, at, strict=True)
            if (point.status == DRAWN) is only_drawn
        ]
        if not pairs:
            continue
        bars = [(clipped(point.interval, *visible), (place, place)) for point, place in pairs]
        bar = {"color": entry.colour, "lw": 0.9 if only_drawn else 1.8, "zorder": 4}
        _segments(axes, bars, flat, bar)
        known = [(p.estimate, place) for p, place in pairs if p.estimate is not None]
        dot = {**entry.dot, "ms": 3.2 if only_drawn else 5.0, "ls": "none", "zorder": 5}
        if known:
            _line(axes, [value for value, _ in known], [at for _, at in known], flat, dot)


def predictions(
    axes: Any, points: Sequence[Point], across: Sequence[tuple[float, float]], flat: bool
) -> None:
    """Draw the predicted values of points as short dashes."""
    dashes = [
        ((point.predicted, point.predicted), ends)
        for point, ends in zip(points, across, strict=True)
        if point.predicted is not None
    ]
    if dashes:
        _segments(axes, dashes, flat, {"color": COLOURS["ink"], "lw": 1.2, "zorder": 3})


Pair = tuple[float, float]


def _segments(
    axes: Any, segments: Sequence[tuple[Pair, Pair]], flat: bool, style: dict[str, Any]
) -> None:
    along = [value for ends, _ in segments for value in (*ends, math.nan)]
    across = [value for _, ends in segments for value in (*ends, math.nan)]
    _line(axes, along, across, flat, style)


def curve(axes: Any, points: Sequence[Point], at: Sequence[float], entry: Entry) -> None:
    """Join the predicted values of a series, drawn at these places of the horizontal axis."""
    pairs = zip(at, points, strict=True)
    known = sorted((x, p.predicted) for x, p in pairs if p.predicted is not None)
    if len(known) > 1 and len({p.x for p in points}) == len(points):
        xs, ys = zip(*known, strict=True)
        axes.plot(xs, ys, **entry.curve)


def predicted_curve(axes: Any, found: Curve, entry: Entry) -> None:
    """Draw what theory predicts all along the axis; with gaps where it predicts nothing."""
    if any(value is not None for value in found.predicted):
        ys = [math.nan if value is None else value for value in found.predicted]
        axes.plot(found.xs, ys, **entry.curve)


def band(axes: Any, found: Curve) -> None:
    """Shade the region all along the axis."""
    low, high = axes.get_ylim()
    lower = [low if value is None else value for value in found.lower]
    upper = [high if value is None else value for value in found.upper]
    said = [a is not None or b is not None for a, b in zip(found.lower, found.upper, strict=True)]
    style = {"facecolor": OWN.region, "edgecolor": OWN.edge, "linewidth": 0.7, "zorder": 1}
    axes.fill_between(found.xs, lower, upper, where=said, **style)


def singled_out(axes: Any, name: str, x: float) -> None:
    """Draw a line at a value that theory singles out, with its name."""
    axes.axvline(x, color=COLOURS["soft"], lw=0.9, ls=(0, (2, 2)), zorder=2)
    axes.annotate(
        name,
        (x, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        fontsize=7.5,
        color=COLOURS["soft"],
    )
