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
    values = panel.values
    log = _spans_decades(values)
    return limits(values, log), log


def ticks(axis: Any, xs: Sequence[float], log: bool) -> None:
    """Put ticks where the cells are, if they are few; whole numbers stay whole."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    if len(xs) <= 7 and _well_apart(xs, log):
        axis.set_major_locator(FixedLocator(list(xs)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda x, _: numbers.number(x)))
        return
    if log:
        between_powers(axis, xs)
    elif all(float(x).is_integer() for x in xs):
        axis.set_major_locator(MaxNLocator(7, integer=True))
    plain(axis, log)


def plain(axis: Any, log: bool) -> None:
    """Write every tick in full: no offset, no power of ten that stands elsewhere.

    As many digits as tell the ticks apart; matplotlib's mathematical markup is switched off.
    """
    from matplotlib.ticker import FuncFormatter, NullLocator

    def said(value: float, _: object) -> str:
        return numbers.number(value, 3 if log else _digits(value, axis.get_majorticklocs()))

    axis.set_major_formatter(FuncFormatter(said))
    axis.set_minor_locator(NullLocator())  # every tick is five objects, whether seen or not


def _digits(value: float, places: Sequence[float]) -> int:
    """Return how many digits a tick needs: down to the step between ticks."""
    steps = [b - a for a, b in itertools.pairwise(places) if b > a]
    if not steps or value == 0:
        return 3
    return max(1, min(12, 2 + math.floor(math.log10(abs(value) / min(steps)) + 0.5)))


def between_powers(axis: Any, values: Sequence[float]) -> None:
    """Label 2 and 5 times the powers of ten as well, where there are few powers."""
    from matplotlib.ticker import LogLocator

    few = max(values) < 300 * min(values)
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=6))


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
