"""What a claim's figure shows: panels of points, without a word on how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from refutable.reports.figures.rungs import Ladder

Ends = tuple[float | None, float | None]
Values = tuple[float | None, ...]

DRAWN = "drawn"
"""Status of a point that is for the figure alone."""


@dataclass(frozen=True)
class Point:
    """One check.

    Parameters
    ----------
    x : float or None
        Along the claim's axis; None in a list.
    series : str
        The rest of the cell, or the name of a control.
    label : str
        The whole cell.
    estimate, predicted : float or None
    interval, region : tuple of float or None
        None is an infinite end.
    y : float or None
        Along the vertical axis of a map; None elsewhere.
    status : str
        Of the check; `DRAWN` where it is for the figure alone.
    """

    x: float | None
    series: str
    label: str
    estimate: float | None
    predicted: float | None
    interval: Ends
    region: Ends
    y: float | None = None
    status: str = ""

    @property
    def values(self) -> list[float]:
        """Every number in it that can be drawn."""
        ends = (self.estimate, self.predicted, *self.interval, *self.region)
        return [end for end in ends if end is not None]


@dataclass(frozen=True)
class Curve:
    """What an expectation says all along the axis.

    Parameters
    ----------
    series : str
        Of the points that it is about.
    xs : tuple of float
    predicted, lower, upper : tuple of float or None
        At each of them; None where nothing is said.
    """

    series: str
    xs: tuple[float, ...]
    predicted: Values
    lower: Values
    upper: Values

    @property
    def bounded(self) -> bool:
        """Whether there is a region to be shaded."""
        return any(value is not None for value in (*self.lower, *self.upper))


@dataclass(frozen=True)
class Panel:
    """One functional: the claim's points and, apart from them, the controls'."""

    functional: str
    own: tuple[Point, ...]
    controls: tuple[Point, ...]
    curves: tuple[Curve, ...] = ()

    @property
    def values(self) -> list[float]:
        """Every number that is drawn upwards."""
        predicted = [value for curve in self.curves for value in curve.predicted]
        told = [value for value in predicted if value is not None]
        return [value for point in self.points for value in point.values] + told

    @property
    def points(self) -> tuple[Point, ...]:
        """Both."""
        return self.own + self.controls


@dataclass(frozen=True)
class Picture:
    """A claim's figure.

    Parameters
    ----------
    name : str
        The claim's id.
    axis : str
        Label of the horizontal axis; empty for a list of cells.
    log : bool
        Logarithmic horizontal axis.
    panels : tuple of Panel
    omitted : int
        Checks that are in the tables only.
    ladders, control_ladders : tuple of Ladder
        The losses behind slopes, drawn above the panels.
    ladder_axis : str
        Label of their horizontal axis.
    across : str
        Label of a map's vertical axis; empty for every other figure.
    marks : tuple of (str, float)
        Values of the axis that theory singles out.
    boundary : tuple of (float, float)
        Of a map: the predicted boundary.
    """

    name: str
    axis: str
    log: bool
    panels: tuple[Panel, ...]
    omitted: int
    ladders: tuple[Ladder, ...] = ()
    control_ladders: tuple[Ladder, ...] = ()
    ladder_axis: str = ""
    across: str = ""
    marks: tuple[tuple[str, float], ...] = ()
    boundary: tuple[tuple[float, float], ...] = ()

    @property
    def points(self) -> list[Point]:
        """Of all panels."""
        return [point for panel in self.panels for point in panel.points]

    @property
    def places(self) -> list[float]:
        """Where the points lie on the axis."""
        return sorted({point.x for point in self.points if point.x is not None})

    @property
    def judged(self) -> list[float]:
        """Those of them at which something is judged or was asked for; all if that is one."""
        asked = {p.x for p in self.points if p.x is not None and p.status != DRAWN}
        return sorted(asked) if len(asked) > 1 else self.places

    @property
    def heights(self) -> list[float]:
        """Where the points of a map lie on its vertical axis."""
        return sorted({point.y for point in self.points if point.y is not None})
