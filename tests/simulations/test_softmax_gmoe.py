"""The experiments' parts: starts, losses, moduli and the search for polynomial solutions."""

import numpy as np
import pytest

from claimcheck import Cell
from simulations.experts import _moe_exact as exact
from simulations.experts import _moe_pair as pairs
from simulations.experts import _moe_published as published
from simulations.experts import softmax_gmoe as claims
from simulations.experts._moe_modulus import Setting, local_slopes, modulus
from simulations.experts._moe_polynomials import _jacobian, _residual, least_cost
from solvers.gaussian_moe import Gate, cramer_rao
from theory.experts import softmax_gmoe as theory


def test_errors_are_measured_in_units_of_the_bound():
    rng = np.random.default_rng(0)
    columns = exact.efficiency("paper", rng, 200, 2000)
    assert columns["distance"].mean() == pytest.approx(1.0, abs=0.2)
    assert columns["converged"].mean() > 0.95
    assert {f"z{i}" for i in range(8)} <= columns.keys()


def test_squared_distance_is_the_mahalanobis_form():
    rng = np.random.default_rng(1)
    metric = exact.information("easy")
    root = np.linalg.cholesky(np.linalg.inv(metric))
    error = rng.standard_normal((20_000, 8)) @ root.T / np.sqrt(50)
    assert exact.squared_distance(error, 50, metric).mean() == pytest.approx(1.0, abs=0.02)


def test_bounds_give_the_constant_of_the_exact_loss():
    bound = cramer_rao(exact.information("paper"))  # b0, b1, c1, a1, c2, a2, log v1, log v2
    v = theory.PAPER_TRUTH.v
    table = [[bound[0], 0], [bound[1], 0], bound[[3, 5]], bound[[2, 4]], v * bound[6:]]
    constant = theory.exact_loss_constant(np.array(table), theory.PAPER_TRUTH)
    assert constant == pytest.approx(6.82, abs=0.02)
    losses = published.exact_ladder(np.random.default_rng(2), 200, (4000,))
    assert losses.mean() * np.sqrt(4000) == pytest.approx(constant, rel=0.15)


def test_published_start_copies_every_true_expert():
    pair, start = published.published_start(np.random.default_rng(3), 50, 10_000)
    near = np.abs(start.c[..., None] - theory.PAPER_TRUTH.c).argmin(axis=2)
    assert ((near == published.COPIES[pair]).all(axis=1)).all()
    assert (start.b0[:, -1] == 0).all()
    np.testing.assert_allclose(start.v[:, 0], 0.3, atol=0.01)  # the deviation, not the variance


def test_published_runs_stop_where_the_maximum_is_far():
    rng = np.random.default_rng(4)
    stopped = published.stopped(rng, 20, 10_000)
    assert np.median(stopped["gap"]) < 0.05
    assert np.median(stopped["iterations"]) < 30


def test_slope_shift_is_zero_for_a_pure_power_and_not_for_a_kink():
    n = np.array([1000.0, 4000.0, 8000.0])
    power = n[None] ** -0.5
    assert published.slope_shift(power, (1000, 4000, 8000))[0] == pytest.approx(0, abs=1e-12)
    kinked = power * np.array([10.0, 1.0, 1.0])
    assert published.slope_shift(kinked, (1000, 4000, 8000))[0] < -0.5


@pytest.mark.parametrize(("world", "bound"), [("paper", 0.024449), ("easy", 0.328842)])
def test_bound_of_kappa(world, bound):
    assert pairs.kappa_bound(world) == pytest.approx(bound, rel=1e-4)


def test_predicted_spread_is_flat_at_an_eighth_only():
    assert pairs.predicted_spread(0.9, 1000) == pytest.approx(pairs.predicted_spread(0.9, 64_000))
    ratio = pairs.predicted_spread(0.9, 16_000, 0.25) / pairs.predicted_spread(0.9, 1000, 0.25)
    assert ratio == pytest.approx(16 ** (-1 / 8))


def test_undisplaced_copies_write_the_true_density():
    setting = Setting(theory.EASY_TRUTH, Gate(), ((-1.0, 1.0),), 2, nodes=(16, 14))
    assert modulus(setting, "c", 0.0, 1, 0) < 1e-25


def test_displacement_of_a_single_expert_costs_its_square():
    setting = Setting(theory.EASY_TRUTH, Gate(), ((-1.0, 1.0),), 1, nodes=(16, 14))
    assert local_slopes(setting, "c", (0.05, 0.1), 2)[0] == pytest.approx(2, abs=0.05)


def test_search_finds_the_solutions_that_exist():
    assert least_cost(2, 3, 2) < 1e-20
    assert least_cost(2, 4, 2) > 1e-8
    assert least_cost(2, 1, 2, known_variance=True) < 1e-20
    assert least_cost(2, 2, 2, known_variance=True) > 1e-8  # the exponent falls to 2


def test_search_jacobian_equals_finite_differences():
    rng, h, scale = np.random.default_rng(5), 1e-6, np.ones((4, 1))
    z = rng.standard_normal(10)
    finite = [
        (_residual(z + e, 2, 4, scale) - _residual(z - e, 2, 4, scale)) / (2 * h)
        for e in h * np.eye(10)
    ]
    np.testing.assert_allclose(_jacobian(z, 2, 4, scale), np.array(finite).T, atol=1e-6)


def test_remainder_has_no_root_inside():
    assert claims._roots_of_the_remainder() == 0


def test_doubling_every_expert_is_invisible_and_doubling_one_is_not():
    both = claims.doubling(Cell({"cells": 2, "t": 1.0}))
    one = claims.doubling(Cell({"cells": 1, "t": 1.0}))
    assert both["change"] < 1e-12
    assert one["change"] > 0.1
