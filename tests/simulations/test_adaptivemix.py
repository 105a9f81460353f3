"""The experiments behind the claims on AdaptiveMix, by other routes."""

import numpy as np
import pytest
from refutable.simulations.generative.adaptivemix import (
    _moons,
    affine_null,
    alone,
    cosine,
    curvature,
    unit_features,
    with_fit,
)
from refutable.solvers.fourier_features import FourierFeatures, draw_fourier_features
from refutable.theory.generative import adaptivemix as theory
from sklearn.datasets import make_moons

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_affine_features_cost_the_noise_at_every_scale():
    found = [affine_null.mixed_losses(Cell({"scale": s}), rng(), 100) for s in (1.0, 10.0)]
    for columns in found:
        assert columns["loss"].mean() == pytest.approx(0.0025, rel=0.01)
        assert columns["loss"].var() <= affine_null.VARIANCE
    np.testing.assert_allclose(found[0]["loss"], found[1]["loss"], rtol=1e-9)


def test_bent_features_cost_their_curvature():
    """With the coefficient k the gap is -k lam (1 - lam) (x - x')^2 times the slopes."""
    plain = affine_null.mixed_losses(Cell({"scale": 1.0}), rng(), 400, curvature=0.1)["plain"]
    # E (x - x')^4 = 12 for standard normals, and slopes of variance 1 add up over three inputs.
    assert plain.mean() == pytest.approx(0.01 / 30 * 12 * 3, rel=0.05)


@pytest.mark.parametrize("name", ["square", "sine"])
def test_loss_on_an_interval_by_drawing(name):
    feature, generator = curvature.FEATURES[name], rng(1)
    x, other = curvature.CENTRE + 0.4 * generator.uniform(-1, 1, (2, 400_000))
    lam = generator.beta(1.5, 1.5, 400_000)
    mixed = feature.value(lam * x + (1 - lam) * other)
    gap = mixed - lam * feature.value(x) - (1 - lam) * feature.value(other)
    assert curvature.loss_on(0.4, feature, 1.5) == pytest.approx((gap**2).mean(), rel=0.02)


def test_second_derivatives_are_those_of_the_features():
    h = 1e-4
    for feature in curvature.FEATURES.values():
        low, mid, high = feature.value(curvature.CENTRE + h * np.arange(-1, 2))
        assert feature.second == pytest.approx((low - 2 * mid + high) / h**2, abs=1e-6)


def test_the_bound_of_unit_features_is_sharp_for_close_ones_alone():
    gentle = unit_features.sphere_losses(Cell({"gain": 0.3}), rng(), 20)
    bent = unit_features.sphere_losses(Cell({"gain": 10.0}), rng(), 20)
    assert np.median(gentle["tightness"]) > np.median(bent["tightness"])
    assert gentle["below"].max() <= 0
    larger = unit_features.sphere_losses(Cell({"gain": 0.3}), rng(), 20, radius=1.1)
    # the loss goes with the square of the radius, the bound with its fourth power
    np.testing.assert_allclose(larger["tightness"], 1.21 * gentle["tightness"], rtol=1e-9)


def test_cosine_is_that_of_angles():
    turn = np.linspace(0, 3, 7)
    out = 5 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    np.testing.assert_allclose(cosine.cosine(out, np.array([2.0, 0])), -np.cos(turn), atol=1e-14)


def test_doubled_features_lower_the_cosine_loss_as_much_as_half_the_noise():
    cell = Cell({"coordinates": 64})
    change = cosine.scaled_losses(cell, rng(), 40)["change"].mean()
    # E[1 - cos] is about (d - 1) sigma^2 / (2 |F|^2), a quarter of which is left; |F|^2 is
    # d |mix|^2, and E 1/|mix|^2 = E 1/(lam^2 + (1 - lam)^2) = pi / 2 for a standard normal of R^3.
    expected = -0.75 * 63 * theory.NOISE**2 / (2 * 64) * np.pi / 2
    assert change == pytest.approx(expected, rel=0.1)


