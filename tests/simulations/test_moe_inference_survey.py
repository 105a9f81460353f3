"""The experiments of the MoE inference survey: routing, requests, traffic and tensors."""

from fractions import Fraction

import numpy as np
import pytest
from refutable.simulations.experts.moe_inference_survey import (
    _requests,
    all_to_all_volume,
    expert_coverage,
    quantised_memory,
)
from refutable.solvers import cache
from refutable.theory.experts import moe_inference_survey as theory

from refutable import Cell

LAYER = {"experts": 16, "chosen": 2, "devices": 4, "placement": "both even"}
CACHE = {"experts": 8, "exponent": 1.0, "slots": 3, "length": 400}


def rng():
    return np.random.default_rng(0)


def test_a_token_picks_different_experts_unless_it_may_repeat():
    cell = Cell({"experts": 8, "chosen": 2, "batch": 5})
    ids = expert_coverage.picks(cell, rng(), 2000)
    assert ids.shape == (2000, 5, 2)
    assert (ids[..., 0] != ids[..., 1]).all()
    assert np.bincount(ids.ravel(), minlength=8) / ids.size == pytest.approx(1 / 8, abs=0.01)
    repeated = expert_coverage.picks_with_repeats(cell, rng(), 2000)
    same = (repeated[..., 0] == repeated[..., 1]).mean()
    assert same == pytest.approx(1 / 8, abs=0.02)


def test_twins_count_as_one_token():
    cell = Cell({"experts": 8, "chosen": 2, "batch": 4})
    columns = expert_coverage.touched(cell, rng(), 20_000, expert_coverage.picks_of_twins)
    three = theory.expected_distinct(8, 2, 3)
    assert columns["distinct"].mean() == pytest.approx(three, abs=0.04)


@pytest.mark.parametrize("exponent", [0.6, 1.4])
def test_lru_hits_as_often_as_the_recursion_over_sets_says(exponent):
    cell = Cell({**CACHE, "exponent": exponent})
    columns = _requests.hit_ratios(cell, rng(), 500)
    exact = cache.lru_hit_ratio(_requests.law(cell), 3)
    assert columns["lru"].mean() == pytest.approx(exact, abs=0.006)
    assert (columns["static_minus_lru"] == columns["static"] - columns["lru"]).all()


def test_che_is_off_by_more_than_its_margin_for_one_expert_alone():
    """The exact hit ratio of LRU, by the recursion over sets, in the small cells of the claims."""
    errors = {}
    for experts, slots in ((8, 1), (8, 2), (8, 4), (16, 2), (16, 4)):
        for exponent in (0.6, 1.0, 1.4):
            p = theory.zipf(experts, exponent)
            error = theory.che_hit_ratio(p, slots) - cache.lru_hit_ratio(p, slots)
            errors[experts, slots, exponent] = abs(error)
    assert [cell for cell, error in errors.items() if error > 0.02] == [(8, 1, 1.4)]
    assert errors[8, 1, 1.4] == pytest.approx(0.0210, abs=5e-5)
    assert max(e for cell, e in errors.items() if cell[1] > 1) == pytest.approx(0.0131, abs=5e-5)


def test_repeats_lift_lru_and_leave_the_popularity():
    cell = Cell(CACHE)
    plain, sticky = (_requests.hit_ratios(cell, rng(), 500, repeats=s) for s in (0.0, 0.2))
    lifted = 0.2 + 0.8 * plain["lru"].mean()
    assert sticky["lru"].mean() == pytest.approx(lifted, abs=0.008)
    assert sticky["static"].mean() == pytest.approx(plain["static"].mean(), abs=0.01)


def test_the_past_fills_the_cache_with_different_experts_and_is_not_counted():
    p = theory.zipf(8, 1.0)
    past = np.sort(_requests.trace(p, 3, rng(), 500, 2, repeats=0.9)[:, :3], axis=1)
    assert (np.diff(past, axis=1) > 0).all()
    columns = _requests.hit_ratios(Cell({**CACHE, "length": 2}), rng(), 20_000)
    assert columns["lru"].mean() == pytest.approx(cache.lru_hit_ratio(p, 3), abs=0.015)
    assert columns["static"].mean() == pytest.approx(p[:3].sum(), abs=0.015)


