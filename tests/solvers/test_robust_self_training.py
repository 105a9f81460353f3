"""Robust self-supervised training: a slow twin in NumPy, invariances, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.gaussian_mixture import accuracy, mean_estimator, sample_mixture
from refutable.solvers.robust_self_training import SelfTraining, objective, robust_self_training

MEAN = np.eye(10)[0]


def _problem(seed=0, size=2, m=10, n=200):
    rng = np.random.default_rng(seed)
    x, y = sample_mixture(rng, size, m, MEAN, balanced=True)
    return x, y, sample_mixture(rng, size, n, MEAN)[0]


def _slow(x, y, unlabelled, chosen):
    """One replicate, step by step as the method is stated."""
    w = (y[:, None] * x).mean(axis=0)
    w /= np.linalg.norm(w)
    for factor in chosen.annealing:
        g, u = chosen.gamma * factor, chosen.gamma_unlabelled * factor
        for i in range(chosen.steps // len(chosen.annealing)):
            margin, product = y * (x @ w), unlabelled @ w
            active = (margin > 0) & (margin < 1 / g)
            push = g * (active * y) @ x / len(y)
            near = np.abs(product) < 1 / u
            push += chosen.weight * u * (near * np.sign(product)) @ unlabelled / len(unlabelled)
            push -= (push @ w) * w
            w = w + chosen.step_size / np.sqrt(1 + i) * push / np.linalg.norm(push)
            w /= np.linalg.norm(w)
    return w


def test_it_follows_the_slow_twin():
    chosen = SelfTraining(steps=30)
    x, y, unlabelled = _problem()
    fast = robust_self_training(x, y, unlabelled, chosen)
    for i in range(2):
        assert fast[i] @ _slow(x[i], y[i], unlabelled[i], chosen) > 0.9999


def test_unlabelled_points_lower_objective_and_error():
    x, y, unlabelled = _problem(1, size=20, n=500)
    start = mean_estimator(x, y)
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    trained = robust_self_training(x, y, unlabelled)
    before, after = (objective(w, x, y, unlabelled) for w in (start, trained))
    assert after.mean() < before.mean()
    assert accuracy(trained, MEAN).mean() > accuracy(start, MEAN).mean()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_results_are_unit_vectors_and_turn_with_the_data(seed):
    x, y, unlabelled = _problem(seed, size=1, n=50)
    chosen = SelfTraining(steps=6)
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((10, 10)))[0]
    plain = robust_self_training(x, y, unlabelled, chosen)
    turned = robust_self_training(x @ turn, y, unlabelled @ turn, chosen)
    assert np.allclose(np.linalg.norm(plain, axis=1), 1, atol=1e-5)
    assert np.allclose(plain @ turn, turned, atol=0.05)


def test_the_objective_of_a_perfect_margin_is_zero():
    x, y = np.array([[[5.0, 0.0]]]), np.array([[1.0]])
    assert objective([[1.0, 0.0]], x, y, 5 * x)[0] == 0


X, Y, U = _problem()
BAD = [
    (lambda: robust_self_training(X[0], Y, U), r"^labelled\b"),
    (lambda: robust_self_training(X, 0 * Y, U), "other values than -1 and"),
    (lambda: robust_self_training(X, Y, U[:, :0]), "unlabelled is empty"),
    (lambda: robust_self_training(X, Y, U[:1]), "^unlabelled has shape"),
    (lambda: robust_self_training(X, Y, U * np.nan), "NaN"),
    (lambda: robust_self_training(0 * X, Y, U), "^labelled has a vanishing mean"),
    (lambda: robust_self_training(X, np.ones_like(Y), U), "labels holds one class only"),
    (lambda: robust_self_training(X, np.stack([Y[0], -np.ones(10)]), U), "give labels of both"),
    (lambda: SelfTraining(gamma=0), r"^gamma\b"),
    (lambda: SelfTraining(annealing=()), "annealing is empty"),
    (lambda: SelfTraining(weight=-1), "weight"),
    (lambda: SelfTraining(steps=2), "steps"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
