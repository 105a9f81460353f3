"""Figures as SVG: the same bytes for the same numbers."""

from __future__ import annotations

import re
from typing import Any

from refutable.reports.figures import along, keys, ladders, listed, maps
from refutable.reports.figures.panels import Picture
from refutable.reports.figures.sheet import Sheet
from refutable.reports.figures.style import COLOURS
from refutable.reports.slugs import slug

WIDTH = 8.6
"""Inches of every figure."""

_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_ID = re.compile(r'((?:xlink:)?href="#|\bid="|url\(#)')


def svg(picture: Picture) -> str:
    """Return a figure as a whole SVG file."""
    above = ladders.height(picture.ladders, picture.control_ladders)
    kind = _kind(picture)
    key = keys.said(picture)
    height = above + kind.height(picture) + keys.HEIGHT * bool(key)
    sheet = Sheet(picture.name, WIDTH, height)
    if above:
        ladders.draw(sheet, picture)
    kind.draw(sheet, picture, above)
    keys.write(sheet, key)
    return str(sheet)


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
