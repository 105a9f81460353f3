"""What a tester-learner and its weakened relatives promise, and whether they keep it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning._tester_samples import (
    FloatArray,
    Sample,
    fitted,
    massart_sample,
)
from refutable.solvers.halfspace import (
    TesterLearner,
    averaging_direction,
    gaussian_moment_deviation,
)
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from refutable import Cell

Columns = dict[str, FloatArray]
Simulate = Callable[[Cell, Generator, int], Columns]

MOMENT_ERRORS = 4.0
"""The label-oblivious moment tester accepts deviations up to this many standard errors."""


def _stacked(rows: list[dict[str, float]]) -> Columns:
    return {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]}


def acceptance(cell: Cell, rng: Generator, size: int) -> Columns:
    """Verdict and certified excess U of the tester-learner on `size` samples.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accepted`` and ``certified`` (the bound U on the excess error).
    """
    rows = []
    for _ in range(size):
        model = fitted(cell, massart_sample(cell, rng), rng)
        rows.append({"accepted": model.accepted_, "certified": model.certificate_.excess})
    return _stacked(rows)


def soundness(cell: Cell, rng: Generator, size: int) -> Columns:
    """Whether the tester-learner breaks its promise.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accepted``; ``excess``: of the learned direction over w*, on fresh points; ``broken``:
        accepted although the excess exceeds eps by more than three standard errors.
    """
    return _promises(cell, rng, size, lambda sample, model: bool(model.accepted_))


def without_tests(cell: Cell, rng: Generator, size: int) -> Columns:
    """`soundness` of the learner that never rejects."""
    return _promises(cell, rng, size, lambda sample, model: True)


def without_labels(cell: Cell, rng: Generator, size: int) -> Columns:
    """`soundness` of a tester that only compares the moments of x with those of N(0, I)."""
    return _promises(cell, rng, size, lambda sample, model: _looks_gaussian(sample.x))


def without_disagreement_test(cell: Cell, rng: Generator, size: int) -> Columns:
    """`soundness` with theta0 / pi for the disagreement, as if the marginal were Gaussian."""
    return _promises(
        cell, rng, size, lambda sample, model: model.certificate_.angle.theta0 / np.pi <= cell.eps
    )


def _promises(
    cell: Cell, rng: Generator, size: int, accepts: Callable[[Sample, TesterLearner], bool]
) -> Columns:
    rows = []
    for _ in range(size):
        sample = massart_sample(cell, rng)
        model = fitted(cell, sample, rng)
        excess, error = sample.excess(model.coef_[0])
        accepted = accepts(sample, model)
        broken = accepted and excess > cell.eps + 3 * error
        rows.append({"accepted": accepted, "excess": excess, "broken": broken})
    return _stacked(rows)


def _looks_gaussian(x: FloatArray) -> bool:
    return gaussian_moment_deviation(x[: len(x) // 2]) <= MOMENT_ERRORS


def peers(cell: Cell, rng: Generator, size: int) -> Columns:
    """Excess errors of the tester-learner and its peers on the same samples.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ours``, and by how much ``logistic``, ``svc`` and ``averaging`` exceed it.
    """
    return _stacked([_side_by_side(cell, rng) for _ in range(size)])


def _side_by_side(cell: Cell, rng: Generator) -> dict[str, float]:
    sample = massart_sample(cell, rng)
    x, y = sample.x, sample.y
    ours = sample.excess(fitted(cell, sample, rng).coef_[0])[0]
    directions = {
        "logistic": LogisticRegression(fit_intercept=False).fit(x, y).coef_[0],
        "svc": LinearSVC(fit_intercept=False, random_state=0).fit(x, y).coef_[0],
        "averaging": averaging_direction(x, y),
    }
    return {"ours": ours} | {k: sample.excess(w)[0] - ours for k, w in directions.items()}
