"""Sufficient statistics against drawn points, and L-BFGS against cvxpy, as ratios."""

import cvxpy as cp
import numpy as np
import pytest
from refutable.solvers.gaussian_mixture import sample_mixture
from refutable.solvers.naive_bayes_augmentation import augment_by_statistics, augment_literally
from refutable.solvers.robust_logistic import robust_logistic
from refutable.solvers.robust_self_training import robust_self_training

MEAN = np.full(50, 1 / np.sqrt(50))


def _statistics(size=20):
    return augment_by_statistics(np.random.default_rng(0), size, 10, 50, (50,))


def _literal(size=20):
    return augment_literally(np.random.default_rng(0), size, 10, MEAN, (50,))


@pytest.mark.benchmark(group="augmented losses, d = 50, m = 10, gamma = 50")
def test_sufficient_statistics_are_far_cheaper_than_points(beside):
    assert beside("drawn points", _statistics, _literal) > 20


X, Y = sample_mixture(np.random.default_rng(1), 1, 2000, np.linspace(0.05, 0.6, 20), prior=0.8)


def _by_cvxpy():
    w, b = cp.Variable(20), cp.Variable()
    margin = cp.multiply(Y[0], X[0] @ w + b) - 0.3 * cp.norm1(w)
    problem = cp.Problem(cp.Minimize(cp.sum(cp.logistic(-margin)) / 2000))
    problem.solve(solver=cp.CLARABEL)
    return problem.value


def _by_lbfgs():
    return robust_logistic(X, Y, 0.3, "linf").value[0]


@pytest.mark.benchmark(group="l_inf-robust logistic regression, n = 2000, d = 20")
def test_lbfgs_is_faster_than_cvxpy_at_the_same_value(beside):
    assert _by_lbfgs() == pytest.approx(_by_cvxpy(), abs=1e-6)
    assert beside("cvxpy with Clarabel", _by_lbfgs, _by_cvxpy, turns=3) > 3


@pytest.mark.benchmark(group="robust self-supervised training, d = 200, n = 2000")
def test_self_training(benchmark):
    rng = np.random.default_rng(2)
    centre = np.eye(200)[0]
    x, y = sample_mixture(rng, 2, 20, centre)
    unlabelled, _ = sample_mixture(rng, 2, 2000, centre)
    benchmark.pedantic(robust_self_training, (x, y, unlabelled), rounds=3, warmup_rounds=1)
