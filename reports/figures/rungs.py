"""The losses behind the slopes of a claim: what is drawn, without a word on how."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from refutable.reports import numbers

Model = dict[str, Any]

MOST_SERIES = 12
TINY, HUGE, MOST_ERROR = 1e-150, 1e150, 20.0
"""Beyond these the arithmetic of axes breaks down; such losses are in the tables only."""
WIDE = 2.0
"""Standard errors that a bar reaches to each side."""


@dataclass(frozen=True)
class Ladder:
    """One check's losses against its predicted curve.

    Parameters
    ----------
    series : str
        The cell, or the name of a control.
    sizes, losses : tuple of float
        Positive; the losses are medians over replicates, means where the rate is of the mean.
    ends : tuple of (float, float)
        Two standard errors below and above each.
    curve : tuple of float
        The prediction through the middle of the data; empty where theory gives none.
    typical : str
        What the losses are of those of the replicates: their `median` or `mean`; empty where
        they were computed.
    """

    series: str
    sizes: tuple[float, ...]
    losses: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]
    curve: tuple[float, ...]
    typical: str = "median"

    @property
    def values(self) -> list[float]:
        """Every number that is drawn upwards."""
        return [*self.losses, *(end for pair in self.ends for end in pair), *self.curve]


def of_check(check: Model, series: str) -> Ladder | None:
    """Return the ladder of a check, None if it has none that can be drawn."""
    rungs = check["ladder"]
    if not rungs or not all(_is_drawable(rung) for rung in rungs):
        return None
    sizes = tuple(float(rung["size"]) for rung in rungs)
    losses = tuple(float(rung["loss"]) for rung in rungs)
    reach = [math.exp(WIDE * (rung["relative_error"] or 0.0)) for rung in rungs]
    ends = tuple((loss / by, loss * by) for loss, by in zip(losses, reach, strict=True))
    curve = _curve(check, sizes, losses)
    return Ladder(series, sizes, losses, ends, curve, typical(check["functional"]))


def typical(functional: str) -> str:
    """Return what a check that reads ladders keeps of the losses: median, mean, or each."""
    if functional.startswith("median slope"):
        return "median"
    return "mean" if "(E[" in functional else ""


def _is_drawable(rung: Model) -> bool:
    fits = all(TINY < rung[name] < HUGE for name in ("size", "loss"))
    return fits and (rung["relative_error"] or 0.0) < MOST_ERROR


def _curve(check: Model, sizes: tuple[float, ...], losses: tuple[float, ...]) -> tuple[float, ...]:
    """Return the predicted curve with the predicted slope on top, its free constant fitted."""
    shape = [rung["curve"] for rung in check["ladder"]]
    slope = check["predicted"]
    if slope is None and None in shape:
        return ()
    logs = [
        math.log(one or 1.0) + (slope or 0.0) * math.log(size)
        for one, size in zip(shape, sizes, strict=True)
    ]
    shift = sum(math.log(loss) - log for loss, log in zip(losses, logs, strict=True)) / len(logs)
    fits = all(math.log(TINY) < log + shift < math.log(HUGE) for log in logs)
    return tuple(math.exp(log + shift) for log in logs) if fits else ()


def own(claim: Model) -> tuple[Ladder, ...]:
    """Return the ladders of a claim, one per cell."""
    checks = [check for check in claim["checks"] if check["ladder"]]
    several = len({check["functional"] for check in checks}) > 1
    found = (of_check(check, _series(check, checks, several)) for check in checks)
    return tuple(ladder for ladder in found if ladder)[:MOST_SERIES]


def _series(check: Model, checks: list[Model], several: bool) -> str:
    """Return what tells a ladder from the others: its losses, and the parameters that vary."""
    cells = [other["cell"] for other in checks]
    varying = {k: v for k, v in check["cell"].items() if any(cell.get(k) != v for cell in cells)}
    what = check["functional"].removeprefix("median ").removeprefix("slope of ") if several else ""
    return ": ".join(filter(None, (what, numbers.cell(varying))))


def of_controls(claim: Model) -> tuple[Ladder, ...]:
    """Return the ladders of its controls, the first of each."""
    every = (
        [of_check(check, control["name"]) for check in control["checks"]]
        for control in claim["controls"]
    )
    first = (next(filter(None, ladders), None) for ladders in every)
    return tuple(ladder for ladder in first if ladder)[:MOST_SERIES]
