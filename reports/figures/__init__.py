"""Figures: data with intervals, prediction, acceptance region, and the controls apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refutable.reports.figures.draw import inline, svg
from refutable.reports.figures.panels import Picture
from refutable.reports.figures.picturing import picture

__all__ = ["draw_all", "inline"]


def nothing(picture: Picture) -> None:
    """Find no figure that was drawn before."""
    del picture


def draw_all(
    claims: list[dict[str, Any]],
    progress: Callable[[str], None],
    find: Callable[[Picture], str | None] = nothing,
) -> dict[str, str]:
    """Return the figures of those claims that have one, by claim id.

    Parameters
    ----------
    claims : list of dict
        Of the model.
    progress : callable
        Told about every tenth figure that is drawn.
    find : callable
        Returns the figure of a picture if it was drawn before.
    """
    pictures = [found for found in map(picture, claims) if found is not None]
    figures = {one.name: find(one) for one in pictures}
    missing = [one for one in pictures if figures[one.name] is None]
    for place, one in enumerate(missing, start=1):
        figures[one.name] = svg(one)
        if place % 10 == 0 or place == len(missing):
            progress(f"figures: {place} of {len(missing)}")
    return {name: figure for name, figure in figures.items() if figure is not None}
