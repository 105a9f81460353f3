"""The experiments' parts: starts, losses, moduli and the search for polynomial solutions."""

from dataclasses import replace

import numpy as np
import pytest
from refutable.simulations.experts._gaussian_moe import efficiency
from refutable.simulations.experts._gaussian_moe.modulus import Setting, local_slopes, modulus
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.simulations.experts.softmax_gmoe import _published as published
from refutable.simulations.experts.softmax_gmoe import (
    doubled_experts,
    exact_fit,
    exact_rate,
    first_size,
    published_runs,
    split_pair,
)
from refutable.simulations.experts.softmax_gmoe.polynomial_system import (
    _jacobian,
    _residual,
    _roots_of_the_remainder,
    least_cost,
    polynomial_facts,
)
from refutable.solvers.gaussian_moe import Gate, cramer_rao, fit_em, scalar
from refutable.theory.experts.softmax_gmoe.atoms import EASY_TRUTH, PAPER_TRUTH
from refutable.theory.experts.softmax_gmoe.losses import exact_loss_constant

from refutable import Cell


def test_errors_are_measured_in_units_of_the_bound():
    rng = np.random.default_rng(0)
    columns, found, step = efficiency.efficiency("paper", rng, 200, 3162)
    assert columns["converged"].mean() > 0.95
    metric = efficiency.information("paper")
    error = efficiency.errors("paper", found.parameters)
    own, linear = (efficiency.squared_distance(e, 3162, metric) for e in (error, step))
    assert own.mean() == pytest.approx(1.0, abs=0.2)
    np.testing.assert_allclose(columns["extra"], np.clip(own - linear, -1, 1))
    apart = np.sqrt(3162) * (error - step) / cramer_rao(metric)
    for i in range(8):
        np.testing.assert_allclose(columns[f"gap{i}"], np.minimum(apart[:, i] ** 2, 1))


def test_the_step_has_the_bound_s_covariance_at_every_n():
    world, rng = WORLDS["easy"], np.random.default_rng(11)
    n, metric = 50, efficiency.information("easy")
    step = efficiency.linearised("easy", *world.draw(rng, 20_000, n))
    whitened = np.sqrt(n) * step @ np.linalg.cholesky(metric)
    np.testing.assert_allclose(whitened.T @ whitened / 20_000, np.eye(8), atol=0.1)
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=0.04)


def test_squared_distance_is_the_mahalanobis_form():
    rng = np.random.default_rng(1)
    metric = efficiency.information("easy")
    root = np.linalg.cholesky(np.linalg.inv(metric))
    error = rng.standard_normal((20_000, 8)) @ root.T / np.sqrt(50)
    assert efficiency.squared_distance(error, 50, metric).mean() == pytest.approx(1.0, abs=0.02)


def test_bounds_give_the_constant_of_the_exact_loss():
    bound = cramer_rao(efficiency.information("paper"))  # b0, b1, c1, a1, c2, a2, log v1, log v2
    v = PAPER_TRUTH.v
    table = [[bound[0], 0], [bound[1], 0], bound[[3, 5]], bound[[2, 4]], v * bound[6:]]
    constant = exact_loss_constant(np.array(table), PAPER_TRUTH)
    assert constant == pytest.approx(6.82, abs=0.02)
    assert exact_fit.loss_constant("paper") == pytest.approx(constant)
    losses = exact_rate.exact_ladder(np.random.default_rng(2), 200, (4000,))
    assert losses.mean() * np.sqrt(4000) == pytest.approx(constant, rel=0.15)


def test_published_starts_are_those_of_the_repository():
    start = published.published_start(np.random.default_rng(3), (300, 5), 10_000)
    near = np.abs(start.c[..., None] - PAPER_TRUTH.c).argmin(axis=-1)
    assert (near[..., -1] == 1).all()
    doubled = published.doubled(start)
    assert (doubled == 0).mean() == pytest.approx(1 / 3, abs=0.05)
    b0, b1 = start.b0 - PAPER_TRUTH.b0[near], start.b1[..., 0] - PAPER_TRUTH.b1[near]
    np.testing.assert_allclose(b0, b1, atol=1e-12)  # one number for both
    assert b0[..., 0].std() == pytest.approx(0.005 * 10_000**-0.083, rel=0.1)
    assert (b0[..., -1] == 0).all()
    a, c = start.a[..., 0] - PAPER_TRUTH.a[near], start.c - PAPER_TRUTH.c[near]
    np.testing.assert_allclose(a, c, atol=1e-12)
    assert c.std() == pytest.approx(0.05 * 10_000**-0.083, rel=0.05)
    deviations = start.v - np.sqrt(PAPER_TRUTH.v)[near]  # not the variances
    assert (deviations > 0).all()
    assert deviations.max() < 0.003


def test_the_pair_is_of_the_expert_with_two_fits():
    fitted = scalar(
        np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3)),
        ((15.1, 14.8, -5), (15, -5.4, -4.9), (15, 15, 15)), np.ones((3, 3)),
    )  # fmt: skip
    np.testing.assert_allclose(published.pair_gap(fitted), [0.3, 0.5, np.inf])
    np.testing.assert_array_equal(published.doubled(fitted)[:2], [0, 1])


def test_published_runs_stop_where_the_stored_ones_do():
    found = published.run(np.random.default_rng(4), 5, 30_000)
    assert 0.003 < np.median(found.gap) < 0.03  # stored: 0.011
    assert np.median(found.iterations) < 8
    assert np.median(found.gained) > 1
    assert (found.gained > -1e-6).all()
    assert np.median(found.top_gap / found.gap) > 2


