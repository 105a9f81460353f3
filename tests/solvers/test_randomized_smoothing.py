"""Smoothed probabilities against sampling and quadrature, exit radii against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.randomized_smoothing import (
    exit_radius,
    interval_probabilities,
    mixed_probabilities,
    quadrant_probabilities,
)
from scipy.stats import norm


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=5),
    st.lists(st.floats(-30, 30), min_size=1, max_size=6),
    st.floats(0.05, 3),
)
def test_intervals_are_probabilities(cuts, x, sigma):
    h = interval_probabilities(x, sorted(cuts), sigma)
    assert h.shape == (len(x), len(cuts) + 1)
    assert (h >= 0).all()
    np.testing.assert_allclose(h.sum(axis=-1), 1)


def test_intervals_against_the_distribution_function():
    h = interval_probabilities([0.3], [-1.0, 0.5, 2.0], 0.7)
    edges = norm.cdf([-np.inf, -1.0, 0.5, 2.0, np.inf], loc=0.3, scale=0.7)
    np.testing.assert_allclose(h[0], np.diff(edges), rtol=1e-12)


def test_small_tails_keep_their_digits():
    left, right = interval_probabilities([9.0, -9.0], [0.0], 1.0)
    assert left[0] == pytest.approx(norm.cdf(-9), rel=1e-9)
    assert right[1] == pytest.approx(norm.sf(9), rel=1e-9)


def test_intervals_batch_over_leading_axes():
    x, cuts = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.0, 1.0], [-1.0, 2.5]])
    batched = interval_probabilities(x, cuts, 0.5)
    for i in range(2):
        np.testing.assert_allclose(batched[i], interval_probabilities(x[i], cuts[i], 0.5))


def test_quadrants_by_sampling():
    rng = np.random.default_rng(0)
    x = np.array([[0.3, -0.4]])
    h = quadrant_probabilities(x, [0.0, 0.1], 0.8)[0]
    moved = x + 0.8 * rng.standard_normal((400_000, 2))
    right, above = moved[:, 0] > 0.0, moved[:, 1] > 0.1
    shares = [(~right & ~above), (~right & above), (right & ~above), (right & above)]
    np.testing.assert_allclose(h, [s.mean() for s in shares], atol=0.003)
    assert h.sum() == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1, 9), min_size=1, max_size=6))
def test_exit_radius_finds_a_threshold(ends):
    limits = np.array(ends)
    found = exit_radius(lambda r: r <= limits[:, None], 5.0, 0.1)
    np.testing.assert_allclose(found, np.clip(limits, 0, 5), atol=1e-6)


def test_exit_radius_takes_the_first_failure():
    found = exit_radius(lambda r: np.abs(r - 2.0) > 0.5, 5.0, 0.01)
    assert found == pytest.approx(1.5, abs=1e-6)


def test_mixture_at_its_ends_and_between():
    g, h = np.array([1.0, 0.0]), np.array([[0.2, 0.8], [0.6, 0.4]])
    np.testing.assert_allclose(mixed_probabilities(g, h, 0.0), [g, g])
    np.testing.assert_allclose(mixed_probabilities(g, h, 1.0), h)
    np.testing.assert_allclose(mixed_probabilities(g, h, 0.5), [[0.6, 0.4], [0.8, 0.2]])


BAD = {
    "classes": (lambda: mixed_probabilities([1.0], [0.5, 0.5], 0.5), "^h has shape"),
    "alpha": (lambda: mixed_probabilities([1.0, 0.0], [0.5, 0.5], 1.5), r"^alpha\b"),
    "nan": (lambda: interval_probabilities([np.nan], [0.0], 1), r"^x\b"),
    "empty": (lambda: interval_probabilities([], [0.0], 1), r"^x\b"),
    "order": (lambda: interval_probabilities([0.0], [1.0, 0.0], 1), "^cuts does not increase"),
    "sigma": (lambda: interval_probabilities([0.0], [0.0], 0), r"^sigma\b"),
    "plane": (lambda: quadrant_probabilities([[0.0, 1.0, 2.0]], [0.0, 0.0], 1), "plane"),
    "step": (lambda: exit_radius(lambda r: r < 1, 2.0, 0.0), r"^step\b"),
    "longest": (lambda: exit_radius(lambda r: r < 1, -1.0, 0.1), r"^longest\b"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()
