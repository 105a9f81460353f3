"""Figures as SVG by matplotlib: the same bytes for the same numbers."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from refutable.reports.figures import ladders
from refutable.reports.figures.along import along_axis
from refutable.reports.figures.listed import as_list
from refutable.reports.figures.maps import as_map
from refutable.reports.figures.panels import Panel, Picture
from refutable.reports.figures.rows import rows
from refutable.reports.figures.style import COLOURS, SETTINGS
from refutable.reports.slugs import slug

WIDTH = 8.6

_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r'((?:xlink:)?href="#|\bid="|url\(#)')


def svg(picture: Picture) -> str:
    """Return a figure as a whole SVG file, without dates."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {**SETTINGS, "svg.hashsalt": picture.name}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # glyphs that the font lacks are drawn as boxes
        width, height = _size(picture)
        above = ladders.height(picture.ladders, picture.control_ladders)
        figure = Figure(figsize=(width, above + height))
        FigureCanvasSVG(figure)
        part: Any = figure
        if above:
            parts: Any = figure.subfigures(2, 1, height_ratios=(above, height), hspace=0)
            top, part = parts
            ladders.ladders(top, picture.ladders, picture.control_ladders, picture.ladder_axis)
        draw = as_map if picture.across else along_axis if picture.axis else as_list
        draw(part, picture, height)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _METADATA.sub("", file.getvalue())


def inline(whole: str, name: str, text: str) -> str:
    """Return a figure for inside a page: the page's colours, unique ids, a text that says it.

    Parameters
    ----------
    whole : str
        As `svg` returns it.
    name : str
        The claim's id.
    text : str
        Alternative text.
    """
    from markupsafe import escape

    body = _HEAD.sub("", whole)
    body = _ID.sub(lambda found: f"{found[1]}{slug(name)}--", body)
    for variable, colour in COLOURS.items():
        body = body.replace(colour, f"var(--{variable})")
    return body.replace("<svg", f'<svg role="img" aria-label="{escape(text)}"', 1).rstrip()


def _size(picture: Picture) -> tuple[float, float]:
    if picture.across:
        return WIDTH, 0.6 + 3.2 * len(rows(picture.panels))
    if picture.axis:
        return WIDTH, 0.45 + 2.35 * len(rows(picture.panels))
    lines = sum(len(panel.points) + 2.6 * _parts(panel) for panel in picture.panels)
    return WIDTH, 0.5 + 0.24 * lines


def _parts(panel: Panel) -> int:
    return bool(panel.own) + bool(panel.controls)
