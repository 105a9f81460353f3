"""The experiments behind the claims on ScoreDVI, by other routes."""

import numpy as np
import pytest
import scipy
import scipy.stats
from refutable.simulations.generative.score_dvi import (
    _noise,
    divergences,
    noise_bound,
    noise_scales,
    score_bias,
    tweedie,
)
from refutable.solvers import mixture_em as em
from refutable.theory.generative import score_dvi as theory

from refutable import Cell

DIAGONAL = Cell({"d": 3, "noise": "diagonal"})


def rng(seed=0):
    return np.random.default_rng(seed)


def test_differences_are_a_gradient():
    prior = tweedie.random_prior(rng(), 4, 3)
    y = rng(1).standard_normal((4, 1, 3))
    found = tweedie.gradient(lambda at: em.log_density(prior, at), y)
    np.testing.assert_allclose(found, em.score(prior, y)[:, 0], atol=1e-10)


@pytest.mark.parametrize("correlated", [False, True])
def test_noise_has_variances_in_its_range(correlated):
    noise = tweedie.random_noise(rng(), 50, 4, correlated)
    spectrum = np.linalg.eigvalsh(noise)
    assert spectrum.min() >= 0.05 - 1e-12
    assert spectrum.max() <= 1.5 + 1e-12
    assert (np.abs(noise[:, 0, 1]).max() > 0.1) == correlated


def test_the_brief_instance_of_tweedies_identity():
    """A given mixture and noise of dimension 3, as SciPy's density sees them."""
    means = np.array([[-2.0, 0, 1], [1, 1, -1]])
    spread = np.array([np.diag([0.5, 1, 0.2]), [[1, 0.3, 0], [0.3, 0.6, 0], [0, 0, 0.4]]])
    prior, noise = em.Mixture(np.array([0.3, 0.7]), means, spread), np.diag([0.2, 1.5, 0.05])
    y = 1.5 * rng(3).standard_normal((5, 3))

    def log_density(at):
        normal = scipy.stats.multivariate_normal
        pairs = zip(prior.weights, means, spread, strict=True)
        return np.log(sum(w * normal(m, s + noise).pdf(at) for w, m, s in pairs))

    h = 1e-5
    found = [(log_density(y + h * e) - log_density(y - h * e)) / (2 * h) for e in np.eye(3)]
    score = (em.posterior_mean(prior, noise, y) - y) / np.diag(noise)
    np.testing.assert_allclose(np.transpose(found), score, atol=1e-8)
    white = np.trace(noise) / 3
    wrong = (em.posterior_mean(prior, white * np.eye(3), y) - y) / white
    assert np.abs(np.transpose(found) - wrong).max() > 0.5


def test_two_scales_of_noise_have_the_average_score_of_both():
    """The gradient of the logarithm of a mean of densities, written out by responsibilities."""
    gap = tweedie.tweedie(DIAGONAL, rng(), 200, scales=(1.0, 1.0))["gap"]
    assert gap.max() < tweedie.TOLERANCE
    assert tweedie.tweedie(DIAGONAL, rng(), 200, scales=(0.9, 1.1))["gap"].min() > 1e-5


def test_a_coordinate_alone_is_enough_where_coordinates_are_independent():
    prior = tweedie.random_prior(rng(), 3, 2)
    flat = em.Mixture(np.ones((3, 1)), prior.means[:, :1], np.ones((3, 1, 2)), "diag")
    noise, y = tweedie.random_noise(rng(), 3, 2, False), rng(2).standard_normal((3, 1, 2))
    alone, both = tweedie.each_alone(flat, noise, y), tweedie.jointly(flat, noise, y)
    np.testing.assert_allclose(alone, both, rtol=1e-12)
    apart = tweedie.each_alone(prior, noise, y) - tweedie.jointly(prior, noise, y)
    assert np.abs(apart).max() > 0.01


@pytest.mark.parametrize(
    ("level", "sampled", "alone"),
    [(0.1, -8.217, -0.571), (0.05, -8.681, -0.871), (0.0125, -8.814, -0.985)],
)
def test_biases_by_integrals(level, sampled, alone):
    """Trial figures, and SciPy's quadrature of the score of the convolved density."""
    found = np.array(score_bias.biases(0.4, level, 0.0)) / level**2
    assert found == pytest.approx([sampled, alone], abs=6e-4)

    def score(x, extra=0.0):
        density = scipy.stats.norm.pdf(x, [-1, 1], np.sqrt(0.3 + extra))
        return (density * (np.array([-1, 1]) - x)).sum() / (0.3 + extra) / density.sum()

    def average(extra):
        q = scipy.stats.norm(0.4, level)
        ends = 0.4 - 8 * level, 0.4 + 8 * level
        return scipy.integrate.quad(lambda x: q.pdf(x) * score(x, extra), *ends, epsabs=1e-13)[0]

    wanted = average(0.0)
    direct = np.array([average(level**2) - wanted, score(0.4, level**2) - wanted]) / level**2
    assert found == pytest.approx(direct, abs=1e-6)


def test_a_denoiser_for_another_level_leaves_a_bias_that_stays():
    first = theory.log_derivatives([0.4], (0.5, 0.5), (-1, 1), (0.3, 0.3)).first[0]
    found = score_bias.biases(0.4, 0.001, 0.01)
    assert found == pytest.approx([(1.01**2 - 1) * first] * 2, rel=1e-3)


def test_noise_is_loud_three_times_of_ten():
    y = _noise.noise(rng(), 4, 100_000)
    expected = 0.7 * (2 * scipy.stats.norm.cdf(2) - 1) + 0.3 * (2 * scipy.stats.norm.cdf(0.2) - 1)
    assert (np.abs(y) < 0.2).mean() == pytest.approx(expected, abs=0.004)
    assert (y**2).mean() == pytest.approx(0.307, abs=0.005)


def test_bounds_fall_with_the_short_cut_alone():
    cell = Cell({"n": 10})
    plain = noise_bound.bound_steps(cell, rng(), 20)
    assert plain["least_step"].min() > -1e-12
    assert (plain["least_step"] <= plain["least_sweep"] + 1e-12).all()
    short = noise_bound.bound_steps(cell, rng(), 20, "plug-in")
    assert (short["least_step"] < -1e-5).mean() > 0.3


def test_fits_end_near_the_prediction():
    cell = Cell({"n": 500})
    found = noise_scales.settled_fit(cell, rng(), 100)
    medians = [np.median(found[name]) for name in ("quiet", "loud", "share")]
    expected = [f(cell) for f in (noise_scales.quiet, noise_scales.loud, noise_scales.share)]
    assert medians == pytest.approx(expected, rel=0.02)
    assert (found["quiet"] < found["loud"]).all()


def test_quadrature_knows_simple_divergences():
    a = np.array([0.5, 2.0, 50.0])
    same = divergences.gammas(a, np.full(3, 0.3), 2.0, 0.3)
    assert same[1] == pytest.approx(0, abs=1e-14)
    assert divergences.gammas(np.ones(1), np.ones(1), 1.0, 3.0)[0] == pytest.approx(
        3 - 1 - np.log(3), rel=1e-12
    )
    assert divergences.dirichlets(np.ones((1, 3)), 1.0)[0] == pytest.approx(0, abs=1e-13)
    beta = scipy.stats.beta(2.5, 4.0)
    value = scipy.integrate.quad(lambda x: beta.pdf(x) * beta.logpdf(x), 0, 1)[0]
    assert divergences.dirichlets(np.array([[2.5, 4.0]]), 1.0)[0] == pytest.approx(value, rel=1e-9)
