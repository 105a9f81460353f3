"""A sheet of SVG: lines, areas and texts at points of it, the higher ones above the lower ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from refutable.reports.figures.style import COLOURS, FONT, TEXT

INCH = 72
"""Points of an inch; a sheet is measured in points, from its upper left corner."""

ABOVE = 3.0
"""Order of texts: above areas and lines, below estimates."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A line's colour, its width in points, and its dashes and gaps in widths."""

    colour: str
    width: float
    dashes: tuple[float, ...] = ()

    def __str__(self) -> str:
        """Return it as CSS."""
        ends = "linecap: square"  # reaches as far as the line is wide
        if self.dashes:
            ends = "dasharray: " + " ".join(number(self.width * part) for part in self.dashes)
        return f"stroke: {self.colour}; stroke-width: {number(self.width)}; stroke-{ends}"


def number(value: float) -> str:
    """Return a number to a hundredth, without zeros that say nothing."""
    return f"{round(value, 2) + 0.0:.7g}"  # -0.0 + 0.0 is 0.0


def polyline(places: Iterable[Place], closed: bool = False) -> str:
    """Return a line through places as path data, with gaps where a coordinate is NaN."""
    parts, pen = [], "M"
    for x, y in places:
        if math.isnan(x) or math.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{number(x)} {number(y)}")
        pen = "L"
    return "".join(parts) + "z" * closed


class Sheet:
    """What is drawn so far.

    Parameters
    ----------
    name : str
        Of the figure; it tells its ids from those of others in the same page.
    width, height : float
        In inches.
    """

    def __init__(self, name: str, width: float, height: float) -> None:
        self._mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
        self.width, self.height = INCH * width, INCH * height
        self._parts: list[tuple[float, str]] = []
        self._defined: dict[str, str] = {}

    def path(self, drawn: str, style: str, order: float, clip: str = "") -> None:
        """Draw path data, cut where a clip ends if one is named."""
        cut = f' clip-path="url(#{clip})"' if clip else ""
        self._parts.append((order, f'<path d="{drawn}"{cut} style="{style}"/>'))

    def text(
        self,
        at: Place,
        words: str,
        size: float = TEXT,
        colour: str = COLOURS["ink"],
        anchor: str = "start",
        bold: bool = False,
        turned: bool = False,
    ) -> None:
        """Write one line from, about or to a place of its baseline; upwards if turned."""
        x, y = map(number, at)
        weight = "font-weight: 700; " * bold
        turn = f' transform="rotate(-90 {x} {y})"' * turned
        style = f"{weight}font-size: {number(size)}px; text-anchor: {anchor}; fill: {colour}"
        said = escape(words, quote=False)
        self._parts.append((ABOVE, f'<text style="{style}" x="{x}" y="{y}"{turn}>{said}</text>'))

    def clip(self, left: float, top: float, width: float, height: float) -> str:
        """Return the id of a rectangle that parts can be cut to."""
        sides = zip(("x", "y", "width", "height"), (left, top, width, height), strict=True)
        rectangle = "".join(f' {side}="{number(value)}"' for side, value in sides)
        return self.define(f"box{len(self._defined)}", "clipPath", "", f"<rect{rectangle}/>")

    def define(self, name: str, tag: str, attributes: str, content: str) -> str:
        """Return the id of an element that parts refer to; it is made but once.

        Parameters
        ----------
        name : str
            Within the sheet.
        tag, attributes, content : str
            Of the element.
        """
        made = f"{name}-{self._mark}"
        self._defined[made] = f'<{tag} id="{made}"{attributes}>{content}</{tag}>'
        return made

    def __str__(self) -> str:
        """Return the SVG file."""
        width, height = number(self.width), number(self.height)
        parts = [part for _, part in sorted(self._parts, key=lambda one: one[0])]
        body = "\n".join(["<defs>", *self._defined.values(), "</defs>", *parts])
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<svg font-family="{FONT}" width="{width}pt" height="{height}pt" '
            f'viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" '
            'stroke-linejoin="round">\n'
            f'<path d="M0 0H{width}V{height}H0z" style="fill: {COLOURS["paper"]}"/>\n'
            f"{body}\n</svg>\n"
        )