def test_the_static_cache_keeps_what_it_is_told_to():
    cell = Cell(CACHE)
    p = _requests.law(cell)
    for skipped, held in ((0, [0, 1, 2]), (1, [0, 1, 3]), (2, [0, 1, 4])):
        ratio = _requests.hit_ratios(cell, rng(), 500, skipped=skipped)["static"].mean()
        assert ratio == pytest.approx(p[held].sum(), abs=0.006)
    steeper = _requests.hit_ratios(cell, rng(), 500, steeper=0.5)["static"].mean()
    assert steeper == pytest.approx(theory.zipf(8, 1.5)[:3].sum(), abs=0.006)


def test_small_caches_are_listed_only_where_they_are_asked_for():
    slots = [(c.experts, c.slots) for c in _requests.caches((8, 16), (1.0,))]
    assert slots == [(8, 2), (8, 4), (16, 2), (16, 4), (16, 8)]
    assert [c.slots for c in _requests.caches((8,), (1.0,), parts=(8,), least=1)] == [1]


def test_placements():
    assert all_to_all_volume.evenly(8, 4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert all_to_all_volume.half_on_one(8, 3).tolist() == [0, 0, 0, 0, 1, 1, 2, 2]


def by_hand(homes, targets, merged):
    """Copies that leave, counted token by token."""
    pairs = zip(homes, targets, strict=True)
    kinds = set if merged else list
    return sum(target != home for home, token in pairs for target in kinds(token))


@pytest.mark.parametrize("merged", [False, True])
def test_traffic_is_what_leaves_and_comes_back(monkeypatch, merged):
    drawn = rng().permuted(np.tile(np.arange(16), (64, 1)), axis=1)[:, :2]
    monkeypatch.setattr(all_to_all_volume, "random_subsets", lambda *_: drawn)
    columns = all_to_all_volume.layer_traffic(Cell(LAYER), rng(), 1, merged=merged)
    leaving = by_hand(np.arange(64) // 16, drawn // 4, merged)
    assert columns["megabytes"] == pytest.approx([2 * leaving * 8192 / 1e6])


def test_tokens_at_home_do_not_travel():
    cell = Cell(LAYER)
    assert (all_to_all_volume.layer_traffic(cell, rng(), 2, at_home=1.0)["megabytes"] == 0).all()
    half = all_to_all_volume.layer_traffic(cell, rng(), 400, at_home=0.5)["megabytes"].mean()
    assert half == pytest.approx(all_to_all_volume.predicted(cell) / 2, rel=0.02)


def test_crowding_on_the_same_device_saves_bytes():
    both = (all_to_all_volume.half_on_one,) * 2
    columns = all_to_all_volume.layer_traffic(Cell(LAYER), rng(), 400, placement=both)
    shares = np.bincount(all_to_all_volume.half_on_one(64, 4)) / 64
    experts = np.bincount(all_to_all_volume.half_on_one(16, 4)) / 16
    moved = (1 - shares @ experts) * all_to_all_volume.everything(Cell(LAYER))
    assert columns["megabytes"].mean() == pytest.approx(moved, rel=0.01)


def test_tensors_of_mixtral_add_up():
    values = quantised_memory.stored(Cell({"bits": 16}))
    assert values["parameters"] == theory.parameters(theory.MIXTRAL)
    assert values["bytes"] == 93_405_585_408
    used = quantised_memory.stored(Cell({"bits": 16}), kept=2)
    assert used["parameters"] == theory.parameters(theory.MIXTRAL, 2)
    assert round(float(used["gigabytes"]), 1) == 25.8


def test_what_a_quantised_file_holds_besides():
    cell, plain = Cell({"bits": 4}), quantised_memory.stored(Cell({"bits": 4}))["bytes"]
    scaled = quantised_memory.stored(cell, scales=quantised_memory.SCALES_OF_128)["bytes"]
    assert scaled / plain == Fraction(33, 32)
    routers = quantised_memory.stored(cell, bits_of={"router": 16})["bytes"]
    assert routers - plain == 32 * 4096 * 8 * 12 / 8
