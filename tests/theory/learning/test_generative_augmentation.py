"""Closed forms of generative augmentation: SymPy, quadrature and simulation as second routes."""

import numpy as np
import pytest
import sympy as sp
from refutable.solvers.naive_bayes_augmentation import augment_by_statistics
from refutable.theory.learning import generative_augmentation as theory
from refutable.theory.learning.generative_augmentation import Augmentation
from scipy.integrate import quad
from scipy.stats import norm

SETTINGS = [
    Augmentation(1, 20, 5),
    Augmentation(10, 10, 1),
    Augmentation(10, 10, 50),
    Augmentation(10, 10, 5, ddof=0),
    Augmentation(50, 10, 0),
]


def _symbolic_gap_mean():
    m, g, f = sp.symbols("m gamma f", positive=True)
    m_gen, total = g * m, m * (1 + g)
    r = m_gen / total
    noise = f / m_gen
    squares = (m - 2) + 1 + f * (m_gen - 2) + m_gen * noise + m_gen * (noise + 1 / m)
    gap = sp.Rational(1, 2) + (1 / m + r**2 * noise) / 2 + r**2 * noise / 2 - squares / (2 * total)
    return m, g, f, gap


def test_expected_gap_follows_from_the_decomposition():
    m, g, f, gap = _symbolic_gap_mean()
    unbiased = (1 + 2 * g) / (1 + g) ** 2 / m
    assert sp.simplify(gap.subs(f, 1) - unbiased) == 0
    likelihood = unbiased + (g / (1 + g) - 2 * g / ((1 + g) ** 2 * m)) / m
    assert sp.simplify(gap.subs(f, (m - 2) / m) - likelihood) == 0


@pytest.mark.parametrize("setting", SETTINGS)
def test_moments_match_the_simulation(setting):
    rng = np.random.default_rng(7)
    drawn = augment_by_statistics(
        rng, 60_000, setting.m, setting.dim, (setting.gamma,), setting.ddof
    )
    gap = drawn.gap[:, 0]
    error = gap.std() / np.sqrt(gap.size)
    assert abs(gap.mean() - theory.mean_gap(setting)) < 4.5 * error
    assert gap.var() == pytest.approx(theory.gap_variance(setting), rel=0.03)
    excess = drawn.excess[:, 0]
    slack = 4.5 * excess.std() / np.sqrt(excess.size)
    assert abs(excess.mean() - theory.excess_test_loss(setting)) < slack


@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (2.0, 0.5), (-0.3, 4.0)])
def test_folded_normal_mean_by_quadrature(mean, variance):
    def integrand(t):
        return abs(t) * norm.pdf(t, mean, np.sqrt(variance))

    direct = quad(integrand, -40, 0)[0] + quad(integrand, 0, 40)[0]
    assert theory.folded_normal_mean(mean, variance) == pytest.approx(direct, rel=1e-6)


def test_the_bound_by_hand_at_one_point():
    size, total = 50 + np.log(10), 20
    by_hand = 0.5 * size + size * 2 / (2 * np.sqrt(10)) + np.sqrt(10) * size / total / 2
    by_hand += size / total * 2 * np.log(10) / 2 + np.log(10) * size / 2
    assert theory.stability_bound(Augmentation(50, 10, 1)) == pytest.approx(by_hand)


def test_the_bound_at_the_points_of_the_notebook():
    gammas = (0, 1, 2, 5, 10, 20, 50, 100)
    bounds = [theory.stability_bound(Augmentation(50, 10, gamma)) for gamma in gammas]
    noted = [149.01, 113.06, 94.00, 74.51, 65.49, 60.11, 56.32, 54.80]
    assert np.allclose(bounds, noted, atol=0.005)


def test_the_notebook_slip_at_one_dimension_is_kept():
    setting = Augmentation(1, 40, 1)
    without_divergence = theory.stability_bound(setting)
    assert without_divergence == pytest.approx(6.19, abs=0.01)


def test_variance_without_augmentation_is_d_over_2m():
    assert theory.gap_variance(Augmentation(7, 12, 0)) == pytest.approx(7 / 24)


def test_a_finite_test_set_adds_its_noise():
    setting = Augmentation(5, 10, 0)
    added = theory.gap_variance(setting, 1000) - theory.gap_variance(setting)
    assert added == pytest.approx((2 * 5 + 4 * 5 / 10) / 4000)


@pytest.mark.parametrize("gamma", [0, 1, 50])
def test_the_large_sample_law_is_the_limit(gamma):
    exact = theory.expected_absolute_gap(Augmentation(3, 10**6, gamma))
    assert exact == pytest.approx(theory.leading_absolute_gap(3, 10**6, gamma), rel=1e-3)
