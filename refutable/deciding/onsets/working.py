r"""A working model of the margin along the scale. It chooses where to draw, and decides nothing.

The margin at place *u* is taken for :math:`h \tanh(s (u - r) / h)` standard deviations of a
replicate, with onset *r* uniform between the points that are decided, slope *s* uniform in its
logarithm and height *h* one of three: a step need not be a high one. Far from the onset its shape
is not to be relied on, so that a margin counts with an error in proportion to its size. If the
model is wrong the search costs more and is as valid: statements are made by the points' own
confidence sequences, whatever made one look there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from refutable.deciding.onsets.points import FAR, Margin

ONSETS = 161
"""Places that are tried for the onset; the spacing is far below the standard error sought."""

SLOPES = np.geomspace(0.25, 4096.0, 29)
"""In standard deviations of a replicate over the whole range: from a shrug to a step."""

HEIGHTS = np.array([FAR / 4, FAR / 2, FAR])
"""In standard deviations of a replicate."""

SHAPE = 0.3
"""Relative error of the model's margin far from the onset."""


@dataclass(frozen=True)
class Guess:
    """Where the onset is thought to be.

    Parameters
    ----------
    onset : float
        Median.
    spread : float
        Half of the distance between the quantiles at 0.16 and 0.84.
    """

    onset: float
    spread: float


def guess(seen: Sequence[tuple[float, Margin]], low: float, high: float, rising: bool) -> Guess:
    """Return where the onset seems to lie between two decided places.

    Parameters
    ----------
    seen : sequence of (place, Margin)
    low, high : float
        In order.
    rising : bool
        Whether the expectation holds above the onset, rather than below.
    """
    sign = 1.0 if rising else -1.0
    logs = np.zeros((len(HEIGHTS), len(SLOPES), ONSETS))
    for place, margin in seen:
        logs += _evidence(place, sign * margin.value, margin.replicates, low, high)
    mass = np.exp(logs - logs.max()).sum(axis=(0, 1))
    between = _onsets(low, high)
    left, middle, right = np.interp([0.16, 0.5, 0.84], np.cumsum(mass) / mass.sum(), between)
    return Guess(float(middle), float(right - left) / 2.0)


def _onsets(low: float, high: float) -> NDArray[np.float64]:
    return np.linspace(low, high, ONSETS + 2)[1:-1]


@lru_cache(maxsize=64)  # a round draws at two points or so, and the others have said what they say
def _evidence(
    place: float, margin: float, many: int, low: float, high: float
) -> NDArray[np.float64]:
    """Return the log-likelihood of a margin, shape (heights, slopes, onsets)."""
    height = HEIGHTS[:, None, None]
    model = height * np.tanh(SLOPES[:, None] * (place - _onsets(low, high)) / height)
    variance = (1.0 + margin**2 / 2.0) / many + (SHAPE * model) ** 2
    logs = -0.5 * ((margin - model) ** 2 / variance + np.log(variance))
    logs.flags.writeable = False
    return np.asarray(logs)
