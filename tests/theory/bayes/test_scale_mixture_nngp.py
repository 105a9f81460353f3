"""The laws by integrals, by draws of linear networks, and by SciPy's laws."""

import numpy as np
import pytest
from refutable.solvers.student_t_process import InverseGamma, posterior
from refutable.theory.bayes import scale_mixture_nngp as theory
from scipy import integrate, special, stats

A, B = 1.7, 0.9


def instance(seed, points=4):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((2, points, points))
    kernel, ntk = factor @ np.swapaxes(factor, 1, 2) / points + 0.2 * np.eye(points)
    return kernel, kernel + ntk, rng.standard_normal(points - 1)


def mixture(mean, variance, x):
    """Density of N(mean, s^2 variance) at x, averaged over the scale."""

    def joint(u):
        s2 = np.exp(u)
        prior = stats.invgamma.pdf(s2, A, scale=B) * s2
        return prior * stats.norm.pdf(x, mean, np.sqrt(s2 * variance))

    return integrate.quad(joint, -14, 14, epsabs=1e-14)[0]


def test_densities_are_those_of_scipy():
    law, x = theory.TLaw(3.4, 0.5, 0.7), np.array([-2.0, 0.4, 3.0])
    np.testing.assert_allclose(law.log_density(x), stats.t.logpdf(x, 3.4, 0.5, 0.7), rtol=1e-12)


def test_a_gaussian_given_all_but_one():
    """From the precision matrix: no solve of the part that is seen."""
    kernel, _, y = instance(0)
    precision = np.linalg.inv(kernel)
    mean, variance, square = theory.conditional(kernel, y)
    assert variance == pytest.approx(1 / precision[-1, -1])
    assert mean == pytest.approx(-precision[-1, :-1] @ y / precision[-1, -1])
    assert square == pytest.approx(y @ np.linalg.inv(kernel[:-1, :-1]) @ y)


def test_trained_networks_are_mixtures_over_the_prior_of_the_scale():
    """What training leaves is linear in the start, whose law at scale 1 is N(0, K)."""
    kernel, ntk, y = instance(1)
    for by, law in (
        (kernel, theory.readout_law(kernel, y, A, B)),
        (ntk, theory.fully_trained_law(kernel, ntk, y, A, B)),
    ):
        weights = by[-1, :-1] @ np.linalg.inv(by[:-1, :-1])
        star, cross = kernel[-1, -1], kernel[-1, :-1]
        variance = star + weights @ kernel[:-1, :-1] @ weights - 2 * weights @ cross
        for x in (-1.0, 2.0):
            wanted = mixture(weights @ y, variance, x)
            assert np.exp(law.log_density(x)) == pytest.approx(wanted, rel=1e-8)


def test_the_ntk_of_the_readout_alone_gives_the_law_of_the_readout():
    kernel, _, y = instance(2)
    both = theory.fully_trained_law(kernel, kernel, y, A, B)
    assert both == pytest.approx(theory.readout_law(kernel, y, A, B))


def test_the_posterior_is_that_of_the_student_t_process():
    kernel, _, y = instance(3)
    law, other = theory.posterior_law(kernel, y, A, B), posterior(kernel, y, InverseGamma(A, B))
    assert law.freedom == other.freedom
    assert law.location == pytest.approx(float(other.location[0]))
    assert law.scale**2 == pytest.approx(float(other.shape[0, 0]))
    twice = theory.counted_twice(kernel, y, 2.0, 2.0)
    square = y @ np.linalg.solve(kernel[:-1, :-1], y)
    assert twice.freedom == 10.0
    assert twice.scale**2 == pytest.approx((7 + square) / 10 * law_variance(kernel))


def law_variance(kernel):
    return 1 / np.linalg.inv(kernel)[-1, -1]


def test_moments_of_a_unit_are_integrals():
    def moment(power, variance):
        return integrate.quad(
            lambda h: special.erf(h) ** power * stats.norm.pdf(h, 0, variance**0.5), -20, 20
        )[0]

    for variance in (0.3, 1.3):
        wanted = moment(4, variance) / moment(2, variance) ** 2 - 1
        assert theory.fourth_moment_ratio(variance) == pytest.approx(wanted, rel=1e-9)
    # where erf is linear it is that of a squared normal number
    assert theory.fourth_moment_ratio(1e-6) == pytest.approx(2, rel=1e-4)


@pytest.mark.parametrize(("a", "cut"), [(2.0, 1.0), (0.8, 0.3), (3.0, 4.0)])
def test_the_width_correction_is_a_second_difference(a, cut):
    def below(ratio):
        return stats.f.cdf(cut / ratio, 1, 2 * a)

    bend = (below(1.001) - 2 * below(1.0) + below(0.999)) / 1e-6
    assert theory.width_correction(0.7, a, cut) == pytest.approx(0.35 * bend, rel=1e-4)


def test_the_width_correction_is_an_average_over_the_kernel_of_a_network():
    """A kernel of gamma law, as of the squares of linear units: not a normal one."""
    width, a, cut = 2000, 2.0, 1.0
    law = stats.gamma(width / 2, scale=2 / width)
    low, high = law.ppf([1e-12, 1 - 1e-12])
    mean = integrate.quad(
        lambda r: law.pdf(r) * stats.f.cdf(cut / r, 1, 2 * a), low, high, epsabs=1e-13
    )[0]
    wanted = width * (mean - stats.f.cdf(cut, 1, 2 * a))
    assert theory.width_correction(2.0, a, cut) == pytest.approx(wanted, rel=0.01)


def log_moment(power, a):
    """Central moment of the log of a gamma variable of shape a, by quadrature."""

    def over(g):
        u = np.linspace(-60, 6, 40_001)
        weight = np.exp(a * u - np.exp(u) - special.gammaln(a))
        return np.trapezoid(g(u) * weight, u)

    mean = over(lambda u: u)
    return over(lambda u: (u - mean) ** power)


@pytest.mark.parametrize("a", [0.5, 1.0, 2.0])
def test_the_correlation_is_that_of_a_shared_part(a):
    shared, own = log_moment(2, a), log_moment(2, 0.5)
    assert theory.log_square_correlation(a) == pytest.approx(shared / (shared + own), rel=1e-6)


@pytest.mark.parametrize(("a", "rho"), [(2.0, 0.1), (0.5, 0.54)])
def test_the_variance_of_a_contrast_is_that_of_its_parts(a, rho):
    """x = s + u and y = s + v with independent parts: moments multiplied out term by term."""
    two = {"s": log_moment(2, a), "u": log_moment(2, 0.5), "v": log_moment(2, 0.5)}
    # of (p - p') / sqrt(2): the fourth moment from those of p
    four = {
        "s": (log_moment(4, a) + 3 * two["s"] ** 2) / 2,
        "u": (log_moment(4, 0.5) + 3 * two["u"] ** 2) / 2,
    }
    four["v"] = four["u"]
    # the contrast as a quadratic form in s, u and v
    square = {"s": 1 - rho, "u": -rho / 2, "v": -rho / 2}
    product = {"su": 1 - rho, "sv": 1 - rho, "uv": 1.0}
    mean = sum(square[n] * two[n] for n in "suv")
    second = sum(square[n] ** 2 * four[n] for n in "suv")
    for (p, q), factor in product.items():
        second += (factor**2 + 2 * square[p] * square[q]) * two[p] * two[q]
    assert theory.contrast_variance(a, rho) == pytest.approx(second - mean**2, rel=1e-6)
