"""Closed forms for hierarchies of tasks by sampling, quadrature, optimisation and differences."""

import math

import numpy as np
import pytest
from refutable.theory.bayes import niw_meta as theory
from scipy import integrate, stats

COVARIANCE = np.array([[0.5, 0.3], [0.3, 0.4]])
NOISE = 0.25


def scale(seed, d=3):
    b = np.random.default_rng(seed).standard_normal((d, d))
    return b @ b.T + 0.5 * np.eye(d)


@pytest.fixture(scope="module")
def noises():
    """Covariances of least squares on five standard normal inputs, from drawn inputs."""
    x = np.random.default_rng(0).standard_normal((20_000, 5, 2))
    return NOISE * np.linalg.inv(x.swapaxes(-1, -2) @ x), np.full(20_000, 1 / 20_000)


@pytest.mark.parametrize(("freedom", "kappa"), [(3.0, 1.0), (7.0, 4.0)])
def test_mean_and_variance_of_the_distance_on_a_line_are_integrals(freedom, kappa):
    """In one dimension 1 / Sigma is chi-squared over V0, and mu is normal given it."""
    apart, v = 1.3, 0.7
    precision = stats.chi2(freedom, scale=1 / v)

    def moment(power):
        def given(w):
            mean, variance = stats.ncx2.stats(1, kappa * w * apart**2, scale=1 / kappa)
            return precision.pdf(w) * (mean if power == 1 else variance + mean**2)

        return integrate.quad(given, 0, precision.isf(1e-13), limit=100)[0]

    square = apart**2 / v
    mean, second = moment(1), moment(2)
    assert theory.expected_distance(square, freedom, kappa, 1) == pytest.approx(mean, rel=1e-6)
    found = theory.distance_variance(square, freedom, kappa, 1)
    assert found == pytest.approx(second - mean**2, rel=1e-6)


def test_mean_and_variance_of_the_distance_in_three_dimensions_are_those_of_draws():
    """The plan's trial: n0 = 7, l0 = 4, d = 3."""
    rng, v0, apart = np.random.default_rng(1), scale(1), np.array([0.5, -1.0, 0.8])
    sigma = stats.invwishart.rvs(7, v0, 60_000, rng)
    mu = (np.linalg.cholesky(sigma) @ rng.standard_normal((60_000, 3, 1)))[..., 0] / 2
    gap = apart - mu
    drawn = (gap * np.linalg.solve(sigma, gap[..., None])[..., 0]).sum(axis=1)
    square = apart @ np.linalg.solve(v0, apart)
    variance = theory.distance_variance(square, 7, 4, 3)
    mean = theory.expected_distance(square, 7, 4, 3)
    assert abs(drawn.mean() - mean) < 4 * math.sqrt(variance / 60_000)
    assert drawn.var() == pytest.approx(variance, rel=0.05)


def test_the_local_posterior_is_bayes_rule():
    """Under a fixed prior N(m0, V0 / n0) and a Gaussian likelihood N(theta; x, A^-1)."""
    estimate, centre = np.random.default_rng(2).standard_normal((2, 3))
    a, v0, n0 = scale(2), scale(3), 6.0
    mean, covariance = theory.local_posterior(estimate, a, centre, v0, n0)
    prior, noise = v0 / n0, np.linalg.inv(a)
    gain = prior @ np.linalg.inv(prior + noise)
    np.testing.assert_allclose(mean, centre + gain @ (estimate - centre))
    np.testing.assert_allclose(covariance, prior - gain @ prior, atol=1e-12)


def test_risks_under_right_and_wrong_priors_are_errors_on_drawn_tasks(noises):
    d, w = noises
    rng = np.random.default_rng(3)
    theta = rng.multivariate_normal([1.0, -2.0], COVARIANCE, len(d))
    x = theta + (np.linalg.cholesky(d) @ rng.standard_normal((len(d), 2, 1)))[..., 0]
    for factor in (1.0, 25.0, 0.04):
        believed = factor * COVARIANCE
        mean, _ = theory.local_posterior(
            x, np.linalg.inv(d), np.array([1.0, -2.0]), np.linalg.inv(np.linalg.inv(believed)), 1.0
        )
        errors = ((mean - theta) ** 2).sum(axis=1)
        said = theory.prior_risk(believed, COVARIANCE, d, w)
        assert abs(errors.mean() - said) < 4 * errors.std() / math.sqrt(len(d))
    assert theory.oracle_risk(COVARIANCE, d, w) == pytest.approx(
        theory.prior_risk(COVARIANCE, COVARIANCE, d, w)
    )


