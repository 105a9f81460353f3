"""Layer normalisation against scikit-learn's scaler, and what leaves it as it is."""

import numpy as np
import pytest
from refutable.solvers.layer_norm import layer_norm
from sklearn.preprocessing import StandardScaler


@pytest.fixture
def tokens():
    return np.random.default_rng(0).normal(3.0, 2.0, (2, 5, 7))


def test_tokens_are_standardised_as_columns_are_by_scikit_learn(tokens):
    found = layer_norm(tokens, floor=0.0)
    for block, out in zip(tokens, found, strict=True):
        np.testing.assert_allclose(out, StandardScaler().fit_transform(block.T).T, atol=1e-13)


def test_scale_and_shift_are_applied_last(tokens):
    gamma, beta = np.arange(7.0), np.linspace(-1, 1, 7)
    expected = layer_norm(tokens) * gamma + beta
    np.testing.assert_allclose(layer_norm(tokens, gamma, beta), expected, atol=1e-14)


def test_the_floor_is_added_to_the_variance():
    token = np.array([[1.0, -1.0]])  # of variance 1
    np.testing.assert_allclose(layer_norm(token, floor=3.0), token / 2)
    np.testing.assert_allclose(layer_norm(np.full((1, 4), 5.0)), 0.0)


def test_another_unit_and_origin_change_nothing(tokens):
    np.testing.assert_allclose(
        layer_norm(10 * tokens + 4, floor=0.0), layer_norm(tokens, floor=0.0), atol=1e-12
    )


def test_a_constant_token_needs_a_floor(tokens):
    with pytest.raises(ValueError, match="^floor=0.0: give a number above 0"):
        layer_norm(np.ones((2, 3)), floor=0.0)
    with pytest.raises(ValueError, match="^scale"):
        layer_norm(tokens, np.ones(6))
    with pytest.raises(ValueError, match="^shift"):
        layer_norm(tokens, 1.0, np.ones((3, 2, 5, 7)))
