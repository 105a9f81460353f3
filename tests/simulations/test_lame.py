"""The experiments of LAME: graphs, batches and outcomes against the theory by another route."""

import numpy as np
import pytest
from refutable.simulations.mixtures.lame import _batches as batches
from refutable.simulations.mixtures.lame import _instances as made
from refutable.simulations.mixtures.lame import fixed_point, gain, graphs
from refutable.simulations.mixtures.lame.default_graph import on_neighbours
from refutable.simulations.mixtures.lame.monotone import descents, restated
from refutable.simulations.mixtures.lame.two_step import two_steps
from refutable.simulations.mixtures.lame.weaker_condition import pairs, scaled_to, with_eigenvalue
from refutable.solvers.mean_field import mean_field
from refutable.theory.mixtures import lame as theory
from scipy.special import softmax

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def code_loop(log_q, affinity, steps):
    """Write the loop of the public code for one batch."""
    z = softmax(log_q, axis=-1)
    for _ in range(steps):
        z = softmax(log_q + affinity @ z, axis=-1)
    return z


LEAST = {
    "linear": (-1e-9, 1e-9),
    "Gaussian": (1e-4, 1.0),
    "symmetric neighbours": (-9.0, -1.0),
    "lifted neighbours": (-1e-9, 1e-9),
    "random": (-99.0, -1.0),
}


@pytest.mark.parametrize("graph", LEAST)
def test_graphs_are_symmetric_with_the_least_eigenvalue_of_their_kind(graph):
    log_q, affinity = made.instances(rng(), 5, 20, 3, graph)
    assert affinity == pytest.approx(np.swapaxes(affinity, 1, 2), abs=1e-12)
    low, high = LEAST[graph]
    least = np.linalg.eigvalsh(affinity)[:, 0]
    assert low < least.min()
    assert least.max() < high
    assert log_q.shape == (5, 20, 3)


def test_the_raw_graph_is_not_symmetric():
    affinity = made.instances(rng(), 3, 20, 3, "neighbours")[1]
    assert (affinity.sum(axis=2) == 5).all()
    assert (affinity != np.swapaxes(affinity, 1, 2)).any(axis=(1, 2)).all()


def test_gaussian_widths_follow_the_code():
    """``dist.topk(k, largest=False).values[:, -1]`` counts the point itself; k = 3, then 5."""
    points = rng().standard_normal((1, 12, made.DIM))
    sets = batches.Batches(np.zeros((1, 12), int), points, np.zeros((1, 12, 2)))
    apart = np.linalg.norm(points[0][:, None] - points[0][None], axis=-1)
    for k, found in ((3, made.gaussian(rng(), points)), (5, batches.wide(rng(), sets))):
        sigma = np.sort(apart, axis=1)[:, k - 1].mean()
        assert found[0] == pytest.approx(np.exp(-(apart**2) / (2 * sigma**2)), abs=1e-12)


def test_the_largest_rise_is_relative_only_above_one():
    values = np.array([[10.0, 0.1], [11.0, 0.05], [5.0, 0.2]])
    assert made.largest_rise(values) == pytest.approx([0.1, 0.15])


def test_only_matching_objectives_are_monotone():
    cell = Cell({"graph": "linear", "n": 64, "k": 2})
    right = descents(cell, rng(1), 20)
    assert max(right["rise"].max(), right["doubled_rise"].max()) < 1e-12
    wrong = descents(cell, rng(1), 20, coefficient=0.6, doubled=1.5)
    assert (wrong["rise"] > 1e-7).mean() > 0.1
    assert (wrong["doubled_rise"] > 1e-7).mean() > 0.1
    full = restated(cell, rng(1), 20)
    assert full["rises"].mean() == pytest.approx(0.4, abs=0.3)
    assert (full["rises"] == (full["rise"] > made.ROUNDING)).all()
    assert not restated(cell, rng(1), 20, coefficient=0.5)["rises"].any()
    assert not restated(cell, rng(1), 20, strength=2.0)["rises"].any()


def test_the_raw_graph_raises_the_objective_and_settles():
    cell = Cell({"n": 16, "k": 12})
    raw = on_neighbours(cell, rng(2), 40)
    assert raw["rises"].mean() > 0.5
    assert raw["settles"].all()
    even = on_neighbours(cell, rng(2), 40, "symmetric neighbours")
    assert even["rises"].mean() < 0.2
    noise = on_neighbours(Cell({"n": 16, "k": 2}), rng(2), 40, "random")
    assert not noise["settles"].all()
    assert (noise["settles"] | noise["stopped_early"]).all()


def test_two_steps_need_the_whole_term_and_a_symmetric_graph():
    cell = Cell({"graph": "random", "n": 32, "k": 2})
    right = two_steps(cell, rng(3), 10)
    assert max(right["rise"].max(), right["error"].max()) < 1e-11
    assert two_steps(cell, rng(3), 10, kept=0.0)["rise"].max() > 1e-4
    assert two_steps(cell, rng(3), 10, graph="neighbours")["error"].max() > 1e-4


