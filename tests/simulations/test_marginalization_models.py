"""The experiments of marginalization models against lists of all cases, and broken on purpose."""

import numpy as np
import pytest
from refutable.simulations.generative.marginalization_models import (
    _draws,
    _laws,
    _orders,
    fresh_order,
    gradient_rate,
    ising_sizes,
    ising_table,
    one_step_gradient,
    order_average,
    two_stage,
)
from refutable.theory.generative import marginalization_models as theory
from refutable.theory.generative.marginalization_models import OneStep
from scipy.special import expit, logit

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_noise_is_added_to_the_logits():
    conditionals = np.log(rng().dirichlet(np.ones(2), (1, 3)))
    noise = rng(1).standard_normal((1, 3, 1))
    found = np.exp(_laws.shaken(conditionals, noise))
    assert found[..., 1] == pytest.approx(
        expit(logit(np.exp(conditionals[..., 1])) + noise[..., 0])
    )
    assert found.sum(axis=-1) == pytest.approx(1)


def test_laws_have_no_zeros():
    laws = _laws.random_laws(rng(), 20, 64)
    assert laws.sum(axis=1) == pytest.approx(1)
    assert laws.min() > 0.9e-4


def test_one_order_asks_for_the_steps_of_a_tree():
    steps = _laws.lattice(4, 2)
    met = two_stage.asked_for(steps, "orders") > 0
    assert met.sum(axis=(1, 2)).tolist() == [2, 4, 8, 16]
    everything = two_stage.asked_for(steps, "nothing")
    assert everything.sum() == pytest.approx(1)
    assert (everything > 0).all()
    # The assignment of all zeros is reached from four sides.
    assert (two_stage.asked_for(steps, "a state") == 0).sum() == 4


CELL = Cell({"dimension": 4, "alphabet": 2})


def test_exact_conditionals_give_the_marginals_and_others_do_not():
    right = two_stage.two_stage(CELL, rng(), 3)
    assert max(right["residual"].max(), right["error"].max()) < 1e-12
    assert right["mass"] == pytest.approx(1)
    assert (right["rank"] == 81).all()
    noisy = two_stage.two_stage(CELL, rng(), 3, noise=0.3)
    assert (noisy["residual"] > 0.05).all()
    assert np.abs(noisy["mass"] - 1).max() > 0.01
    tree = two_stage.two_stage(CELL, rng(), 3, left_out="orders")
    assert (tree["rank"] == 31).all()
    assert tree["error"].max() > 0.5
    assert tree["mass"] == pytest.approx(1)
    assert (two_stage.two_stage(CELL, rng(), 3, left_out="a state")["rank"] == 80).all()


def test_gaps_need_every_conditional_to_be_off():
    cell = Cell({"noise": 0.3})
    run = order_average.gaps(cell, rng(), 3)
    gap = theory.order_gap(_orders.every_order(rng(), 3, 0.3, only_one=False)[0])
    assert run["least"] == pytest.approx(gap.min(axis=1) / 0.09)
    assert run["largest"] == pytest.approx(gap.max(axis=1) / 0.09)
    assert (run["least"] > 0.05).all()
    assert (run["furthest"] < 0.3).all()
    assert np.abs(order_average.gaps(cell, rng(), 2, scale=0.0)["largest"]).max() < 1e-11
    one = order_average.gaps(cell, rng(), 3, only_one=True)
    assert np.abs(one["least"]).max() < 1e-11
    assert (one["largest"] > 1e-6).all()


def test_a_fresh_order_hides_what_the_own_order_adds():
    cell = Cell({"noise": 0.1})
    fresh = fresh_order.scores(cell, rng(2), 3)
    own = fresh_order.scores(cell, rng(2), 3, fresh=False)
    assert (fresh["shown"] < 0).all()
    assert (own["shown"] > own["true"]).all()
    assert fresh["true"] == pytest.approx(own["true"])
    # Half the variance over orders, each way.
    hidden = fresh["true"] - fresh["shown"]
    assert hidden == pytest.approx(own["shown"] - own["true"], rel=0.05)
    far = fresh_order.scores(cell, rng(2), 3, tempered=0.5)
    assert (far["true"] > 5 * fresh["true"]).all()


def test_a_tempered_target_is_a_power_of_the_law():
    run = fresh_order.scores(Cell({"noise": 0.1}), rng(3), 1, scale=0.0, tempered=0.9)
    law = _laws.random_laws(rng(3), 1, 64)[0]
    power = law**0.9 / (law**0.9).sum()
    assert run["true"][0] == pytest.approx(law @ np.log(law / power) / 0.01)


