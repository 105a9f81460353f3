"""The Newton solver against known minimisers, scipy and cvxpy; descent against its theory."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.preference import (
    PairwiseProblem,
    descent_margins,
    dpo_update,
    fit_pairwise,
    largest_curvature,
    squared_margin_fit,
)
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, log_softmax


def bradley_terry(seed: int, responses: int, batch: int = 2) -> tuple[PairwiseProblem, np.ndarray]:
    rng = np.random.default_rng(seed)
    reward = rng.normal(size=(batch, responses))
    policy = rng.dirichlet(np.full(responses, 2.0), size=batch)
    weights = 2 * policy[:, :, None] * policy[:, None, :]
    return PairwiseProblem(weights, expit(reward[:, :, None] - reward[:, None, :])), reward


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), responses=st.integers(2, 12))
def test_recovers_the_reward(seed: int, responses: int) -> None:
    problem, reward = bradley_terry(seed, responses)
    fit = fit_pairwise(problem)
    centred = reward - reward.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(fit.theta, centred, atol=1e-8)
    assert fit.gradient_norm.max() < 1e-12


def test_inconsistent_labels_agree_with_bfgs_and_cvxpy() -> None:
    rng = np.random.default_rng(3)
    problem = PairwiseProblem(rng.random((5, 5)), rng.random((5, 5)))
    ours = fit_pairwise(problem).theta
    bfgs = minimize(lambda t: float(problem.loss(t)), np.zeros(5), tol=1e-10).x
    np.testing.assert_allclose(ours, bfgs - bfgs.mean(), atol=1e-4)
    theta = cp.Variable(5)
    gap = cp.reshape(theta, (5, 1), "C") @ np.ones((1, 5)) - np.ones((5, 1)) @ cp.reshape(
        theta, (1, 5), "C"
    )
    weights = problem.weights * (1 - np.eye(5))
    loss = cp.sum(
        cp.multiply(weights, cp.logistic(-gap))
        + cp.multiply(weights * (1 - problem.preferred), gap)
    )
    cp.Problem(cp.Minimize(loss)).solve(solver="CLARABEL")
    np.testing.assert_allclose(ours, theta.value - theta.value.mean(), atol=1e-4)


def test_derivatives() -> None:
    problem, _ = bradley_terry(4, 5, batch=1)
    theta = np.random.default_rng(5).normal(size=5)
    numeric = approx_fprime(theta, lambda t: float(problem.loss(t[None])[0]))
    np.testing.assert_allclose(problem.gradient(theta[None])[0], numeric, atol=1e-5)
    for i in range(5):
        row = approx_fprime(theta, lambda t, i=i: float(problem.gradient(t[None])[0, i]))
        np.testing.assert_allclose(problem.hessian(theta[None])[0, i], row, atol=1e-5)


def test_update_is_a_normalised_tilt() -> None:
    start = log_softmax(np.array([0.0, 1.0, 2.0]))
    moved = dpo_update(start, np.array([1.0, 0.0, -1.0]), beta=0.5)
    assert np.exp(moved).sum() == pytest.approx(1)
    assert (moved - start)[0] - (moved - start)[1] == pytest.approx(2.0)


def test_squared_margin_fit_solves_its_normal_equations() -> None:
    problem, _ = bradley_terry(6, 6, batch=1)
    theta = squared_margin_fit(problem, 1.0)[0]

    def loss(t: np.ndarray) -> float:
        gap = t[:, None] - t[None, :]
        w, p = problem.weights[0], problem.preferred[0]
        return float((w * (p * (gap - 1) ** 2 + (1 - p) * (gap + 1) ** 2)).sum())

    assert np.abs(approx_fprime(theta, loss)).max() < 1e-5


def test_single_certain_pair_grows_like_a_logarithm() -> None:
    # One pair with certain labels: the margin m obeys dm/dt = 2 w e^-m / (1 + e^-m).
    weights = np.array([[0.0, 0.0], [1.0, 0.0]])
    problem = PairwiseProblem(weights, np.tril(np.ones((2, 2))))
    margins = descent_margins(problem, (1000, 10_000), step=0.5)
    assert margins[1] - margins[0] == pytest.approx(np.log(10), abs=0.02)


def test_descent_reaches_the_newton_solution() -> None:
    problem, _ = bradley_terry(7, 4, batch=1)
    fit = fit_pairwise(problem).theta
    margin = descent_margins(problem, (20_000,), step=1.0)
    assert margin[0, 0] == pytest.approx(float(np.ptp(fit)), abs=1e-6)


def test_settled_descent_stops_where_the_rest_would_lead() -> None:
    problem, _ = bradley_terry(7, 4, batch=3)
    step = 1 / largest_curvature(problem)
    whole = descent_margins(problem, (500, 4000), step)
    stopped = descent_margins(problem, (500, 4000, 10**9), step, settled=1e-13)
    np.testing.assert_allclose(stopped[:, :2], whole, atol=1e-9)
    np.testing.assert_allclose(stopped[:, 2], np.ptp(fit_pairwise(problem).theta, axis=-1))


def test_largest_curvature_is_that_of_all_points() -> None:
    problem, _ = bradley_terry(3, 5, batch=2)
    bound = largest_curvature(problem)
    for theta in np.random.default_rng(0).normal(size=(20, 2, 5)):
        assert (np.linalg.eigvalsh(problem.hessian(theta))[:, -1] <= bound * (1 + 1e-12)).all()


def test_next_token_term_bounds_the_margin() -> None:
    policy = np.full(3, 1 / 3)
    labels = np.tril(np.ones((3, 3)), -1)
    problem = PairwiseProblem(np.full((2, 3, 3), 2 / 9), np.stack([labels, labels]))
    pull = np.stack([np.zeros(3), 0.5 * policy])
    margins = descent_margins(problem, (1000, 10_000), 0.5, np.log(policy), pull)
    assert margins[0, 1] - margins[0, 0] > 0.5
    assert margins[1, 1] - margins[1, 0] < 1e-6


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"^(weights|preferred)\b"):
        PairwiseProblem(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="preferred"):
        PairwiseProblem(np.ones((2, 2)), np.full((2, 2), 2.0))
    with pytest.raises(ValueError, match="weights"):
        PairwiseProblem(np.full((2, 2), np.nan), np.ones((2, 2)))
    problem, _ = bradley_terry(8, 3)
    with pytest.raises(ValueError, match="checkpoints"):
        descent_margins(problem, (10, 5))
    with pytest.raises(ValueError, match="step"):
        descent_margins(problem, (10,), step=np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="step has NaN"):
        descent_margins(problem, (10,), step=np.nan)
    for settled in (-1.0, np.nan):
        with pytest.raises(ValueError, match="settled"):
            descent_margins(problem, (10,), settled=settled)
    with pytest.raises(ValueError, match="beta"):
        dpo_update(np.zeros(2), np.zeros(2), 0.0)
