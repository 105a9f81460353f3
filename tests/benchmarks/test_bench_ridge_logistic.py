"""Logistic regressions of many small clients at once: next to scikit-learn, one after another."""

import numpy as np
import pytest
from refutable.solvers.ridge_logistic import ridge_logistic
from sklearn.linear_model import LogisticRegression

CLIENTS, ROWS, FEATURES = 192, 200, 6


@pytest.fixture(scope="module")
def clients():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((CLIENTS, ROWS, FEATURES)) * np.exp(
        rng.standard_normal((CLIENTS, 1, FEATURES))
    )
    truth = rng.standard_normal((CLIENTS, FEATURES, 1))
    return x, rng.random((CLIENTS, ROWS)) < 1 / (1 + np.exp(-(x @ truth)[..., 0]))


def ours(x, y):
    return ridge_logistic(x, y, 1e-3).coefficients


def peer(x, y):
    model = LogisticRegression(C=1e3, fit_intercept=False, solver="newton-cholesky", tol=1e-8)
    return np.stack([model.fit(*client).coef_[0] for client in zip(x, y, strict=True)])


@pytest.mark.benchmark(group="192 logistic regressions of 200 rows")
def test_a_batch_is_faster_than_one_after_another(beside, clients):
    np.testing.assert_allclose(ours(*clients), peer(*clients), atol=1e-4)
    ratio = beside("scikit-learn, one after another", ours, peer, *clients, turns=3)
    assert ratio > 5  # 27 measured
