"""What a fit with a free temperature determines, and the dichotomy of the information."""

import numpy as np
import pytest
from refutable.simulations.experts._gaussian_moe.efficiency import information
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.simulations.experts.temperature_moe import _flat_prediction as prediction
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
    world, rng = WORLDS["linear"], np.random.default_rng(1)
    found = rates.ladder_fits(world, rng, rates.start_noise(rng, 40), (2000, 8000))
    raw = [np.median(rates.raw_error(world, f)) for f in found]
    identified = [np.median(rates.identified_error("linear", f)) for f in found]
    assert raw[1] > 0.6 * raw[0]
    assert identified[1] < 0.7 * identified[0]
    assert (found[0].status == Status.UNIDENTIFIED).all()


def test_identified_errors_are_in_units_of_their_bounds():
    for name in ("linear", "relu", "sigmoid"):
        rng = np.random.default_rng(2)
        (found,) = rates.ladder_fits(WORLDS[name], rng, rates.start_noise(rng, 60), (4000,))
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
    cold = prediction.cooled(world.parameters)
    np.testing.assert_allclose(
        log_density(cold, world.gate, x, y), log_density(world.parameters, world.gate, x, y),
        atol=1e-12,
    )  # fmt: skip


def test_the_prediction_is_the_nearest_point_of_the_ray():
    world, noise = WORLDS["linear"], np.array([[0.1, 0.0], [-0.2, 0.0], [0.05, 0.3]])
    t = prediction.cooled(world.parameters)
    exact = np.tile([[t.b0[0]], [t.b1[0, 0]]], (1, 2))
    found = prediction.predicted_raw("linear", noise, exact)
    weight = np.diag(information("linear"))[:3]
    ray = np.array([world.truth.b0[0], world.truth.b1[0], 1.0])  # to first order
    step = (ray * weight) @ noise / ((ray * weight) @ ray)
    np.testing.assert_allclose(found, np.abs(step) * np.hypot(ray[1], 1), rtol=0.15)


def test_fits_end_where_the_ray_is_nearest_to_their_start():
    world, rng = WORLDS["linear"], np.random.default_rng(4)
    noise = rates.start_noise(rng, 60)
    (found,) = rates.ladder_fits(world, rng, noise, (4000,))
    assert np.median(np.abs(np.log(rates._beyond("linear", noise, found)))) < 0.15
    # and not at the point with the temperature of the start
    p = prediction.cooled(found.parameters)
    stay = np.hypot(world.tau * np.exp(noise[2]) * p.b1[:, 0, 0] - 1.2, noise[2])
    assert np.median(np.abs(np.log(rates.raw_error(world, found) / stay))) > 0.2


def test_the_predicted_slope_vanishes_with_the_sampling_error():
    small, large = (
        prediction.predicted_slope("linear", sizes, 0.15)
        for sizes in ((1000, 3000, 9000), (10**7, 3 * 10**7, 9 * 10**7))
    )
    assert -0.1 < small < -0.01
    assert abs(large) < 0.005
