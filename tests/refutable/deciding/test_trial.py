"""The trial: a function of the blocks alone."""

import random
from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin, toss
from hypothesis import given
from hypothesis import strategies as st
from trials import decide, draw

from refutable import BrokenWorld, Cells, Effort, Exact, FalseTheory, Mean, Probability
from refutable.cli.exits import exit_code
from refutable.deciding.results import ClaimResult, Failure
from refutable.deciding.trial import BlockKey, Trial
from refutable.errors import OutcomeError


def test_a_true_claim_is_supported_and_its_controls_are_refuted():
    result = decide(COIN)
    assert result.verdict == "supported"
    assert [control.fate for control in result.controls] == ["refuted by logic", "refuted"]


@given(st.integers(0, 2**32), st.integers(0, 9), st.integers(0, 50))
def test_the_result_does_not_depend_on_order_or_on_how_far_blocks_were_drawn_ahead(
    shuffle, ahead, seed
):
    assert decide(COIN, seed=seed, ahead=ahead, shuffle=shuffle) == decide(COIN, seed=seed)


def test_a_false_claim_is_refuted():
    claim = coin(expect=(Probability("heads").at_least(0.95),))
    result = decide(claim)
    assert result.verdict == "refuted"
    assert "P(heads)" in result.reason


def test_a_claim_on_the_edge_is_undecided_at_the_cap():
    claim = coin(expect=(Probability("heads").at_least(0.5),), cap=640)
    result = decide(claim, seed=3)
    assert result.verdict == "undecided"
    assert result.checks[0].replicates == 640


def test_a_surviving_control_makes_the_claim_toothless_whatever_it_says():
    survivor = FalseTheory("half or more, less a bit", Probability("heads").at_least(0.3))
    assert decide(coin(controls=(survivor,))).verdict == "toothless"
    refuted = coin(expect=(Probability("heads").at_least(0.95),), controls=(survivor,))
    assert decide(refuted).verdict == "toothless"
    undecided = FalseTheory("just that", Probability("heads").at_least(0.4999))
    short = decide(coin(controls=(undecided,), cap=256))
    assert (short.verdict, short.controls[0].fate) == ("undecided", "undecided")
    assert short.reason == "not enough data to refute control 'just that'"
    both = decide(coin(controls=(undecided, survivor), cap=256))
    assert both.verdict == "toothless"
    assert "just that" not in both.reason


def test_a_broken_world_has_its_own_cells_and_shares_the_seed_streams():
    seen = []

    def record(cell, rng, size):
        outcome = toss(cell, rng, size)
        seen.append(outcome["value"][:3].tolist())
        return {**outcome, "heads": np.zeros(size, bool)}

    claim = coin(controls=(BrokenWorld("no heads", simulate=record),))
    decide(claim)
    own = draw(claim, BlockKey("claim", next(iter(claim.worlds(Effort.SMOKE)[0].cells)), 0))
    assert seen[0] == own["value"][:3].tolist()


def test_a_computed_claim_takes_one_block():
    result = decide(ARITHMETIC)
    assert (result.verdict, result.replicates) == ("supported", 1)


def test_exact_on_replicates_is_refuted_by_one_and_supported_only_by_all():
    def residual(cell, rng, size):
        return {"residual": np.where(rng.random(size) < 0.001, 1.0, 0.0)}

    claim = coin(
        simulate=residual,
        expect=(Exact("residual").at_most(1e-9),),
        controls=(FalseTheory("at least one", Exact("residual").at_least(1)),),
    )
    assert decide(claim).verdict == "refuted"
    clean = replace(claim, simulate=lambda cell, rng, size: {"residual": np.zeros(size)})
    result = decide(clean)
    assert result.verdict == "supported"
    assert result.checks[0].replicates == 4096


def test_exact_looks_on_where_an_estimate_asks_for_data():
    def outcome(cell, rng, size):
        return {**toss(cell, rng, size), "residual": np.zeros(size)}

    false = FalseTheory("nine of ten", Probability("heads").at_least(0.9))
    expect = (Probability("heads").near(0.5, 0.1), Exact("residual").at_most(1e-9))
    alone = decide(coin(simulate=outcome, expect=expect[:1], controls=(false,)))
    both = decide(coin(simulate=outcome, expect=expect, controls=(false,)))
    assert both.verdict == "supported"
    assert both.replicates == alone.replicates
    assert both.checks[1].replicates == alone.checks[0].replicates

    def broken(cell, rng, size):
        return {**toss(cell, rng, size), "residual": np.where(rng.random(size) < 0.05, 1.0, 0.0)}

    assert decide(coin(simulate=broken, expect=expect, controls=(false,))).verdict == "refuted"


