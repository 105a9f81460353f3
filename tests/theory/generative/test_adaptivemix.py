"""Closed forms of AdaptiveMix's penalty, by quadrature and by drawing."""

import numpy as np
import pytest
import scipy
import scipy.stats
from refutable.theory.generative import adaptivemix as theory


def test_the_noise_alone_by_drawing():
    rng = np.random.default_rng(0)
    means = ((theory.NOISE * rng.standard_normal((20_000, 60))) ** 2).mean(axis=1)
    assert theory.affine_loss() == pytest.approx(0.0025)
    assert means.mean() == pytest.approx(theory.affine_loss(), rel=0.005)
    assert means.var() == pytest.approx(theory.affine_loss_variance(6, 10), rel=0.05)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 2.5])
def test_mixing_square_by_scipys_beta(alpha):
    law = scipy.stats.beta(alpha, alpha)
    assert theory.mean_mixing_square(alpha) == pytest.approx(
        law.expect(lambda t: (t * (1 - t)) ** 2), rel=1e-7
    )


def test_curvature_of_a_parabola_by_drawing():
    rng = np.random.default_rng(1)
    x, other = rng.uniform(-0.3, 0.3, (2, 400_000)) + 5
    lam = rng.random(400_000)
    gap = 1.5 * ((lam * x + (1 - lam) * other) ** 2 - lam * x**2 - (1 - lam) * other**2)
    assert theory.curvature_loss(3.0, 0.3) == pytest.approx((gap**2).mean(), rel=0.02)
    assert theory.curvature_loss(3.0, 0.3) == pytest.approx(2 * 9 * 0.3**4 / 225, rel=1e-12)


@pytest.mark.parametrize("lam", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("distance", [0.3, 1.2, 2.0])
def test_least_loss_on_the_circle_by_searching(lam, distance):
    half = np.arcsin(distance / 2)
    u, v = np.array([[np.cos(half), np.sin(half)], [np.cos(half), -np.sin(half)]])
    angles = np.linspace(0, 2 * np.pi, 200_001)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    least = ((circle - lam * u - (1 - lam) * v) ** 2).sum(axis=1).min()
    assert theory.unit_loss_at_least(lam, distance) == pytest.approx(least, abs=1e-9)


def test_the_mean_bound_lies_below_and_is_sharp_for_close_features():
    lam = (np.arange(20_000) + 0.5) / 20_000
    for distance in (0.01, 0.5, 1.9):
        mean = theory.unit_loss_at_least(lam, distance).mean()
        bound = theory.unit_loss_of_spread(distance**4)
        assert bound <= mean
    sharp = theory.unit_loss_at_least(lam, 0.01).mean() / theory.unit_loss_of_spread(1e-8)
    assert sharp == pytest.approx(1, abs=1e-4)
    assert theory.unit_loss_of_spread(120.0) == pytest.approx(1, rel=1e-12)
