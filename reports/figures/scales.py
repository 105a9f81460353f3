"""Axes: their limits, their ticks, and room for several series side by side."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from refutable.reports import numbers
from refutable.reports.figures.axes import Span, Tick
from refutable.reports.figures.panels import Panel
from refutable.reports.figures.style import TEXT

ACROSS, UPWARDS = 3 * TEXT, 2 * TEXT
"""Points that a tick's label takes, to the side and upwards."""


def limits(values: Sequence[float], log: bool) -> tuple[float, float]:
    """Return limits that leave some room around the values; positive ones if `log`."""
    low, high = min(values), max(values)
    if log:
        pad = 0.08 * (math.log(high) - math.log(low)) or 0.5
        return low * math.exp(-pad), high * math.exp(pad)
    pad = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return low - pad, high + pad


def span(values: Sequence[float], log: bool) -> Span:
    """Return an axis with room for the values."""
    return Span(*limits(values, log), log)


def is_probability(panel: Panel) -> bool:
    """Say whether its values are probabilities."""
    return panel.functional.startswith("P(")


def _spans_decades(values: Sequence[float]) -> bool:
    return min(values) > 0 and max(values) > 200 * min(values)


def value_span(panel: Panel) -> Span:
    """Return limits and whether the values want a logarithmic axis."""
    if is_probability(panel):
        return Span(-0.04, 1.04)
    values = panel.values
    return span(values, _spans_decades(values))


def ticks(xs: Sequence[float], span: Span, points: float) -> list[Tick]:
    """Return ticks where the cells are, if they are few; whole numbers stay whole.

    Parameters
    ----------
    xs : sequence of float
        Of the cells.
    span : Span
        Of the axis.
    points : float
        Its length.
    """
    if len(xs) <= 7 and _well_apart(xs, span.log):
        return [(x, numbers.number(x)) for x in xs]
    if not span.log and all(float(x).is_integer() for x in xs):
        return _said(_evenly(span, 7, integer=True), span.log)
    return value_ticks(span, points / ACROSS, xs)


def value_ticks(span: Span, room: float, values: Sequence[float] = ()) -> list[Tick]:
    """Return ticks for so many labels at most; at powers of ten if logarithmic.

    Parameters
    ----------
    span : Span
        Of the axis.
    room : float
        Labels that there is room for.
    values : sequence of float
        What is drawn; the limits if not given.
    """
    if span.log:
        return _said(_powers(span, values or (span.low, span.high)), span.log)
    return _said(_evenly(span, min(max(int(room), 1), 9)), span.log)


def _said(places: Sequence[float], log: bool) -> list[Tick]:
    """Write every tick in full: no offset, no power of ten that stands elsewhere."""
    return [(at, numbers.number(at, 3 if log else _digits(at, places))) for at in places]


def _digits(value: float, places: Sequence[float]) -> int:
    """Return how many digits a tick needs: down to the step between ticks."""
    steps = [b - a for a, b in itertools.pairwise(places) if b > a]
    if not steps or value == 0:
        return 3
    return max(1, min(12, 2 + math.floor(math.log10(abs(value) / min(steps)) + 0.5)))


def _evenly(span: Span, most: int, integer: bool = False) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    steps = None if integer else [1, 2, 2.5, 5, 10]
    return _locations(MaxNLocator(most, steps=steps, integer=integer), span)


def _powers(span: Span, values: Sequence[float]) -> list[float]:
    """Return powers of ten; 2 and 5 times those as well, where there are few."""
    from matplotlib.ticker import LogLocator

    few = max(values) < 300 * min(values)
    return _locations(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=6), span)


def _locations(locator: Any, span: Span) -> list[float]:
    return [float(at) for at in locator.tick_values(span.low, span.high)]


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
