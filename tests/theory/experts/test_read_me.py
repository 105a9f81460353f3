"""Closed forms of Read-ME: limits, identities and independent counts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.experts import read_me as theory


@pytest.mark.parametrize(
    ("k", "king", "gelenbe"),
    [(2, 0.334, 0.326), (3, 0.4788, 0.4614), (4, 0.609, 0.5847), (5, 0.7255, 0.6985)],
)
def test_hit_ratios_of_the_zipf_law(k, king, gelenbe):
    p = theory.request_law("zipf", 8)
    assert theory.king_hit_ratio(p, k) == pytest.approx(king, abs=6e-4)
    assert theory.gelenbe_hit_ratio(p, k) == pytest.approx(gelenbe, abs=6e-4)


@pytest.mark.parametrize("k", [1, 4, 8])
def test_uniform_law_hits_k_of_n(k):
    p = theory.request_law("uniform", 8)
    assert theory.king_hit_ratio(p, k) == pytest.approx(k / 8)
    assert theory.gelenbe_hit_ratio(p, k) == pytest.approx(k / 8)


def test_king_equals_a_stationary_chain():
    p, k = theory.request_law("zipf", 4), 2
    states = list(itertools.permutations(range(4), k))
    step = np.zeros((len(states), len(states)))
    for a, state in enumerate(states):
        for item, chance in enumerate(p):
            after = (item, *(i for i in state if i != item))[:k]
            step[a, states.index(after)] += chance
    law = np.linalg.matrix_power(step, 200)[0]
    hit = sum(weight * p[list(state)].sum() for weight, state in zip(law, states, strict=True))
    assert theory.king_hit_ratio(p, k) == pytest.approx(hit)


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


def test_unknown_law_is_refused():
    with pytest.raises(ValueError, match="name must be one of"):
        theory.request_law("pareto", 8)
