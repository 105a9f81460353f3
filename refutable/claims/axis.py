"""How a claim's figure is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Axis:
    """How a claim's figure is drawn.

    Parameters
    ----------
    x : str
        The cell parameter (or, for ladders, any word) along the horizontal axis.
    label : str
        Text of the axis, with its unit if it has one; the name of the parameter by default.
    log : bool
        Logarithmic scale.
    curve : bool
        Draw what theory predicts, and the region, between the cells as well: the bounds of the
        expectations are functions of the cell that hold for every value of `x` in between.
    marks : tuple of (str, float)
        Values of `x` that theory singles out, such as ``("the cutoff", 1.0)``; drawn as lines.
    y : str
        Text of the vertical axis of a map; the name of the parameter by default.
    boundary : callable (x) -> float, optional
        Of a map: the predicted boundary, as a value of its other parameter.

    Raises
    ------
    ValueError
        If a mark is not a finite number.
    """

    x: str
    label: str = ""
    log: bool = False
    curve: bool = False
    marks: tuple[tuple[str, float], ...] = ()
    y: str = ""
    boundary: Callable[[float], float] | None = None

    def __post_init__(self) -> None:
        for name, value in self.marks:
            if not math.isfinite(value):
                raise ValueError(f"the mark {name!r} of a figure is at {value}; give a number")

    @property
    def plain(self) -> dict[str, Any]:
        """What a record keeps of it."""
        return {"x": self.x, "label": self.label, "log": self.log, "y": self.y} | {
            "marks": [{"name": name, "x": float(x)} for name, x in self.marks]
        }
