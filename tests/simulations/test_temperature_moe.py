"""What a fit with a free temperature determines, and the dichotomy of the information."""

import numpy as np
import pytest
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.simulations.experts.temperature_moe import likelihood_rates as rates
from refutable.simulations.experts.temperature_moe.fisher_information import dichotomy
from refutable.simulations.experts.temperature_moe.invariant_ray import ray_change
from refutable.solvers.gaussian_moe import Status, log_density
from refutable.theory.experts import temperature_moe as theory

from refutable import Cell


def test_noisy_starts_keep_the_experts_and_move_the_gate():
    world = WORLDS["linear"]
    start = rates.noisy_start(world, rates.start_noise(np.random.default_rng(0), 200))
    assert (start.b0[:, 1] == 0).all()
    np.testing.assert_array_equal(start.c, np.broadcast_to(world.truth.c, (200, 2)))
    assert np.log(start.tau / world.tau).std() == pytest.approx(0.15, rel=0.2)


def test_fits_remember_their_start_along_the_ray_only():
    world = WORLDS["linear"]
    found = rates.ladder_fits(world, np.random.default_rng(1), 40, (2000, 8000))
    raw = [np.median(rates.raw_error(world, f)) for f in found]
    identified = [np.median(rates.identified_error("linear", f)) for f in found]
    assert raw[1] > 0.6 * raw[0]
    assert identified[1] < 0.7 * identified[0]
    assert (found[0].status == Status.UNIDENTIFIED).all()


def test_identified_errors_are_in_units_of_their_bounds():
    for name in ("linear", "relu", "sigmoid"):
        (found,) = rates.ladder_fits(WORLDS[name], np.random.default_rng(2), 60, (4000,))
        root_n = np.sqrt(np.mean(rates.identified_error(name, found) ** 2) * 4000)
        assert root_n == pytest.approx(1.0, abs=0.25), name


def test_dichotomy_on_one_of_each_kind():
    linear = dichotomy(Cell({"activation": "linear", "k": 2, "draw": 0}))
    tanh = dichotomy(Cell({"activation": "tanh", "k": 2, "draw": 0}))
    assert linear["ratio"] < 1e-12
    assert linear["null_error"] < 1e-6
    assert tanh["ratio"] > 1e-5


def test_ray_is_invisible_to_the_linear_gate_only():
    assert ray_change(theory.TWO_TRUTH, 0.7, 2.0, "linear") < 1e-12
    assert ray_change(theory.TWO_TRUTH, 0.7, 2.0, "sigmoid") > 0.01


def test_cooling_keeps_the_density():
    world = WORLDS["relu"]
    x, y = np.linspace(-3, 3, 50), np.linspace(-2, 2, 50)
    cold = rates._cooled(world.parameters)
    np.testing.assert_allclose(
        log_density(cold, world.gate, x, y), log_density(world.parameters, world.gate, x, y),
        atol=1e-12,
    )  # fmt: skip