def test_pairs_begin_to_swap_below_minus_two():
    cell = Cell({"graph": "pairs", "n": 8, "k": 2})
    for least, swaps in ((-1.9, False), (-2.1, True)):
        run = with_eigenvalue(cell, rng(4), 10, least)
        assert (run["rise"].max() > 1e-6) == swaps
        assert run["error"].max() < 1e-11
    log_q, affinity = pairs(rng(4), 2, 6, 2)
    assert np.linalg.eigvalsh(scaled_to(affinity, -2.0)) == pytest.approx(
        np.tile([-2.0] * 3 + [2.0] * 3, (2, 1))
    )
    assert np.abs(log_q + np.log(2)).max() < 0.2


def test_limits_are_those_of_the_loop_of_the_code():
    cell = Cell({"graph": "linear", "n": 16, "k": 3})
    run = fixed_point.limits(cell, rng(5), 5)
    log_q, affinity = made.instances(rng(5), 5, 16, 3, "linear")
    for b in range(5):
        z = code_loop(log_q[b], affinity[b], 3000)
        found = mean_field(log_q[b], affinity[b], 3000, 1e-10)
        assert found.assignment == pytest.approx(z, abs=1e-7)
    assert run["residual"].max() < 1e-9
    assert run["alone"].max() < fixed_point._floor_moves(cell)
    swapping = fixed_point.limits(cell, rng(5), 5, swapping=3.0)
    assert swapping["residual"].max() > 0.1


def test_the_floor_moves_a_sample_alone_by_the_closed_form():
    q, e, k = softmax(2 * rng(6).standard_normal((1, 1, 4)), axis=-1), 1e-3, 4
    moved = np.abs((q + e) / (1 + k * e) - q).max()
    assert fixed_point._alone(rng(6), 1, k, e)[0] == pytest.approx(moved)


def test_swaps_agree_with_the_cycle_only_at_its_weight():
    cell = Cell({"logit": 1.386, "ratio": 1.35})
    right, wrong = fixed_point.swaps(cell), fixed_point.swaps(cell, 1.001)
    assert max(right["error"], right["objective_error"]) < 1e-9
    assert min(wrong["error"], wrong["objective_error"]) > 1e-6
    assert fixed_point.swaps(Cell({"logit": 1.386, "ratio": 0.95}))["swing"] < 1e-9


def test_batches_hold_the_classes_that_they_are_told():
    drawn = batches.draw_batches(rng(7), 4, 3)
    assert [len(set(row)) for row in drawn.labels] == [3] * 4
    assert len(set(drawn.labels.ravel())) > 3
    assert np.linalg.norm(drawn.features, axis=-1) == pytest.approx(1)
    assert drawn.accuracy(drawn.log_q).mean() == pytest.approx(0.955, abs=0.06)


def test_unlike_samples_are_five_of_other_classes():
    drawn = batches.draw_batches(rng(8), 3, 3)
    affinity = batches.unlike(rng(8), drawn)
    same = drawn.labels[:, :, None] == drawn.labels[:, None, :]
    assert not affinity[same].any()
    assert (affinity.sum(axis=2) == 5).all()
    alone = batches.draw_batches(rng(8), 1, 1)
    assert not batches.unlike(rng(8), alone).any()


def test_gains_are_those_of_the_loop_of_the_code():
    cell = Cell({"classes": 5})
    run = gain.gains(cell, rng(9), 6)
    drawn = batches.draw_batches(rng(9), 6, 5)
    affinity = batches.nearest(rng(), drawn)
    for b in range(6):
        z = code_loop(drawn.log_q[b], affinity[b], 100)
        before, after = ((s.argmax(-1) == drawn.labels[b]).mean() for s in (drawn.log_q[b], z))
        assert run["gain"][b] == pytest.approx(after - before, abs=1e-12)
        assert run["sign"][b] == np.sign(after - before)


def test_only_gains_above_a_quarter_are_capped(monkeypatch):
    seen = np.array([0.5, 0.25, 0.1, -0.6])
    monkeypatch.setattr(batches.Batches, "gain", lambda self, affinity: seen)
    run = gain.gains(Cell({"classes": 5}), rng(), 4)
    assert (run["capped"] == [0.25, 0.25, 0.1, -0.6]).all()


def test_random_neighbours_are_compared_on_the_same_batches():
    cell = Cell({"classes": 3})
    run = graphs.compared(cell, rng(10), 60)
    assert run["random_gain"].mean() == pytest.approx(0.021, abs=0.015)
    assert run["difference"].mean() == pytest.approx(0.028, abs=0.02)
    assert (np.sign(run["difference"]) == run["ahead"]).all()
    unlike = graphs.compared(cell, rng(10), 60, graph=batches.unlike)
    assert unlike["ahead"].mean() < -0.3


def test_gaussian_affinities_lose_where_neighbours_gain():
    cell = Cell({"classes": 10})
    assert graphs.on_wide_graph(cell, rng(11), 60)["gain"].mean() < -0.05
    assert gain.gains(cell, rng(11), 60)["gain"].mean() > 0.02


def test_single_samples_keep_what_the_classifier_says():
    drawn = batches.draw_batches(rng(12), 2, 100)
    assert (drawn.gain(np.zeros((2, batches.BATCH, batches.BATCH))) == 0).all()
    assert theory.log_prior(np.ones(1))[0] == pytest.approx(1e-10)
