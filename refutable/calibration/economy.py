"""What looking at any time saves: replicates used, against the fixed-n test of equal error.

One error probability throughout, a claim's share of the suite's 1 %. Before anything runs nobody
knows how clear the truth is, so a fixed-n test must be sized for the hardest truth it is meant to
settle: here 60 % of the way to the limit (a violation rate of 0.03 under a limit of 0.05; a slope
at 0.6 of its margin), settled with a power of 80 %. The sequential test is sized for nothing; its
expected number of replicates at a truth comes from `refutable.deciding.planning`. Beside it stands
what a sequential test would need that is told the truth (Wald's): nothing can save much more than
that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from refutable.claims.arrays import FloatArray
from refutable.deciding import planning
from refutable.deciding.kernels import blocks
from refutable.deciding.kernels.sides import spendable

ALPHA = 0.01 / 256
POWER = 0.8
LIMIT, HARDEST = 0.05, 0.03
MARGIN, SPREAD = 0.1, 0.5
"""Margin of a slope, and standard deviation of a replicate's own slope."""
MOST = 6000
EVERY = (1, 8, 64)
"""Replicates between two looks at a bound; 64 is the block of a claim that names none."""


@dataclass(frozen=True)
class Saving:
    """One line of the table.

    Parameters
    ----------
    case : str
        What is decided, and the truth.
    look_every : int
        Replicates between two looks: a claim's block.
    fixed : int
        Replicates of the fixed-n test.
    sequential : float
        Expected replicates of the kernel.
    told : float
        Expected replicates of Wald's sequential test of the truth itself against the region's
        ends: what a test would need that had been told the truth beforehand.
    ratio : float
        How many times fewer than `fixed` the kernel needs.
    """

    case: str
    look_every: int
    fixed: int
    sequential: float
    told: float
    ratio: float


def savings(seed: int) -> list[Saving]:
    """Return the table; `seed` is that of the simulated slopes."""
    bounds = [
        (f"bound {LIMIT}, {words}", rate)
        for words, rate in (
            ("never violated", 0.0),
            ("violated at rate 0.01", 0.01),
            ("false: violated at rate 0.5", 0.5),
            ("grossly false: always violated", 1.0),
        )
    ]
    slopes = [
        (f"slope {words} (sd {SPREAD})", truth, lower)
        for words, truth, lower in (
            (f"within {MARGIN} of 0, truth 0", 0.0, -MARGIN),
            (f"within {MARGIN} of 0, grossly false: truth 0.5", 0.5, -MARGIN),
            (f"at most {MARGIN}, truth 0", 0.0, -math.inf),
            (f"at most {MARGIN}, clear: truth -{MARGIN}", -MARGIN, -math.inf),
        )
    ]
    return [
        *(_bound(case, rate, every) for every in EVERY for case, rate in bounds),
        *(_slope(case, truth, lower, seed) for case, truth, lower in slopes),
    ]


def _saving(case: str, every: int, fixed: int, sequential: float, told: float) -> Saving:
    ratio = round(fixed / sequential, 2)
    return Saving(case, every, fixed, round(sequential, 1), round(told, 1), ratio)


def _bound(case: str, rate: float, every: int) -> Saving:
    alpha = spendable(ALPHA, -math.inf, LIMIT)
    outlook = planning.probability_outlook(rate, -math.inf, LIMIT, alpha, MOST, every)
    fixed = fixed_bound(LIMIT, HARDEST, ALPHA, POWER)
    return _saving(case, every, fixed, outlook.replicates, told_bound(rate, LIMIT, ALPHA))


def _slope(case: str, truth: float, lower: float, seed: int) -> Saving:
    rng, alpha = np.random.default_rng(seed), spendable(ALPHA, lower, MARGIN)
    outlook = planning.mean_outlook(truth, SPREAD, lower, MARGIN, alpha, MOST, rng=rng)
    told = told_slope(truth, SPREAD, (lower, MARGIN), ALPHA, rng)
    return _saving(case, blocks.SIZE, fixed_slope(ALPHA, POWER), outlook.replicates, told)


def fixed_bound(limit: float, rate: float, alpha: float, power: float) -> int:
    """Return the size from which on the exact binomial test always has this error and power.

    (It is not monotone in the size: some smaller sizes do by chance of the lattice.)
    """
    n = np.arange(1, 20001)
    cut = stats.binom.ppf(alpha, n, limit)
    cut = np.where(stats.binom.cdf(cut, n, limit) > alpha, cut - 1, cut)
    good = (cut >= 0) & (stats.binom.cdf(cut, n, rate) >= power)
    return int(n[~good][-1]) + 1


def fixed_slope(alpha: float, power: float) -> int:
    """Return the size of the two one-sided t-tests that settle a slope at 0.6 of its margin."""

    def lacking(n: float) -> float:
        bar = stats.t.isf(alpha, n - 1)
        shift = (MARGIN - HARDEST / LIMIT * MARGIN) / SPREAD * math.sqrt(n)
        return float(stats.nct.sf(bar, n - 1, shift)) - power

    return math.ceil(optimize.brentq(lacking, 5, 1e5))


def told_bound(rate: float, limit: float, alpha: float) -> float:
    """Return the expected replicates until the likelihood ratio of `rate` to `limit` is 1/alpha.

    An exact recursion over the number of violations; at most `MOST` replicates.
    """
    success = math.log(rate / limit) if rate > 0 else -math.inf
    failure = math.log((1 - rate) / (1 - limit)) if rate < 1 else -math.inf
    alive, expected = np.ones(1), 0.0
    for n in range(1, MOST + 1):
        expected += float(alive.sum())
        alive = np.convolve(alive, [1 - rate, rate])
        k = np.arange(n + 1)
        with np.errstate(invalid="ignore"):
            ratio = np.where(k > 0, k * success, 0.0) + np.where(k < n, (n - k) * failure, 0.0)
        alive[ratio >= -math.log(alpha)] = 0.0
        if alive.sum() < 1e-9:
            break
    return expected


def told_slope(
    truth: float,
    sd: float,
    region: tuple[float, float],
    alpha: float,
    rng: np.random.Generator,
    paths: int = 400,
) -> float:
    """Return the expected replicates until normal likelihood ratios settle a slope, `sd` known.

    Inside the region every end must be rejected in favour of `truth`, outside the nearer one.
    """
    ends = [end for end in region if math.isfinite(end)]
    inside = region[0] <= truth <= region[1]
    against = ends if inside else [min(ends, key=lambda end: abs(end - truth))]
    x = rng.normal(truth, sd, (paths, MOST))
    taken = [_first_passage(x, truth, end, sd, -math.log(alpha)) for end in against]
    return float(np.max(taken, axis=0).mean())


def _first_passage(
    x: FloatArray, truth: float, end: float, sd: float, bar: float
) -> NDArray[np.intp]:
    gain = (truth - end) * (x - (truth + end) / 2) / sd**2
    return np.asarray(np.argmax(np.cumsum(gain, axis=1) >= bar, axis=1) + 1)
