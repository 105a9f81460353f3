"""The laws of a replicate that the calibration study draws from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from refutable.claims.arrays import FloatArray

Shape = tuple[int, ...]

RATE = 0.05
"""Success rate of the Bernoulli law."""


@dataclass(frozen=True)
class Law:
    """A distribution with everything a check could be about.

    Parameters
    ----------
    name : str
    draw : callable (rng, shape) -> array
    mean : float
    frozen : scipy.stats distribution
        For quantiles.
    cdf : callable array -> array
        Its distribution function; closed forms are many times faster than those of `frozen`.
    """

    name: str
    draw: Callable[[np.random.Generator, Shape], FloatArray]
    mean: float
    frozen: Any
    cdf: Callable[[FloatArray], FloatArray]

    @property
    def discrete(self) -> bool:
        """Whether its distribution function jumps."""
        return self.name == "bernoulli"


def _t3_cdf(x: FloatArray) -> FloatArray:
    u = x / math.sqrt(3.0)
    return np.asarray(0.5 + (u / (1.0 + u * u) + np.arctan(u)) / math.pi)


LAWS = (
    Law("normal", lambda rng, s: rng.standard_normal(s), 0.0, stats.norm(), special.ndtr),
    Law(
        "exponential",
        lambda rng, s: rng.standard_exponential(s),
        1.0,
        stats.expon(),
        lambda x: -np.expm1(-x),
    ),
    Law("student t3", lambda rng, s: rng.standard_t(3, s), 0.0, stats.t(3), _t3_cdf),
    Law(
        "lognormal",
        lambda rng, s: np.exp(rng.standard_normal(s)),
        math.exp(0.5),
        stats.lognorm(1.0),
        lambda x: special.ndtr(np.log(x)),
    ),
    Law(
        "bernoulli",
        lambda rng, s: (rng.random(s) < RATE).astype(np.float64),
        RATE,
        stats.bernoulli(RATE),
        lambda x: np.where(x < 0.0, 0.0, np.where(x < 1.0, 1.0 - RATE, 1.0)),
    ),
)


OUTLIERS = Law(
    "1 % outliers",
    lambda rng, s: rng.standard_normal(s) + 20.0 * (rng.random(s) < 0.01),
    0.2,
    None,
    lambda x: 0.99 * special.ndtr(x) + 0.01 * special.ndtr(x - 20.0),
)
"""Breaks every method for means: a sample without an outlier gives no hint that there are any."""
