"""Adversarial logistic regression against cvxpy, scikit-learn and its own population limit."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.gaussian_mixture import sample_mixture
from refutable.solvers.robust_logistic import (
    class_weights,
    population_robust_logistic,
    robust_logistic,
)
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

MEAN = np.array([0.8, -0.5, 0.1, 0.02])


def _sample(seed=0, size=2, n=300, prior=0.7):
    return sample_mixture(np.random.default_rng(seed), size, n, MEAN, prior=prior)


def _by_cvxpy(x, y, radius, order, share):
    w, b = cp.Variable(x.shape[1]), cp.Variable()
    margin = cp.multiply(y, x @ w + b) - radius * cp.norm(w, order)
    problem = cp.Problem(cp.Minimize(share @ cp.logistic(-margin)))
    problem.solve(solver=cp.CLARABEL)
    return w.value, b.value, problem.value


@pytest.mark.parametrize(("attack", "order"), [("l2", 2), ("linf", 1)])
@pytest.mark.parametrize("weighted", [False, True])
def test_minimum_agrees_with_cvxpy(attack, order, weighted):
    x, y = _sample()
    weights = class_weights(y) if weighted else np.ones_like(y)
    ours = robust_logistic(x, y, 0.15, attack, weights)
    assert ours.converged.all()
    for i in range(len(x)):
        w, b, value = _by_cvxpy(x[i], y[i], 0.15, order, weights[i] / weights[i].sum())
        assert ours.value[i] == pytest.approx(value, abs=1e-7)
        assert np.allclose(ours.w[i], w, atol=1e-3)
        assert ours.b[i] == pytest.approx(b, abs=1e-3)


def test_without_attack_it_is_logistic_regression_of_scikit_learn():
    x, y = _sample(1, size=1)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[0], y[0])
    ours = robust_logistic(x, y, 0.0)
    assert np.allclose(ours.w[0], peer.coef_[0], atol=1e-4)
    assert ours.b[0] == pytest.approx(peer.intercept_[0], abs=1e-4)


@pytest.mark.parametrize("attack", ["l2", "linf"])
def test_large_samples_approach_the_population(attack):
    x, y = _sample(2, size=1, n=100_000, prior=0.8)
    ours = robust_logistic(x, y, 0.1, attack)
    w, b = population_robust_logistic(MEAN, 4.0, 0.1, attack)
    assert np.allclose(ours.w[0], w, atol=0.06)
    assert ours.b[0] == pytest.approx(b, abs=0.06)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.floats(0, 0.3), linf=st.booleans())
def test_no_neighbour_is_better(seed, radius, linf):
    x, y = _sample(seed, size=1, n=200)
    attack, order = ("linf", 1) if linf else ("l2", 2)
    best = robust_logistic(x, y, radius, attack)
    step = 0.01 * np.random.default_rng(seed).standard_normal(MEAN.size + 1)
    w, b = best.w[0] + step[:-1], best.b[0] + step[-1]
    margin = y[0] * (x[0] @ w + b) - radius * np.linalg.norm(w, order)
    assert np.logaddexp(0, -margin).mean() >= best.value[0] - 1e-7


def _population_loss(length, b, sigma, imbalance, radius):
    """Adaptive quadrature of the loss of the rule ``length MEAN / |MEAN|``, attacked in l_2."""
    scale, prior = sigma * length, imbalance / (1 + imbalance)
    total = 0.0
    for share, offset in ((prior, b), (1 - prior, -b)):
        centre = length * (np.linalg.norm(MEAN) - radius) + offset
        kink = np.clip(-centre / scale, -8.9, 8.9)
        value, _ = quad(
            lambda z, m=centre: np.logaddexp(0, -(m + scale * z)) * norm.pdf(z),
            -9, 9, points=[kink - 1 / scale, kink, kink + 1 / scale], epsabs=1e-13, limit=500,
        )  # fmt: skip
        total += share * value
    return total


@pytest.mark.parametrize(("sigma", "imbalance"), [(1.0, 4.0), (0.3, 4.0), (0.2, 1.5)])
def test_population_rules_minimise_adaptive_quadrature(sigma, imbalance):
    w, b = population_robust_logistic(MEAN, imbalance, 0.1, sigma=sigma)
    length = np.linalg.norm(w)
    np.testing.assert_allclose(w / length, MEAN / np.linalg.norm(MEAN), atol=1e-6)
    best = minimize(
        lambda p: np.log(_population_loss(p[0] * length, p[1] * length, sigma, imbalance, 0.1)),
        [1.01, b / length + 0.01],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-15, "maxiter": 400},
    )
    np.testing.assert_allclose([1.0, b / length], best.x, atol=2e-5)


def test_a_population_rule_that_is_no_minimum_is_not_returned():
    with pytest.raises(RuntimeError, match="max_iterations=2"):
        population_robust_logistic(MEAN, 4.0, 0.1, max_iterations=2)


@pytest.mark.parametrize("sigma", [0.08, 0.05, 0.03, 0.01, 1e-3])
@pytest.mark.parametrize("attack", ["l2", "linf"])
def test_classes_that_hardly_overlap_are_refused(sigma, attack):
    with pytest.raises(ValueError, match=f"^sigma={sigma}: give a larger one"):
        population_robust_logistic(MEAN, 1.0, 0.1, attack, sigma=sigma)


def test_linf_attacks_silence_weak_features_exactly():
    w, _ = population_robust_logistic(MEAN, 2.0, 0.2, "linf")
    assert (w[2:] == 0).all()
    assert (w[:2] != 0).all()


@pytest.mark.parametrize("attack", ["l2", "linf"])
def test_only_the_shares_of_the_weights_count(attack):
    x, y = _sample(5)
    weights = np.random.default_rng(5).uniform(0.5, 2.0, y.shape)
    one, other = (robust_logistic(x, y, 0.1, attack, c * weights) for c in (1.0, 1000.0))
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
    np.testing.assert_allclose(one.w, other.w, rtol=1e-12)
    plain, ones = (
        robust_logistic(x, y, 0.1),
        robust_logistic(x, y, 0.1, weights=7 * np.ones(y.shape)),
    )
    np.testing.assert_allclose(plain.value, ones.value, rtol=1e-12)


def test_class_weights_balance():
    _, y = _sample(3)
    weights = class_weights(y)
    assert np.allclose((weights * (y > 0)).sum(axis=1), (weights * (y < 0)).sum(axis=1))


X, Y = _sample(4, size=1, n=20)
BAD = [
    (lambda: robust_logistic(X[0], Y, 0.1), r"^x\b"),
    (lambda: robust_logistic(X * np.inf, Y, 0.1), "NaN or inf"),
    (lambda: robust_logistic(X, Y[:, 1:], 0.1), r"^y\b"),
    (lambda: robust_logistic(X, np.ones_like(Y), 0.1), "one class only"),
    (lambda: robust_logistic(X, Y, -0.1), "radius"),
    (lambda: robust_logistic(X, Y, 0.1, "l1"), "attack"),
    (lambda: robust_logistic(X, Y, 0.1, weights=0 * Y), "weights"),
    (lambda: robust_logistic(X, Y, 0.1, max_iterations=0), "max_iterations"),
    (lambda: population_robust_logistic(MEAN, 0.0, 0.1), "imbalance"),
    (lambda: population_robust_logistic(MEAN, 1.0, 0.1, sigma=-1), "sigma"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
