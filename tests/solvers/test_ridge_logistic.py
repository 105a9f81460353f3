"""Batched logistic regression against scikit-learn, SciPy and finite differences."""

import numpy as np
import pytest
from refutable.solvers import ridge_logistic as rl
from scipy import optimize
from sklearn.linear_model import LogisticRegression


def problems(size=4, n=60, p=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((size, n, p)) * np.exp(rng.standard_normal((size, 1, p)))
    return x, rng.random((size, n)) < 1 / (1 + np.exp(-x.sum(axis=-1)))


def test_fits_are_those_of_scikit_learn():
    x, y = problems()
    found = rl.ridge_logistic(x, y, 0.5)
    assert found.slope.max() < 1e-7
    for row in range(4):
        peer = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10, max_iter=1000)
        peer.fit(x[row], y[row])
        assert found.coefficients[row] == pytest.approx(peer.coef_[0], abs=1e-5)


def test_a_batch_of_any_shape_is_fitted_one_by_one():
    x, y = problems(6)
    found = rl.ridge_logistic(x.reshape(2, 3, 60, 3), y.reshape(2, 3, 60), 0.01)
    assert found.slope.shape == (2, 3)
    alone = rl.ridge_logistic(x[4], y[4], 0.01)
    assert found.coefficients[1, 1] == pytest.approx(alone.coefficients, abs=1e-8)


def test_separable_classes_have_a_minimum_because_of_the_ridge():
    x = np.linspace(-2, 2, 20)[:, None]
    y = x[:, 0] > 0
    found = rl.ridge_logistic(x, y, 1e-3)

    def loss(b):
        return np.logaddexp(0, -np.abs(x[:, 0]) * b).sum() + 5e-4 * b**2

    best = optimize.minimize_scalar(loss, bounds=(0, 100), options={"xatol": 1e-10})
    assert found.coefficients[0] == pytest.approx(best.x, rel=1e-5)
    assert found.slope < 1e-7


def test_a_step_that_is_too_long_is_halved_until_the_loss_falls():
    x, y = problems(2)
    labels, zero = y.astype(float), np.zeros((2, 60))
    start = rl.losses(x, y, np.zeros((2, 3)))
    way = -300 * rl.ridge_logistic(x, y, 0.1).coefficients * np.array([[1.0], [1 / 300]])
    b, level, value = rl._descend(x, labels, 0.1, np.zeros((2, 3)), zero, start, way)
    assert (value < start).all()
    assert b[1] == pytest.approx(-way[1])  # a step of the right length is taken whole
    halvings = np.log2(way[0] / -b[0])
    assert halvings == pytest.approx(np.full(3, halvings[0]))
    assert halvings[0] == pytest.approx(round(halvings[0]))
    assert halvings[0] > 1
    assert level == pytest.approx((x @ b[..., None])[..., 0])
    assert value == pytest.approx(rl.losses(x, y, b) + 0.05 * (b**2).sum(axis=1))


def test_losses_are_those_of_log_probabilities():
    x, y = problems(2)
    b = np.array([[0.3, -0.2, 1.0], [0.0, 400.0, 0.0]])
    level = (x @ b[..., None])[..., 0]
    wanted = (np.logaddexp(0, level) - y * level).sum(axis=-1)
    assert rl.losses(x, y, b) == pytest.approx(wanted, rel=1e-12)


def test_information_is_the_second_derivative_of_the_loss():
    x, y = problems(1)
    b, h = np.array([0.2, -0.1, 0.4]), 1e-4
    second = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            moves = [
                b + h * (s * np.eye(3)[i] + t * np.eye(3)[j]) for s in (1, -1) for t in (1, -1)
            ]
            a, c, d, e = (float(rl.losses(x[0], y[0], m)) for m in moves)
            second[i, j] = (a - c - d + e) / (4 * h * h)
    assert rl.information(x[0], b) == pytest.approx(second, rel=1e-4, abs=1e-3)


def test_shapes_go_together():
    x, y = problems(2)
    with pytest.raises(ValueError, match="^coefficients"):
        rl.losses(x, y, np.zeros(3))
    with pytest.raises(ValueError, match="^coefficients"):
        rl.information(x, np.zeros((2, 4)))
