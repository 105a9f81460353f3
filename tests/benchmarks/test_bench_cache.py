"""Compiled cache policies against an ordered dictionary, and Belady's against LRU."""

from collections import OrderedDict
from functools import partial

import numpy as np
import pytest
from refutable.solvers.cache import belady_hits, fifo_hits, lru_hits

ITEMS = 20_000


def zipf_trace(length):
    law = 1 / np.arange(1, ITEMS + 1) ** 0.8
    rng = np.random.default_rng(0)
    return rng.choice(ITEMS, size=(1, length), p=law / law.sum())


TRACE = zipf_trace(1_000_000)
SHORT = TRACE[:, :100_000]


def ordered_dict_lru(trace, capacity):
    held, hits = OrderedDict(), 0
    for item in trace.tolist():
        if item in held:
            hits += 1
            held.move_to_end(item)
            continue
        if len(held) == capacity:
            held.popitem(last=False)
        held[item] = None
    return hits


@pytest.mark.benchmark(group="one million requests")
@pytest.mark.parametrize("policy", [lru_hits, fifo_hits, belady_hits])
@pytest.mark.parametrize("capacity", [100, 5000])
def test_policies(benchmark, policy, capacity):
    hits = benchmark.pedantic(policy, (TRACE, ITEMS, capacity), rounds=3, warmup_rounds=1)
    benchmark.extra_info["hit ratio"] = round(float(hits.mean()), 4)


@pytest.mark.slow
@pytest.mark.benchmark(group="ten million requests")
@pytest.mark.parametrize("policy", [lru_hits, belady_hits])
def test_ten_million_requests(benchmark, policy):
    trace = np.tile(TRACE, 10)
    benchmark.pedantic(policy, (trace, ITEMS, 1000), rounds=1, warmup_rounds=1)


@pytest.mark.benchmark(group="LRU, 100,000 requests, capacity 1000")
def test_lru_is_much_faster_than_an_ordered_dict(beside):
    assert lru_hits(SHORT, ITEMS, 1000).sum() == ordered_dict_lru(SHORT[0], 1000)
    peer = "collections.OrderedDict"
    ours = partial(lru_hits, SHORT, ITEMS, 1000)
    assert beside(peer, ours, lambda: ordered_dict_lru(SHORT[0], 1000)) > 4


@pytest.mark.benchmark(group="LRU, one million requests, capacity 5000")
def test_belady_costs_a_small_multiple_of_lru_even_for_large_caches(beside):
    assert beside("Belady's policy", lru_hits, belady_hits, TRACE, ITEMS, 5000) < 25
