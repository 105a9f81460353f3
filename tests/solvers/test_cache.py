"""Cache policies against slow references, the optimum against search, formulas against sums."""

import itertools
from collections import OrderedDict
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from refutable.solvers.cache import (
    belady_hits,
    farthest_first_cost,
    fifo_hit_ratio,
    fifo_hits,
    lru_hit_ratio,
    lru_hits,
    optimal_cost,
    random_hits,
    stationary_order,
)

N = 6
TRACES = st.tuples(st.integers(1, 3), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, N - 1))
)
CAPACITY = st.integers(1, N + 1)


def reference(trace, capacity, refresh):
    """LRU if a hit refreshes the item, else FIFO."""
    held, hits = OrderedDict(), []
    for item in trace:
        hits.append(item in held)
        if item in held:
            if refresh:
                held.move_to_end(item)
            continue
        if len(held) == capacity:
            held.popitem(last=False)
        held[item] = None
    return hits


@settings(deadline=None)  # the first call compiles
@given(TRACES, CAPACITY)
def test_lru_and_fifo_equal_an_ordered_dict(traces, capacity):
    assert lru_hits(traces, N, capacity).tolist() == [reference(t, capacity, True) for t in traces]
    assert fifo_hits(traces, N, capacity).tolist() == [
        reference(t, capacity, False) for t in traces
    ]


@settings(deadline=None)  # the first call compiles
@given(TRACES, CAPACITY)
def test_no_policy_beats_min_and_min_is_the_optimum(traces, capacity):
    best = belady_hits(traces, N, capacity).sum(axis=1)
    others = [
        lru_hits(traces, N, capacity),
        fifo_hits(traces, N, capacity),
        random_hits(traces, N, capacity, np.random.default_rng(0)),
        belady_hits(traces, N, capacity, look_ahead=3),
    ]
    assert all((hits.sum(axis=1) <= best).all() for hits in others)
    ones = np.ones(N)
    misses = optimal_cost(1 << traces, ones, capacity, ones)
    assert (misses == traces.shape[1] - best).all()
    assert (farthest_first_cost(1 << traces, ones, capacity, ones) == misses).all()


@settings(deadline=None)  # the first call compiles
@given(TRACES, CAPACITY)
def test_windows_run_from_lru_to_min(traces, capacity):
    full = belady_hits(traces, N, capacity, look_ahead=traces.shape[1])
    assert (belady_hits(traces, N, capacity, 0) == lru_hits(traces, N, capacity)).all()
    assert (full.sum(axis=1) == belady_hits(traces, N, capacity).sum(axis=1)).all()


@settings(deadline=None)  # the first call compiles
@given(TRACES)
def test_a_cache_for_everything_misses_each_item_once(traces):
    distinct = [len(set(trace)) for trace in traces.tolist()]
    for hits in (
        lru_hits(traces, N, N),
        fifo_hits(traces, N, N),
        belady_hits(traces, N, N),
        random_hits(traces, N, N, np.random.default_rng(1)),
    ):
        assert (traces.shape[1] - hits.sum(axis=1)).tolist() == distinct


def search(demands, sizes, capacity, weights, per_step):
    """Least cost by trying every content after every step."""
    everything = range(1 << len(sizes))

    @cache
    def cost(step, held):
        if step == len(demands):
            return 0.0
        need = demands[step]
        missing = need & ~held
        price = float(missing != 0)
        if not per_step:
            price = sum(w for i, w in enumerate(weights) if missing >> i & 1)
        allowed = [
            m
            for m in everything
            if m & need == need
            and m & ~(held | need) == 0
            and sum(s for i, s in enumerate(sizes) if m >> i & 1) <= capacity
        ]
        return price + min(cost(step + 1, m) for m in allowed)

    return cost(0, 0)


@pytest.mark.parametrize("per_step", [False, True])
def test_optimum_of_sets_equals_exhaustive_search(per_step):
    rng = np.random.default_rng(3)
    for _ in range(25):
        sizes = rng.integers(1, 4, 4).astype(float)
        weights = rng.integers(0, 5, 4).astype(float)
        demands = (1 << rng.permuted(np.tile(np.arange(4), (2, 6, 1)), axis=2)[..., :2]).sum(axis=2)
        capacity = 6.0 + rng.integers(3)
        costs = optimal_cost(demands, sizes, capacity, weights, per_step=per_step)
        assert costs.tolist() == [
            search(tuple(d), sizes, capacity, weights, per_step) for d in demands.tolist()
        ]
        greedy = farthest_first_cost(demands, sizes, capacity, weights, per_step=per_step)
        assert (greedy >= costs).all()


