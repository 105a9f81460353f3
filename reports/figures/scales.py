"""Axes: their limits, their ticks, and room for several series side by side."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from refutable.reports import numbers
from refutable.reports.figures.panels import Panel


def limits(values: Sequence[float], log: bool) -> tuple[float, float]:
    """Return limits that leave some room around the values; positive ones if `log`."""
    low, high = min(values), max(values)
    if log:
        pad = 0.08 * (math.log(high) - math.log(low)) or 0.5
        return low * math.exp(-pad), high * math.exp(pad)
    pad = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return low - pad, high + pad


def is_probability(panel: Panel) -> bool:
    """Say whether its values are probabilities."""
    return panel.functional.startswith("P(")


def _spans_decades(values: Sequence[float]) -> bool:
    return min(values) > 0 and max(values) > 200 * min(values)


def value_axis(panel: Panel) -> tuple[tuple[float, float], bool]:
    """Return limits and whether the values want a logarithmic axis."""
    if is_probability(panel):
        return (-0.04, 1.04), False
    values = [value for point in panel.points for value in point.values]
    log = _spans_decades(values)
    return limits(values, log), log


def ticks(axes: Any, xs: Sequence[float], log: bool) -> None:
    """Put ticks where the cells are, if they are few."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if len(xs) <= 7 and _well_apart(xs, log):
        axes.xaxis.set_major_locator(FixedLocator(list(xs)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: numbers.number(x)))
    elif log:
        plain_powers(axes.xaxis)


def plain_powers(axis: Any) -> None:
    """Write powers of ten without mathematical markup, which is switched off."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: numbers.number(value, 3)))
    axis.set_minor_formatter(NullFormatter())


def between_powers(axis: Any, values: Sequence[float]) -> None:
    """Label 2 and 5 times the powers of ten as well, where there are few powers."""
    from matplotlib.ticker import LogLocator

    if max(values) < 60 * min(values):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))


def _well_apart(xs: Sequence[float], log: bool) -> bool:
    at = [math.log(x) if log else x for x in xs]
    gaps = [b - a for a, b in itertools.pairwise(at)]
    return not gaps or min(gaps) > 0.09 * (at[-1] - at[0])


Shift = Callable[[float, float], float]


def spacing(xs: Sequence[float], log: bool, series: int) -> tuple[Shift, Shift]:
    """Return how to set series side by side, and the half width of a region."""
    at = [math.log(x) if log else x for x in xs]
    span = (at[-1] - at[0]) or 1.0
    gap = min((b - a for a, b in itertools.pairwise(at)), default=span)
    width = min(gap * 0.8, span * 0.13) / max(series, 1)

    def moved(x: float, by: float) -> float:
        return x * math.exp(by) if log else x + by

    half = width / 2.3
    return (lambda x, place: moved(x, place * width)), (lambda x, side: moved(x, side * half))