def test_no_other_covariance_has_a_lower_risk(noises):
    d, w = noises[0][:500], np.full(500, 1 / 500)
    least = theory.oracle_risk(COVARIANCE, d, w)
    for seed in range(10):
        moved = COVARIANCE + 0.05 * (scale(seed, 2) - np.eye(2))
        if np.linalg.eigvalsh(moved)[0] > 0:
            assert theory.prior_risk(moved, COVARIANCE, d, w) > least


def test_the_excess_constant_is_that_of_numerical_information_and_slopes():
    """Information from second differences of the expected log-likelihood; slopes likewise."""
    x = np.random.default_rng(4).standard_normal((40, 5, 2))
    noises = NOISE * np.linalg.inv(x.swapaxes(-1, -2) @ x)
    weights = np.full(40, 1 / 40)
    units = [
        np.array(u, dtype=float) for u in ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])
    ]

    def at(p):
        return p[:2], COVARIANCE + sum(c * u for c, u in zip(p[2:], units, strict=True))

    def log_likelihood(p):
        """Expected under p = 0, mean over the designs."""
        mean, spread = at(p)
        c, inverse = spread + noises, np.linalg.inv(spread + noises)
        second = COVARIANCE + noises + np.outer(mean, mean)
        terms = np.linalg.slogdet(c)[1] + np.trace(inverse @ second, axis1=1, axis2=2)
        return -0.5 * float(weights @ terms)

    step = 1e-3 * np.eye(5)

    def curvature(f, j, k):
        corners = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
        return sum(s * t * f(s * step[j] + t * step[k]) for s, t in corners) / 4e-6

    information = -np.array([[curvature(log_likelihood, j, k) for k in range(5)] for j in range(5)])

    def gains(p):
        mean, spread = at(p)
        gain = spread @ np.linalg.inv(spread + noises)
        return mean - (gain @ mean), gain

    # x - m0 is N(0, C): a change (e, K) of offset and gain moves the mean by e + K (x - m0).
    moves = [(gains(step[j]), gains(-step[j])) for j in range(5)]
    slopes = [tuple((a - b) / 2e-3 for a, b in zip(*move, strict=True)) for move in moves]
    spreads = COVARIANCE + noises
    sizes = np.array(
        [
            [
                weights @ ((e * f).sum(axis=1) + np.trace(k @ spreads @ m.swapaxes(1, 2), 0, 1, 2))
                for f, m in slopes
            ]
            for e, k in slopes
        ]
    )
    wanted = float(np.trace(np.linalg.solve(information, sizes)))
    found = theory.excess_constant(COVARIANCE, noises, weights)
    assert found == pytest.approx(wanted, rel=1e-4)


def test_pooling_and_least_squares_have_the_risks_of_draws(noises):
    traces = np.trace(noises[0], axis1=1, axis2=2)
    assert theory.least_squares_risk(NOISE, 5, 2) == 0.25
    assert np.median(traces) < 0.25
    assert traces.mean() == pytest.approx(0.25, rel=0.05)
    # Of ten and not five inputs the trace has a variance.
    x = np.random.default_rng(5).standard_normal((40_000, 10, 2))
    ten = NOISE * np.trace(np.linalg.inv(x.swapaxes(1, 2) @ x), axis1=1, axis2=2)
    assert theory.least_squares_risk(NOISE, 10, 2) == pytest.approx(ten.mean(), rel=0.01)
    assert theory.least_squares_risk(NOISE, 3, 2) == math.inf
    theta = np.random.default_rng(6).multivariate_normal([1.0, -2.0], COVARIANCE, (20_000, 4))
    noise = np.random.default_rng(7).normal(0, 0.5, (20_000, 3, 2))
    pooled = (theta[:, :3] + noise).mean(axis=1)
    errors = ((pooled - theta[:, 3]) ** 2).sum(axis=1)
    said = theory.pooled_risk(COVARIANCE, 0.5, 3)
    assert abs(errors.mean() - said) < 4 * errors.std() / math.sqrt(20_000)


def test_the_bound_is_the_relaxed_bound_on_the_small_divergence():
    """kl(p, q) >= (q - p)^2 / (2 q), so kl <= c makes q <= p + sqrt(2 q c); then AM-GM with t."""
    n, delta, p, divergence = 200, 0.05, 0.2, 3.0
    c = (divergence + math.log(2 * math.sqrt(n) / delta)) / n
    # The largest q with (q - p)^2 = 2 q c.
    q = p + c + math.sqrt(c * c + 2 * p * c)
    bounds = [
        theory.pac_bayes_bound(p, divergence, n, t, delta) for t in np.linspace(0.01, 1.99, 500)
    ]
    assert min(bounds) == pytest.approx(q, rel=1e-4)
    assert min(bounds) >= q - 1e-12
