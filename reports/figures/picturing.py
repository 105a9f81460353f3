"""What a claim's figure shows, taken from the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refutable.reports import numbers
from refutable.reports.figures import rungs
from refutable.reports.figures.panels import DRAWN, Curve, Panel, Picture, Point
from refutable.reports.figures.rungs import HUGE, TINY
from refutable.reports.text import one_line

from refutable.claims.maps import map_axes

Model = dict[str, Any]

MOST_PANELS, MOST_ROWS, MOST_CURVES = 6, 18, 6


def picture(claim: Model) -> Picture | None:
    """Return what a claim's figure shows, or None where tables say it better.

    A claim without a stated axis gets a figure only if its evidence is statistical.
    """
    own = [check for check in claim["checks"] if _is_drawn(check)]
    drawn = [{**check, "status": DRAWN} for check in claim["drawn"] if _is_drawn(check)]
    if not own or (claim["figure"] is None and claim["evidence"] != "statistical"):
        return None
    controls = [
        (control["name"], check)
        for control in claim["controls"]
        for check in control["checks"]
        if _is_drawn(check)
    ]
    axis = _axis(claim["figure"], [*own, *drawn])
    mapped = _mapped(axis, [*own, *drawn], bool(claim["boundary"]))
    if mapped:
        return _map(claim, [*own, *drawn], controls, mapped)
    own += drawn if axis else []
    panels = _panels(claim, own, controls, axis)
    shown = sum(len(panel.points) for panel in panels)
    return Picture(
        claim["id"],
        _axis_label(claim["figure"]) if axis else "",
        bool(axis and claim["figure"]["log"] and _all_positive(panels)),
        panels,
        len(own) + len(controls) - shown,
        rungs.own(claim),
        rungs.of_controls(claim),
        _axis_label(claim["figure"]) if claim["figure"] and not axis else "size",
        marks=_marks(claim["figure"]) if axis else (),
    )


def _marks(figure: Model) -> tuple[tuple[str, float], ...]:
    return tuple((one_line(mark["name"], 40), mark["x"]) for mark in figure["marks"])


def _mapped(axis: str, own: list[Model], bounded: bool) -> tuple[str, str] | None:
    """Return the axes of a map: of a predicted boundary, or where curves would be too many."""
    cells = list({tuple(check["cell"].items()): check["cell"] for check in own}.values())
    axes = map_axes(cells)
    if axes is None:
        return None
    across, up = axes if axis in ("", axes[0]) else axes[::-1]
    curves = len({cell[up] for cell in cells})
    many = len(cells) > MOST_ROWS and (not axis or curves > MOST_CURVES)
    return (across, up) if many or bounded else None


def _map(
    claim: Model, own: list[Model], controls: list[tuple[str, Model]], axes: tuple[str, str]
) -> Picture:
    across, up = axes
    figure = claim["figure"]
    fitting = [(n, c) for n, c in controls if _has_number(c["cell"], up)]
    panels = _panels(claim, own, fitting, across, up)
    shown = sum(len(panel.points) for panel in panels)
    return Picture(
        claim["id"],
        _axis_label(figure) if figure and figure["x"] == across else across,
        False,
        panels,
        len(own) + len(controls) - shown,
        across=(figure["y"] if figure and figure["x"] == across else "") or up,
        boundary=tuple((x, y) for x, y in claim["boundary"]),
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
    claim: Model, own: list[Model], controls: list[tuple[str, Model]], axis: str, up: str = ""
) -> tuple[Panel, ...]:
    checks = [*own, *(check for _, check in controls)]
    names = _telling(checks)[:MOST_PANELS]
    varying = _varying(own, axis)
    return tuple(
        Panel(
            name,
            _points([("", c) for c in own if c["functional"] == name], axis, varying, up),
            _points([(n, c) for n, c in controls if c["functional"] == name], axis, varying, up),
            _curves(claim, name, varying) if axis and not up else (),
        )
        for name in names
    )


def _curves(claim: Model, functional: str, varying: tuple[str, ...]) -> tuple[Curve, ...]:
    return tuple(
        Curve(
            _short(curve["series"], varying),
            tuple(curve["x"]),
            tuple(curve["predicted"]),
            tuple(curve["lower"]),
            tuple(curve["upper"]),
        )
        for curve in claim["curves"]
        if curve["functional"] == functional
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
