"""What stands in the SVG of a figure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Text:
    """One line of text."""

    words: str
    x: float
    y: float
    anchor: str
    turned: bool


@dataclass(frozen=True)
class Box:
    """What a part of the figure with axes of its own is cut to."""

    left: float
    top: float
    width: float
    height: float

    def below(self, texts: list[Text]) -> list[str]:
        """Return what stands in the middle below it, downwards."""
        middle, foot = self.left + self.width / 2, self.top + self.height
        found = [t for t in texts if abs(t.x - middle) < 0.1 and foot < t.y < foot + 30]
        return [t.words for t in sorted(found, key=lambda t: t.y)]

    def above(self, texts: list[Text]) -> list[str]:
        """Return what stands over its left corner."""
        return [
            t.words for t in texts if abs(t.x - self.left) < 0.1 and self.top - 10 < t.y < self.top
        ]


def texts(svg: str) -> list[Text]:
    """Return all lines of text."""
    return [_text(one) for one in ET.fromstring(svg.encode()).iter(f"{SVG}text")]


def _text(one: ET.Element) -> Text:
    anchor = re.search(r"text-anchor: (\w+)", one.attrib["style"])
    assert anchor is not None
    x, y = float(one.attrib["x"]), float(one.attrib["y"])
    return Text(one.text or "", x, y, anchor[1], "transform" in one.attrib)


def boxes(svg: str) -> list[Box]:
    """Return the parts with axes, in the order in which they were drawn."""
    clips = ET.fromstring(svg.encode()).iter(f"{SVG}clipPath")
    sides = ("x", "y", "width", "height")
    return [Box(*(float(one[0].attrib[side]) for side in sides)) for one in clips]
