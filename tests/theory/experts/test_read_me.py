"""Closed forms of Read-ME: limits, identities and independent counts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers import cache
from refutable.theory.experts import read_me as theory
from refutable.theory.experts.read_me import caching


@pytest.mark.parametrize(
    ("k", "king", "gelenbe"),
    [(2, 0.334, 0.326), (3, 0.4788, 0.4614), (4, 0.609, 0.5847), (5, 0.7255, 0.6985)],
)
def test_hit_ratios_of_the_zipf_law(k, king, gelenbe):
    p = caching.request_law("zipf", 8)
    assert caching.king_hit_ratio(p, k) == pytest.approx(king, abs=6e-4)
    assert caching.gelenbe_hit_ratio(p, k) == pytest.approx(gelenbe, abs=6e-4)


@pytest.mark.parametrize("k", [1, 4, 8])
def test_uniform_law_hits_k_of_n(k):
    p = caching.request_law("uniform", 8)
    assert caching.king_hit_ratio(p, k) == pytest.approx(k / 8)
    assert caching.gelenbe_hit_ratio(p, k) == pytest.approx(k / 8)


def test_king_equals_a_stationary_chain():
    p, k = caching.request_law("zipf", 4), 2
    states = list(itertools.permutations(range(4), k))
    step = np.zeros((len(states), len(states)))
    for a, state in enumerate(states):
        for item, chance in enumerate(p):
            after = (item, *(i for i in state if i != item))[:k]
            step[a, states.index(after)] += chance
    law = np.linalg.matrix_power(step, 200)[0]
    hit = sum(weight * p[list(state)].sum() for weight, state in zip(law, states, strict=True))
    assert caching.king_hit_ratio(p, k) == pytest.approx(hit)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 30))
def test_fewest_experts_by_search(queues, batch):
    batch = min(batch, sum(queues))
    best = min(
        len(chosen)
        for j in range(len(queues) + 1)
        for chosen in itertools.combinations(queues, j)
        if sum(chosen) >= batch
    )
    assert theory.fewest_experts(np.array([queues]), np.array([batch])).tolist() == [best]


def test_mixtral_would_need_all_experts_if_uniform():
    missing = 8 - theory.distinct_experts(np.full(8, 1 / 4), 56.8)
    assert missing == pytest.approx(6e-7, rel=0.1)


def test_pipeline_is_on_demand_for_one_layer_and_less_than_twice_as_fast():
    rng = np.random.default_rng(0)
    load, compute = rng.random((2, 50, 6))
    demand, overlap = theory.on_demand_time(load, compute), theory.pipelined_time(load, compute)
    assert (overlap < demand).all()
    assert (demand < 2 * overlap).all()
    one = theory.pipelined_time(load[:, :1], compute[:, :1])
    np.testing.assert_allclose(one, theory.on_demand_time(load[:, :1], compute[:, :1]))
    assert theory.saving_of_equal_layers(3 / 7) == pytest.approx(0.3)


def test_sizes():
    assert theory.router_parameters() == 17_965_063
    assert theory.router_parameters(swiglu=True) / 1e6 == pytest.approx(18.23, abs=5e-3)
    assert theory.backbone_parameters() / 1e9 == pytest.approx(2.41, abs=5e-3)
    assert theory.active_parameters() / 1e9 == pytest.approx(4.59, abs=5e-3)
    assert theory.total_parameters() / 1e9 == pytest.approx(17.4, abs=0.05)


POPULARITIES = st.lists(st.floats(0.01, 100), min_size=2, max_size=6)


@given(POPULARITIES, st.integers(1, 6))
def test_hit_ratios_of_any_law_equal_recursions(popularities, k):
    """The solvers sum over sets, and over elementary symmetric polynomials."""
    p, k = caching.request_law(popularities, len(popularities)), min(k, len(popularities))
    assert caching.king_hit_ratio(p, k) == pytest.approx(cache.lru_hit_ratio(p, k), rel=1e-9)
    assert caching.gelenbe_hit_ratio(p, k) == pytest.approx(cache.fifo_hit_ratio(p, k), rel=1e-9)


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.7, -1.0])
def test_a_law_by_its_exponent_has_a_straight_line_of_logarithms(exponent):
    p = caching.request_law(exponent, 20)
    slope = np.polyfit(np.log(np.arange(1, 21)), np.log(p), 1)[0]
    assert p.sum() == pytest.approx(1)
    assert slope == pytest.approx(-exponent, abs=1e-12)


def test_popularities_keep_their_ratios_whatever_their_sum():
    p = caching.request_law([1e308, 5e307, 1e308], 3)
    np.testing.assert_allclose(p, [0.4, 0.2, 0.4])
    np.testing.assert_array_equal(caching.request_law("zipf", 8), caching.request_law(0.8, 8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: caching.request_law("pareto", 8), "law must be one of"),
        (lambda: caching.request_law([1.0, 2.0], 3), "one popularity to each of 3"),
        (lambda: caching.request_law([1.0, 0.0], 2), "above 0"),
        (lambda: caching.request_law([1e300, 1e-300], 2), "one probability is 0"),
        (lambda: caching.request_law(np.nan, 8), "law=nan: give finite"),
        (lambda: caching.request_law(None, 8), "law=None: give"),
        (lambda: caching.request_law(True, 8), "law=True: give"),
        (lambda: caching.request_law(0.8, 0), "experts=0: give"),
        (lambda: caching.request_law(0.8, 2.5), "experts=2.5: give"),
        (lambda: caching.king_hit_ratio([0.5, 0.6], 1), "p is no law"),
        (lambda: caching.king_hit_ratio([0.5, 0.5], 3), "k=3: give a whole number, from 1 to 2"),
        (lambda: caching.gelenbe_hit_ratio([1.0, 0.0], 1), "p is no law"),
        (lambda: caching.king_hit_ratio(np.full(64, 1 / 64), 8), "too many terms"),
        (lambda: theory.router_parameters(clusters=0), "clusters=0: give"),
        (lambda: theory.total_parameters(clusters=7.5), "clusters=7.5: give"),
        (lambda: theory.active_parameters(residual_extra=True, clusters=True), "clusters=True"),
    ],
)
def test_what_is_no_law_or_no_count_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("clusters", [1, 2, 5, 9])
def test_sizes_with_other_numbers_of_clusters_by_counting_channels(clusters):
    """On 2^clusters channels each mask pattern occurs once; a router output has d + 1 numbers."""
    masks = (np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1
    stored = masks.sum() - (clusters - 1) * masks.all(axis=1).sum()
    more = 513 * (clusters - theory.CLUSTERS)
    assert theory.router_parameters(clusters=clusters) == 17_965_063 + more
    ffn = theory.total_parameters(clusters=clusters) - theory.backbone_parameters()
    ffn -= theory.router_parameters(clusters=clusters)
    assert ffn == pytest.approx(theory.ffn_parameters() * stored / 2**clusters)
    apart = theory.total_parameters(shared_once=False, clusters=clusters)
    kept = apart - theory.backbone_parameters() - theory.router_parameters(clusters=clusters)
    assert kept == pytest.approx(theory.ffn_parameters() * masks.sum() / 2**clusters)
    extra = theory.active_parameters(residual_extra=True, clusters=clusters)
    extra -= theory.active_parameters(clusters=clusters)
    assert extra == pytest.approx(theory.ffn_parameters() / 2**clusters)