LAWS = st.lists(st.floats(0.05, 1), min_size=2, max_size=6).map(lambda w: np.array(w) / np.sum(w))


@given(LAWS, st.data())
def test_formulas_equal_their_defining_sums(p, data):
    k = data.draw(st.integers(1, len(p)))
    king = 0.0
    for order in itertools.permutations(range(len(p)), k):
        chosen = p[list(order)]
        before = np.concatenate([[0], np.cumsum(chosen)[:-1]])
        king += np.prod(chosen / (1 - before)) * chosen.sum()
    sets = [p[list(s)] for s in itertools.combinations(range(len(p)), k)]
    weight = np.array([s.prod() for s in sets])
    gelenbe = weight @ [s.sum() for s in sets] / weight.sum()
    assert lru_hit_ratio(p, k) == pytest.approx(king, rel=1e-9)
    assert fifo_hit_ratio(p, k) == pytest.approx(gelenbe, rel=1e-9)
    assert lru_hit_ratio(p, k) >= fifo_hit_ratio(p, k) - 1e-12


def test_uniform_items_make_all_policies_equal():
    p = np.full(8, 1 / 8)
    for k in (1, 3, 8):
        assert lru_hit_ratio(p, k) == pytest.approx(k / 8)
        assert fifo_hit_ratio(p, k) == pytest.approx(k / 8)


TRACE = np.array([[0, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lru_hits(np.array([0, 1]), 2, 1), r"^traces\b"),
        (lambda: lru_hits(np.zeros((1, 0), dtype=int), 2, 1), r"^traces\b"),
        (lambda: lru_hits(np.array([[0.5]]), 2, 1), r"^traces\b"),
        (lambda: fifo_hits(TRACE, 1, 1), r"^traces\b"),
        (lambda: belady_hits(TRACE, 2, 0), r"^capacity\b"),
        (lambda: belady_hits(TRACE, 2, 1, -1), r"^look_ahead\b"),
        (lambda: lru_hit_ratio([0.5, 0.4], 1), r"^p\b"),
        (lambda: lru_hit_ratio([0.5, np.nan], 1), r"^p\b"),
        (lambda: fifo_hit_ratio([0.5, 0.5], 3), r"^capacity\b"),
        (lambda: optimal_cost(TRACE, [1, -1], 2, [1, 1]), r"^sizes\b"),
        (lambda: optimal_cost(TRACE, [1, 1], 2, [1]), r"^weights\b"),
        (lambda: optimal_cost(TRACE + 9, [1, 1], 2, [1, 1]), r"^demands\b"),
        (lambda: optimal_cost(TRACE * 1.5, [1, 1], 2, [1, 1]), r"^demands\b"),
        (lambda: optimal_cost(TRACE + 2, [1, 1], 1, [1, 1]), r"^capacity\b"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_stationary_order_is_drawn_without_replacement():
    """King (1971): most recent first, the order is that of successive draws."""
    p, rows = np.array([0.5, 0.3, 0.2]), 60_000
    drawn = stationary_order(p, 2, rows, np.random.default_rng(0))
    for older, newest in itertools.permutations(range(3), 2):
        probability = p[newest] * p[older] / (1 - p[newest])
        share = (drawn == [older, newest]).all(axis=1).mean()
        assert abs(share - probability) < 5 * np.sqrt(probability / rows)


@pytest.mark.parametrize("capacity", [1, 3])
def test_from_the_stationary_order_the_first_request_hits_as_often_as_any(capacity):
    p, rows = np.array([0.4, 0.3, 0.2, 0.1]), 40_000
    rng = np.random.default_rng(1)
    past = stationary_order(p, capacity, rows, rng)
    requests = rng.choice(4, (rows, 3), p=p)
    hits = lru_hits(np.concatenate([past, requests], axis=1), 4, capacity)[:, capacity:]
    error = np.abs(hits.mean(axis=0) - lru_hit_ratio(p, capacity))
    assert error.max() < 5 * np.sqrt(0.25 / rows)


def test_the_stationary_order_refuses_items_that_are_never_asked_for():
    with pytest.raises(ValueError, match="p holds a zero"):
        stationary_order(np.array([1.0, 0.0]), 1, 1, np.random.default_rng(0))