def test_the_table_is_held_against_the_transfer_matrix():
    """log Z and the entropy as two other programs had them, to six digits."""
    found = ising_table.gibbs_bounds(Cell({"model": "ARM"}))
    assert found["divergence"] == pytest.approx(78.688056 - 78.63, abs=1e-6)
    assert found["excess"] == pytest.approx(0.79 - 0.783323, abs=1e-6)
    once = ising_table.gibbs_bounds(Cell({"model": "MAM"}), coupling=0.1)
    assert once["divergence"] == pytest.approx(73.388 - 77.77, abs=1e-3)
    assert once["excess"] == pytest.approx(0.8 - 0.9216, abs=1e-4)
    far = ising_table.gibbs_bounds(Cell({"model": "ARM-MC"}))
    assert (far["divergence"], far["excess"]) == pytest.approx((60.678, 24.0567), abs=1e-3)
    cell = Cell({"model": "GFlowNet"})
    assert ising_table.divergence_rounding(cell) == pytest.approx(-0.005)
    assert ising_table.excess_allowed(cell) == pytest.approx(-0.005 - 3 * 0.002154, abs=2e-6)


def test_wide_tori_are_those_of_other_lengths_too():
    from refutable.simulations.generative.marginalization_models._torus import torus

    found = ising_sizes.strips(Cell({"width": 8}))
    assert found["bits"] == pytest.approx(torus(8, 16).bits_per_spin, abs=1e-9)
    change = torus(8, 16).bits_per_spin - torus(7, 16).bits_per_spin
    assert found["change"] == pytest.approx(1e6 * change, rel=1e-3)
    assert found["short"] == pytest.approx(0.8345 - found["bits"])
    assert not ising_sizes.settled(Cell({"width": 8}))


@pytest.mark.parametrize("shared", [True, False])
def test_one_step_gradients_have_the_listed_law(shared):
    estimator = OneStep(3, 0.7, shared)
    x = _draws.drawn(rng(4), 400, 3, 0.7)
    moved = _draws.one_step(rng(5), x, 0.7, shared).ravel()
    values, chances = estimator.law()
    table = {}
    for value, chance in zip(np.round(values, 9), chances, strict=True):
        table[value + 0.0] = table.get(value + 0.0, 0.0) + chance
    seen, counts = np.unique(np.round(moved, 9) + 0.0, return_counts=True)
    assert set(seen) <= set(table)
    shares = np.array([table[value] for value in seen])
    assert counts / moved.size == pytest.approx(shares, abs=5 * 0.5 / np.sqrt(moved.size))


def test_only_the_batch_mean_and_the_right_target_silence_the_full_gradient():
    x = _draws.drawn(rng(6), 50, 4, 0.7)
    assert one_step_gradient.full_square(x, 0.7, 0.7, True).max() < 1e-25
    # Without it log Z = -D log(1 - q) is left, times q(1 - q) on the mean.
    left = one_step_gradient.full_square(x, 0.7, 0.7, False).mean()
    assert left == pytest.approx(0.21 * (4 * np.log(0.3)) ** 2, rel=0.02)
    assert one_step_gradient.full_square(x, 0.7, 0.701, True).min() > 1e-8


def test_batches_average_what_theory_predicts():
    cell = Cell({"dimension": 8, "indices": "one"})
    run = one_step_gradient.gradients(cell, rng(7), 200)
    assert one_step_gradient.variance(cell) == pytest.approx(22.088 / 512, rel=1e-4)
    assert run["noise"].mean() == pytest.approx(22.088 / 512, rel=0.05)
    assert run["mean"].mean() == pytest.approx(one_step_gradient.at(cell).mean, rel=0.05)
    error = np.sqrt(one_step_gradient.noise_variance(cell))
    assert run["noise"].std() == pytest.approx(error, rel=0.25)
    other = one_step_gradient.gradients(cell, rng(7), 200, indices="independent")
    assert abs(other["mean"].mean()) < one_step_gradient.bias_margin(cell)


def test_ladders_follow_the_curve_within_their_bounds():
    cell = Cell({"indices": "independent"})
    spreads = gradient_rate.spreads(cell, rng(8), 100)["spread"]
    assert spreads.shape == (100, 4)
    assert spreads.mean(axis=0) == pytest.approx(gradient_rate.curve(cell, np.ones(4)), rel=0.1)
    assert (spreads.max(axis=0) < gradient_rate.greatest(cell)).all()
    assert gradient_rate.curve(cell, np.ones(4))[-1] == pytest.approx(1028.9, abs=0.1)
