"""Figures: data with intervals, prediction, acceptance region, and the controls apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refutable.reports.figures.draw import inline, svg
from refutable.reports.figures.panels import picture

__all__ = ["draw_all", "inline"]


def draw_all(claims: list[dict[str, Any]], progress: Callable[[str], None]) -> dict[str, str]:
    """Return the figures of those claims that have one, by claim id.

    Parameters
    ----------
    claims : list of dict
        Of the model.
    progress : callable
        Told about every tenth figure.
    """
    pictures = [found for found in map(picture, claims) if found is not None]
    drawn: dict[str, str] = {}
    for place, found in enumerate(pictures, start=1):
        drawn[found.name] = svg(found)
        if place % 10 == 0 or place == len(pictures):
            progress(f"figures: {place} of {len(pictures)}")
    return drawn
