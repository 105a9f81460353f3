"""Closed forms of the deep kernel machine by second routes."""

import numpy as np
import pytest
from refutable.theory.bayes import deep_kernel_machine as theory
from scipy import linalg


def gram(seed, degrees=6):
    x = np.random.default_rng(seed).standard_normal((4, degrees))
    return x @ x.T / degrees + 0.1 * np.eye(4)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_interpolation_is_a_fractional_power_of_the_ratio(share):
    first, last = gram(0), gram(1)
    ratio = last @ np.linalg.inv(first)
    said = linalg.fractional_matrix_power(ratio, share) @ first
    np.testing.assert_allclose(theory.geometric_interpolation(first, last, share), said, atol=1e-10)


@pytest.mark.parametrize("ratio", [0.25, 1.0, 4.0])
def test_the_optimum_of_one_layer_is_stationary(ratio):
    first, last = gram(0), gram(1)
    g = theory.one_layer_optimum(first, last, ratio)
    inverse = np.linalg.inv(g)
    slope = np.linalg.inv(first) - inverse + ratio * (inverse - inverse @ last @ inverse)
    assert np.abs(slope).max() < 1e-9
    assert np.linalg.eigvalsh(g).min() > 0


def test_equal_widths_make_both_closed_forms_one():
    first, last = gram(0), gram(1)
    np.testing.assert_allclose(
        theory.one_layer_optimum(first, last, 1.0),
        theory.geometric_interpolation(first, last, 0.5),
        atol=1e-12,
    )


def test_the_squared_exponential_kernel_is_that_of_the_distances():
    x = np.random.default_rng(4).standard_normal((4, 3))
    distances = ((x[:, None] - x[None]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(
        theory.squared_exponential_kernel(x @ x.T), np.exp(-distances / 2), atol=1e-12
    )


def test_the_excess_kurtosis_is_that_of_turned_rows():
    """Draw Grams of a Wishart law, and rows of uniform orthonormal matrices."""
    rng, width, size = np.random.default_rng(5), 6, 100_000
    weights = rng.gamma(3.0, 1.0, size)  # G_ii
    point = rng.standard_normal((size, width))
    point /= np.linalg.norm(point, axis=1, keepdims=True)
    entries = np.sqrt(width * weights) * point[:, 0]
    said = theory.excess_kurtosis(width, np.array(3.0), np.array(12.0))
    seen = (entries**4).mean() / (entries**2).mean() ** 2 - 3
    assert seen == pytest.approx(said, abs=0.15)
    # Under its prior, gamma of shape N/2, an entry is exactly Gaussian.
    assert theory.excess_kurtosis(8, np.array(1.0), np.array(1.25)) == pytest.approx(0, abs=1e-12)
