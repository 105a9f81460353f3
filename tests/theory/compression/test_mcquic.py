"""Closed forms of McQuic against integrals, enumeration and finite differences."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from refutable.theory.compression import mcquic as theory
from scipy import integrate, stats

LOGITS = np.array([1.0, 0.0, -1.0, 0.5])


def test_bits_per_pixel_count_the_codes_of_a_padded_image():
    """An image of 64 by 64 pixels has 16, 4 and 1 codes a codebook."""
    bits = 2 * (16 * math.log2(8192) + 4 * math.log2(2048) + math.log2(512))
    assert theory.bits_per_pixel(theory.REFERENCE) == Fraction(int(bits), 64 * 64)
    assert float(theory.bits_per_pixel(theory.REFERENCE)) == pytest.approx(0.127441, abs=5e-7)
    fine = replace(theory.REFERENCE, strides=(8, 16, 32))
    assert float(theory.bits_per_pixel(fine)) == pytest.approx(0.5098, abs=5e-5)


@pytest.mark.parametrize("words", [(8192, 2048, 500), (1, 2, 4)])
def test_other_numbers_of_words_are_refused(words):
    with pytest.raises(ValueError, match=r"words=.*powers of 2"):
        theory.bits_per_pixel(replace(theory.REFERENCE, words=words))


def log_ratio_moment(rho, scale, power):
    """E (log2 p / (p_1 p_2))^power on a grid, with the densities of SciPy."""
    joint = stats.multivariate_normal([0, 0], [[1, rho * scale], [rho * scale, scale**2]])
    x, y = np.meshgrid(np.linspace(-9, 9, 181), scale * np.linspace(-9, 9, 181))
    log = joint.logpdf(np.stack([x, y], axis=-1))
    apart = (log - stats.norm.logpdf(x) - stats.norm.logpdf(y, 0, scale)) / math.log(2)
    return (np.exp(log) * apart**power).sum() * 0.1 * 0.1 * scale


def test_the_gaussian_gain_is_the_integral_whatever_the_variances():
    matrix = np.array([[1.0, 1.0], [1.0, 4.0]])  # correlation 0.5
    mean, square = (log_ratio_moment(0.5, 2.0, power) for power in (1, 2))
    assert theory.gaussian_gain(matrix) == pytest.approx(mean, abs=1e-10)
    assert theory.gaussian_gain(matrix) == pytest.approx(-0.5 * math.log2(0.75))
    assert theory.gaussian_gain_variance(matrix) == pytest.approx(square - mean**2, abs=1e-10)


def test_gain_and_variance_in_four_coordinates_are_those_of_draws():
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    matrix = 0.7**lag * np.outer([1, 2, 3, 4], [1, 2, 3, 4])
    x = np.random.default_rng(0).multivariate_normal(np.zeros(4), matrix, 100_000)
    ratio = stats.multivariate_normal(np.zeros(4), matrix).logpdf(x)
    ratio -= stats.norm.logpdf(x, 0, np.sqrt(np.diag(matrix))).sum(axis=1)
    ratio /= math.log(2)
    variance = theory.gaussian_gain_variance(matrix)
    error = math.sqrt(variance / 100_000)
    assert theory.gaussian_gain(matrix) == pytest.approx(ratio.mean(), abs=4 * error)
    assert variance == pytest.approx(ratio.var(), rel=0.03)


@pytest.mark.parametrize("distance", [0.0, 0.7, 3.0])
def test_what_a_number_tells_of_its_component_is_entropy_less_that_of_the_noise(distance):
    def mixed(x):
        return (stats.norm.pdf(x, distance) + stats.norm.pdf(x, -distance)) / 2

    entropy = integrate.quad(lambda x: -mixed(x) * math.log2(mixed(x)), -15, 15, limit=200)[0]
    wanted = entropy - math.log2(2 * math.pi * math.e) / 2
    assert theory.label_information(distance) == pytest.approx(wanted, abs=1e-7)


def test_the_gain_of_two_components_is_an_integral_over_the_plane():
    a = 1.2
    x, y = np.meshgrid(np.linspace(-9, 9, 361), np.linspace(-9, 9, 361))

    def density(*numbers):
        parts = [np.prod([stats.norm.pdf(u, s * a) for u in numbers], axis=0) for s in (1, -1)]
        return (parts[0] + parts[1]) / 2

    joint = density(x, y)
    gain = (joint * np.log2(joint / density(x) / density(y))).sum() * 0.05**2
    assert theory.two_component_gain(a) == pytest.approx(gain, abs=1e-7)


def test_high_rate_constants_are_integrals_of_powers_of_the_density():
    cube = integrate.quad(lambda x: stats.norm.pdf(x) ** (1 / 3), -40, 40)[0]
    assert pytest.approx(cube**3 / 12) == theory.PANTER_DITE
    root = integrate.quad(lambda x: stats.norm.pdf(x) ** 0.5, -40, 40)[0]
    # a regular hexagon of unit area: its second moment is that of twelve right-angled triangles
    height = 1 / math.sqrt(2 * math.sqrt(3))
    second = (
        12
        * integrate.dblquad(lambda y, x: x**2 + y**2, 0, height, 0, lambda x: x / math.sqrt(3))[0]
    )
    assert pytest.approx(second / 2 * root**4) == theory.ZADOR
    assert theory.high_rate_ratio(0.0) == pytest.approx(0.7407, abs=5e-5)
    assert theory.high_rate_ratio(0.6) == pytest.approx(0.7407 * 0.8, abs=5e-5)


def test_zador_s_constant_goes_with_the_root_of_the_determinant():
    """(int sqrt(p))^2 of a correlated pair, by quadrature, over the same without correlation."""
    rho = 0.6
    line = np.linspace(-14, 14, 561)
    x, y = np.meshgrid(line, line)
    roots = [
        np.sqrt(
            stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).pdf(np.stack([x, y], axis=-1))
        ).sum()
        for r in (rho, 0.0)
    ]
    assert theory.normalised_ratio(rho) == pytest.approx((roots[0] / roots[1]) ** 2)


def test_the_exact_gradient_is_a_difference_quotient():
    losses, step = np.array([0.0, 1.0, 16.0, 81.0]), 1e-6

    def expected(logits):
        weights = [math.exp(value) for value in logits]
        return sum(w * f for w, f in zip(weights, losses, strict=True)) / sum(weights)

    quotient = [
        (expected(LOGITS + step * e) - expected(LOGITS - step * e)) / (2 * step) for e in np.eye(4)
    ]
    assert theory.exact_gradient(LOGITS, losses) == pytest.approx(np.array(quotient), rel=1e-7)
    assert theory.exact_gradient(LOGITS, losses)[3] == pytest.approx(16.25, abs=0.005)
    assert theory.softmax(LOGITS + 1000.0) == pytest.approx(theory.softmax(LOGITS))


def slopes(power):
    """Gradients of (v . z)^power at the corners, by a difference quotient."""
    v, step = np.array([0.0, 1.0, 4.0, 9.0]), 1e-6
    return np.array(
        [
            [((v @ (e + step * d)) ** power - (v @ (e - step * d)) ** power) / (2 * step)
             for d in np.eye(4)]
            for e in np.eye(4)
        ]
    )  # fmt: skip


@pytest.mark.parametrize("power", [1, 2])
def test_the_cold_gradient_is_exact_for_linear_and_quadratic_losses(power):
    losses = np.array([0.0, 1.0, 4.0, 9.0]) ** power
    cold = theory.cold_gradient(LOGITS, slopes(power))
    assert cold == pytest.approx(theory.exact_gradient(LOGITS, losses), rel=1e-6)


def pairs_at_a_tie(power):
    """Sum over pairs, term by term, of mean and square of the gradient in the last logit."""
    p, table = theory.softmax(LOGITS), slopes(power)
    mean = square = 0.0
    for k in range(3):
        for chosen in (3, k):
            slope = table[chosen, 3] - table[chosen, k]
            sign = 1 if chosen == 3 else -1

            def soft(r, sign=sign):
                return 1 / (1 + math.exp(-sign * r))

            first = integrate.quad(lambda r: soft(r) * (1 - soft(r)), 0, 60)[0]
            second = integrate.quad(lambda r: (soft(r) * (1 - soft(r))) ** 2, 0, 60)[0]
            mean += p[3] * p[k] * slope * first
            square += p[3] * p[k] * slope**2 * second
    return mean, square


@pytest.mark.parametrize("power", [1, 2, 3])
def test_cold_limits_are_sums_over_ties(power):
    mean, square = pairs_at_a_tie(power)
    assert theory.cold_gradient(LOGITS, slopes(power))[3] == pytest.approx(mean, rel=1e-6)
    assert theory.cold_variance(LOGITS, slopes(power))[3] == pytest.approx(square, rel=1e-6)
