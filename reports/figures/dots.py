"""Marks of estimates: small shapes about a place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from refutable.reports.figures.sheet import number, polyline

_HALF = math.sqrt(0.5)

CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "s": ((-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)),
    "D": ((0, _HALF), (_HALF, 0), (0, -_HALF), (-_HALF, 0)),
    "^": ((0, -0.5), (-0.5, 0.5), (0.5, 0.5)),
    "v": ((0, 0.5), (-0.5, -0.5), (0.5, -0.5)),
    "<": ((-0.5, 0), (0.5, 0.5), (0.5, -0.5)),
    ">": ((0.5, 0), (-0.5, 0.5), (-0.5, -0.5)),
    "P": tuple(
        (x / 6, y / 6)
        for x, y in (
            *((-1, -3), (1, -3), (1, -1), (3, -1), (3, 1), (1, 1)),
            *((1, 3), (-1, 3), (-1, 1), (-3, 1), (-3, -1), (-1, -1)),
        )
    ),
    "X": tuple(
        (x / 4, y / 4)
        for x, y in (
            *((-1, -2), (0, -1), (1, -2), (2, -1), (1, 0), (2, 1)),
            *((1, 2), (0, 1), (-1, 2), (-2, 1), (-1, 0), (-2, -1)),
        )
    ),
}
"""Shapes of size 1 about 0, downwards as on a sheet."""

CROSSES = {
    "x": (((-0.5, -0.5), (0.5, 0.5)), ((-0.5, 0.5), (0.5, -0.5))),
    "+": (((-0.5, 0), (0.5, 0)), ((0, -0.5), (0, 0.5))),
}
ROUND = {"o": 0.5, ".": 0.25}
"""Shapes that are lines alone, and radii of disks."""


@dataclass(frozen=True)
class Dot:
    """How an estimate is marked.

    Parameters
    ----------
    shape : str
        One of `CORNERS`, `CROSSES` or `ROUND`.
    face, edge : str
        Colours.
    width : float
        Of the edge, in points.
    """

    shape: str
    face: str
    edge: str
    width: float = 1.3

    @property
    def style(self) -> str:
        """As CSS."""
        edge = f"stroke: {self.edge}; stroke-width: {number(self.width)}"
        return f"fill: {self.face}; {edge}; stroke-linejoin: miter"

    def at(self, x: float, y: float, size: float) -> str:
        """Return path data of the shape about a place."""
        if self.shape in ROUND:
            radius = number(ROUND[self.shape] * size)
            side, arc = number(2 * ROUND[self.shape] * size), f"a{radius} {radius} 0 1 0 "
            left = number(x - ROUND[self.shape] * size)
            return f"M{left} {number(y)}{arc}{side} 0{arc}-{side} 0z"
        if self.shape in CROSSES:
            return "".join(_around(x, y, size, line) for line in CROSSES[self.shape])
        return _around(x, y, size, CORNERS[self.shape]) + "z"


def _around(x: float, y: float, size: float, corners: tuple[tuple[float, float], ...]) -> str:
    return polyline((x + size * right, y + size * down) for right, down in corners)
