"""The published over-specified runs: start next to the truth, stop on a relative gain of 1e-6."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.solvers.gaussian_moe import EmRule, Fit, Parameters, Rule, fit, fit_em, scalar
from refutable.theory.experts.softmax_gmoe.atoms import PAPER_TRUTH as TRUTH

from refutable import FloatArray

PUBLISHED = EmRule(tolerance=1e-6, iterations=2000, measure="relative")
PATIENT = EmRule(tolerance=1e-8, iterations=60, measure="relative")
"""A tolerance a hundred times smaller, for as long as it takes to see that more than 50 iterations
are needed."""
TO_THE_TOP = Rule(tolerance=1e-5, iterations=300)
COPIES = np.array([[0, 0, 1], [0, 1, 1]])  # which true expert each of three fitted ones copies


def published_start(rng: Generator, size: int, n: int) -> tuple[NDArray[np.intp], Parameters]:
    """Return which pair is over-fitted (0 or 1) and the start of the authors' repository.

    Each fitted expert copies a true one; gates err by 0.005 n^-0.083 and experts by
    0.05 n^-0.083; variances start at the *standard deviations*, as in the code.
    """
    pair = rng.integers(0, 2, size)
    which, shape, shrink = COPIES[pair], (size, 3), n**-0.083
    free = np.array([1.0, 1.0, 0.0])
    gate = 0.005 * shrink * rng.standard_normal((2, *shape)) * free
    expert = 0.05 * shrink * rng.standard_normal((2, *shape))
    v = np.sqrt(TRUTH.v)[which] + np.abs(0.005 * n**-0.25 * rng.standard_normal(shape))
    return pair, scalar(
        TRUTH.b0[which] + gate[0], TRUTH.b1[which] + gate[1], TRUTH.a[which] + expert[0],
        TRUTH.c[which] + expert[1], v,
    )  # fmt: skip


def pair_gap(pair: NDArray[np.intp], fitted: Parameters) -> FloatArray:
    """Return |c_i - c_j| of the over-fitted pair."""
    gaps = np.abs(np.diff(fitted.c, axis=1))
    return np.asarray(gaps[np.arange(len(pair)), pair])


@dataclass(frozen=True)
class Run:
    """The published procedure, and the same runs carried on to the maximum.

    Attributes
    ----------
    gap, top_gap : ndarray, shape (size,)
        |c_i - c_j| of the over-fitted pair where the published rule stops and at the maximum.
    iterations : ndarray of int, shape (size,)
        EM iterations until the published rule stops.
    gained : ndarray, shape (size,)
        Log-likelihood between the two.
    """

    gap: FloatArray
    top_gap: FloatArray
    iterations: NDArray[np.int64]
    gained: FloatArray


def _stop(
    rng: Generator, size: int, n: int, rule: EmRule
) -> tuple[FloatArray, FloatArray, NDArray[np.intp], Fit]:
    """Return x, y, which pair is over-fitted, and where the rule stops."""
    w = WORLDS["paper"]
    x, y = w.draw(rng, size, n)
    pair, start = published_start(rng, size, n)
    return x, y, pair, fit_em(x, y, start, w.gate, rule=rule)


def run(rng: Generator, size: int, n: int, rule: EmRule = PUBLISHED) -> Run:
    """Run the published procedure on `size` data sets and carry it on to the maximum."""
    x, y, pair, early = _stop(rng, size, n, rule)
    top = fit(x, y, early.parameters, WORLDS["paper"].gate, rule=TO_THE_TOP)
    return Run(
        pair_gap(pair, early.parameters), pair_gap(pair, top.parameters), early.iterations,
        top.log_likelihood - early.log_likelihood,
    )  # fmt: skip


def stopped_gap(rng: Generator, size: int, n: int) -> FloatArray:
    """Return the pair's gap where the published rule stops, shape (size,)."""
    _, _, pair, early = _stop(rng, size, n, PUBLISHED)
    return pair_gap(pair, early.parameters)
