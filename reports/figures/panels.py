"""What a claim's figure shows: panels of points, without a word on how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from refutable.reports import numbers
from refutable.reports.figures import rungs
from refutable.reports.figures.rungs import HUGE, TINY, Ladder
from refutable.reports.text import one_line

from refutable.claims.maps import map_axes

Model = dict[str, Any]
Ends = tuple[float | None, float | None]

MOST_PANELS, MOST_ROWS, MOST_CURVES = 3, 18, 5


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
        Of the check.
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
class Panel:
    """One functional: the claim's points and, apart from them, the controls'."""

    functional: str
    own: tuple[Point, ...]
    controls: tuple[Point, ...]

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

    @property
    def places(self) -> list[float]:
        """Where the points lie on the axis."""
        every = [point.x for panel in self.panels for point in panel.points]
        return sorted({x for x in every if x is not None})

    @property
    def heights(self) -> list[float]:
        """Where the points of a map lie on its vertical axis."""
        every = [point.y for panel in self.panels for point in panel.points]
        return sorted({y for y in every if y is not None})


def picture(claim: Model) -> Picture | None:
    """Return what a claim's figure shows, or None where tables say it better.

    A claim without a stated axis gets a figure only if its evidence is statistical.
    """
    own = [check for check in claim["checks"] if _is_drawn(check)]
    if not own or (claim["figure"] is None and claim["evidence"] != "statistical"):
        return None
    controls = [
        (control["name"], check)
        for control in claim["controls"]
        for check in control["checks"]
        if _is_drawn(check)
    ]
    axis = _axis(claim["figure"], own)
    mapped = _mapped(axis, own)
    if mapped:
        return _map(claim, own, controls, mapped)
    panels = _panels(own, controls, axis)
    drawn = sum(len(panel.points) for panel in panels)
    return Picture(
        claim["id"],
        _axis_label(claim["figure"]) if axis else "",
        bool(axis and claim["figure"]["log"] and _all_positive(panels)),
        panels,
        len(own) + len(controls) - drawn,
        rungs.own(claim),
        rungs.of_controls(claim),
        _axis_label(claim["figure"]) if claim["figure"] and not axis else "size",
    )


def _mapped(axis: str, own: list[Model]) -> tuple[str, str] | None:
    """Return the axes of a map where curves, or rows, would be too many to be told apart."""
    cells = list({tuple(check["cell"].items()): check["cell"] for check in own}.values())
    axes = map_axes(cells)
    if axes is None:
        return None
    across, up = axes if axis in ("", axes[0]) else axes[::-1]
    curves = len({cell[up] for cell in cells})
    return (across, up) if len(cells) > MOST_ROWS and (not axis or curves > MOST_CURVES) else None


def _map(
    claim: Model, own: list[Model], controls: list[tuple[str, Model]], axes: tuple[str, str]
) -> Picture:
    across, up = axes
    figure = claim["figure"]
    fitting = [(n, c) for n, c in controls if _has_number(c["cell"], up)]
    panels = _panels(own, fitting, across, up)
    drawn = sum(len(panel.points) for panel in panels)
    return Picture(
        claim["id"],
        _axis_label(figure) if figure and figure["x"] == across else across,
        False,
        panels,
        len(own) + len(controls) - drawn,
        across=up,
    )


def _is_drawn(check: Model) -> bool:
    """Say whether a check is a number that can be drawn; agreement is a yes or a no."""
    ends = (check["estimate"], check["predicted"], *check["interval"], *check["region"])
    drawable = all(end is None or end == 0 or TINY < abs(end) < HUGE for end in ends)
    return check["estimate"] is not None and not check["yes_or_no"] and drawable


def _axis(figure: Model | None, own: list[Model]) -> str:
    if not figure:
        return ""
    axis = figure["x"]
    numeric = all(_has_number(check["cell"], axis) for check in own)
    return axis if numeric and len({check["cell"][axis] for check in own}) > 1 else ""


def _axis_label(figure: Model) -> str:
    return one_line(figure["label"] or figure["x"], 60)


def _all_positive(panels: Iterable[Panel]) -> bool:
    return all(point.x is None or point.x > 0 for panel in panels for point in panel.points)


def _panels(
    own: list[Model], controls: list[tuple[str, Model]], axis: str, up: str = ""
) -> tuple[Panel, ...]:
    checks = [*own, *(check for _, check in controls)]
    names = _telling(checks)[:MOST_PANELS]
    varying = _varying(own, axis)
    return tuple(
        Panel(
            name,
            _points([("", c) for c in own if c["functional"] == name], axis, varying, up),
            _points([(n, c) for n, c in controls if c["functional"] == name], axis, varying, up),
        )
        for name in names
    )


def _telling(checks: list[Model]) -> list[str]:
    """Return the functionals, without those that are one and the same exact value everywhere."""
    names = list(dict.fromkeys(check["functional"] for check in checks))
    return [name for name in names if not _is_constant(checks, name)] or names[:1]


def _is_constant(checks: list[Model], name: str) -> bool:
    values = {tuple(check["interval"]) for check in checks if check["functional"] == name}
    return all(low is not None and low == high for low, high in values) and len(values) == 1


def _varying(checks: list[Model], axis: str) -> tuple[str, ...]:
    seen: dict[str, set[object]] = {}
    for check in checks:
        for name, value in check["cell"].items():
            seen.setdefault(name, set()).add(value)
    return tuple(name for name, values in seen.items() if name != axis and len(values) > 1)


def _points(
    checks: list[tuple[str, Model]], axis: str, varying: tuple[str, ...], up: str
) -> tuple[Point, ...]:
    fitting = [(n, c) for n, c in checks if not axis or _has_number(c["cell"], axis)]
    kept = fitting if axis else fitting[:MOST_ROWS]
    return tuple(_point(name, check, axis, varying, up) for name, check in kept)


def _has_number(cell: Model, axis: str) -> bool:
    value = cell.get(axis)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or TINY < abs(value) < HUGE


def _point(control: str, check: Model, axis: str, varying: tuple[str, ...], up: str) -> Point:
    cell = check["cell"]
    rest = numbers.cell({name: cell[name] for name in varying if name in cell})
    return Point(
        float(cell[axis]) if axis else None,
        control or rest,
        ": ".join(filter(None, (control, _short(cell, varying)))),
        check["estimate"],
        check["predicted"],
        (check["interval"][0], check["interval"][1]),
        (check["region"][0], check["region"][1]),
        float(cell[up]) if up else None,
        check["status"],
    )


def _short(cell: Model, varying: tuple[str, ...]) -> str:
    """Return the parameters that vary; the others would say the same in every row."""
    return numbers.cell({name: value for name, value in cell.items() if name in varying})
