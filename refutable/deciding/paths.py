"""When a check decides along sampled paths, with work that does not grow with the cap.

A path is only looked at `MOST_LOOKS` times. Between two looks nothing is approximated: the
successes of a gap are binomial, and the sum and the scatter of normal values within it are normal
and chi-squared. A verdict between two looks is dated to the later one.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import blocks, student
from refutable.deciding.kernels.boundary import Counts, fewest_for, most_against

MOST_LOOKS = 512
"""Looks per path; where there are more, their gaps grow by at most 4 % each up to a cap of 1e9."""


def look_sizes(cap: int, block: int, most: int = MOST_LOOKS) -> Counts:
    """Return sample sizes of looks: every `block` up to `cap`, or `most` that grow evenly.

    Returns
    -------
    ndarray of int, shape (looks,)
        Ascending multiples of `block`, the last of them replaced by `cap`.
    """
    count = -(-cap // block)
    number = np.arange(1, count + 1) if count <= most else _even(count, most)
    return np.minimum(number * block, cap)


def _even(count: int, most: int) -> Counts:
    return np.unique(np.rint(np.geomspace(1, count, most)).astype(np.int64))


@dataclass(frozen=True)
class Bounds:
    """Numbers of successes at which the Bernoulli kernel has passed an end of a region.

    Parameters
    ----------
    sizes : ndarray of int, shape (looks,)
    above_lower, below_lower, below_upper, above_upper : ndarray of int, shape (looks,)
        The fewest, or the most, successes of which each is true.
    """

    sizes: Counts
    above_lower: Counts
    below_lower: Counts
    below_upper: Counts
    above_upper: Counts


@functools.lru_cache(maxsize=8)
def bounds(lower: float, upper: float, bar: float, cap: int, block: int, most: int) -> Bounds:
    """Return the bounds at the looks of a plan; several truths are tried against the same."""
    n = look_sizes(cap, block, most)
    never_low, never_high = np.full(n.shape, -1), n + 1
    free_low, free_high = lower <= 0.0, upper >= 1.0
    return Bounds(
        n,
        above_lower=n * 0 if free_low else fewest_for(min(lower, 1.0), n, bar),
        below_lower=never_low if free_low else most_against(min(lower, 1.0), n, bar),
        below_upper=n if free_high else most_against(max(upper, 0.0), n, bar),
        above_upper=never_high if free_high else fewest_for(max(upper, 0.0), n, bar),
    )


class Times(NamedTuple):
    """Replicates after which each path is decided, infinite where it never is.

    Parameters
    ----------
    inside, outside : ndarray, shape (paths,)
    """

    inside: FloatArray
    outside: FloatArray


def binomial_times(rate: float, at: Bounds, paths: int, rng: np.random.Generator) -> Times:
    """Return when paths of successes of a known rate are decided."""
    gaps = np.diff(at.sizes, prepend=0)
    k = np.cumsum(rng.binomial(gaps, rate, (paths, gaps.size)), axis=1)
    first = functools.partial(first_size, at.sizes)
    return Times(
        np.maximum(first(k >= at.above_lower), first(k <= at.below_upper)),
        np.minimum(first(k <= at.below_lower), first(k >= at.above_upper)),
    )


def normal_times(
    region: tuple[float, float],
    bar: float,
    sizes: Counts,
    paths: int,
    rng: np.random.Generator,
) -> Times:
    """Return when paths of normal block means are decided by the Student kernel.

    Parameters
    ----------
    region : tuple of float
        Ends, less the true mean, in standard deviations of a block mean; infinite where there is
        none.
    bar : float
        Log e-value that excludes.
    sizes : ndarray of int, shape (looks,)
        Replicates at the looks, no two within the same block mean.
    paths : int
    rng : Generator
    """
    counts = sizes // blocks.SIZE
    gaps = np.diff(counts, prepend=0)
    sums = rng.standard_normal((paths, gaps.size)) * np.sqrt(gaps)
    within = 2.0 * rng.standard_gamma((gaps - 1) / 2.0, (paths, gaps.size))
    average = np.cumsum(sums, axis=1) / counts
    square = np.cumsum(sums**2 / gaps + within, axis=1)
    scatter = np.maximum(square - counts * average**2, 0.0)

    def left(end: float, side: float) -> tuple[FloatArray, FloatArray]:
        """When the running interval has left `end` inwards and outwards; inwards is `side`."""
        if math.isinf(end):
            return np.zeros(paths), np.full(paths, math.inf)
        gone = student.log_e_values(end, counts, average, scatter) >= bar
        inwards = side * (average - end) > 0.0
        return first_size(sizes, gone & inwards), first_size(sizes, gone & ~inwards)

    (in_lower, out_lower), (in_upper, out_upper) = left(region[0], 1.0), left(region[1], -1.0)
    return Times(np.maximum(in_lower, in_upper), np.minimum(out_lower, out_upper))


def first_size(sizes: Counts, passed: NDArray[np.bool_]) -> FloatArray:
    """Return the size at which each row is first true."""
    return np.where(passed.any(axis=1), sizes[passed.argmax(axis=1)].astype(float), math.inf)
