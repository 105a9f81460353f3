"""The line below a figure that says what its marks mean; only of those that it has."""

from __future__ import annotations

from refutable.reports.figures.panels import DRAWN, Picture
from refutable.reports.figures.sheet import Sheet
from refutable.reports.figures.style import COLOURS, SMALL

HEIGHT = 0.24
"""Inches of the line."""

LEFT, RAISED = 54.1, 5.76
"""Points to its start from the left and from the foot."""


def said(picture: Picture) -> str:
    """Return the words; maps have a key of their own."""
    points = picture.points
    if picture.across:
        return ""
    shaded = any(point.region != (None, None) for point in points)
    curves = [*(c for panel in picture.panels for c in panel.curves), *picture.ladders]
    told = curves or any(p.predicted is not None for p in points)
    parts = [
        "shaded: where theory says it lies" if shaded else "",
        "dashed: predicted" if told and (picture.axis or picture.ladders) else "",
        "small: for the figure alone" if any(p.status == DRAWN for p in points) else "",
        f"{picture.omitted} more in the tables" if picture.omitted > 0 else "",
    ]
    return ";  ".join(part for part in parts if part)


def write(sheet: Sheet, words: str) -> None:
    """Write them at the foot of a figure."""
    if words:
        sheet.text((LEFT, sheet.height - RAISED), words, SMALL, COLOURS["soft"])
