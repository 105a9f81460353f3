"""A small picture of one check for a table row: interval, estimate, region."""

from __future__ import annotations

import math
from typing import Any

WIDTH, HEIGHT, MARGIN = 132.0, 18.0, 0.12

Model = dict[str, Any]


def domain(check: Model) -> tuple[float, float] | None:
    """Return the range that a check's strip spans; None where a picture would say nothing."""
    if check["functional"].startswith("P("):
        return 0.0, 1.0
    if check["yes_or_no"]:
        return None
    ends = [*check["interval"], *check["region"], check["estimate"], check["predicted"]]
    known = [end for end in ends if end is not None]
    if len(known) < 2 or max(known) == min(known):
        return None
    return _padded(min(known), max(known))


def _padded(low: float, high: float) -> tuple[float, float] | None:
    pad = MARGIN * (high - low)
    return (low - pad, high + pad) if math.isfinite(pad) else None


def strip(check: Model) -> Model | None:
    """Return the coordinates of a strip, ready to be drawn; None where there is none.

    Returns
    -------
    dict or None
        `region`, `interval`: (left, right) or None; `estimate`, `predicted`: x or None.
    """
    span = domain(check)
    if span is None:
        return None
    has_region = any(end is not None for end in check["region"])
    return {
        "region": _pair(check["region"], span) if has_region else None,
        "interval": _pair(check["interval"], span),
        "estimate": _at(check["estimate"], span),
        "predicted": _at(check["predicted"], span),
    }


def _pair(ends: list[float | None], span: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    left = 0.0 if low is None else _place(low, span)
    right = WIDTH if high is None else _place(high, span)
    return left, max(right, left + 1)


def _at(value: float | None, span: tuple[float, float]) -> float | None:
    return None if value is None else _place(value, span)


def _place(value: float, span: tuple[float, float]) -> float:
    low, high = span
    share = (min(max(value, low), high) - low) / (high - low)
    return round(1 + share * (WIDTH - 2), 2)
