"""The published over-specified runs: starts next to the truth, a relative tolerance of 1e-6.

The authors' repository (CRPE-SGaME with the R package meteoritsSim, read): x on a grid, the best of
five starts, and EM whose gate is brought to its maximum in every iteration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.solvers.gaussian_moe import (
    EmRule,
    Fit,
    Parameters,
    Rule,
    fit,
    fit_nested_em,
    sample,
    scalar,
)
from refutable.theory.experts.softmax_gmoe.atoms import PAPER_TRUTH as TRUTH

from refutable import FloatArray

PUBLISHED = EmRule(tolerance=1e-6, iterations=2001, measure="relative")
TO_THE_TOP = Rule(tolerance=1e-2, iterations=300)
NEARLY = Rule(tolerance=0.1, iterations=300)
STARTS = 5
COPIES = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1]])
"""Which true expert each of three fitted ones copies: what the repository draws from, equally
often. The last one always copies the last."""


def published_start(rng: Generator, shape: tuple[int, ...], n: int) -> Parameters:
    """Return starts of the repository, of leading `shape`.

    One number is added to both gate parameters of an expert and one to its slope and intercept:
    0.005 n^-0.083 and 0.05 n^-0.083 times normal. Variances start at the *standard deviations*.
    """
    which, shrink = COPIES[rng.integers(0, len(COPIES), shape)], n**-0.083
    noise = rng.standard_normal((3, *which.shape))
    gate = 0.005 * shrink * noise[0] * np.array([1.0, 1.0, 0.0])
    expert = 0.05 * shrink * noise[1]
    v = np.sqrt(TRUTH.v)[which] + np.abs(0.005 * n**-0.25 * noise[2])
    return scalar(
        TRUTH.b0[which] + gate, TRUTH.b1[which] + gate, TRUTH.a[which] + expert,
        TRUTH.c[which] + expert, v,
    )  # fmt: skip


def doubled(parameters: Parameters) -> NDArray[np.intp]:
    """Return which true expert (0 or 1) two of the three fitted ones are nearer to."""
    of_first = np.abs(parameters.c - TRUTH.c[0]) < np.abs(parameters.c - TRUTH.c[1])
    return np.asarray(of_first.sum(axis=-1) < 2, dtype=np.intp)


def pair_gap(parameters: Parameters) -> FloatArray:
    """Return |c_i - c_j| of the two experts nearest to one and the same true one.

    Infinite where all three are nearest to one.
    """
    wanted = doubled(parameters)
    to = np.abs(parameters.c[..., None] - TRUTH.c).argmin(axis=-1)
    of_pair = to == wanted[..., None]
    low = np.where(of_pair, parameters.c, np.inf).min(axis=-1)
    high = np.where(of_pair, parameters.c, -np.inf).max(axis=-1)
    return np.asarray(np.where(of_pair.sum(axis=-1) == 2, high - low, np.inf))


def published_data(rng: Generator, size: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Return x on the repository's grid and y, both of shape (size, n)."""
    x = np.tile(np.linspace(0.0, 1.0, n), (size, 1))
    return x, sample(rng, WORLDS["paper"].parameters, WORLDS["paper"].gate, x)


@dataclass(frozen=True)
class Run:
    """The published procedure, and the run that it picks carried on to the maximum.

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


def stopped(rng: Generator, size: int, n: int) -> tuple[FloatArray, FloatArray, Fit]:
    """Return x, y, and the best of the starts where the published rule stops."""
    x, y = published_data(rng, size, n)
    start = published_start(rng, (size, STARTS), n)
    return x, y, fit_nested_em(x, y, start, rule=PUBLISHED).best()


def run(rng: Generator, size: int, n: int, carried_on: bool = False) -> Run:
    """Run the published procedure on `size` data sets and carry it on to the maximum.

    With `carried_on` the gap and what is left to gain are those of a run that has been carried on
    until a step of Levenberg-Marquardt gains less than 0.1.
    """
    x, y, early = stopped(rng, size, n)
    iterations = early.iterations
    if carried_on:
        early = fit(x, y, early.parameters, rule=NEARLY)
    top = fit(x, y, early.parameters, rule=TO_THE_TOP)
    return Run(
        pair_gap(early.parameters), pair_gap(top.parameters), iterations,
        top.log_likelihood - early.log_likelihood,
    )  # fmt: skip
