"""Kernel (c), empirical: quantiles, distances of distributions, and anything with only p-values.

A p-value or a DKW band holds at one fixed sample size. It is looked at on a geometric schedule
only, and look *k* spends ``alpha / (k (k + 1))``; the spendings sum to `alpha`. Quantiles need no
schedule: "at most a share q lies below" is a Bernoulli statement.

Sources: Dvoretzky, Kiefer & Wolfowitz (1956) with the constant of Massart (1990) for the band;
Gandy & Scott (2020), "Unit testing for MCMC and other Monte Carlo methods", for the spending;
Howard & Ramdas (2022), "Sequential estimation of quantiles", for the inversion on counts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from refutable.deciding.kernels import _validate, bernoulli
from refutable.deciding.kernels.interval import Interval

GROWTH = 2
"""Each look comes at this many times the sample size of the last one."""


def looks(first: int) -> Iterator[int]:
    """Yield the sample sizes at which one may look: `first`, and then twice the last, forever.

    Raises
    ------
    ValueError
        If `first` is not a positive whole number.
    """
    size = _validate.count("first", first, least=1)
    while True:
        yield size
        size *= GROWTH


def looks_done(size: int, first: int) -> int:
    """Return how many of `looks` lie at or below `size` values.

    Raises
    ------
    ValueError
        If `size` is not a whole number of at least 0, or `first` not one of at least 1.
    """
    size = _validate.count("size", size)
    return sum(1 for _ in itertools.takewhile(lambda look: look <= size, looks(first)))


def spending(alpha: float, look: int) -> float:
    """Return the share of `alpha` that look number `look` (from 1) may spend."""
    look = _validate.count("look", look, least=1)
    return _validate.error_rate(alpha) / (look * (look + 1.0))


def dkw_radius(n: int, alpha: float) -> float:
    """Return the half width of the DKW band of `n` values at error `alpha`, at most 1."""
    n = _validate.count("n", n)
    bar = math.log(2.0 / _validate.error_rate(alpha))
    return min(1.0, math.sqrt(bar / (2.0 * n))) if n else 1.0


def distance(
    sorted_sample: ArrayLike, cdf_values: ArrayLike, left_values: ArrayLike | None = None
) -> float:
    """Return the Kolmogorov distance between a sample and a distribution function.

    Parameters
    ----------
    sorted_sample : array_like, shape (n,)
        Ascending values.
    cdf_values : array_like, shape (n,)
        The distribution function at these values.
    left_values : array_like, shape (n,), optional
        Its limits from the left; needed only if it jumps.

    Raises
    ------
    ValueError
        If a sample is empty, unsorted or not finite, or the values of the distribution function
        are not ascending within [0, 1].
    """
    sample = _validate.ascending("sorted_sample", sorted_sample)
    at = _validate.ascending("cdf_values", cdf_values)
    before = at if left_values is None else _validate.ascending("left_values", left_values)
    if at.shape != sample.shape or before.shape != sample.shape:
        raise ValueError(f"cdf_values must have the sample's shape {sample.shape}, got {at.shape}")
    if before[0] < 0.0 or at[-1] > 1.0 or (before > at).any():
        raise ValueError("cdf_values must lie in [0, 1] and left_values must not exceed them")
    ranks = np.arange(1, sample.size + 1) / sample.size
    return float(max((ranks - at).max(), (before - ranks).max() + 1.0 / sample.size))


def distance_interval(
    sorted_sample: ArrayLike,
    cdf_values: ArrayLike,
    alpha_k: float,
    left_values: ArrayLike | None = None,
) -> Interval:
    """Return where the Kolmogorov distance of the *true* distribution from the predicted one lies.

    By the triangle inequality it is within `dkw_radius` of the sample's distance. It holds at one
    look; give ``alpha_k = spending(alpha, k)`` at look *k*.

    Parameters
    ----------
    sorted_sample, cdf_values, left_values
        As in `distance`.
    alpha_k : float
        Error probability of this look.

    Returns
    -------
    Interval
        Within [0, 1].

    Raises
    ------
    ValueError
        As `distance`, or if `alpha_k` is not in (0, 1).
    """
    found = distance(sorted_sample, cdf_values, left_values)
    radius = dkw_radius(np.size(sorted_sample), alpha_k)
    return Interval(max(0.0, found - radius), min(1.0, found + radius))


def quantile_interval(sorted_sample: ArrayLike, q: float, alpha: float) -> Interval:
    """Return the values that are not excluded as the `q`-quantile, at any stopping time.

    The number of values at or below the quantile is binomial with rate at least `q`, the number
    strictly below it with rate at most `q`; each is tested by `bernoulli` at ``alpha / 2``.

    Parameters
    ----------
    sorted_sample : array_like, shape (n,)
        Ascending values; ties and jumps are fine.
    q : float
        Strictly between 0 and 1.
    alpha : float
        Probability with which the sequence of intervals may ever miss the quantile.

    Returns
    -------
    Interval
        Ends are order statistics, or infinite as long as too few values have been seen.

    Raises
    ------
    ValueError
        If the sample is empty, unsorted or not finite, or `q` or `alpha` is not in (0, 1).
    """
    sample = _validate.ascending("sorted_sample", sorted_sample)
    if not 0.0 < q < 1.0:
        raise ValueError(f"q must lie strictly between 0 and 1, got {q}")
    n = sample.size
    fewest, excess = _ranks(n, q, _validate.error_rate(alpha))
    lower = float(sample[fewest - 1]) if fewest >= 1 else -math.inf
    upper = float(sample[excess - 1]) if excess <= n else math.inf
    return Interval(lower, upper)


@lru_cache(maxsize=16_384)
def _ranks(n: int, q: float, alpha: float) -> tuple[int, int]:
    """Return how many of n values must lie at or below a quantile, and how many not below it.

    No value has a say: cells and claims that look at equal sizes share the search.
    """
    bar = math.log(2.0 / alpha)
    fewest = _first(n + 1, lambda k: bernoulli.log_e_less(q, k, n) < bar)
    excess = _first(n + 1, lambda k: bernoulli.log_e_greater(q, k, n) >= bar)
    return fewest, excess


def _first(size: int, holds: Callable[[int], bool]) -> int:
    """Return the first of ``range(size)`` for which `holds` (false, then true), or `size`."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
