"""Closed forms of the trained denoiser, entropy and distance, each by another route."""

from math import exp, sqrt

import numpy as np
import pytest
import scipy
from refutable.theory.generative.slight_corruption import denoiser as dn
from refutable.theory.generative.slight_corruption import entropy as en
from refutable.theory.generative.slight_corruption import transport as tr
from refutable.theory.generative.slight_corruption.transport import Setting

RNG = np.random.default_rng(0)
SAMPLES = RNG.standard_normal((50, 6)) + np.eye(6)[0]
MEAN = SAMPLES.mean(axis=0)
COVARIANCE = np.cov(SAMPLES.T, bias=True)


def test_noise_and_signal_are_those_of_the_process():
    for time in (0.01, 0.5, 3.0):
        assert dn.signal(time) == exp(-time)
        assert dn.signal(time) ** 2 + dn.noise(time) ** 2 == pytest.approx(1, rel=1e-14)


def residuals(matrix, offset, gamma, time, draws, rng):
    """Squared errors of the corrupted objective; V has the offset in its first column alone."""
    x = SAMPLES[rng.integers(len(SAMPLES), size=draws)]
    eps, xi = rng.standard_normal((draws, 6)), rng.standard_normal((draws, 1))
    noised = dn.signal(time) * x + dn.noise(time) * eps
    return ((noised @ matrix.T + (1 + gamma * xi) * offset - eps) ** 2).sum(axis=1)


def test_the_objective_on_draws_is_lower_at_the_rank_one_form():
    values = {}
    for extra in (dn.rank_one, dn.isotropic):
        found = dn.denoiser(MEAN, COVARIANCE, 0.5, 0.3, extra)
        values[extra] = residuals(*found, 0.5, 0.3, 100_000, np.random.default_rng(1))
    apart = values[dn.isotropic] - values[dn.rank_one]
    assert apart.mean() > 8 * apart.std() / sqrt(len(apart))
    # and it rises in every other direction, too
    matrix, offset = dn.denoiser(MEAN, COVARIANCE, 0.5, 0.3)
    for _ in range(5):
        away = matrix + 0.05 * RNG.standard_normal((6, 6))
        moved = residuals(away, offset, 0.5, 0.3, 100_000, np.random.default_rng(1))
        assert moved.mean() > values[dn.rank_one].mean()


def test_without_corruption_the_forms_agree_and_give_back_the_data():
    ours, printed = (
        dn.denoiser(MEAN, COVARIANCE, 0.0, 0.4, extra) for extra in (dn.rank_one, dn.isotropic)
    )
    np.testing.assert_array_equal(ours[0], printed[0])
    mean, covariance = dn.generated_law(MEAN, COVARIANCE, 0.0)
    np.testing.assert_array_equal(mean, MEAN)
    np.testing.assert_array_equal(covariance, COVARIANCE)


@pytest.mark.parametrize("extra", [dn.rank_one, dn.isotropic])
def test_the_ode_of_a_denoiser_ends_in_its_law(extra):
    """From 7 starts, the origin and the axes, to time 0: that is the whole affine map."""
    starts = np.vstack([np.zeros(6), np.eye(6)])

    def slope(time, state):
        matrix, offset = dn.denoiser(MEAN, COVARIANCE, 0.7, time, extra)
        z = state.reshape(7, 6)
        return -(z - (z @ matrix.T + offset) / dn.noise(time)).ravel()

    path = scipy.integrate.solve_ivp(slope, (16, 1e-9), starts.ravel(), rtol=1e-9, atol=1e-11)
    ends = path.y[:, -1].reshape(7, 6)
    carried = (ends[1:] - ends[0]).T
    mean, covariance = dn.generated_law(MEAN, COVARIANCE, 0.7, extra)
    np.testing.assert_allclose(ends[0], mean, atol=1e-6)
    np.testing.assert_allclose(carried @ carried.T, covariance, atol=1e-6)


def test_gains_are_ratios_of_determinants():
    for gain, extra in ((en.gain, dn.rank_one), (en.printed_gain, dn.isotropic)):
        noisy = COVARIANCE + extra(MEAN, 0.8)
        by_determinant = np.log(np.linalg.det(noisy) / np.linalg.det(COVARIANCE)) / 2
        assert gain(MEAN, COVARIANCE, 0.8) == pytest.approx(by_determinant, rel=1e-12)


def drawn(n, d, norm, size, seed=0):
    """Means and covariances of `size` data sets, sample by sample."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((size, n, d))
    x[..., 0] += norm
    mean = x.mean(axis=1)
    apart = x - mean[:, None]
    return mean, np.swapaxes(apart, 1, 2) @ apart / n


def test_the_whitened_norm_is_an_average_over_data():
    mean, covariance = drawn(30, 4, 1.5, 20_000)
    lengths = np.expm1(2 * en.gain(mean, covariance, 1.0)) / dn.lost_share(1.0)
    error = lengths.std() / sqrt(len(lengths))
    assert abs(lengths.mean() - en.whitened_norm(4, 30, 1.5)) < 4 * error
    expected = np.log1p(0.5 * en.whitened_norm(4, 30, 1.5)) / 2
    assert en.gain_at_mean(4, 30, 1.5, 1.0) == pytest.approx(expected)


CASE = Setting(n=40, d=3, norm=1.5, gamma=0.4)


def covariance_term(mean, covariance, gamma):
    """By SciPy's square root, one data set at a time."""
    noisy = covariance + dn.rank_one(mean, gamma)
    return np.array(
        [
            np.trace(a) - np.trace(b) - 2 * np.trace(scipy.linalg.sqrtm(a) - scipy.linalg.sqrtm(b))
            for a, b in zip(covariance, noisy, strict=True)
        ]
    )


