"""The experiments of Read-ME: brute force, loop and tick machine behave as told."""

import numpy as np
import pytest
from refutable.simulations.experts.read_me import (
    _requests,
    batching,
    batching_loop,
    hit_ratios,
    prefetching,
    printed_sizes,
)
from refutable.theory.experts import read_me as theory

from refutable import Cell


def test_order_of_demand_can_lose_where_tokens_need_two_experts():
    masks = np.array([[0b0011, 0b1100, 0b0101]])
    weights, batch = np.array([[3, 4, 2]]), np.array([3])
    assert batching.fewest_by_search(masks, weights, batch).tolist() == [2]
    assert batching.fewest_by_demand(masks, weights, batch).tolist() == [3]


def test_sticky_requests_keep_the_marginal_law():
    cell = Cell({"law": "zipf", "k": 3, "length": 4000})
    traces = hit_ratios.sticky(cell, np.random.default_rng(0), 50)
    share = np.bincount(traces.ravel(), minlength=8) / traces.size
    np.testing.assert_allclose(share, theory.request_law("zipf", 8), atol=0.01)
    repeats = (traces[:, 1:] == traces[:, :-1]).mean()
    again = (theory.request_law("zipf", 8) ** 2).sum()
    assert repeats == pytest.approx(0.5 + 0.5 * again, abs=0.01)


def test_pairs_are_two_different_experts():
    masks = _requests.pairs(np.random.default_rng(0), 10, 7, 5)
    assert masks.shape == (10, 7)
    assert (np.bitwise_count(masks) == 2).all()
    assert masks.max() < 32


@pytest.mark.parametrize("queues", [(9, 7, 5), (3, 2, 0), (0, 0), (12,)])
def test_repaired_loop_always_stops(queues):
    assert batching_loop.loop_stops(queues, 12, need_room=True, need_tokens=True)
    assert not batching_loop.loop_stops(queues, 12, need_room=False, need_tokens=False)


def test_tick_machine_by_hand():
    load, compute = np.array([[2, 5, 1]]), np.array([[3, 4, 6]])
    # load 0: 0-2, run 0: 2-5, load 1: 2-7, run 1: 7-11, load 2: 7-8, run 2: 11-17
    assert prefetching.play(load, compute).tolist() == [17]
    assert prefetching.play(load[:, :1], compute[:, :1]).tolist() == [5]


def test_half_masks_and_tokens():
    sizes = printed_sizes.sizes(Cell({}))
    assert sizes["router_tokens_millions"] == pytest.approx(26.2, abs=0.05)
    assert sizes["expert_tokens_millions"] == pytest.approx(104.9, abs=0.05)
    assert printed_sizes.token_budget(Cell({}))["tokens"] == pytest.approx(1.0486, abs=5e-5)