def test_slopes_agree_for_a_pure_power_and_not_for_a_kink():
    n = np.array([1000.0, 4000.0, 8000.0])
    power = n[None] ** -0.5
    whole, rest = first_size.slopes(power, (1000, 4000, 8000))
    assert whole[0] == pytest.approx(-0.5) == rest[0]
    whole, rest = first_size.slopes(power * np.array([10.0, 1.0, 1.0]), (1000, 4000, 8000))
    assert rest[0] == pytest.approx(-0.5)
    assert whole[0] < rest[0] - 0.5


def test_early_stopped_em_attains_the_bound_where_it_is_called_no_control():
    world, rng = WORLDS["paper"], np.random.default_rng(6)
    t, same, s = world.truth, (300, 2), 1000**-0.083
    noise, free = rng.standard_normal((5, *same)), np.array([1.0, 0.0])
    start = scalar(
        t.b0 + 0.005 * s * noise[0] * free, t.b1 + 0.005 * s * noise[1] * free,
        t.a + 0.05 * s * noise[2], t.c + 0.05 * s * noise[3],
        np.sqrt(t.v) + np.abs(0.005 * 1000**-0.25 * noise[4]),
    )  # fmt: skip
    found = fit_em(*world.draw(rng, 300, 1000), start, world.gate, rule=published.PUBLISHED)
    error = efficiency.errors("paper", found.parameters)
    distance = efficiency.squared_distance(error, 1000, efficiency.information("paper"))
    assert np.minimum(distance, 4).mean() == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(("world", "bound"), [("paper", 0.024449), ("easy", 0.328842)])
def test_bound_of_kappa(world, bound):
    assert split_pair.kappa_bound(world) == pytest.approx(bound, rel=1e-4)


def test_predicted_spread_is_flat_at_an_eighth_only():
    assert split_pair.predicted_spread(0.9, 1000) == pytest.approx(
        split_pair.predicted_spread(0.9, 64_000)
    )
    ratio = split_pair.predicted_spread(0.9, 16_000, 0.25) / split_pair.predicted_spread(
        0.9, 1000, 0.25
    )
    assert ratio == pytest.approx(16 ** (-1 / 8))


def test_undisplaced_copies_write_the_true_density():
    setting = Setting(EASY_TRUTH, Gate(), ((-1.0, 1.0),), 2, nodes=(16, 14))
    assert modulus(setting, "c", 0.0, 1, 0) < 1e-25


def test_displacement_of_a_single_expert_costs_its_square():
    setting = Setting(EASY_TRUTH, Gate(), ((-1.0, 1.0),), 1, nodes=(16, 14))
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
    assert _roots_of_the_remainder() == 0
    assert _roots_of_the_remainder(common_variance=True) == 1


def test_search_one_degree_off_contradicts_the_claim():
    cell = Cell({"m": 2, "starts": 1})
    lower, higher = (polynomial_facts(cell, shift=shift) for shift in (-1, 1))
    assert lower["at"] < 1e-20
    assert higher["below"] > 1e-8
    assert any(answer != "proved" for answer in higher["hermite"])


def test_a_smaller_share_of_the_sample_shows_in_every_error():
    cell, rng = Cell({"world": "paper", "n": 3162}), np.random.default_rng(8)
    part = exact_fit.exact_fit(cell, rng, 400, share=0.9)
    whole = exact_fit.exact_fit(cell, rng, 400)
    assert part["extra"].mean() == pytest.approx(1 / 0.9 - 1, abs=0.06)
    assert all(part[f"gap{i}"].mean() > 0.08 for i in range(exact_fit.PARAMETERS))
    assert abs(whole["extra"].mean()) < 0.04
    assert all(whole[f"gap{i}"].mean() < 0.05 for i in range(exact_fit.PARAMETERS))
    less = exact_fit.exact_fit(cell, rng, 400, share=0.8)["loss"]
    assert less.mean() == pytest.approx(np.sqrt(1.25) - 1, abs=0.05)


def test_known_variances_are_not_moved():
    free = Setting(EASY_TRUTH, Gate(), ((-1.0, 1.0),), 2, nodes=(16, 14))
    held = replace(free, known="v")
    rows = [held.position("v", atom) for atom in range(3)]
    assert free.directions("c")[rows].any(axis=1).all()
    assert not held.directions("c")[rows].any()
    assert modulus(held, "c", 0.2, 2, 0) > 5 * modulus(free, "c", 0.2, 2, 0)


def test_a_run_that_is_carried_on_has_little_left_to_gain():
    cell = Cell({"n": 2000})
    stopped = published_runs.published_runs(cell, np.random.default_rng(9), 6)
    carried = published_runs.published_runs(cell, np.random.default_rng(9), 6, carried_on=True)
    np.testing.assert_array_equal(stopped["few"], carried["few"])
    assert carried["short"].mean() <= 0.25
    assert stopped["few"].mean() < 0.5  # at a small n the rule goes on


def test_doubling_every_expert_is_invisible_and_doubling_one_is_not():
    both = doubled_experts.doubling(Cell({"cells": 2, "t": 1.0}))
    one = doubled_experts.doubling(Cell({"cells": 1, "t": 1.0}))
    wider = doubled_experts.doubling(Cell({"cells": 2, "t": 1.0}), stretch=1.001)
    assert both["change"] < 1e-12
    assert one["change"] > 0.1
    assert 1e-5 < min(wider["change"], wider["uneven"]) < 0.01
    moves = doubled_experts._doubled(2, 1.0, stretch=2.0).b1 - np.repeat(EASY_TRUTH.b1, 2)
    np.testing.assert_allclose(moves, [1, -1, 2, -2])