def test_a_constant_is_told_to_use_exact():
    claim = coin(
        simulate=lambda cell, rng, size: {"value": np.full(size, 0.5)},
        expect=(Mean("value").near(0.5, 0.1),),
        controls=(FalseTheory("one", Mean("value").near(1, 0.1)),),
        cap=256,
    )
    result = decide(claim)
    assert result.verdict == "undecided"
    assert "use Exact" in result.checks[0].detail


def test_shown_expectations_are_estimated_but_say_nothing():
    claim = coin(expect=(*COIN.expect, Mean("value").shown(0.5)))
    result = decide(claim)
    shown = result.checks[-1]
    assert shown.status == "shown"
    assert shown.estimate == pytest.approx(0.5, abs=0.2)
    assert result.verdict == "supported"


def test_a_missing_column_is_named():
    claim = coin(expect=(Probability("tails").at_least(0.4),))
    trial = Trial(claim, Effort.SMOKE, 0, "")
    key = next(trial.needs())
    with pytest.raises(OutcomeError, match=r"'tails' is expected by P\(tails\)"):
        trial.feed(key, draw(claim, key))


def test_failures_and_missing_data_end_a_trial():
    alone = coin(controls=COIN.controls[:1])
    failed = Trial(alone, Effort.SMOKE, 0, "")
    failed.fail(next(failed.needs()), "boom")
    assert (failed.done, failed.result().verdict) == (True, "failed")
    assert failed.result().failures == (Failure("claim", {"p": 0.5}, 0, "boom", ""),)
    lacking = Trial(COIN, Effort.SMOKE, 0, "")
    lacking.lacks_data("put it there")
    assert (lacking.done, lacking.result().verdict) == (True, "not run")
    assert lacking.result().as_expected
    assert list(lacking.needs()) == []


def stumbling(cell, rng, size):
    """Toss until something goes wrong, in each cell at another block."""
    outcome = toss(cell, rng, size)
    if outcome["heads"].mean() > 0.46 + cell.p / 5:
        raise ArithmeticError(f"too many heads for p={cell.p}")
    return outcome


def decide_to_the_failure(claim, shuffle, ahead):
    trial, drawn = Trial(claim, Effort.SMOKE, 0, "print"), set()
    while not trial.done:
        wanted = [key for key in trial.needs(ahead) if key not in drawn]
        random.Random(shuffle).shuffle(wanted)
        for key in wanted:
            drawn.add(key)
            try:
                trial.feed(key, draw(claim, key))
            except ArithmeticError as error:
                trial.fail(key, str(error))
    return trial.result()


@given(st.integers(0, 2**32), st.integers(0, 9))
def test_what_is_said_of_a_failed_claim_does_not_depend_on_order_either(shuffle, ahead):
    narrow = Probability("heads").near(0.5, 0.01)
    claim = coin(
        cells=Cells(p=(0.45, 0.5, 0.55)),
        simulate=stumbling,
        expect=(narrow,),
        controls=(BrokenWorld("stumbles too", simulate=stumbling, cells=Cells(p=(0.5, 0.6))),),
    )
    result = decide_to_the_failure(claim, shuffle, ahead)
    assert result == decide_to_the_failure(claim, 0, 0)
    assert result.verdict == "failed"
    assert {failure.world for failure in result.failures} == {"claim", claim.worlds("smoke")[1].key}


def test_a_column_of_the_wrong_kind_fails_the_block_that_holds_it():
    claim = coin(simulate=lambda cell, rng, size: {"heads": np.full(size, 2), "value": 1.0})
    trial = Trial(claim, Effort.SMOKE, 0, "")
    key = next(trial.needs())
    trial.feed(key, {"heads": np.full(64, 2), "value": np.ones(64)})
    (failure,) = trial.failures
    assert (failure.block, failure.cell) == (0, {"p": 0.5})
    assert "must be a bool column" in failure.error


def test_more_effort_means_the_same_claim():
    smoke, full = decide(COIN), decide(COIN, Effort.FULL)
    assert [c.region_label for c in smoke.checks[:1]] == [c.region_label for c in full.checks[:1]]
    assert full.verdict == smoke.verdict


def test_results_survive_json():
    result = decide(COIN)
    assert ClaimResult.from_json(result.to_json()) == result
    with pytest.raises(ValueError, match="schema"):
        ClaimResult.from_json({**result.to_json(), "schema": 99})


def test_a_control_that_needs_more_data_is_not_one_that_survived():
    """A claim of half, with controls that the cap cannot decide or that hold."""

    def fate(lower, upper):
        theory = FalseTheory("f", Probability("heads").within(lower, upper))
        wide = (Probability("heads").within(0.2, 0.8),)
        return decide(coin(expect=wide, controls=(theory,), block=100, cap=1000))

    short, inside = fate(0.53, 0.7), fate(0.1, 0.9)
    assert (short.verdict, exit_code([short])) == ("undecided", 3)
    assert (inside.verdict, exit_code([inside])) == ("toothless", 1)
