"""Wasserstein-robust least squares against cvxpy and its own worst sample."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.wasserstein_robust import (
    robust_least_squares,
    worst_mean_square,
    worst_sample,
)


def _sample(seed, size=3, n=30, d=5):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((size, n, d))
    return x, x @ rng.standard_normal(d) + rng.standard_normal((size, n))


def _by_cvxpy(x, y, radius):
    w = cp.Variable(x.shape[1])
    root = cp.norm(y - x @ w) / np.sqrt(len(y))
    problem = cp.Problem(cp.Minimize(root + radius * cp.norm(w)))
    problem.solve(solver=cp.CLARABEL)
    return w.value, problem.value**2


@pytest.mark.parametrize("radius", [0.01, 0.2, 1.0])
def test_minimum_agrees_with_cvxpy(radius):
    x, y = _sample(0)
    ours = robust_least_squares(x, y, radius)
    for i in range(len(x)):
        w, value = _by_cvxpy(x[i], y[i], radius)
        assert np.allclose(ours.w[i], w, atol=1e-3)
        assert ours.value[i] == pytest.approx(value, rel=1e-6)
        assert ours.value[i] <= value + 1e-9


def test_the_worst_sample_attains_the_worst_value():
    x, y = _sample(1)
    w = np.random.default_rng(2).standard_normal((3, 5))
    moved = worst_sample(w, x, y, 0.3)
    shift = np.sqrt(((moved - x) ** 2).sum(axis=2).mean(axis=1))
    assert np.allclose(shift, 0.3)
    reached = ((y - np.einsum("snd,sd->sn", moved, w)) ** 2).mean(axis=1)
    assert np.allclose(reached, worst_mean_square(w, x, y, 0.3))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.floats(0.01, 2))
def test_no_move_within_the_ball_is_worse(seed, radius):
    x, y = _sample(seed, size=1)
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((1, 5))
    step = rng.standard_normal(x.shape)
    step *= radius / np.sqrt((step**2).sum(axis=2).mean())
    reached = ((y - np.einsum("snd,sd->sn", x + step, w)) ** 2).mean(axis=1)
    assert (reached <= worst_mean_square(w, x, y, radius) + 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.floats(0.01, 2))
def test_no_neighbour_of_the_minimiser_is_better(seed, radius):
    x, y = _sample(seed)
    best = robust_least_squares(x, y, radius)
    nearby = best.w + 0.01 * np.random.default_rng(seed).standard_normal(best.w.shape)
    assert (worst_mean_square(nearby, x, y, radius) >= best.value - 1e-9).all()


def test_a_huge_radius_learns_nothing():
    x, y = _sample(3)
    fit = robust_least_squares(x, y, 100.0)
    assert (fit.w == 0).all()
    assert np.isinf(fit.penalty).all()


def test_a_tiny_radius_is_least_squares():
    x, y = _sample(4, size=1)
    fit = robust_least_squares(x, y, 1e-8)
    assert np.allclose(fit.w[0], np.linalg.lstsq(x[0], y[0], rcond=None)[0], atol=1e-5)


X, Y = _sample(5, size=1)
BAD = [
    (lambda: robust_least_squares(X[0], Y, 0.1), r"^x\b"),
    (lambda: robust_least_squares(X, Y[:, 1:], 0.1), r"^y\b"),
    (lambda: robust_least_squares(X * np.nan, Y, 0.1), "NaN"),
    (lambda: robust_least_squares(X, Y, 0.0), "radius"),
    (lambda: robust_least_squares(np.eye(4)[None, :2], np.ones((1, 2)), 0.01), "exactly"),
    (lambda: worst_sample(np.zeros((1, 5)), X, Y, 0.1), "zero"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
