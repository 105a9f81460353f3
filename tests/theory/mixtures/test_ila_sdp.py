"""The cutoff and its finite-n form: limits, printed values, and agreement with each other."""

import numpy as np
import pytest
from refutable.theory.mixtures import ila_sdp as theory
from scipy.optimize import brentq
from scipy.stats import norm


@pytest.mark.parametrize("n", [100, 10_000])
def test_without_dimension_the_cutoff_is_eight_log_n(n):
    assert theory.cutoff(n, 1, 1) == pytest.approx(8 * np.log(n), rel=1e-2)
    assert theory.naive_cutoff(n) <= theory.cutoff(n, 5, 3)


def test_the_cutoff_grows_like_the_root_of_the_dimension():
    """Far beyond n log n the second term is 4 sqrt(K p log n / n)."""
    n, k, p = 100, 4, 10**9
    limit = 4 * np.sqrt(k * p * np.log(n) / n)
    assert theory.cutoff(n, p, k) == pytest.approx(limit, rel=1e-3)


def test_the_cutoff_scales_with_the_variance():
    assert theory.cutoff(300, 20, 3, sigma=2.0) == pytest.approx(4 * theory.cutoff(300, 20, 3))
    assert theory.naive_cutoff(300, 2.0) == pytest.approx(4 * theory.naive_cutoff(300))


@pytest.mark.parametrize("k", [2, 4])
def test_the_exponent_of_the_mle_equals_log_n_at_the_cutoff(k):
    """With Q(t) replaced by exp(-t^2 / 2) the cutoff solves n Q = 1 exactly."""
    n, p = 1000, 300
    separation = theory.cutoff(n, p, k)
    argument = separation / (2 * np.sqrt(separation + 2 * k * p / n))
    assert argument**2 / 2 == pytest.approx(np.log(n))


@pytest.mark.parametrize(
    ("shape", "mle", "sdp"),
    [
        ((400, 10, 4), 0.882, 1.012),
        ((1000, 10, 4), 0.888, 0.986),
        ((400, 400, 4), 0.895, 1.199),
        ((400, 2000, 4), 0.911, 1.293),
        ((10_000, 10, 4), 0.901, 0.961),
        ((1_000_000, 10, 4), 0.920, 0.956),
    ],
)
def test_medians_approach_the_cutoff_slowly(shape, mle, sdp):
    cutoff = theory.cutoff(*shape)
    median = brentq(lambda s: theory.sdp_probability(*shape, s) - 0.5, 1e-3, 100 * cutoff)
    assert median / cutoff == pytest.approx(sdp, abs=2e-3)
    assert theory.mle_probability(*shape, mle * cutoff) == pytest.approx(0.5, abs=0.02)


def test_the_relaxation_is_never_better_than_kmeans_itself():
    separations = np.linspace(5, 80, 30)
    for separation in separations:
        sdp = theory.sdp_probability(300, 50, 3, separation)
        assert sdp <= theory.mle_probability(300, 50, 3, separation)


def test_a_dimension_term_that_undoes_the_shift_gives_kmeans_itself():
    n, p, k, separation = 300, 50, 3, 30.0
    none = theory.sdp_probability(n, p, k, separation, -2.0 / np.sqrt(k * p / n))
    assert none == pytest.approx(theory.mle_probability(n, p, k, separation))
    twice = theory.sdp_probability(n, p, k, separation, 8.0)
    assert twice < theory.sdp_probability(n, p, k, separation) < none


def test_moments_behind_the_law():
    """Mean and variance of D_ik - D_il by simulation of one move."""
    rng, n, p, k, separation, size = np.random.default_rng(0), 120, 15, 3, 30.0, 40_000
    own = n // k
    point = rng.standard_normal((size, p))
    # The group means, without the point itself, have variance 1/m and 1/(m-1).
    other_mean = rng.standard_normal((size, p)) / np.sqrt(own)
    other_mean[:, 0] += np.sqrt(separation)
    own_rest = rng.standard_normal((size, p)) / np.sqrt(own - 1)
    own_mean = (point + (own - 1) * own_rest) / own
    excess = ((point - other_mean) ** 2).sum(axis=1) - ((point - own_mean) ** 2).sum(axis=1)
    assert excess.mean() == pytest.approx(separation + 2 * k * p / n, rel=0.01)
    assert excess.var() == pytest.approx(4 * (separation + 2 * k * p / n), rel=0.05)


def test_the_law_is_the_probability_of_no_exceedance():
    n, p, k, separation = 200, 10, 4, 40.0
    deviation = 2 * np.sqrt(separation + 2 * k * p / n)
    rate = n * (k - 1) * norm.sf(separation / deviation)
    assert theory.mle_probability(n, p, k, separation) == pytest.approx(np.exp(-rate))


@pytest.mark.parametrize("bad", [(1, 5, 2), (10, 0, 2), (10, 5, 0), (10, 5, 11)])
def test_parameters_out_of_range(bad):
    with pytest.raises(ValueError, match="need n >= 2"):
        theory.cutoff(*bad)


def test_adjusted_objective_is_the_profile_likelihood():
    rng = np.random.default_rng(1)
    points, labels = rng.standard_normal((12, 2)), np.arange(12) % 2
    covariances = np.array([[[2.0, 0.5], [0.5, 1.0]], [[1.0, -0.2], [-0.2, 3.0]]])
    likelihood = theory.profile_log_likelihood(points, labels, covariances)
    wanted = 2 * likelihood + theory.likelihood_constant(12, 2)
    assert theory.adjusted_objective(points, labels, covariances) == pytest.approx(wanted)