def test_moons_are_those_of_scikit_learn():
    points, upper = _moons.moons(rng(), 1, 20_000)
    theirs, label = make_moons(20_000, noise=0.15, random_state=0)
    for mine, other in ((upper[0] > 0.5, label == 0), (upper[0] < 0.5, label == 1)):
        a, b = points[0][mine], theirs[other]
        np.testing.assert_allclose(a.mean(axis=0), b.mean(axis=0), atol=0.03)
        np.testing.assert_allclose(np.cov(a.T), np.cov(b.T), atol=0.02)


def small_world(**change):
    return _moons.world(rng(3), 2, 30, 200, **change)


def test_a_fit_is_a_least_squares_problem_and_its_penalty_the_mean_squared_gap():
    """The same draws again, by stacked rows and least squares, one replicate at a time."""
    generator = rng(3)
    points, upper = _moons.moons(generator, 2, _moons.TRAINING)
    sign = np.where(generator.random(upper.shape) < _moons.FLIPPED, -1, 1)
    labels = np.where(upper > 0.5, -1, 1) * sign
    features = draw_fourier_features(generator, 30, 2, 2.5, 2)
    pairs = generator.integers(_moons.TRAINING, size=(2, 2, 200))
    lam = generator.random((2, 200, 1))
    of = small_world()
    rule = of.fitted(0.7)
    phi = features.of(points)
    for r in range(2):
        i, j = pairs[:, r]
        mixed = lam[r] * points[r, i] + (1 - lam[r]) * points[r, j]
        one = FourierFeatures(features.frequencies[r], features.phases[r])
        gap = one.of(mixed) - lam[r] * phi[r, i] - (1 - lam[r]) * phi[r, j]
        rows = np.vstack([phi[r] / 200**0.5, gap * (0.7 / 200) ** 0.5, 1e-3 * np.eye(30)])
        right = np.concatenate([labels[r] / 200**0.5, np.zeros(230)])
        np.testing.assert_allclose(rule[r], np.linalg.lstsq(rows, right)[0], rtol=1e-6, atol=1e-7)
        assert rule[r] @ of.penalty[r] @ rule[r] == pytest.approx(((gap @ rule[r]) ** 2).mean())


def test_the_penalty_alone_takes_its_own_directions_away():
    of = small_world()
    rule = of.fitted(0.0)
    values, vectors = np.linalg.eigh(of.penalty)
    for r in range(2):
        expected = vectors[r] @ (vectors[r].T @ rule[r] / (1 + 50 * values[r]))
        np.testing.assert_allclose(of.carried_on(rule, 50.0)[r], expected, rtol=1e-8, atol=1e-9)


def test_spread_is_that_of_the_values_of_the_rule():
    of = small_world()
    rule = of.fitted(0.1)
    found = of.spread(rule)
    for r in range(2):
        value, upper = of.test[r] @ rule[r], of.upper[r] > 0.5
        within = (value[upper].std() + value[~upper].std()) / 2
        between = abs(value[upper].mean() - value[~upper].mean())
        right = np.where(upper, value <= 0, value > 0).mean()
        assert [part[r] for part in found] == pytest.approx([within, between, right])


def test_a_mismatched_target_is_another_penalty():
    assert np.abs(small_world(mismatched=True).penalty - small_world().penalty).max() > 0.01


def test_the_pairing_decides_the_overlap():
    cell = Cell({"weight": 1.0, "features": 60, "mixes": 500})
    own = with_fit.with_penalty(cell, rng(), 30)
    other = with_fit.with_penalty(cell, rng(), 30, mismatched=True)
    assert np.median(own["overlap"]) < 1 < np.median(other["overlap"])
    step = Cell({"step": 100.0, "features": 60, "mixes": 500})
    assert np.median(alone.without_fit(step, rng(), 30)["overlap"]) > 1.2
    assert np.median(alone.without_fit(step, rng(), 30, fit_kept=True)["overlap"]) < 1
