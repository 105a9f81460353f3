"""Moments of a conversion against SciPy's densities on a grid and its adaptive integral."""

import numpy as np
import pytest
import scipy.integrate
from refutable.theory.mixtures import voice_morphing as theory
from refutable.theory.mixtures.voice_morphing import Law
from scipy.stats import multivariate_normal, norm

LAW = Law(
    weights=np.array([0.2, 0.5, 0.3]),
    mean_x=np.array([-1.5, 0.4, 2.0]),
    mean_y=np.array([1.0, -2.0, 0.3]),
    sd_x=np.array([0.6, 0.9, 0.5]),
    sd_y=np.array([0.8, 0.7, 1.0]),
    corr=np.array([0.6, -0.5, 0.75]),
)
MEAN = 0.2 * 1 - 0.5 * 2 + 0.3 * 0.3


def one(corr=0.7):
    return Law(*(np.array([v]) for v in (1.0, 0.3, -2.0, 1.4, 0.6, corr)))


def joint(x, y):
    total = 0.0
    for w, mx, my, sx, sy, r in zip(*vars(LAW).values(), strict=True):
        spread = [[sx**2, r * sx * sy], [r * sx * sy, sy**2]]
        total = total + w * multivariate_normal([mx, my], spread).pdf(np.stack([x, y], axis=-1))
    return total


@pytest.fixture(scope="module")
def table():
    """Joint probabilities on a grid of x and y, and the regression that they give."""
    x, y = np.linspace(-8, 8, 401), np.linspace(-9, 9, 451)
    mass = joint(*np.meshgrid(x, y, indexing="ij"))
    mass /= mass.sum()
    return x, y, mass, (mass @ y) / mass.sum(axis=1)


def test_the_variance_and_kurtosis_of_the_target(table):
    _, y, mass, _ = table
    p = mass.sum(axis=0)
    mean = p @ y
    variance = p @ (y - mean) ** 2
    assert LAW.mean == pytest.approx(mean, abs=1e-10)
    assert theory.target_variance(LAW) == pytest.approx(variance, rel=1e-10)
    assert theory.target_kurtosis(LAW) == pytest.approx(p @ (y - mean) ** 4 / variance**2)
    assert theory.target_kurtosis(one()) == pytest.approx(3)


def test_the_moments_of_global_variance_and_error(table):
    _, y, mass, f = table
    variance = theory.target_variance(LAW)
    square = (f - MEAN) ** 2 / variance
    p = mass.sum(axis=1)
    found = theory.global_variance(LAW)
    assert found.mean == pytest.approx(p @ square, rel=1e-9)
    assert found.variance == pytest.approx(p @ square**2 - (p @ square) ** 2, rel=1e-8)
    error = (y - f[:, None]) ** 2 / variance
    found = theory.conversion_error(LAW)
    mean = (mass * error).sum()
    assert found.mean == pytest.approx(mean, rel=1e-9)
    assert found.variance == pytest.approx((mass * error**2).sum() - mean**2, rel=1e-8)


def test_the_moments_of_the_rescaled_error(table):
    _, y, mass, f = table
    variance = theory.target_variance(LAW)
    eta = np.sqrt(mass.sum(axis=1) @ (f - MEAN) ** 2 / variance)
    error = ((MEAN + (f - MEAN) / eta)[:, None] - y) ** 2 / variance
    found, mean = theory.rescaled_error(LAW), (mass * error).sum()
    assert found.mean == pytest.approx(mean, rel=1e-9)
    assert found.mean == pytest.approx(2 * (1 - eta), rel=1e-9)
    assert found.variance == pytest.approx((mass * error**2).sum() - mean**2, rel=1e-8)


def test_the_moments_of_the_redrawn_error(table):
    _, y, mass, f = table
    apart = np.subtract.outer(y, y) ** 2
    least = (mass * (y - f[:, None]) ** 2).sum()
    given = mass / mass.sum(axis=1, keepdims=True)
    means = [np.einsum("xy,yz,xz->x", given, apart**k, given, optimize=True) for k in (1, 2)]
    first, second = (mass.sum(axis=1) @ m for m in means)
    found = theory.redrawn_error(LAW)
    assert found.mean == pytest.approx(first / least, rel=1e-9)
    assert found.mean == pytest.approx(2, rel=1e-12)
    assert found.variance == pytest.approx((second - first**2) / least**2, rel=1e-8)


