"""Closed forms of MoE inference against enumeration, derivatives and counted arrays."""

from itertools import combinations, product

import numpy as np
import pytest
import scipy
from refutable.theory.experts import moe_inference_survey as theory


@pytest.mark.parametrize(("experts", "chosen", "batch"), [(4, 2, 1), (4, 2, 3), (5, 1, 4)])
def test_distinct_experts_equal_the_mean_over_all_batches(experts, chosen, batch):
    sets = [set(s) for s in combinations(range(experts), chosen)]
    counts = [len(set().union(*drawn)) for drawn in product(sets, repeat=batch)]
    assert theory.expected_distinct(experts, chosen, batch) == pytest.approx(np.mean(counts))


def test_eight_tokens_touch_nearly_all_experts_of_mixtral():
    assert theory.expected_distinct(8, 2, 8) == pytest.approx(8 * (1 - 0.75**8))
    assert round(theory.expected_distinct(8, 2, 8), 2) == 7.20


def test_zipf_law():
    p = theory.zipf(5, 1.4)
    np.testing.assert_allclose(p[0] / p, np.arange(1, 6) ** 1.4)
    assert p.sum() == pytest.approx(1)
    assert (theory.zipf(4, 0) == 0.25).all()


@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.0, 1.4])
@pytest.mark.parametrize(("experts", "slots"), [(8, 1), (8, 4), (8, 7), (128, 16), (128, 64)])
def test_che_is_the_rate_of_new_items_at_the_time_that_fills_the_cache(experts, slots, exponent):
    """The mean number of different items in a time t grows at the rate of misses."""
    p = theory.zipf(experts, exponent)

    def different(t):
        return (1 - np.exp(-p * t)).sum()

    t = scipy.optimize.fsolve(lambda t: different(t[0]) - slots, slots, xtol=1e-12)[0]
    assert theory.characteristic_time(p, slots) == pytest.approx(t, rel=1e-6)
    misses = scipy.optimize.approx_fprime([t], lambda t: different(t[0]), 1e-6)[0]
    assert theory.che_hit_ratio(p, slots) == pytest.approx(1 - misses, abs=1e-5)


@pytest.mark.parametrize("slots", [1, 3, 7])
def test_uniform_popularity_hits_the_share_that_is_cached(slots):
    p = theory.zipf(8, 0)
    assert theory.characteristic_time(p, slots) == pytest.approx(-8 * np.log(1 - slots / 8))
    assert theory.che_hit_ratio(p, slots) == pytest.approx(slots / 8)
    assert theory.static_hit_ratio(p, slots) == pytest.approx(slots / 8)


@pytest.mark.parametrize("slots", [0, 8, 9])
def test_a_cache_that_holds_everything_or_nothing_is_refused(slots):
    with pytest.raises(ValueError, match=f"slots={slots}: give a whole number from 1 to 7"):
        theory.characteristic_time(theory.zipf(8, 1), slots)


def test_static_cache_is_the_best_fixed_set():
    p = np.random.default_rng(0).permutation(theory.zipf(6, 1.0))
    best = max(p[list(s)].sum() for s in combinations(range(6), 2))
    assert theory.static_hit_ratio(p, 2) == pytest.approx(best)


def test_one_slot_hits_when_two_requests_agree():
    p = theory.zipf(4, 1.4)
    agree = sum(p[i] * p[j] for i, j in product(range(4), repeat=2) if i == j)
    assert theory.one_slot_hit_ratio(p) == pytest.approx(agree)


def test_bytes_equal_the_mean_over_all_routings_of_two_tokens():
    """Two devices of two experts, a token on each, two different experts for a token."""
    sets = list(combinations(range(4), 2))
    moved = [
        sum(expert // 2 != home for home, token in enumerate(drawn) for expert in token)
        for drawn in product(sets, repeat=2)
    ]
    assert theory.all_to_all_bytes(4, 10, 2) == pytest.approx(2 * 10 * np.mean(moved))


def test_parameters_of_mixtral_are_those_of_its_arrays():
    d, key = 4096, 1024
    layer = [(d, d), (key, d), (key, d), (d, d), (8, d), (d,), (d,)]
    ends = sum(np.prod(s) for s in [(32_000, d), (32_000, d), (d,)])
    expert = sum(np.prod(s) for s in [(14_336, d), (14_336, d), (d, 14_336)])
    rest = ends + 32 * sum(np.prod(s) for s in layer)
    assert theory.parameters(theory.MIXTRAL) == rest + 32 * 8 * expert == 46_702_792_704
    assert theory.parameters(theory.MIXTRAL, 2) == rest + 32 * 2 * expert
    assert theory.parameters(theory.MIXTRAL) == theory.PUBLISHED_PARAMETERS


def test_gigabytes_of_mixtral():
    printed = {16: "93.41", 8: "46.70", 4: "23.35"}
    for bits, gigabytes in printed.items():
        assert f"{theory.storage_bytes(theory.MIXTRAL, bits) / 1e9:.2f}" == gigabytes
