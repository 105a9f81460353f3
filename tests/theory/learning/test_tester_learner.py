"""Closed forms of the tester-learner against quadrature and direct sampling."""

import numpy as np
import pytest
from refutable.solvers.halfspace import certify
from refutable.theory.learning import tester_learner as theory
from scipy.integrate import dblquad, quad
from scipy.stats import norm


@pytest.mark.parametrize(
    ("sigma", "theta", "eta"), [(0.1, 0.3, 0.2), (0.5, 1.5, 0.1), (2.0, 1.2, 0.2), (1.0, 2.5, 0.0)]
)
def test_gradient_by_quadrature(sigma, theta, eta):
    def mean_pull(t: float) -> float:
        """E[y u] at margin t: y* changes sign at u = -t cos/sin."""
        return 2 * norm.pdf(t / np.tan(theta)) * norm.pdf(t) * (1 - 2 * eta) / sigma

    expected = quad(mean_pull, -sigma / 2, sigma / 2)[0]
    assert theory.gradient_towards_truth(sigma, theta, eta) == pytest.approx(expected, rel=1e-8)


def test_gradient_limits():
    small_band = theory.gradient_towards_truth(1e-4, 1.0, 0.2)
    small_angle = theory.gradient_towards_truth(1.0, 1e-3, 0.2)
    assert small_band == pytest.approx(0.6 / np.pi, rel=1e-6)
    assert small_angle == pytest.approx(0.6 * np.sqrt(2 / np.pi) * 1e-3, rel=1e-4)


@pytest.mark.parametrize(
    ("sigma", "theta", "eta"), [(0.1, 0.3, 0.2), (2.0, 1.2, 0.21), (0.5, 1.5, 0.0)]
)
def test_variance_of_the_pull_by_quadrature(sigma, theta, eta):
    density = lambda u, t: norm.pdf(u) * norm.pdf(t) / sigma  # noqa: E731
    square = dblquad(lambda u, t: u**2 * density(u, t), -sigma / 2, sigma / 2, -9, 9)[0]
    mass = 2 * norm.cdf(sigma / 2) - 1
    # One point's second moment given the band is square * sigma / mass, times (mass / sigma)^2.
    second = square * mass / sigma
    exact = (second - theory.gradient_towards_truth(sigma, theta, eta) ** 2) / 1000
    bound = theory.pull_variance_at_most(sigma, 1000)
    assert bound == pytest.approx(second / 1000, rel=1e-6)
    assert (1 - 2 / np.pi) * bound < exact < bound  # no labels pull more than E|u| = sqrt(2/pi)


@pytest.mark.parametrize("opt", [0.1, 0.02, 0.005])
def test_averaging_ratio_by_the_bivariate_normal(opt):
    """Errors by orthants of a rotated plane, the slope by the truncated means."""
    q = norm.isf(opt)
    # v = y u is N(0, 1) and independent of |t|; flipping v > q moves E[y u] by -2 E[v; v > q].
    mean_u = -2 * quad(lambda v: v * norm.pdf(v), q, np.inf)[0]
    mean_t = np.sqrt(2 / np.pi) * (1 - 2 * opt)
    slope = mean_u / mean_t
    # In v = y u and s = |t|, w is wrong about y* where s + slope v < 0 (slope < 0).
    density = lambda s, v: 2 * norm.pdf(s) * norm.pdf(v)  # noqa: E731
    crossed = dblquad(density, 0, 8, lambda v: 0, lambda v: -slope * v)[0]
    crossed_and_flipped = dblquad(density, q, 8, lambda v: 0, lambda v: -slope * v)[0]
    error = (crossed - crossed_and_flipped) + (opt - crossed_and_flipped)
    assert theory.averaging_error_ratio(opt) == pytest.approx(error / opt, rel=1e-5)
    assert theory.averaging_error_ratio(opt, clean_mean=True) < error / opt


def test_averaging_ratio_grows_without_bound():
    opts = (0.1, 0.01, 1e-3, 1e-4, 1e-5)
    ratios = [theory.averaging_error_ratio(opt) for opt in opts]
    assert ratios == sorted(ratios)
    # The order is sqrt(log(1/opt)): dividing by it leaves something bounded away from 0 and oo.
    scaled = ratios / np.sqrt(np.log(1 / np.array(opts)))
    assert max(scaled) / min(scaled) < 2


def test_certificate_of_a_huge_gaussian_sample():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1_500_000, 3))
    w = np.array([0.0, 1.0, 0.0])
    sigma, eta = 0.5, 0.1
    y = np.where(x[:, 1] >= 0, 1.0, -1.0) * np.where(rng.random(len(x)) < eta, -1, 1)
    theta0, excess = theory.gaussian_certificate(sigma, eta)
    found = certify(x, y, w, sigma=sigma, eta=eta, epsilon=0.9, delta=0.5)
    # The label-noise deviation only adds to the population's values.
    assert theta0 < found.angle.theta0 < theta0 * 1.12
    assert excess < found.excess < excess * 1.12
