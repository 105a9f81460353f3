"""The Gaussian-mixture toolbox against Monte Carlo, quadrature and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.gaussian_mixture import (
    accuracy,
    balanced_labels,
    class_accuracies,
    class_statistics,
    mean_estimator,
    random_directions,
    robust_class_errors,
    sample_mean_estimator,
    sample_mixture,
    sample_signed,
)
from sklearn.naive_bayes import GaussianNB

MEAN = np.array([0.6, -0.3, 0.8])
small = st.floats(-3, 3, allow_nan=False)


def test_samples_have_the_stated_moments():
    rng = np.random.default_rng(1)
    x, y = sample_mixture(rng, 4, 20_000, MEAN, 0.7, prior=0.3)
    signed = y[..., None] * x
    assert x.shape == (4, 20_000, 3)
    assert np.allclose((y > 0).mean(), 0.3, atol=0.01)
    assert np.allclose(signed.mean(axis=(0, 1)), MEAN, atol=0.02)
    assert np.allclose(signed.std(axis=(0, 1)), 0.7, atol=0.02)


def test_balanced_classes_are_exactly_balanced():
    _, y = sample_mixture(np.random.default_rng(2), 3, 10, MEAN, balanced=True)
    assert (y.sum(axis=1) == 0).all()


def test_the_mean_estimator_has_the_law_of_its_direct_draw():
    rng = np.random.default_rng(3)
    direct = sample_mean_estimator(rng, 20_000, 8, MEAN, 0.5)
    x, y = sample_mixture(rng, 20_000, 8, MEAN, 0.5)
    literal = mean_estimator(x, y)
    assert np.allclose(direct.mean(axis=0), literal.mean(axis=0), atol=0.01)
    assert np.allclose(direct.std(axis=0), literal.std(axis=0), atol=0.01)


def test_class_statistics_agree_with_naive_bayes_of_scikit_learn():
    x, y = sample_mixture(np.random.default_rng(4), 1, 12, MEAN, balanced=True)
    ours = class_statistics(x, y, ddof=0)
    peer = GaussianNB(var_smoothing=0.0).fit(x[0], y[0])
    assert np.allclose(ours.negative[0], peer.theta_[0])
    assert np.allclose(ours.positive[0], peer.theta_[1])
    assert np.allclose(ours.variance[0], peer.var_.mean(axis=0))
    assert np.allclose(class_statistics(x, y, ddof=1).variance, ours.variance * 6 / 5)


def test_accuracy_is_the_share_of_correct_points():
    x, y = sample_mixture(np.random.default_rng(5), 1, 200_000, MEAN, 0.9, prior=0.7)
    w, b = np.array([1.0, 0.5, 0.2]), 0.3
    correct = np.sign(x[0] @ w + b) == y[0]
    plus, minus = class_accuracies(w, MEAN, 0.9, b)
    assert abs(correct.mean() - accuracy(w, MEAN, 0.9, b, prior=0.7)) < 0.005
    assert abs(correct[y[0] > 0].mean() - plus) < 0.005
    assert abs(correct[y[0] < 0].mean() - minus) < 0.006


@pytest.mark.parametrize(("order", "dual"), [(2, 2), (np.inf, 1)])
def test_robust_errors_are_reached_by_the_worst_perturbation(order, dual):
    w, radius, b = np.array([1.0, 0.5, -0.2]), 0.2, 0.1
    step = w / np.linalg.norm(w) if order == 2 else np.sign(w)
    signed = sample_signed(np.random.default_rng(6), 1, 200_000, MEAN)[0] - radius * step
    plus, minus = robust_class_errors(w, MEAN, radius, dual, bias=b)
    assert abs((signed @ w + b < 0).mean() - plus) < 0.005
    assert abs((signed @ w - b < 0).mean() - minus) < 0.005


@given(a=st.lists(small, min_size=3, max_size=3), scale=st.floats(0.1, 10))
def test_accuracy_ignores_the_length_of_the_normal(a, scale):
    w = np.array(a) + np.array([5.0, 0, 0])
    assert np.isclose(accuracy(w, MEAN), accuracy(scale * w, MEAN))


def test_random_directions_are_unit_vectors():
    assert np.allclose(np.linalg.norm(random_directions(np.random.default_rng(0), 5, 7), axis=1), 1)


RNG = np.random.default_rng(0)
X, Y = np.ones((1, 4, 2)), np.array([[1.0, 1.0, -1.0, -1.0]])
BAD = [
    (lambda: sample_signed(RNG, 0, 3, MEAN), "size"),
    (lambda: sample_signed(RNG, 2, 3, []), "mean is empty"),
    (lambda: sample_signed(RNG, 2, 3, [np.nan]), "NaN"),
    (lambda: sample_signed(RNG, 2, 3, np.ones((3, 2))), r"^mean\b"),
    (lambda: sample_signed(RNG, 2, 3, MEAN, 0.0), r"^sigma\b"),
    (lambda: sample_mixture(RNG, 2, 3, MEAN, prior=1.0), "prior"),
    (lambda: balanced_labels(2, 3), "even"),
    (lambda: mean_estimator(X[0], Y), r"^x\b"),
    (lambda: mean_estimator(X, Y[:, :3]), r"^y\b"),
    (lambda: mean_estimator(X, 0 * Y), "other values than -1 and"),
    (lambda: class_statistics(X, np.abs(Y)), "one class only"),
    (lambda: class_statistics(X, np.array([[1.0, -1, -1, -1]])), "^y leaves a class with"),
    (lambda: class_statistics(X, Y, ddof=2), "ddof"),
    (lambda: class_accuracies(np.zeros(3), MEAN), "zero vector"),
    (lambda: class_accuracies(np.ones(2), MEAN), "last axis"),
    (lambda: robust_class_errors(MEAN, MEAN, -0.1, 2), "radius"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
