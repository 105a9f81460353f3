"""The marks of a figure: region, interval, estimate, prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refutable.reports.figures.panels import Ends, Point
from refutable.reports.figures.style import COLOURS, MARKERS

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


def interval(axes: Any, point: Point, at: float, look: Look, marker: int, flat: bool) -> None:
    """Draw the interval and the estimate of a point."""
    ends = clipped(point.interval, *(axes.get_xlim() if flat else axes.get_ylim()))
    _line(axes, ends, (at, at), flat, {"color": look.colour, "lw": 1.8, "zorder": 4})
    face = COLOURS["paper"] if look.hollow else look.colour
    dot = {
        "marker": MARKERS[marker % len(MARKERS)],
        "ms": 5.0,
        "mfc": face,
        "mec": look.colour,
        "mew": 1.3,
        "ls": "none",
        "zorder": 5,
    }
    if point.estimate is not None:
        _line(axes, (point.estimate,), (at,), flat, dot)


def prediction(axes: Any, point: Point, across: tuple[float, float], flat: bool) -> None:
    """Draw the predicted value of a point as a short dash."""
    if point.predicted is not None:
        value = (point.predicted, point.predicted)
        _line(axes, value, across, flat, {"color": COLOURS["ink"], "lw": 1.2, "zorder": 3})


def curve(axes: Any, points: Sequence[Point], at: Sequence[float]) -> None:
    """Join the predicted values of a series, drawn at these places of the horizontal axis."""
    pairs = zip(at, points, strict=True)
    known = sorted((x, p.predicted) for x, p in pairs if p.predicted is not None)
    if len(known) > 1 and len({p.x for p in points}) == len(points):
        xs, ys = zip(*known, strict=True)
        axes.plot(xs, ys, color=COLOURS["ink"], lw=1.2, ls=(0, (4, 2)), zorder=3)
