"""The scale of colours of a map: from values to colours, and its picture beside the map."""

from __future__ import annotations

from functools import cache

from refutable.reports.figures import scales
from refutable.reports.figures.axes import LENGTH, LINE, PAD, Axes, Scale
from refutable.reports.figures.letters import ASCENT
from refutable.reports.figures.sheet import polyline
from refutable.reports.figures.style import TEXT

COLOUR_MAP = "cividis"
"""Reads the same to people who do not tell red from green, and in grey."""

APART, RATIO = 4.8, 20
"""Points from a map to the scale, and how many times that is as high as wide."""

STEPS = 32
"""Of the scale; between them colours are mixed."""


@cache
def _table() -> tuple[str, ...]:
    import matplotlib
    from matplotlib.colors import to_hex

    colours = matplotlib.colormaps[COLOUR_MAP]
    return tuple(to_hex(colours(step)) for step in range(colours.N))


def colour(share: float) -> str:
    """Return the colour of a value that lies so far along the scale."""
    table = _table()
    return table[min(max(int(share * len(table)), 0), len(table) - 1)]


def beside(axes: Axes, values: Scale) -> None:
    """Draw the scale to the right of a map, with ticks."""
    left, top, high = axes.x.end + APART, axes.y.end, axes.y.length
    right = left + high / RATIO
    stops = "".join(
        f'<stop offset="{step / STEPS:g}" style="stop-color: {colour(step / STEPS)}"/>'
        for step in range(STEPS + 1)
    )
    sheet = axes.sheet
    mixed = sheet.define("colours", "linearGradient", ' x2="0" y1="1"', stops)
    corners = ((left, top), (right, top), (right, top + high), (left, top + high))
    sheet.path(polyline(corners, closed=True), f"fill: url(#{mixed})", 0.0)
    for at, said in values.seen(scales.value_ticks(values.span, high / scales.UPWARDS)):
        sheet.path(polyline(((right, at), (right + LENGTH, at))), f"fill: none; {LINE}", 2.4)
        sheet.text((right + LENGTH + PAD, at + ASCENT * TEXT / 2), said)
