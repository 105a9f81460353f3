"""The line below a figure that says what its marks mean; only of those that it has."""

from __future__ import annotations

from typing import Any

from refutable.reports.figures.panels import DRAWN, Picture
from refutable.reports.figures.style import COLOURS

HEIGHT = 0.24
"""Inches of the line."""


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


def write(figure: Any, words: str, whole: float) -> None:
    """Write them at the foot of a figure of so many inches."""
    if words:
        figure.text(0.0874, 0.08 / whole, words, color=COLOURS["soft"], fontsize=7.5)