def test_the_moments_of_what_restoring_adds(table):
    _, y, mass, f = table
    variance = theory.target_variance(LAW)
    given = mass / mass.sum(axis=1, keepdims=True)
    plain = (y - f[:, None]) ** 2
    first, second = 0.0, 0.0
    for i, p in enumerate(mass.sum(axis=1)):  # pairs of independent y and z, for each x
        extra = (np.subtract.outer(y, y) ** 2 - plain[i][:, None]) / variance
        first += p * (given[i] @ extra @ given[i])
        second += p * (given[i] @ extra**2 @ given[i])
    found = theory.redrawn_extra(LAW)
    assert found.mean == pytest.approx(first, rel=1e-9)
    assert found.variance == pytest.approx(second - first**2, rel=1e-8)
    square = (f - MEAN) ** 2 / variance
    eta = np.sqrt(mass.sum(axis=1) @ square)
    extra = (((MEAN + (f - MEAN) / eta)[:, None] - y) ** 2 - plain) / variance
    found = theory.rescaled_extra(LAW)
    assert found.mean == pytest.approx((mass * extra).sum(), rel=1e-9)
    assert found.mean == pytest.approx((1 - eta) ** 2, rel=1e-9)
    assert found.variance == pytest.approx((mass * extra**2).sum() - found.mean**2, rel=1e-8)
    found = theory.rescaled_variance(LAW)
    assert found.mean == 1
    spread = mass.sum(axis=1) @ (square / eta**2 - 1) ** 2
    assert found.variance == pytest.approx(spread, rel=1e-8)


def test_the_grid_agrees_with_an_adaptive_integral():
    """Of the density of x and the numerator of F, without a posterior."""
    parts = list(zip(*vars(LAW).values(), strict=True))

    def integrand(x):
        density = [w * norm.pdf(x, mx, sx) for w, mx, _, sx, _, _ in parts]
        lines = [my + r * sy / sx * (x - mx) for _, mx, my, sx, sy, r in parts]
        return (np.dot(density, lines) / sum(density) - MEAN) ** 2 * sum(density)

    value, _ = scipy.integrate.quad(integrand, -8, 8, limit=400, epsabs=1e-13, epsrel=1e-12)
    expected = value / theory.target_variance(LAW)
    assert theory.global_variance(LAW).mean == pytest.approx(expected, rel=1e-11)


def test_variance_splits_and_the_grid_is_fine_enough():
    """Steepest switch that is tried: centres 4 standard deviations of 2 apart, spreads of 1/2."""
    steep = Law(
        *(np.array(v) for v in ([0.5, 0.5], [-8, 8], [3, -3], [0.5] * 2, [1] * 2, [0.5] * 2))
    )
    for law in (LAW, steep):
        total = theory.global_variance(law).mean + theory.conversion_error(law).mean
        assert total == pytest.approx(1, abs=1e-12)
        assert theory.given_source(law).mass.sum() == pytest.approx(1, abs=1e-12)


def test_bounds_of_the_ratio_meet_for_one_component():
    assert theory.global_variance(one()).mean == pytest.approx(0.49, abs=1e-12)
    assert theory.squared_correlation(one()) == pytest.approx(0.49)
    assert theory.most_global_variance(one()) == pytest.approx(0.49)
    ratio = theory.global_variance(LAW).mean
    assert theory.squared_correlation(LAW) < ratio < theory.most_global_variance(LAW)


def test_the_squared_correlation_is_that_of_the_law(table):
    x, y, mass, _ = table
    p, q = mass.sum(axis=1), mass.sum(axis=0)
    cross = (x - p @ x) @ mass @ (y - q @ y)
    expected = cross**2 / ((p @ (x - p @ x) ** 2) * (q @ (y - q @ y) ** 2))
    assert theory.squared_correlation(LAW) == pytest.approx(expected, rel=1e-9)


def test_no_output_with_the_variance_of_the_target_errs_less_than_the_rescaled_one(table):
    x, y, mass, f = table
    p = mass.sum(axis=1)
    variance = theory.target_variance(LAW)
    rng = np.random.default_rng(0)
    shapes = [f, x, np.sin(x), *(f + a * np.sin(b * x) for a, b in rng.normal(0, 1, (20, 2)))]
    errors = []
    for shape in shapes:
        scaled = (shape - p @ shape) * np.sqrt(variance / (p @ (shape - p @ shape) ** 2)) + MEAN
        errors.append((mass * (scaled[:, None] - y) ** 2).sum() / variance)
    least = theory.rescaled_error(LAW).mean
    assert errors[0] == pytest.approx(least, rel=1e-9)
    assert min(errors[1:]) > least


def test_batches_of_laws_are_judged_one_by_one():
    pair = Law(*(np.stack([v, v[::-1]]) for v in vars(LAW).values()))
    both = theory.rescaled_error(pair)
    assert both.mean.shape == (2,)
    np.testing.assert_allclose(both.mean, theory.rescaled_error(LAW).mean)
    np.testing.assert_allclose(
        theory.redrawn_variance(pair).variance, theory.target_kurtosis(LAW) - 1
    )


@pytest.mark.parametrize("corr", [-1.0, 1.0])
def test_nothing_is_smoothed_where_the_target_is_a_line(corr):
    law = one(corr)
    assert theory.global_variance(law).mean == pytest.approx(1, abs=1e-12)
    assert theory.conversion_error(law).mean == pytest.approx(0, abs=1e-12)
