"""Bars against a histogram of SciPy, half-normal tails by their masses, no masses nearer."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers.bar_distribution import BarDistribution, fit_bars
from scipy import integrate, stats

BORDERS = np.array([-1.0, 0.0, 0.5, 2.5])
MASSES = np.array([0.3, 0.2, 0.5])


def test_bars_are_a_histogram() -> None:
    x = np.array([-1.0, -0.3, 0.0, 0.49, 0.5, 2.0, 2.49])
    peer = stats.rv_histogram((MASSES, BORDERS), density=False)
    found = BarDistribution(BORDERS, MASSES).log_density(x)
    np.testing.assert_allclose(found, peer.logpdf(x))
    edges = BarDistribution(BORDERS, MASSES).log_density([-1.01, 2.5, 2.51])
    np.testing.assert_allclose(edges, [-np.inf, np.log(0.25), -np.inf])
    assert BarDistribution(BORDERS, [0.5, 0.0, 0.5]).log_density(0.2) == -np.inf


def test_tails_are_half_normal_with_half_their_mass_in_the_bar() -> None:
    bars = BarDistribution(BORDERS, MASSES, tails=True)

    def mass(low: float, high: float) -> float:
        return integrate.quad(lambda x: float(np.exp(bars.log_density(x))), low, high)[0]

    assert mass(-1, 0) == pytest.approx(0.15)
    assert mass(-np.inf, 0) == pytest.approx(0.3)
    assert mass(0, 0.5) == pytest.approx(0.2)
    assert mass(0.5, 2.5) == pytest.approx(0.25)
    assert mass(0.5, np.inf) == pytest.approx(0.5)
    deep = stats.halfnorm.logpdf(3.0, scale=2 / stats.norm.ppf(0.75)) + np.log(0.5)
    assert bars.log_density(3.5) == pytest.approx(deep)


@pytest.mark.parametrize("tails", [False, True])
def test_no_other_masses_are_nearer(tails: bool) -> None:
    law = stats.logistic(0.4)
    bars = fit_bars(BORDERS, law.cdf(BORDERS), tails=tails)
    ends = (-40.0, 40.0) if tails else (-1.0, 2.5)

    def loss(masses: np.ndarray) -> float:
        q = BarDistribution(BORDERS, masses, tails)
        return integrate.quad(
            lambda x: -law.pdf(x) * float(q.log_density(x)), *ends, points=[0, 0.5], limit=200
        )[0]

    best = loss(bars.masses)
    for move in ([0.01, -0.01, 0], [0, 0.01, -0.01], [-0.01, 0, 0.01]):
        assert loss(bars.masses + np.array(move)) > best + 1e-5


def test_what_lies_beyond_goes_to_the_tails_or_is_left_out() -> None:
    below = [0.1, 0.3, 0.6, 0.9]
    np.testing.assert_allclose(fit_bars(BORDERS, below, tails=True).masses, [0.3, 0.3, 0.4])
    np.testing.assert_allclose(fit_bars(BORDERS, below).masses, np.array([0.2, 0.3, 0.3]) / 0.8)


def test_what_cannot_be_bars_is_refused() -> None:
    with pytest.raises(ValueError, match="borders: give at least 2 numbers, each above"):
        BarDistribution(BORDERS[::-1], MASSES)
    with pytest.raises(ValueError, match="borders: give at least 3 numbers"):
        fit_bars([0.0, 1.0], [0.0, 1.0], tails=True)
    with pytest.raises(ValueError, match="below decreases"):
        fit_bars(BORDERS, [0.1, 0.3, 0.2, 0.9])
    with pytest.raises(ValueError, match="below is constant"):
        fit_bars(BORDERS, [0.3, 0.3, 0.3, 0.3])
    with pytest.raises(ValueError, match="masses does not sum to 1"):
        BarDistribution(BORDERS, [0.5, 0.2, 0.2])
