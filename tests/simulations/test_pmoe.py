"""PMoE's experiments by other routes."""

import numpy as np
import pytest
import scipy
from refutable.simulations.experts.pmoe import frequencies, unimodal, variance
from refutable.theory.experts import pmoe as theory

from refutable import Cell


def test_the_router_descends_the_squared_distance_to_its_target():
    target = np.array([[0.15, 0.3, 0.55]])
    losses = [
        ((frequencies.routed(target, steps) - target) ** 2).sum() for steps in range(0, 60, 10)
    ]
    assert losses == sorted(losses, reverse=True)

    def loss(at):
        return ((scipy.special.softmax(at) - target[0]) ** 2).sum()

    numeric = scipy.optimize.approx_fprime(np.zeros(3), loss, 1e-8)
    stepped = np.log(frequencies.routed(target, 1)[0])
    np.testing.assert_allclose(stepped - stepped.mean(), -(numeric - numeric.mean()), atol=1e-6)


def test_shares_of_the_best_are_counted_and_learnt():
    cell = Cell({"primitives": "three", "n": 4000})
    columns = frequencies.trained_router(cell, np.random.default_rng(0), 200)
    wins = theory.win_probabilities((0.0, 0.5, 1.0))
    for name, place in (("worst_wins", 0), ("best_wins", -1)):
        scatter = np.sqrt(wins[place] * (1 - wins[place]) / 4000)
        assert columns[name].mean() == pytest.approx(wins[place], abs=4 * scatter / 200**0.5)
        assert columns[name].std() == pytest.approx(scatter, rel=0.25)
    assert columns["gap"].max() < 1e-9


@pytest.mark.parametrize("baseline", [False, True])
def test_spreads_of_draws_are_the_predicted_ones(baseline):
    cell = Cell({"noise": 1.0, "baseline": baseline})
    columns = variance.spreads(cell, np.random.default_rng(1), 4000)
    assert columns["frequency"].mean() == pytest.approx(variance.frequency_mean(cell), rel=0.01)
    assert columns["reinforce"].mean() == pytest.approx(variance.reinforce_mean(cell), rel=0.02)
    assert columns["excess"].var() == pytest.approx(variance.excess_variance(cell), rel=0.08)


def test_the_order_turns_round_near_the_fixed_point():
    excess = [variance.near_fixed_point(share)[0] for share in (0.0, 0.3, 0.5, 0.8)]
    assert excess[0] > excess[1] > 0 > excess[2] > excess[3]
    cell = Cell({"noise": 1.0, "baseline": False})
    columns = variance.spreads(cell, np.random.default_rng(1), 4000, towards=0.5)
    mean, scatter = variance.near_fixed_point(0.5)
    assert columns["excess"].mean() == pytest.approx(mean, abs=0.5)
    assert columns["excess"].var() == pytest.approx(scatter, rel=0.08)


@pytest.mark.parametrize("ratio", [1.0, 4.0])
def test_the_divergence_is_that_of_adaptive_quadrature(ratio):
    law = scipy.stats.norm(0.3, 0.35)
    parts = [
        scipy.stats.norm(side * ratio * unimodal.MODE_SD, unimodal.MODE_SD) for side in (-1, 1)
    ]

    def integrand(x):
        target = np.logaddexp(*(part.logpdf(x) for part in parts)) - np.log(2)
        return law.pdf(x) * (law.logpdf(x) - target)

    exact = scipy.integrate.quad(integrand, -4, 4, epsabs=1e-12, limit=400)[0]
    found = unimodal.divergence(unimodal.log_normal(0.3, 0.35), unimodal.modes(ratio))
    assert found == pytest.approx(exact, rel=1e-6)


def test_the_forward_fit_matches_moments():
    target = unimodal.modes(2.0)
    sd = unimodal.MODE_SD * np.sqrt(1 + 2.0**2)
    exact = unimodal.divergence(target, unimodal.log_normal(0.0, sd))
    assert unimodal.best_single(target, 2.0, forward=True) == pytest.approx(exact, abs=1e-9)
