"""Whether the number of queries until failure grows linearly, and quadratically with noise.

Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (STOC 2015), introduction and Theorem 2
(informal), tried with the majority attack on a ladder of sample sizes n.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.solvers.adaptive_queries import GaussianAnswers, MajorityAttack
from refutable.theory.learning import adaptive_data_analysis as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

TAU = 0.2
"""Tolerance of the last answer."""

SIZES = (100, 200, 400)
"""Ladder of sample sizes."""

GROUP = 8
"""Runs averaged in one replicate before its failure is looked for."""

STEP = 0.03
"""Resolution of the number of queries, in units of the predicted one."""

LONGEST = 4.0
"""Give up at this multiple of the predicted number."""


def stated_noise(cell: Cell, n: int) -> float:
    """Return the cell's standard deviation ``s``, the same for every n."""
    del n
    return float(cell.s)


def tiny_noise(cell: Cell, n: int) -> float:
    """Return ``0.05 / sqrt(n)``, far below the sampling error."""
    del cell
    return float(0.05 / np.sqrt(n))


def small_noise(cell: Cell, n: int) -> float:
    """Return 0.03 for every n, of the order of the sampling error at the largest."""
    del cell, n
    return 0.03


def first_failures(
    cell: Cell, rng: Generator, size: int, noise: Callable[[Cell, int], float] = stated_noise
) -> Columns:
    """Count queries until the last answer's mean error over 8 runs exceeds 0.2.

    Parameters
    ----------
    noise : callable (cell, n) -> float
        Standard deviation of the noise on the answers.

    Returns
    -------
    dict of ndarray, shape (size, 3)
        ``failure``: one column per sample size.
    """
    ladder = [_failure(n, noise(cell, n), rng, size) for n in SIZES]
    return {"failure": np.stack(ladder, axis=1)}


def _failure(n: int, s: float, rng: Generator, size: int) -> FloatArray:
    predicted = theory.queries_until_failure(n, TAU, s)
    block = max(1, round(STEP * predicted))
    longest = int(LONGEST * predicted) | 1
    attack = MajorityAttack(rng, size * GROUP, n, longest, block=block)
    mechanism = GaussianAnswers(s, rng)
    failure = np.full(size, float(longest))
    running = np.ones(size, dtype=bool)
    while running.any() and attack.asked < longest:
        queries = attack.ask()
        assert queries is not None
        attack.hear(mechanism.answer(queries.values))
        error = attack.majority_mean.reshape(size, GROUP).mean(axis=1) - 0.5
        failure[running & (error > TAU)] = attack.asked
        running &= error <= TAU
    return failure


def _failure_curve(cell: Cell, n: FloatArray) -> FloatArray:
    return np.array([theory.exact_queries_until_failure(int(size), TAU, cell.s) for size in n])


def _steeper(cell: Cell, n: FloatArray) -> FloatArray:
    return np.asarray(_failure_curve(cell, n) * n ** (1 / 3))


LINEAR = Claim(
    id="adaptive_data_analysis.failure-linear-in-n",
    title="Exact answers last for linearly many queries of the attack",
    source="Introduction: linear in the number of queries",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With exact answers the number of queries until the last answer is off by more than "
    "0.2 grows linearly in n.",
    formula="k^*(tau) = pi/2 (Phi^(-1)(1/2 + tau))^2 n",
    scope=Scope.SCALED_DOWN,
    does_not_show="n from 100 to 400 and one tolerance. A mean over eight runs is watched, which "
    "crosses the tolerance a little early at small n.",
    cells=Cells(s=(0.0,)),
    simulate=first_failures,
    expect=(Slope("failure", SIZES, _failure_curve).near(0, 0.15),),
    controls=(
        BrokenWorld("a little noise that does not shrink", change={"noise": small_noise}),
        FalseTheory(
            "n^(4/3)",
            Slope("failure", SIZES, _steeper).near(0, 0.15),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=1000, standard=2000, full=4000),
)

QUADRATIC = Claim(
    id="adaptive_data_analysis.failure-quadratic-with-noise",
    title="With fixed noise answers last for quadratically many queries",
    source="Theorem 2 (informal): n of order $sqrt(m)$",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="With Gaussian noise of a fixed size the number of queries until failure grows "
    "quadratically in n, up to the sampling error's own linear term.",
    formula="k^*(tau) = pi/2 (Phi^(-1)(1/2 + tau))^2 (4 s^2 n^2 + n)",
    scope=Scope.SCALED_DOWN,
    does_not_show="One attack: an upper bound on how long the noise protects. n from 100 to 400.",
    cells=ByEffort(
        smoke=Cells(s=(0.07,)), standard=Cells(s=(0.1, 0.15)), full=Cells(s=(0.1, 0.15, 0.2))
    ),
    simulate=first_failures,
    expect=(Slope("failure", SIZES, _failure_curve).near(0, 0.15),),
    controls=(
        FalseTheory("linear in n", Slope("failure", SIZES).near(1, 0.15)),
        BrokenWorld(
            "noise far below $1/sqrt(n)$", change={"noise": tiny_noise}, cells=Cells(s=(0.07,))
        ),
    ),
    block=16,
    cap=ByEffort(smoke=1000, standard=2000, full=2000),
)
