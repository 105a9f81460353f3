"""Bias constants, divergences and fixed points of ScoreDVI's parts, by second routes."""

import numpy as np
import pytest
import scipy
import scipy.stats
from refutable.solvers import scale_mixture as vb
from refutable.theory.generative import score_dvi as theory

WEIGHTS, MEANS, VARIANCES = (0.2, 0.5, 0.3), (-1.0, 0.5, 2.0), (0.3, 0.6, 1.1)
X = np.array([-2.0, -0.3, 0.4, 1.7])


def log_density(x, extra=0.0):
    deviations = np.sqrt(np.array(VARIANCES) + extra)
    return np.log(scipy.stats.norm.pdf(x[:, None], MEANS, deviations) @ np.array(WEIGHTS))


def central(values, order, step):
    """Derivative of an odd or even order from values at -3 to 3 steps."""
    t = np.arange(-3, 4)
    weights = np.linalg.solve(np.vander(t, increasing=True).T.astype(float), np.eye(7)[order])
    return weights @ values * [1, 1, 2, 6][order] / step**order


def test_derivatives_are_those_of_scipys_log_density():
    step = 0.02
    values = np.array([log_density(X + k * step) for k in range(-3, 4)])
    found = theory.log_derivatives(X, WEIGHTS, MEANS, VARIANCES)
    for order, mine in enumerate((found.first, found.second, found.third), start=1):
        np.testing.assert_allclose(mine, central(values, order, step), atol=2e-5)


def test_bias_constants_from_a_density_convolved_by_scipy():
    """The score of p convolved with N(0, s^2) less the mean score of p, at a small s."""
    s = 0.02
    t, mass = np.polynomial.hermite_e.hermegauss(60)
    mass = mass / np.sqrt(2 * np.pi)

    def slope(x, extra):
        h = 1e-3
        steps = (-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12)
        return sum(w * log_density(x + k * h, extra) for k, w in steps) / h

    found = theory.log_derivatives(X, WEIGHTS, MEANS, VARIANCES)
    for i, m in enumerate(X):
        wanted = mass @ slope(m + s * t, 0.0)
        sampled = mass @ slope(m + s * t, s**2) - wanted
        alone = slope(X[i : i + 1], s**2)[0] - wanted
        assert sampled / s**2 == pytest.approx(found.bias_at_samples[i], rel=0.01, abs=0.01)
        assert alone / s**2 == pytest.approx(found.bias_at_mean[i], rel=0.01, abs=0.01)


def test_divergences_are_those_of_the_solver_and_of_integrals():
    rng = np.random.default_rng(0)
    a, b, a0, b0 = rng.uniform(0.5, 4, (4, 7))
    found = theory.precision_divergence(a, b, a0, b0)
    np.testing.assert_allclose(found, vb.gamma_divergence(a, b, a0, b0), rtol=1e-12)
    d, d0 = rng.uniform(0.5, 4, (2, 7, 3))
    found = theory.weight_divergence(d, d0)
    np.testing.assert_allclose(found, vb.dirichlet_divergence(d, d0), rtol=1e-12)
    q, p = scipy.stats.gamma(2.5, scale=1 / 0.7), scipy.stats.gamma(1, scale=1 / 0.02)
    value = scipy.integrate.quad(lambda x: q.pdf(x) * (q.logpdf(x) - p.logpdf(x)), 0, 80)[0]
    assert theory.precision_divergence(2.5, 0.7, 1, 0.02) == pytest.approx(value, rel=1e-8)


def test_known_labels_give_the_conjugate_posterior():
    rng = np.random.default_rng(1)
    y = 0.1 * rng.standard_normal(1400)
    y *= 0.1 / np.sqrt((y**2).mean())
    found = vb.weights_and_scales(y, np.ones((1400, 1)))
    expected = theory.known_label_deviation(1400, 0.1, 1.0, 1.0)
    assert found.deviations[0] == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(0.1068, abs=5e-5)


@pytest.mark.parametrize(("n", "rate", "concentration"), [(200, 1.0, 1.0), (1000, 0.3, 5.0)])
def test_sweeps_over_quantiles_of_the_noise_settle_there(n, rate, concentration):
    """Data that are quantiles have the average sums of the law, nearly."""
    level = (np.arange(n) + 0.5) / n
    grid = np.linspace(-7, 7, 200_001)
    cdf = scipy.stats.norm.cdf(grid[:, None], scale=[0.1, 1.0]) @ [0.7, 0.3]
    y = np.interp(level, cdf, grid)
    start = np.where(np.abs(y)[:, None] < 0.25, [0.9, 0.1], [0.1, 0.9])
    prior = vb.ScalePrior(concentration, 1.0, rate)
    found = vb.fit_scales(y, start, 400, prior).posterior
    deviations, weights = theory.settled_scales(
        n, [0.7, 0.3], [0.1, 1.0], rate=rate, concentration=concentration
    )
    np.testing.assert_allclose(found.deviations, deviations, rtol=0.02)
    np.testing.assert_allclose(found.weights, weights, atol=0.004)


def test_one_more_sweep_by_scipys_quadrature_changes_nothing():
    n, c, shape, rate = 60, 0.7, 1.5, 0.4
    deviations, weights = theory.settled_scales(n, [0.7, 0.3], [0.1, 1.0], shape, rate, c)
    alpha = weights * (n + 2 * c)
    a = shape + 0.5 * (alpha - c)
    b = a * deviations**2
    psi = scipy.special.psi
    levels = psi(alpha) - psi(alpha.sum()) + 0.5 * (psi(a) - np.log(b))

    def quiet_share(y):
        return scipy.special.expit(-np.diff(levels - 0.5 * a / b * y**2)[0])

    def mean(of):
        noise = lambda y: scipy.stats.norm.pdf(y, scale=[0.1, 1.0]) @ [0.7, 0.3]  # noqa: E731
        parts = [(0, 0.2), (0.2, 1), (1, 9)]
        return sum(2 * scipy.integrate.quad(lambda y: noise(y) * of(y), *p)[0] for p in parts)

    count = n * mean(quiet_share)
    energy = n * mean(lambda y: quiet_share(y) * y**2)
    again = shape + count / 2, rate + energy / 2, c + count
    assert again == pytest.approx((a[0], b[0], alpha[0]), rel=1e-7)


def test_the_truth_is_settled_on_with_endless_data():
    deviations, weights = theory.settled_scales(10**8, [0.7, 0.3], [0.1, 1.0])
    np.testing.assert_allclose(deviations, [0.1, 1.0], rtol=1e-5)
    np.testing.assert_allclose(weights, [0.7, 0.3], rtol=1e-5)


def test_a_finer_grid_changes_nothing(monkeypatch):
    coarse = theory.settled_scales(500, [0.7, 0.3], [0.1, 1.0])
    monkeypatch.setattr(theory, "_STEP", 0.001)
    monkeypatch.setattr(theory, "_END", 12.0)
    fine = theory.settled_scales(500, [0.7, 0.3], [0.1, 1.0])
    np.testing.assert_allclose(np.concatenate(coarse), np.concatenate(fine), rtol=1e-9)
