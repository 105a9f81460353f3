"""Planning: what a verdict will take, before it runs."""

import json
import math

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin
from commands import refutable
from trials import decide

from refutable import (
    BrokenWorld,
    Distribution,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    Probability,
    Quantile,
    RatioOfMeans,
)
from refutable.deciding import planning
from refutable.deciding.checks import expand
from refutable.deciding.forecasts import Premises, forecast
from refutable.deciding.ledger import alpha, control_levels
from refutable.deciding.prospects import prospects, total_seconds


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
    code, out, _ = refutable("plan", "generative_augmentation.test-loss-rises", "--json")
    assert code == 0
    (found,) = json.loads(out).values()
    assert {"replicates", "seconds", "detects", "supported"} <= found[0].keys()
    assert "on one worker" in refutable("plan", "deepspeed_moe.param-table")[1]


def test_a_pilot_without_or_full_of_events_makes_no_rate_certain():
    for event, rate in ((False, 0.5 / 65), (True, 64.5 / 65)):
        world = BrokenWorld("x", simulate=lambda cell, rng, size, e=event: _always(e, size))
        claim = coin(expect=(Probability("heads").within(0.1, 0.9),), controls=(world,))
        (found,) = planned(claim, "x")
        owned = control_levels(claim, claim.expect, claim.worlds(Effort.SMOKE)[1].cells).outside
        outlook = planning.probability_outlook(rate, 0.1, 0.9, owned, 4096, 64)
        assert (found.replicates, found.refuted) == (outlook.replicates, outlook.refuted)
        certain = planning.probability_outlook(float(event), 0.1, 0.9, owned, 4096, 64)
        assert found.replicates > certain.replicates


def _always(event, size):
    return {"heads": np.full(size, event)}


def planned(claim, group):
    return [p for p in prospects(claim, Effort.SMOKE) if p.group == group]


def test_a_false_theory_is_planned_at_what_the_claim_predicts():
    false = FalseTheory("one", Mean("value").near(1.0, 0.2))
    claim = coin(expect=(Mean("value").near(0.5, 0.2),), controls=(false,))
    (found,) = planned(claim, "one")
    assert (found.supported, found.refuted) == (0.0, pytest.approx(1.0, abs=0.01))
    used = [decide(claim, seed=seed).controls[0].checks[0].replicates for seed in range(20)]
    assert found.replicates == pytest.approx(sum(used) / len(used), rel=0.3)


def test_a_broken_world_is_planned_at_its_pilot():
    (first, second) = planned(COIN, "a loaded coin")
    assert first.refuted > 0.99
    assert max(first.supported, second.supported) < 1e-9
    used = [decide(COIN, seed=seed).controls[1].checks[0].replicates for seed in range(20)]
    plans = (prospects(COIN, Effort.SMOKE, seed) for seed in range(20))
    expected = [next(p.replicates for p in plan if p.group == first.group) for plan in plans]
    assert sum(expected) / len(expected) == pytest.approx(sum(used) / len(used), rel=0.2)


FALSE = {
    "quantile above": Quantile("value", 0.5).at_least(1.4),
    "quantile below": Quantile("value", 0.5).at_most(-0.4),
    "law": Distribution("value", cdf=lambda cell: lambda x: np.clip(x - 2, 0, 1)).within(0.1),
    "ratio": RatioOfMeans("value", "one").near(2, 0.1),
    "every replicate": Exact("value").at_most(0.9),
}


@pytest.mark.parametrize("name", FALSE)
def test_every_kind_of_false_theory_is_planned_as_refuted(name):
    def toss(cell, rng, size):
        heads = (rng.random(size) < 0.5).astype(float)
        return {"value": heads + 0.1 * rng.standard_normal(size), "one": 1 + 0.1 * heads}

    claim = coin(
        simulate=toss,
        expect=(Mean("value").near(0.5, 0.2),),
        controls=(FalseTheory("false", FALSE[name]),),
    )
    (found,) = planned(claim, "false")
    assert found.refuted > 0.99
    assert found.supported < 0.01
    assert found.replicates < 1024


def test_the_plan_of_a_computed_claim_knows_what_comes_out():
    (own, control) = prospects(ARITHMETIC, Effort.SMOKE)
    assert (own.supported, own.refuted) == (1, 0)
    assert (control.supported, control.refuted) == (0, 1)


def test_data_that_a_false_theory_shares_cost_nothing_more():
    found = list(prospects(COIN, Effort.SMOKE))
    own = [p.seconds for p in found if p.world == "claim"]
    broken = [p.seconds for p in found if p.world == "a loaded coin"]
    assert total_seconds(found) <= max(own) + max(broken)


