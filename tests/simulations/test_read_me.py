"""The experiments of Read-ME: brute force, loop and tick machine behave as told."""

import numpy as np
import pytest
from refutable.simulations.experts.read_me import (
    _requests,
    batching,
    batching_loop,
    belady,
    hit_ratios,
    look_ahead,
    prefetching,
    printed_sizes,
)
from refutable.solvers import cache
from refutable.theory.experts import read_me as theory
from refutable.theory.experts.read_me import caching

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
    np.testing.assert_allclose(share, caching.request_law("zipf", 8), atol=0.01)
    repeats = (traces[:, 1:] == traces[:, :-1]).mean()
    again = (caching.request_law("zipf", 8) ** 2).sum()
    assert repeats == pytest.approx(0.02 + 0.98 * again, abs=0.004)


def test_scanning_requests_repeat_less():
    cell = Cell({"law": "zipf", "k": 3, "length": 2000})
    traces = hit_ratios.scanning(cell, np.random.default_rng(0), 50)
    again = (caching.request_law("zipf", 8) ** 2).sum()
    for gap in (1, 2, 3):
        assert (traces[:, gap:] == traces[:, :-gap]).mean() < 0.8 * again


def test_a_policy_plays_under_the_name_of_another():
    cell = Cell({"law": "zipf", "k": 3, "length": 500})
    plain = hit_ratios.hit_ratios(cell, np.random.default_rng(0), 4)
    swapped = hit_ratios.hit_ratios(cell, np.random.default_rng(0), 4, swapped={"lru": "fifo"})
    assert (swapped["lru"] == plain["fifo"]).all()
    assert (swapped["belady"] == plain["belady"]).all()
    assert (swapped["fifo_minus_lru"] == 0).all()


def test_a_window_plays_under_the_name_of_another():
    cell = Cell({"k": 3, "length": 500})
    plain = look_ahead.windows(cell, np.random.default_rng(0), 4)
    assert (plain["differs_from_lru"] == 0).all()
    wide = look_ahead.windows(cell, np.random.default_rng(0), 4, played={16: 8, 0: 1})
    assert (wide["short_16"] == plain["short_8"]).all()
    assert (wide["differs_from_lru"] > 0).all()


def test_copies_take_tokens_away():
    cell = Cell({"law": "uniform", "batch": 6})
    columns = batching.random_batch(cell, np.random.default_rng(0), 40_000, copies=2)
    four = theory.distinct_experts(caching.request_law("uniform", 8), 4)
    assert columns["distinct"].mean() == pytest.approx(four, abs=0.03)


def test_a_token_more_may_need_an_expert_more():
    errors = batching.one_expert_tokens(Cell({}), np.random.default_rng(0), 500, spare=1)
    assert errors["formula_error"].min() == 0
    assert errors["formula_error"].max() >= 1


def test_on_traces_what_is_broken_is_seen():
    cell = Cell({"experts": 5, "k": 2, "length": 18})
    right = belady.policies_on_traces(cell, np.random.default_rng(0), 300)
    assert (right["gap_to_optimum"] == 0).all()
    assert right["others_ahead"].max() <= 0
    short = belady.policies_on_traces(cell, np.random.default_rng(0), 300, look_ahead=1)
    assert short["gap_to_optimum"].min() >= 0
    assert short["others_ahead"].max() > 0
    lower = belady.policies_on_traces(cell, np.random.default_rng(0), 300, off=-1)
    traces = np.random.default_rng(0).integers(0, 5, (300, 18))
    misses = 18 - cache.belady_hits(traces, 5, 2).sum(axis=1)
    assert (lower["beyond_k_competitive"] - right["beyond_k_competitive"] == misses).all()
    assert lower["beyond_k_competitive"].max() > 0


def test_cycles():
    cell = Cell({"k": 3, "length": 3000})
    assert belady.cycle(cell)["lru_ratio"] == 0
    assert belady.cycle(cell, look_ahead=1)["lru_ratio"] > 0.3
    # Of a cycle of five, MIN with room for three keeps two: two of four requests hit.
    assert belady.cycle(cell, excess=2)["min_ratio"] == pytest.approx(0.5, abs=0.01)


def test_pairs_are_two_different_experts():
    masks = _requests.pairs(np.random.default_rng(0), 10, 7, 5)
    assert masks.shape == (10, 7)
    assert (np.bitwise_count(masks) == 2).all()
    assert masks.max() < 32


@pytest.mark.parametrize("queues", [(9, 7, 5), (3, 2, 0), (0, 0), (12,), (6, 6), (7, 4)])
def test_printed_loop_stops_exactly_when_enough_tokens_wait(queues):
    assert batching_loop.loop_stops(queues, 12, need_tokens=True)
    assert batching_loop.loop_stops(queues, 12) == (sum(queues) >= 12)
    assert not batching_loop.loop_stops(queues, 12, breaks=False)


def test_tick_machine_by_hand():
    load, compute = np.array([[2, 5, 1]]), np.array([[3, 4, 6]])
    # load 0: 0-2, run 0: 2-5, load 1: 2-7, run 1: 7-11, load 2: 7-8, run 2: 11-17
    assert prefetching.play(load, compute).tolist() == [17]
    assert prefetching.play(load[:, :1], compute[:, :1]).tolist() == [5]
    # load 0: 0-1, run 0: 1-4, load 1: 1-2, run 1: 4-5. With room for one, load 2 waits for run 1:
    # 4-9, run 2: 9-10; with room for two it starts after load 1: 2-7, run 2: 7-8.
    load, compute = np.array([[1, 1, 5]]), np.array([[3, 1, 1]])
    assert prefetching.play(load, compute).tolist() == [10]
    assert prefetching.play(load, compute, ahead=2).tolist() == [8]


def test_half_masks_and_tokens():
    sizes = printed_sizes.sizes(Cell({}))
    assert sizes["router_tokens_millions"] == pytest.approx(26.2, abs=0.05)
    assert sizes["expert_tokens_millions"] == pytest.approx(104.9, abs=0.05)
    own = printed_sizes.sizes(Cell({}), shared_once=False, entries=8)
    # Six more copies of the channels that 1 expert in 2^7 of them shares.
    more = own["total_billions"] - sizes["total_billions"]
    assert more == pytest.approx(6 * theory.ffn_parameters() / 128 / 1e9)
    assert own["table_3_average"] == pytest.approx(48.5625)
    assert printed_sizes.token_budget(Cell({}))["tokens"] == pytest.approx(1.0486, abs=5e-5)
