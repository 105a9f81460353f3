"""Figures as SVG by matplotlib: the same bytes for the same numbers."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from refutable.reports.figures import along, keys, ladders, listed, maps
from refutable.reports.figures.panels import Picture
from refutable.reports.figures.style import COLOURS, FONT, SETTINGS
from refutable.reports.slugs import slug

WIDTH = 8.6

_SHORTER = [
    (re.compile(pattern, re.DOTALL), instead)
    for pattern, instead in (
        (r"\s*<metadata>.*?</metadata>", ""),
        (r" font-family: 'DejaVu Sans';", ""),
        (r' transform="rotate\(-0 [\d. -]+\)"', ""),
        (r'<g id="[^"]*">', "<g>"),  # matplotlib's own names, which nothing refers to
        (r"(?<=\d) ?\n(?=[LMCQz])", " "),
        (r"\n\s*(?=<)", "\n"),
    )
]

_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_ID = re.compile(r'((?:xlink:)?href="#|\bid="|url\(#)')


def svg(picture: Picture) -> str:
    """Return a figure as a whole SVG file, without dates."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {**SETTINGS, "svg.hashsalt": picture.name}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # glyphs that the font lacks are drawn as boxes
        above = ladders.height(picture.ladders, picture.control_ladders)
        kind = _kind(picture)
        key = keys.said(picture)
        whole = above + kind.height(picture) + keys.HEIGHT * bool(key)
        figure = Figure(figsize=(WIDTH, whole))
        FigureCanvasSVG(figure)
        if above:
            ladders.ladders(figure, picture, whole)
        kind.draw(figure, picture, whole, above)
        keys.write(figure, key, whole)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _smaller(file.getvalue())


def _smaller(drawn: str) -> str:
    """Return the same figure in two thirds of the bytes: what is said of every part, said once."""
    for pattern, instead in _SHORTER:
        drawn = pattern.sub(instead, drawn)
    return drawn.replace("<svg ", f'<svg font-family="{FONT}" ', 1)


def _kind(picture: Picture) -> Any:
    """Return the module that draws a picture."""
    return maps if picture.across else along if picture.axis else listed


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
