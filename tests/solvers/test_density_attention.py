"""Density attention against SciPy's laws and loops over places."""

import numpy as np
import pytest
from refutable.solvers import density_attention as da
from scipy import stats

X = np.random.default_rng(0).standard_normal((3, 7))


def test_factors_are_normal_densities_of_standardised_inputs():
    offsets, scales = np.array([0.3, -1.0]), np.array([0.7, 1.4])
    found = da.gaussian_factors(X, offsets, scales, 0.25)
    assert found.shape == (3, 2, 7)
    for row in range(3):
        spread = np.sqrt(np.var(X[row], ddof=1) + 0.25)
        for k in range(2):
            y = (X[row] - X[row].mean() - offsets[k]) / spread
            assert found[row, k] == pytest.approx(stats.norm.pdf(y, scale=scales[k]))


def test_each_row_may_have_a_head_of_its_own():
    offsets, scales = np.arange(6.0).reshape(3, 2), np.full((3, 2), 2.0)
    found = da.gaussian_factors(X, offsets, scales)
    for row in range(3):
        alone = da.gaussian_factors(X[row], offsets[row], scales[row])
        assert found[row] == pytest.approx(alone)


def test_sums_are_divided_by_and_the_floor_where_that_is_more():
    raw = np.array([[1.0, 3.0], [0.1, 0.1]])
    assert da.normalised(raw, 1.0).tolist() == [[0.25, 0.75], [0.1, 0.1]]


def test_inputs_are_standardised_by_the_biased_variance():
    offsets = np.linspace(0, 1, 7)
    wanted = (X - X.mean(axis=1, keepdims=True) - offsets) / np.sqrt(
        X.var(axis=1, keepdims=True) + 1e-5 + 1e-8
    )
    assert da.standardised(X, offsets) == pytest.approx(wanted, rel=1e-12)


def test_places_have_scales_that_are_not_squared():
    found = da.place_weights(np.array([2.0, 3.0]), np.array([4.0, 1.0]))
    assert found == pytest.approx(np.exp([-0.5, -4.5]))


@pytest.mark.parametrize("call", [da.gaussian_factors, da.standardised])
def test_one_place_has_no_variance(call):
    rest = {"scales": np.ones(1)} if call is da.gaussian_factors else {}
    with pytest.raises(ValueError, match="two places"):
        call(x=np.ones((2, 1)), offsets=np.zeros(1), **rest)


def test_heads_and_inputs_go_together():
    with pytest.raises(ValueError, match="^offsets"):
        da.gaussian_factors(X, np.zeros((2, 4)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="^scales"):
        da.place_weights(X, np.ones(4))
