"""The mechanisms behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.accuracy_disparity._gaussian import (
    LENGTH,
    THETA,
    minority,
)
from refutable.simulations.learning.accuracy_disparity.amplification import (
    cauchy_grid,
    disparity_increase,
    smallest_steps,
)
from refutable.simulations.learning.accuracy_disparity.closed_form import (
    fitted_rule,
    population_rule,
)
from refutable.simulations.learning.accuracy_disparity.degradation import FLAT, accuracy_drop
from refutable.simulations.learning.accuracy_disparity.real_data import real_data
from refutable.simulations.learning.accuracy_disparity.stable_collapse import (
    _variance,
    collapse,
    stable_advantage,
)
from refutable.theory.learning import accuracy_disparity as theory
from scipy.special import ndtr

from refutable import Cell


def test_fits_come_near_the_closed_form():
    cell = Cell({"imbalance": 5, "attack": "l2", "n": 6000})
    run = fitted_rule(cell, np.random.default_rng(1), 6)
    assert run["minority"].mean() == pytest.approx(minority(cell), abs=0.02)


def test_disparity_rises_only_with_imbalance():
    cell = Cell({"imbalance": 10, "attack": "l2", "n": 4000})
    rng = np.random.default_rng(2)
    assert disparity_increase(cell, rng, 4)["increase"].mean() > 0.15
    for change in ({"imbalance": 1}, {"reweight": True}):
        assert abs(disparity_increase(cell, rng, 4, **change)["increase"].mean()) < 0.03


def test_disparity_grows_under_gaussian_noise_only():
    cell = Cell({"attack": "l2"})
    assert min(smallest_steps(cell).values()) > 1e-6
    assert smallest_steps(cell, cauchy_grid)["step_in_radius"] < -1e-3


def test_balanced_degradation_depends_on_the_norm():
    rng = np.random.default_rng(3)
    linf, l2 = Cell({"attack": "linf", "n": 6000}), Cell({"attack": "l2", "n": 6000})
    assert accuracy_drop(linf, rng, 4)["drop"].mean() == pytest.approx(0.0217, abs=0.005)
    assert accuracy_drop(l2, rng, 4)["drop"].mean() == pytest.approx(0, abs=0.005)
    assert accuracy_drop(linf, rng, 4, FLAT)["drop"].mean() < 0.015


def test_simulated_advantage_agrees_with_the_tail():
    cell = Cell({"alpha": 1.5, "radius": 1.5, "relative": 0.8, "threshold": 1.0})
    measured = stable_advantage(cell, np.random.default_rng(4), 40)["advantage"].mean()
    noise = theory.stable_noise(1.5)
    limit, b = noise.collapse(1.5)
    upper, lower = (float(np.exp(noise.log_tail(t))) for t in (b - 1.5, b + 1.5))
    assert measured == pytest.approx(upper - 0.8 * limit * lower, abs=0.01)
    gaussian = stable_advantage(cell, np.random.default_rng(4), 40, gaussian=True)["advantage"]
    upper, lower = ndtr(1.5 - b), ndtr(-1.5 - b)
    assert gaussian.mean() == pytest.approx(upper - 0.8 * limit * lower, abs=0.01)


def test_the_grid_brackets_the_collapse():
    seen = collapse(Cell({"radius": 1.5}))
    assert not seen["collapsed_below"]
    assert seen["collapsed_above"]
    assert seen["threshold_error"] < 1e-3


def test_robust_training_raises_the_held_out_disparity():
    run = real_data(Cell({"data": "3 or 8", "imbalance": 5}), np.random.default_rng(5), 8)
    assert run["increase"].mean() > 0.1


def test_a_larger_radius_is_trained_against_it():
    cell = Cell({"imbalance": 10, "attack": "l2", "n": 4000})
    wanted = theory.gaussian_rule(THETA, 10, "l2", 1.1 * LENGTH / 2)
    seen = population_rule(cell, harder=1.1)
    assert seen["minority"] == pytest.approx(wanted.minority, abs=1e-5)
    as_stated, harder = (
        fitted_rule(cell, np.random.default_rng(6), 4, factor)["minority"] for factor in (1.0, 1.1)
    )
    assert (harder < as_stated - 0.02).all()
    rises = [
        disparity_increase(cell, np.random.default_rng(6), 4, harder=factor)["increase"]
        for factor in (1.0, 1.1)
    ]
    assert (rises[1] > rises[0] + 0.02).all()


def test_wider_noise_collapses_earlier():
    seen = collapse(Cell({"radius": 1.5}), scale=1.02)
    assert seen["collapsed_below"]
    assert seen["threshold_error"] > 1e-2
    assert seen["supremum"] == pytest.approx(theory.cauchy_collapse(1.5 / 1.02), rel=1e-6)


@pytest.mark.parametrize("gaussian", [False, True])
def test_the_advantage_varies_no_more_than_declared(gaussian):
    cell = Cell({"alpha": 1.0, "radius": 1.5, "relative": 1.25, "threshold": 0.5})
    run = stable_advantage(cell, np.random.default_rng(7), 100, gaussian=gaussian)
    assert 0.01 < run["advantage"].var() / _variance(cell) < 1


def test_the_bound_on_the_variance_is_that_of_two_ends():
    """A draw that is 1 or 1 - R with equal chances attains it."""
    cell = Cell({"alpha": 1.0, "radius": 1.5, "relative": 1.0, "threshold": 1.0})
    limit = theory.cauchy_collapse(1.5)
    ends = 1 - limit * np.random.default_rng(8).integers(0, 2, (2000, 6000))
    assert ends.mean(axis=1).var() == pytest.approx(_variance(cell), rel=0.15)
