"""Products of Gaussians, nearest laws and scales by direct products, other optimisers and sums."""

import math

import numpy as np
import pytest
from refutable.theory.bayes import gaam as theory
from scipy import integrate, optimize, stats

X = np.linspace(-3, 3, 61)


def normal_law(x, mean, deviation):
    law = stats.norm.pdf(x, mean, deviation)
    return law / law.sum()


def test_a_product_of_densities_is_the_collapsed_one():
    offsets, scales = np.array([0.3, -1.0, 0.5]), np.array([0.7, 1.4, 2.0])
    one = theory.collapsed(offsets, scales)
    for x in (-1.0, 0.0, 2.5):
        wanted = np.prod(stats.norm.pdf(x, offsets, scales))
        exponent = one.precision * (x - one.offset) ** 2 + one.spread
        assert float(np.exp(one.log_constant - exponent / 2)) == pytest.approx(wanted)


@pytest.mark.parametrize("scales", [[0.7, 1.4, 2.0], [40.0, 90.0, 300.0]])
def test_head_weights_are_normalised_products_or_products_over_the_floor(scales):
    rng = np.random.default_rng(0)
    x, offsets = rng.standard_normal(7), np.array([0.3, -1.0, 0.5])
    y = (x - x.mean() - offsets[:, None]) / math.sqrt(np.var(x, ddof=1) + 1e-8)
    raw = np.prod(stats.norm.pdf(y, scale=np.array(scales)[:, None]), axis=0)
    found = theory.head_weights(x, offsets, np.array(scales))
    assert found == pytest.approx(raw / max(raw.sum(), 1e-8), rel=1e-9)
    many = theory.head_weights(x, np.tile(offsets, 9), np.tile(scales, 9))
    short = many.sum() < 1 - 1e-6
    assert short == (raw[0] ** 9 < 1e-10 and (raw**9).sum() < 1e-8)


def test_a_head_without_a_floor_sums_to_one():
    rng = np.random.default_rng(1)
    x, scales = rng.standard_normal((4, 9)), np.exp(0.1 * rng.standard_normal((4, 2)))
    found = theory.head_weights(x, np.zeros((4, 2)), scales)
    assert found.sum(axis=-1) == pytest.approx(np.ones(4))


@pytest.mark.parametrize("gaussians", [20, 30])
def test_the_bound_is_the_chance_that_the_highest_product_is_too_small(gaussians):
    """The sum of log scales by its density, and the products at the centre by hand."""

    def too_small(log_sum):
        top = math.exp(-log_sum) * (2 * math.pi) ** (-gaussians / 2)
        return 64 * top < 1e-8

    edge = optimize.brentq(lambda s: too_small(s) - 0.5, -60, 60)
    law = stats.norm(0, math.sqrt(gaussians))
    wanted = integrate.quad(law.pdf, edge, edge + 80)[0]
    assert theory.clamped_at_least(gaussians, 64) == pytest.approx(wanted, abs=1e-6)


def test_divergence_is_that_of_scipy():
    p, q = np.array([0.2, 0.0, 0.8]), np.array([0.5, 0.2, 0.3])
    assert theory.divergence(p, q) == pytest.approx(stats.entropy(p, q))


def test_the_nearest_gaussian_has_the_moments_of_the_target():
    target = 0.3 * normal_law(X, -1.5, 0.3) + 0.7 * normal_law(X, 1.0, 0.5)
    law = theory.nearest_gaussian(X, target)
    assert law @ X == pytest.approx(target @ X, abs=1e-12)
    assert law @ X**2 == pytest.approx(target @ X**2, abs=1e-12)
    curvature = np.diff(np.log(law), 2)
    assert curvature == pytest.approx(np.full(len(X) - 2, curvature[0]))


def test_no_other_gaussian_is_nearer():
    target = 0.3 * normal_law(X, -1.5, 0.3) + 0.7 * normal_law(X, 1.0, 0.5)

    def loss(p):
        law = np.exp(-0.5 * np.exp(p[1]) * (X - p[0]) ** 2)
        return stats.entropy(target, law / law.sum())

    best = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"fatol": 1e-13})
    found = theory.divergence(target, theory.nearest_gaussian(X, target))
    assert found == pytest.approx(best.fun, abs=1e-9)


def test_a_law_with_more_spread_than_the_points_has_no_nearest_head():
    target = 0.5 * normal_law(X, -3.0, 0.3) + 0.5 * normal_law(X, 3.0, 0.3)
    with pytest.raises(ValueError, match="no head attains"):
        theory.nearest_gaussian(X, target)


def test_a_layer_is_as_far_as_its_weights_over_the_whole_axis():
    target = 0.2 * normal_law(X, -1.5, 0.4) + 0.8 * normal_law(X, 1.2, 0.3)
    parts = (slice(0, 30), slice(30, 61))
    law = np.empty_like(X)
    for part in parts:
        mass = target[part].sum()
        law[part] = theory.nearest_gaussian(X[part], target[part] / mass) / 2
    found = theory.layer_divergence(tuple(X[s] for s in parts), tuple(target[s] for s in parts))
    assert found == pytest.approx(stats.entropy(target, law))


def test_scales_give_the_profile_that_is_wanted():
    for w, y in ((0.2, 1.3), (0.97, -0.4)):
        wanted = optimize.brentq(lambda c, w=w, y=y: math.exp(-y * y / (2 * c)) - w, 1e-3, 1e3)
        assert theory.scales_for(np.array(w), np.array(y)) == pytest.approx(wanted)


def test_parameters_are_offsets_and_scales():
    assert 8 * theory.head_parameters(4) == 64
    assert theory.wide_parameters(1024) == 2048
