"""Games between adaptive analysts and answering mechanisms, one column per outcome."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.adaptive_queries import (
    ExactAnswers,
    FeatureSelection,
    GaussianAnswers,
    MajorityAttack,
    Mechanism,
    MultiplicativeWeights,
    SplitAnswers,
    Thresholdout,
    UniverseAttack,
    interact,
)
from refutable.theory.learning import adaptive_data_analysis as theory

from refutable import Cell

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]

# --- the majority attack ----------------------------------------------------------------------


def _attack(
    cell: Cell, rng: Generator, size: int, mechanism: Mechanism, adaptive: bool = True
) -> Columns:
    attack = MajorityAttack(rng, size, cell.n, cell.k, adaptive=adaptive)
    interact(attack, mechanism)
    return {"final": attack.final_mean}


def exact_answers(cell: Cell, rng: Generator, size: int) -> Columns:
    """Return ``final``, the empirical mean of the last query (truth 1/2) under exact answers."""
    return _attack(cell, rng, size, ExactAnswers())


def noisy_answers(cell: Cell, rng: Generator, size: int) -> Columns:
    """`exact_answers` with Gaussian noise of standard deviation ``cell.s`` on the answers."""
    return _attack(cell, rng, size, GaussianAnswers(cell.s, rng))


def without_adaptivity(cell: Cell, rng: Generator, size: int) -> Columns:
    """`exact_answers` with random signs in the last query."""
    return _attack(cell, rng, size, ExactAnswers(), adaptive=False)


def fresh_samples(cell: Cell, rng: Generator, size: int) -> Columns:
    """Answer the last query, ``final``, from the last part of a split sample."""
    attack = MajorityAttack(rng, size, cell.n, cell.k)
    return {"final": interact(attack, SplitAnswers(cell.k + 1)).answers[:, -1]}


# --- how many queries until failure -----------------------------------------------------------

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


def first_failures(cell: Cell, rng: Generator, size: int) -> Columns:
    """Count queries until the last answer's mean error over 8 runs exceeds 0.2, noise ``cell.s``.

    Returns
    -------
    dict of ndarray, shape (size, 3)
        ``failure``: one column per sample size.
    """
    return {"failure": np.stack([_failure(n, cell.s, rng, size) for n in SIZES], axis=1)}


def first_failures_with_tiny_noise(cell: Cell, rng: Generator, size: int) -> Columns:
    """`first_failures` with noise ``0.05 / sqrt(n)``, far below the sampling error."""
    ladder = [_failure(n, 0.05 / np.sqrt(n), rng, size) for n in SIZES]
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


# --- a finite universe ------------------------------------------------------------------------

THRESHOLD, SCALE, RATE = 0.08, 0.005, 0.04
"""Noise of 0.01 would do for the last query, but its largest value over 8000 queries is about
0.01 log(8000) = 0.09, which triggers needless updates (16 a run in place of 2) and is then
answered: one run in six errs by more than 0.12."""

ACCURATE = 0.12


def finite_universe(cell: Cell, rng: Generator, size: int) -> Columns:
    """Errors of private multiplicative weights and of exact answers on more queries than points.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accurate``: multiplicative weights errs at most 0.12 on every query; ``updates`` it
        made; ``last``: its error on the adaptive last query; ``naive_last``: that of exact
        answers.
    """
    return _universe_game(cell, rng, size, THRESHOLD)


def without_threshold(cell: Cell, rng: Generator, size: int) -> Columns:
    """`finite_universe` with threshold 0: every query touches the sample."""
    return _universe_game(cell, rng, size, 0.0)


def _universe_game(cell: Cell, rng: Generator, size: int, threshold: float) -> Columns:
    population = np.exp(rng.standard_normal((size, cell.universe)))
    population /= population.sum(axis=1, keepdims=True)
    sample = rng.multinomial(cell.n, population) / cell.n
    private = MultiplicativeWeights(sample, threshold, SCALE, RATE, rng)
    played = interact(UniverseAttack(rng, population, cell.m), private)
    exact = interact(UniverseAttack(rng, population, cell.m), ExactAnswers(sample))
    return {
        "updates": private.updates.astype(float),
        "accurate": played.errors.max(axis=1) <= ACCURATE,
        "last": played.errors[:, -1],
        "naive_last": exact.errors[:, -1],
    }


# --- feature selection ------------------------------------------------------------------------


def reused_holdout(cell: Cell, rng: Generator, size: int) -> Columns:
    """Return reported minus true accuracy after adaptive selection among noise features.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``naive`` and ``thresholdout``: the reported accuracy minus the true one;
        ``naive_reported``, ``naive_train``: accuracies on holdout and training set.
    """
    naive = _selection(cell, rng, size)
    told = interact(naive, Thresholdout(cell.n, 0.0, 0.0, rng))
    guarded = interact(_selection(cell, rng, size), _thresholdout(cell, rng, 4.0))
    return {
        "naive": told.answers[:, -1] - told.truth[:, -1],
        "naive_reported": told.answers[:, -1],
        "naive_train": naive.train_accuracy,
        "thresholdout": guarded.answers[:, -1] - guarded.truth[:, -1],
    }


def without_limit(cell: Cell, rng: Generator, size: int) -> Columns:
    """Thresholdout with an infinite threshold: it reports the training accuracy."""
    told = interact(_selection(cell, rng, size), _thresholdout(cell, rng, np.inf))
    return {"thresholdout": told.answers[:, -1] - told.truth[:, -1]}


def _selection(cell: Cell, rng: Generator, size: int) -> FeatureSelection:
    return FeatureSelection(
        rng, size, cell.n, cell.d, cell.k,
        informative=cell.informative, shift=6 / np.sqrt(cell.n),
    )  # fmt: skip


def _thresholdout(cell: Cell, rng: Generator, factor: float) -> Thresholdout:
    return Thresholdout(cell.n, factor / np.sqrt(cell.n), 1 / np.sqrt(cell.n), rng)
