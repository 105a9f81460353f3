"""Curvatures, steps and variances of a Gaussian mean, by integrals, searches and loops."""

import math

import numpy as np
import pytest
from refutable.theory.generative import meco as theory
from scipy import integrate, optimize, special, stats


def moments(distance):
    """m_0 and m_2 of 1/2 p* q / (p* + q) about R / 2, from the densities themselves."""

    def weight(x):
        p, q = stats.norm.pdf(x, distance), stats.norm.pdf(x)
        return 0.5 * p * q / (p + q)

    half = distance / 2
    zeroth = integrate.quad(weight, half - 12, half + 12, points=[half], epsabs=0, limit=200)[0]
    second = integrate.quad(
        lambda x: weight(x) * (x - half) ** 2, half - 12, half + 12, points=[half], epsabs=0
    )[0]
    return zeroth, second


def spectrum(distance):
    """Both eigenvalues in closed form from the two moments."""
    zeroth, second = moments(distance)
    trace, product = zeroth * (1 + distance**2 / 4) + second, zeroth * second
    largest = (trace + math.sqrt(trace**2 - 4 * product)) / 2
    return product / largest, largest


@pytest.mark.parametrize("distance", [2.0, 5.0, 8.0, 12.0])
def test_the_least_eigenvalue_lies_in_its_bounds(distance):
    low, high = theory.flattest_bounds(distance)
    assert low <= spectrum(distance)[0] <= high


def test_bounds_and_limits_meet_far_out():
    low, high = theory.flattest_bounds(60.0)
    assert low / high == pytest.approx(1, abs=0.01)
    assert high == pytest.approx(theory.flattest_limit(60.0), rel=0.002, abs=0)
    assert theory.flattest_bounds(4.9)[0] == 0 < theory.flattest_bounds(5.0)[0]
    least, largest = spectrum(14.0)
    assert least == pytest.approx(theory.flattest_limit(14.0), rel=0.15, abs=0)
    assert largest == pytest.approx(theory.steepest_limit(14.0), rel=0.005, abs=0)


def test_the_bounds_are_made_of_the_moments_of_the_hyperbolic_secant():
    """Recompute them at R = 6 with integrals in place of pi^3 / 4 and 5 pi^5 / 16."""
    r = 6.0
    sech = [integrate.quad(lambda u, k=k: u**k / np.cosh(u), -60, 60)[0] for k in (0, 2, 4)]
    front = math.exp(-(r**2) / 8) / (4 * math.sqrt(2 * math.pi))
    second = front * (2 / r) ** 3 * sech[1]
    less = front * (2 / r) ** 5 * sech[2] / 2
    spread = (2 / r) ** 2 * sech[1] / sech[0]
    low, high = theory.flattest_bounds(r)
    assert high == pytest.approx(second / (1 + r**2 / 4))
    assert low == pytest.approx((second - less) / (1 + r**2 / 4 + spread))


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (3.0, 1.0), (0.0, 2.5), (-1.0, 0.7)])
def test_no_curvature_of_nce_exceeds_the_smoothness(mean, deviation):
    distance, x = 3.0, np.linspace(-30, 30, 6001)
    p, q = stats.norm.pdf(x, distance), stats.norm.pdf(x, mean, deviation)
    rows = np.stack([x, -np.ones_like(x)])
    bound = theory.smoothness(distance, mean, deviation)

    def largest(slope):
        hessian = (rows * (0.5 * (p + q) * slope * (x[1] - x[0]))) @ rows.T
        return np.linalg.eigvalsh(hessian)[-1]

    assert largest(0.25) == pytest.approx(bound)
    offset = stats.norm.logpdf(x) - stats.norm.logpdf(x, mean, deviation)
    for b, c in np.random.default_rng(0).normal(0, 3, (50, 2)):
        s = special.expit(offset + b * x - c)
        assert largest(s * (1 - s)) <= bound * (1 + 1e-12)


@pytest.mark.parametrize(("step", "share"), [(0.1, 0.1), (0.11, 0.1), (0.3, 0.05), (0.9, 0.5)])
def test_steps_of_descent_are_those_of_a_loop(step, share):
    error, taken = 1.0, 0
    while error >= share:
        error, taken = error * (1 - step), taken + 1
    assert theory.likelihood_steps(step, share) == taken


@pytest.mark.parametrize(("gap", "variance"), [(0.0, 0.6), (1.0, 1.0), (1.5, 0.8), (2.0, 4.0)])
def test_the_second_moment_is_the_integral(gap, variance):
    def term(x):
        return np.exp(2 * stats.norm.logpdf(x, gap) - stats.norm.logpdf(x, 0, math.sqrt(variance)))

    wanted = integrate.quad(term, -60, 80, points=[0, gap, 5, 10], limit=400)[0]
    assert theory.second_moment(gap, variance) == pytest.approx(wanted, rel=1e-8)


def test_the_second_moment_is_infinite_from_half_the_variance_down():
    assert theory.second_moment(0.0, 0.5) == math.inf
    assert theory.second_moment(1.0, 0.3) == math.inf
    assert 1e3 < theory.second_moment(0.0, 0.5 + 1e-8) < math.inf


def test_the_variance_of_squares_is_an_integral_too():
    gap = 0.7

    def power(k):
        return integrate.quad(
            lambda z: stats.norm.pdf(z) * np.exp(k * (gap * z - gap**2 / 2)), -20, 30
        )[0]

    assert power(2) == pytest.approx(theory.second_moment(gap))
    assert theory.square_variance(gap) == pytest.approx(power(4) - power(2) ** 2)


@pytest.mark.parametrize("variance", [0.4, 0.48])
def test_cut_moments_grow_as_the_imaginary_error_function(variance):
    rate = theory.cut_growth(variance)
    near, far = (np.log(special.erfi(math.sqrt(rate) * cut)) for cut in (20.0, 40.0))
    assert (far - near) / (40.0**2 - 20.0**2) == pytest.approx(rate, abs=1e-3)


def test_cut_moments_are_bounded_above_the_threshold():
    assert theory.cut_growth(0.5) == theory.cut_growth(0.8) == 0
    assert theory.cut_growth(0.51, 1.05) == pytest.approx(1 / 1.02 - 1 / 1.05)


@pytest.mark.parametrize("variance", [0.2, 0.35])
def test_the_error_below_the_threshold_is_that_of_the_largest_ratio(variance):
    """The size a_n of the largest of n ratios, n P(w > a_n) = 1, over n."""
    sizes = np.geomspace(1e20, 1e40, 5)

    def largest(n):
        z = optimize.brentq(lambda z: np.log(2 * n) + stats.norm.logsf(z), 1, 40)
        return math.log(variance) / 2 + z**2 * (1 - variance) / 2

    scaled = np.array([largest(n) for n in sizes]) - np.log(sizes)
    slopes = np.diff(scaled - np.log(theory.error_curve(variance, sizes))) / np.diff(np.log(sizes))
    assert slopes == pytest.approx(np.zeros(4), abs=2e-3)


def test_the_error_above_the_threshold_falls_as_the_root():
    assert theory.error_curve(0.7, np.array([4.0, 100.0])) == pytest.approx([0.5, 0.1])