def test_what_is_not_known_is_null_in_json(tmp_path):
    path = tmp_path / "exact.py"
    path.write_text(
        "from example_claims import COIN as _COIN\nfrom dataclasses import replace\n"
        "from refutable import Exact\n"
        "ALL = replace(_COIN, id='example.all', expect=(Exact('heads').at_most(1),))\n"
    )
    code, out, err = refutable("plan", path, "--json")
    assert code == 0, err
    (found,) = json.loads(out, parse_constant=pytest.fail).values()
    assert found[0]["supported"] is None
    assert "inside if every" in refutable("plan", path)[1]


def rare(cap, block, **changes):
    """Return a claim about an event too rare for a pilot."""
    return coin(
        simulate=lambda cell, rng, size: {"fail": rng.random(size) < 1e-9},
        expect=(Probability("fail").at_most(1e-5),),
        controls=(FalseTheory("often", Probability("fail").at_least(1e-3)),),
        block=block,
        cap=cap,
        **changes,
    )


def test_a_rare_event_is_at_an_edge_and_told_how_many_replicates_show_it():
    claim = rare(10**7, 1000)
    own, control = prospects(claim, Effort.SMOKE)
    assert own.edge
    assert math.isnan(own.supported)
    assert own.replicates == own.cap == 10**7
    share = 2 * alpha(claim)  # one-sided; one check each
    assert own.needs == planning.events_needed(1e-5, share)
    assert control.needs == planning.events_needed(1e-3, share)
    edge, inside = own.power
    assert (edge.at, inside.at) == (1e-5, 5e-6)
    assert edge.supported < 0.01 < 0.5 < inside.supported
    assert "sampled" in forecast_of(claim).outlook.how


def forecast_of(claim):
    """Return the forecast of a claim's own check at its edge's predicted value."""
    (check,) = expand(claim.expect, claim.worlds(Effort.SMOKE)[0].cells, 1e-5, Effort.SMOKE)
    premises = Premises(check, 10**7, 1000, truth=1e-6)
    return forecast(claim.expect[0].functional, premises, {"fail": np.zeros(1000, dtype=bool)})


def test_an_event_that_a_large_pilot_never_saw_is_not_at_the_edge():
    (own, _) = prospects(rare(10**7, 10**6), Effort.SMOKE)
    assert not own.edge
    assert own.supported > 0.99


def test_a_prediction_on_the_end_of_its_region_says_edge():
    claim = coin(
        expect=(Probability("heads").within(0.5, 0.9, predicted=0.5),),
        controls=(FalseTheory("rare", Probability("heads").at_most(0.1)),),
    )
    own, control = prospects(claim, Effort.SMOKE)
    assert own.edge
    assert own.supported < 0.01
    assert not control.edge


EDGES = {
    "mean": Mean("value").at_most(0.5),
    "ratio": RatioOfMeans("value", "one").at_least(0.5),
    "quantile": Quantile("value", 0.5).at_most(0.5),
    "probability": Probability("heads").at_most(0.5),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_pilot_whose_range_holds_an_end_is_not_taken_for_the_truth(name):
    def toss(cell, rng, size):
        value = rng.random(size)
        return {"value": value, "one": np.ones(size), "heads": value < 0.5}

    false = FalseTheory("far", Mean("value").near(3, 0.1))
    claim = coin(simulate=toss, expect=(EDGES[name],), controls=(false,), block=256)
    own = next(prospects(claim, Effort.SMOKE))
    assert own.edge
    assert math.isnan(own.refuted)
    assert own.truth.endswith("pilot")


def test_power_is_that_of_the_boundary_and_of_one_margin_inside():
    claim = coin(
        expect=(Mean("value").within(0.3, 0.8, predicted=0.5),),
        controls=(FalseTheory("one", Mean("value").near(1.0, 0.1)),),
    )
    own, control = prospects(claim, Effort.SMOKE)
    edge, inside = own.power
    assert (edge.where, edge.at) == ("at the edge", 0.3)
    assert (inside.where, inside.at) == ("one margin inside", pytest.approx(0.55))
    assert edge.supported < 0.01 < 0.99 < inside.supported
    assert control.power == ()


def test_the_table_says_edge_power_and_what_is_sampled(tmp_path):
    path = tmp_path / "rare.py"
    path.write_text(
        "from example_claims import COIN as _COIN\nfrom dataclasses import replace\n"
        "from refutable import FalseTheory, Probability\n"
        "def fails(cell, rng, size): return {'fail': rng.random(size) < 1e-9}\n"
        "RARE = replace(_COIN, id='example.rare', simulate=fails, block=1000, cap=100_000,\n"
        "    expect=(Probability('fail').at_most(1e-5),),\n"
        "    controls=(FalseTheory('f', Probability('fail').at_least(1e-2)),))\n"
    )
    code, out, err = refutable("plan", path)
    assert code == 0, err
    said = " ".join(out.split())
    for words in ("edge", "at the edge", "up to 100000", "an edge counted at its cap", "sampled"):
        assert words in said
    assert "cap of 100,000" in said
