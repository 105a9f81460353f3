"""Where the panels of a figure stand: no half of a row stays empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from refutable.reports.figures.panels import Curve, Panel, Point


@dataclass(frozen=True)
class Half:
    """One set of axes.

    Parameters
    ----------
    panel : Panel
        Whose functional it shows.
    controls : bool
        Shows the controls' points rather than the claim's own.
    beside : bool
        Stands to the right of the claim's own points of the same functional.
    """

    panel: Panel
    controls: bool
    beside: bool = False

    @property
    def points(self) -> tuple[Point, ...]:
        """What it shows."""
        return self.panel.controls if self.controls else self.panel.own

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is said all along the axis; of the claim alone."""
        return () if self.controls else self.panel.curves


Row = tuple[Half, ...]


def rows(panels: Sequence[Panel]) -> tuple[Row, ...]:
    """Return rows of two halves, or of one that takes the whole width.

    A functional that the claim and its controls share has a row of its own, the claim on the left;
    those of the claim or of the controls alone follow by twos.
    """
    shared = [panel for panel in panels if panel.own and panel.controls]
    alone = [Half(panel, not panel.own) for panel in panels if not (panel.own and panel.controls)]
    alone.sort(key=lambda half: half.controls)
    pairs = [(Half(panel, False), Half(panel, True, True)) for panel in shared]
    return (*pairs, *(tuple(alone[start : start + 2]) for start in range(0, len(alone), 2)))


def is_lowest(arranged: Sequence[Row], row: int, column: int) -> bool:
    """Say whether nothing stands below a half with which it could share the axis.

    A row of another width has its places elsewhere.
    """
    width = len(arranged[row])
    return not any(len(other) == width and column < width for other in arranged[row + 1 :])
