"""Figures as files beside a page: small pages, and pictures that follow the page's theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from markupsafe import Markup
from refutable.reports.figures.style import COLOURS
from refutable.reports.slugs import figure_file

_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"')
_DARK = re.compile(r':root\[data-theme="dark"\] \{(.*?)\}', re.DOTALL)
_VARIABLE = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
POINT = 4 / 3
"""Pixels of CSS in a point."""


def themed(svg: str) -> str:
    """Return a figure's file with the dark colours of the pages for whoever prefers them.

    A picture in a page is asked for the scheme of that page, so it follows the theme chosen there.
    """
    return svg.replace("</svg>", f"{_dark_style()}</svg>", 1)


def plain(themed: str) -> str | None:
    """Return the figure of a file that `themed` made; None if its colours are other ones."""
    style = _dark_style()
    return themed.replace(style, "", 1) if themed.count(style) == 1 else None


def linked(name: str, svg: str, text: str, up: str = "../") -> Markup:
    """Return a figure's picture for a page, which leads to its file.

    Parameters
    ----------
    name : str
        The claim's id.
    svg : str
        As it was drawn; its size is kept, so that nothing moves while it loads.
    text : str
        Alternative text.
    up : str
        The way from the page to the folder of the report.
    """
    found = _SIZE.search(svg)
    width, height = (
        (round(POINT * float(found[place])) for place in (1, 2)) if found else (825, 400)
    )
    return Markup(
        '<a href="{0}"><img src="{0}" alt="{1}" width="{2}" height="{3}" loading="lazy"></a>'
    ).format(f"{up}{figure_file(name)}", text, width, height)


@cache
def _dark_style() -> str:
    sheet = (files("refutable.reports") / "assets" / "style.css").read_text(encoding="utf-8")
    found = _DARK.search(sheet)
    dark = dict(_VARIABLE.findall(found[1] if found else ""))
    rules = "".join(_rules({COLOURS[name]: dark[name] for name in COLOURS if name in dark}))
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>\n"


def _rules(colours: dict[str, str]) -> Iterator[str]:
    for light, dark in colours.items():
        for what in ("fill", "stroke"):
            yield f'[style*="{what}: {light}"],[{what}="{light}"]{{{what}:{dark}!important}}'
