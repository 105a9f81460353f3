"""Where evidence that falls with a mean stops to suffice, in few evaluations.

The ITP method of Oliveira & Takahashi ("An enhancement of the bisection method average performance
preserving minmax optimality", ACM TOMS 47, 2020): never more than one evaluation beyond bisection,
and superlinear where the function is smooth, as log capitals are.
"""

from __future__ import annotations

import math
from collections.abc import Callable

RESOLUTION = 1e-9
"""Of the first bracket: an interval's end is known to this part of it."""

_SHARE, _SPARE = 0.2, 1
"""The method's own constants k1 and n0, as its authors recommend; k2 is 2."""


def last_above(surplus: Callable[[float], float], low: float, high: float) -> float:
    """Return a place at which a function that falls is still positive, close to where it vanishes.

    Parameters
    ----------
    surplus : callable
        Called strictly between `low` and `high` alone.
    low, high : float
        It is positive, or need not be, at `low`, and not at `high`.

    Returns
    -------
    float
        Within `RESOLUTION` of the bracket below a place where it is not positive.
    """
    at_low, at_high, half = math.inf, -math.inf, RESOLUTION * (high - low) / 2.0
    first = high - low
    most = math.ceil(math.log2(1.0 / RESOLUTION)) + _SPARE
    for step in range(most + 1):
        middle, width = (low + high) / 2.0, high - low
        if width <= 2.0 * half:
            break
        place = middle
        if math.isfinite(at_low) and math.isfinite(at_high):
            room = max(half * 2.0 ** (most - step) - width / 2.0, 0.0)
            nudge = max(_SHARE * width**2 / first, half)  # less would fall on an end
            place = _itp(low, high, at_low, at_high, room, nudge)
        if not low < place < high:
            break  # neighbouring doubles
        value = surplus(place)
        if value > 0.0:
            low, at_low = place, value
        else:
            high, at_high = place, value
    return low


def _itp(
    low: float, high: float, at_low: float, at_high: float, room: float, nudge: float
) -> float:
    """Interpolate, truncate towards the middle, project to where bisection could still be met."""
    middle = (low + high) / 2.0
    root = (high * at_low - low * at_high) / (at_low - at_high)
    towards = math.copysign(1.0, middle - root)
    nearer = root + towards * nudge if nudge <= abs(middle - root) else middle
    return nearer if abs(nearer - middle) <= room else middle - towards * room
