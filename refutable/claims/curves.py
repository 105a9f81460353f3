"""Predictions along the axis of a claim's figure, between its cells as well."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from refutable.claims.axis import Axis
from refutable.claims.cells import Cell
from refutable.claims.claim import Claim
from refutable.claims.expectations import Expectation, OfLadder
from refutable.claims.maps import map_axes
from refutable.claims.records import Effort
from refutable.claims.regions import ResolvedRegion

POINTS = 41
"""Points of a curve: a line of two inches bends smoothly with them."""

DIGITS = 6
"""Kept of a value: a figure shows four, and the rest differs between machines."""

Curve = dict[str, Any]


def along_axis(claim: Claim, effort: Effort) -> dict[str, Any]:
    """Return what a record keeps for the figure: `curves` and `boundary`.

    A bound that cannot be computed between the cells leaves the figure without them: no verdict
    depends on it, and the other claims of a run go on.
    """
    try:
        return {"curves": curves(claim, effort), "boundary": boundary(claim, effort)}
    except Exception:  # an author's bound, such as a table that knows the cells alone
        return {"curves": [], "boundary": []}


def curves(claim: Claim, effort: Effort) -> list[Curve]:
    """Return what the expectations say along the axis, a curve per functional and series.

    Returns
    -------
    list of dict
        ``functional``, ``series`` (the rest of the cell) and, as lists of one length, ``x``,
        ``predicted``, ``lower``, ``upper``; None where nothing is said. Empty unless the claim's
        `Axis` has ``curve=True``.
    """
    axis = claim.figure
    if axis is None or not axis.curve:
        return []
    shown = claim.drawn(effort)
    cells = [*claim.worlds(effort)[0].cells, *(shown.cells if shown else ())]
    parts = [part for expectation in claim.expect for part in expectation.parts]
    drawn = [part for part in parts if not isinstance(part.functional, OfLadder)]
    found = (_curve(part, axis.x, rest, xs) for rest, xs in _series(cells, axis) for part in drawn)
    return [curve for curve in found if curve]


def boundary(claim: Claim, effort: Effort) -> list[list[float]]:
    """Return the predicted boundary of a claim's map as points (x, y); empty without one."""
    axis = claim.figure
    cells = claim.worlds(effort)[0].cells
    if axis is None or axis.boundary is None or map_axes(cells) is None:
        return []
    xs = _between([_at(cell, axis.x) for cell in cells], axis.log)
    return [[_rounded(x), _rounded(axis.boundary(x))] for x in xs]


def _at(cell: Cell, name: str) -> float:
    value = cell[name]
    if isinstance(value, bool | str):
        raise ValueError(f"the figure's curve runs along {name!r}, which is {value!r} in a cell.")
    return value


def _series(cells: Sequence[Cell], axis: Axis) -> Iterator[tuple[dict[str, Any], list[float]]]:
    """Yield each series, by the rest of its cells, with the places of its curve."""
    places: dict[Cell, list[float]] = {}
    for cell in cells:
        rest = Cell({name: value for name, value in cell.items() if name != axis.x})
        places.setdefault(rest, []).append(_at(cell, axis.x))
    for rest, xs in places.items():
        if len(set(xs)) > 1:
            yield dict(rest), _between(xs, axis.log)


def _between(given: Iterable[float], log: bool) -> list[float]:
    """Return places from the least to the greatest of these, with each of them among them."""
    known = sorted(set(given))
    space = np.geomspace if log and known[0] > 0 else np.linspace
    more = (float(x) for x in space(known[0], known[-1], POINTS)[1:-1])
    if all(isinstance(x, int) for x in known):
        return sorted({*known, *(round(x) for x in more)})
    return sorted({*map(float, known), *map(_rounded, more)})


def _curve(part: Expectation, axis: str, rest: dict[str, Any], xs: list[float]) -> Curve | None:
    said = [_said(part, Cell({**rest, axis: x})) for x in xs]
    if sum(one is not None for one in said) < 2:
        return None
    return {
        "functional": part.functional.label,
        "series": rest,
        "x": xs,
        "predicted": [None if one is None else _plain(one.predicted) for one in said],
        "lower": [None if one is None else _plain(one.lower) for one in said],
        "upper": [None if one is None else _plain(one.upper) for one in said],
    }


def _said(part: Expectation, cell: Cell) -> ResolvedRegion | None:
    return part.region.at(cell) if part.speaks_of(cell) else None


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else _rounded(value)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
