"""What looking at any time saves: replicates used, against the fixed-n test of equal error.

One error probability throughout, a claim's share of the suite's 1 %. Before anything runs nobody
knows how clear the truth is, so a fixed-n test must be sized for the hardest truth it is meant to
settle: here 60 % of the way to the limit (a violation rate of 0.03 under a limit of 0.05; a slope
at 0.6 of its margin), settled with a power of 80 %. The sequential test is sized for nothing; its
expected number of replicates at a truth comes from `claimcheck.planning`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from claimcheck import planning
from claimcheck.kernels.sides import spendable

ALPHA = 0.01 / 256
POWER = 0.8
LIMIT, HARDEST = 0.05, 0.03
MARGIN, SPREAD = 0.1, 0.5
"""Margin of a slope, and standard deviation of a replicate's own slope."""
MOST = 6000


@dataclass(frozen=True)
class Saving:
    """One line of the table.

    Parameters
    ----------
    case : str
        What is decided, and the truth.
    fixed : int
        Replicates of the fixed-n test.
    sequential : float
        Expected replicates of the kernel.
    ratio : float
        How many times fewer.
    to_beat : float
        What the design asks for.
    """

    case: str
    fixed: int
    sequential: float
    ratio: float
    to_beat: float


def savings(seed: int) -> list[Saving]:
    """Return the table; `seed` is that of the simulated slopes."""
    bound, slope = fixed_bound(LIMIT, HARDEST, ALPHA, POWER), fixed_slope(ALPHA, POWER)
    return [
        _saving("bound 0.05, never violated", bound, _bound(0.0), 9.4),
        _saving("bound 0.05, violated at rate 0.01", bound, _bound(0.01), 5.2),
        _saving("bound 0.05, grossly false: violated at rate 0.5", bound, _bound(0.5), 170.0),
        _saving("bound 0.05, always violated", bound, _bound(1.0), 170.0),
        _saving("slope 0 within 0.1, sd 0.5, true", slope, _slope(0.0, seed), 8.0),
        _saving("slope 0 within 0.1, sd 0.5, false: 0.5", slope, _slope(0.5, seed), 8.0),
    ]


def _saving(case: str, fixed: int, sequential: float, to_beat: float) -> Saving:
    return Saving(case, fixed, round(sequential, 1), round(fixed / sequential, 2), to_beat)


def _bound(rate: float) -> float:
    alpha = spendable(ALPHA, -math.inf, LIMIT)
    return planning.probability_outlook(rate, -math.inf, LIMIT, alpha, MOST).replicates


def _slope(truth: float, seed: int) -> float:
    rng = np.random.default_rng(seed)
    outlook = planning.mean_outlook(truth, SPREAD, -MARGIN, MARGIN, ALPHA, MOST, rng=rng)
    return outlook.replicates


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