def test_the_mean_term_is_an_average_over_data():
    mean, _ = drawn(CASE.n, CASE.d, CASE.norm, 50_000, seed=1)
    truth = CASE.norm * np.eye(CASE.d)[0]
    shrunk = mean / (1 + CASE.gamma**2)
    gains = ((mean - truth) ** 2).sum(axis=1) - ((shrunk - truth) ** 2).sum(axis=1)
    assert abs(gains.mean() - CASE.mean_term) < 4 * gains.std() / sqrt(len(gains))


def test_the_mean_term_is_zero_at_its_break_even():
    gamma = tr.mean_break_even(3, 40, 1.5)
    assert Setting(40, 3, 1.5, gamma).mean_term == pytest.approx(0, abs=1e-15)
    assert Setting(40, 3, 1.5, 0.99 * gamma).mean_term > 0


def test_inverse_roots_are_above_the_identity_by_the_first_order():
    _, covariance = drawn(400, 3, 0.0, 4000, seed=2)
    values = np.linalg.eigvalsh(covariance)
    excess = (values**-0.5).mean(axis=1) - 1
    error = excess.std() / sqrt(len(excess))
    # the second order is some kappa^2
    assert abs(excess.mean() - Setting(400, 3, 1.0, 0.1).inverse_root_excess) < 4 * error + 4e-5


def test_the_predicted_ratio_is_an_average_over_data():
    """By SciPy's square root, and for so many samples that the next order is small."""
    here = Setting(n=300, d=3, norm=1.5, gamma=0.3)
    mean, covariance = drawn(here.n, here.d, here.norm, 3000, seed=3)
    ratios = (here.mean_term + covariance_term(mean, covariance, here.gamma)) / here.unit
    error = ratios.std() / sqrt(len(ratios))
    assert abs(ratios.mean() - here.predicted_ratio) < 4 * error
    assert error < 0.05 * abs(here.predicted_ratio)


def test_ratios_agree_where_they_should():
    many = 10**8
    for scale in (0.3, 1.0, 2.0):
        here = Setting(many, 8, 3.0, scale / sqrt(many))
        assert here.predicted_ratio == pytest.approx(here.leading_ratio, abs=1e-4)
    slight = Setting(50, 8, 3.0, 1e-5)
    assert slight.predicted_ratio == pytest.approx(slight.first_order_ratio, abs=1e-4)


@pytest.mark.parametrize(("d", "norm", "known"), [(8, 1.0, 3.99), (8, 3.0, 1.32), (32, 3.0, 2.48)])
def test_the_leading_ratio_is_zero_at_the_break_even(d, norm, known):
    scale = tr.break_even(d, norm)
    assert Setting(900, d, norm, scale / 30).leading_ratio == pytest.approx(0, abs=1e-12)
    assert scale == pytest.approx(known, abs=0.005)


def test_moments_of_the_norm_are_scipys():
    law = scipy.stats.ncx2(CASE.d, CASE.n * CASE.norm**2, scale=1 / CASE.n)
    np.testing.assert_allclose(CASE.norm_moments(), (law.moment(2), law.moment(4)), rtol=1e-10)


def test_the_upper_part_of_the_variance_bound_is_an_integral():
    density = scipy.stats.chi2(CASE.n - CASE.d).pdf
    integral, _ = scipy.integrate.quad(
        lambda y: ((y / CASE.n) ** -0.5 - 1) ** 2 * density(y), 0, 400, epsabs=1e-13, limit=200
    )
    assert CASE._above() == pytest.approx(integral, rel=1e-8)


@pytest.mark.parametrize("gamma", [0.05, 0.4, 1.0])
@pytest.mark.parametrize(("n", "d", "norm"), [(40, 3, 1.5), (20, 8, 0.5), (200, 2, 3.0)])
def test_the_covariance_term_keeps_its_bounds(n, d, norm, gamma):
    """Both steps of the proof on draws, then the variance that follows."""
    mean, covariance = drawn(n, d, norm, 400, seed=4)
    lost = dn.lost_share(gamma)
    term = covariance_term(mean, covariance, gamma)
    size = (mean**2).sum(axis=1)
    v = mean / np.sqrt(size)[:, None]
    noisy = covariance + dn.rank_one(mean, gamma)
    along = np.einsum("ni,nij,nj->n", v, noisy, v)
    across = np.einsum("ni,nij,nj->n", v, np.linalg.inv(covariance), v)
    assert (term >= lost * size * (along**-0.5 - 1) - 1e-12).all()
    assert (term <= lost * size * (across**0.5 - 1) + 1e-12).all()
    bound = Setting(n, d, norm, gamma).variance_bound
    assert term.var() < bound
    assert (term**2).mean() < 1.2 * bound
    # with much corruption the bound on the square is far above the variance
    assert gamma > 0.1 or bound < 5 * term.var()
