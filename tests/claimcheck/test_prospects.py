"""Planning: what a verdict will take, before it runs."""

import json

import pytest
from claims import ARITHMETIC, COIN, coin
from test_cli import claimcheck
from test_trial import decide

from claimcheck import Distribution, Effort, FalseTheory, Mean, Quantile, RatioOfMeans
from claimcheck.prospects import prospects, total_seconds


def test_every_check_and_control_is_planned():
    found = list(prospects(COIN, Effort.SMOKE))
    assert [p.group for p in found] == ["claim", "claim", "nine of ten"] + ["a loaded coin"] * 2
    assert total_seconds(found) > 0
    own, false = found[0], found[2]
    assert own.supported > 0.99
    assert false.refuted > 0.99


def test_the_plan_is_about_what_the_run_then_takes():
    planned = next(prospects(COIN, Effort.SMOKE))
    used = [decide(COIN, seed=seed).checks[0].replicates for seed in range(40)]
    assert planned.replicates == pytest.approx(sum(used) / len(used), rel=0.2)


def test_every_kind_of_expectation_has_a_plan():
    expect = (
        Mean("value").near(0.5, 0.2),
        Quantile("value", 0.5).within(-0.5, 1.5),
        RatioOfMeans("value", "one").near(0.5, 0.2),
        Distribution("value", cdf=lambda cell: lambda x: x).within(0.9),
    )

    def toss(cell, rng, size):
        heads = (rng.random(size) < 0.5).astype(float)
        return {"value": heads + 0.1 * rng.standard_normal(size), "one": 1 + 0 * heads}

    false = FalseTheory("far", Mean("value").near(3, 0.1))
    found = list(prospects(coin(simulate=toss, expect=expect, controls=(false,)), Effort.SMOKE))
    assert len(found) == 5
    assert all(0 < p.replicates <= 4096 for p in found)
    assert all(p.detects for p in found)


def test_a_computed_claim_takes_one_evaluation():
    (own, control) = prospects(ARITHMETIC, Effort.SMOKE)
    assert (own.replicates, control.replicates) == (1, 1)


def test_constant_replicates_are_told_to_use_exact():
    claim = coin(
        simulate=lambda cell, rng, size: {"value": 0.5 + 0 * rng.random(size)},
        expect=(Mean("value").near(0.5, 0.1),),
        controls=(FalseTheory("one", Mean("value").near(1, 0.1)),),
    )
    assert "use Exact" in next(prospects(claim, Effort.SMOKE)).detects


def test_the_command_prints_and_gives_json():
    code, out, _ = claimcheck("plan", "generative_augmentation.test-loss-rises", "--json")
    assert code == 0
    (found,) = json.loads(out).values()
    assert {"replicates", "seconds", "detects", "supported"} <= found[0].keys()
    assert "on one worker" in claimcheck("plan", "deepspeed_moe.param-table")[1]
