"""Radii of the mixture against root finding, each other and the two-class closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.theory.learning import adaptive_smoothing as theory
from scipy.optimize import brentq
from scipy.stats import norm

alphas = st.floats(0.51, 1.0)
shares = st.floats(0.001, 0.999)


@settings(max_examples=200, deadline=None)
@given(shares, shares, alphas, st.floats(0.1, 3))
def test_ordering(a, b, alpha, sigma):
    h_y = max(a, b) if a + b <= 1 else max(a, b) / (a + b)
    h_i = min(a, b) if a + b <= 1 else min(a, b) / (a + b)
    lipschitz = theory.lipschitz_radius(h_y, h_i, alpha, sigma)
    smoothing = theory.smoothing_radius(h_y, h_i, alpha, sigma)
    direct = theory.direct_radius(h_y, h_i, alpha, sigma)
    assert 0 <= lipschitz <= smoothing + 1e-9
    assert smoothing <= direct + 1e-9 * sigma


@pytest.mark.parametrize(
    ("h_y", "h_i", "alpha"), [(0.9, 0.05, 0.7), (0.8, 0.2, 0.76), (0.6, 0.3, 1)]
)
def test_direct_radius_is_the_root(h_y, h_i, alpha):
    def surplus(t: float) -> float:
        low, high = norm.cdf(norm.ppf(h_y) - t), norm.cdf(norm.ppf(h_i) + t)
        return low - high - (1 - alpha) / alpha

    assert theory.direct_radius(h_y, h_i, alpha, 0.5) == pytest.approx(0.5 * brentq(surplus, 0, 10))


@pytest.mark.parametrize("alpha", [0.55, 0.7, 0.9, 1.0])
def test_two_classes_have_a_closed_form(alpha):
    """With h_i = 1 - h_y the condition is 2 Phi(a - t) - 1 > (1 - alpha)/alpha."""
    expected = norm.ppf(0.995) - norm.ppf(1 / (2 * alpha))
    assert theory.direct_radius(0.995, 0.005, alpha, 1.0) == pytest.approx(max(expected, 0))


def test_no_margin_no_radius():
    for rule in (theory.lipschitz_radius, theory.smoothing_radius, theory.direct_radius):
        assert rule(0.6, 0.4, 0.6, 1.0) == 0


def test_alpha_one_is_plain_smoothing():
    plain = 0.25 * (norm.ppf(0.8) - norm.ppf(0.15))
    assert theory.smoothing_radius(0.8, 0.15, 1.0, 0.5) == pytest.approx(plain)
    assert theory.direct_radius(0.8, 0.15, 1.0, 0.5) == pytest.approx(plain)


def test_saturated_probabilities_stay_finite():
    assert np.isfinite(theory.smoothing_radius(1.0, 0.0, 1.0, 1.0))
    assert np.isfinite(theory.direct_radius(1.0, 0.0, 0.9, 1.0))


@pytest.mark.parametrize("alpha", [0.64, 0.76, 0.909])
def test_largest_radii_are_the_limits(alpha):
    assert theory.largest_smoothing_radius(alpha, 2.0) == pytest.approx(
        float(theory.smoothing_radius(1 - 1e-14, 1e-14, alpha, 2.0)), rel=1e-6
    )
    assert theory.largest_lipschitz_radius(alpha, 2.0) == pytest.approx(
        float(theory.lipschitz_radius(1.0, 0.0, alpha, 2.0))
    )


def test_lipschitz_constants():
    assert theory.lipschitz_constant(0.5) == 2 * theory.sharp_lipschitz_constant(0.5)
    x = np.linspace(-1e-4, 1e-4, 3)
    slope = np.gradient(theory.smoothed_half_line(x, 0.5), x)[1]
    assert slope == pytest.approx(theory.sharp_lipschitz_constant(0.5), rel=1e-6)


def test_accuracies_at_the_ends():
    assert theory.clean_accuracy(0.8, 1.0) == 1.0
    assert theory.clean_accuracy(0.8, 0.0) == 0.8
    assert theory.robust_accuracy(0.6, 1.0) == 0.0
    assert theory.margin_needed([0.5, 1.0]).tolist() == [1.0, 0.0]
