"""What a trial asks for, counts and says, step by step."""

from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin, toss
from trials import decide, draw

from refutable import (
    BrokenWorld,
    Cells,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    Printed,
    Probability,
    Symbolic,
)
from refutable.deciding import ledger
from refutable.deciding.evidence import SHARE
from refutable.deciding.results import Failure
from refutable.deciding.trial import BlockKey, Trial, said
from refutable.errors import OutcomeError

TWO = coin(cells=Cells(p=(0.5, 0.55)), cap=256)  # blocks of 64: four rounds


def trial_of(claim, **options):
    return Trial(claim, Effort.SMOKE, 0, "print", **options)


def keys(trial, ahead=0):
    return [(key.world, key.cell["p"], key.block) for key in trial.needs(ahead)]


def other(claim):
    return claim.worlds(Effort.SMOKE)[1].key


def test_a_round_is_one_block_of_every_cell_and_ahead_counts_rounds():
    trial, broken = trial_of(TWO), other(TWO)
    assert keys(trial) == [(w, p, 0) for w in ("claim", broken) for p in (0.5, 0.55)]
    assert [k[2] for k in keys(trial, 1)[:4]] == [0, 0, 1, 1]
    assert list(trial.needs()) == list(trial.needs(0))
    assert len(keys(trial, 3)) == len(keys(trial, 100)) == 2 * 2 * 4
    first, second, *_ = trial.needs()
    trial.feed(second, draw(TWO, second))  # the round waits for the other cell
    assert keys(trial)[0] == ("claim", 0.5, 0)
    assert ("claim", 0.55, 0) not in keys(trial, 100)
    assert trial.replicates == 0
    trial.feed(first, draw(TWO, first))
    assert keys(trial)[:2] == [("claim", 0.5, 1), ("claim", 0.55, 1)]
    assert trial.replicates == 128
    assert list(trial.used()) == [first, second]


def test_a_decided_cell_asks_for_nothing_and_the_others_go_on():
    def outcome(cell, rng, size):
        share = 0.999 if cell.p == 0.5 else 0.8
        return {"heads": rng.random(size) < share}

    claim = coin(
        cells=Cells(p=(0.5, 0.55)),
        simulate=outcome,
        expect=(Probability("heads").at_least(0.75),),
        controls=(FalseTheory("few", Probability("heads", p=0.5).at_most(0.1)),),
    )
    result = decide(claim)
    assert result.verdict == "supported"
    sure, slow = (check.replicates for check in result.checks)
    assert sure < slow / 3
    assert result.replicates == sure + slow


def test_what_is_said_of_a_supported_claim_counts_its_checks():
    assert decide(COIN).reason == "all 2 checks lie inside their regions"
    shown = coin(expect=(*COIN.expect, Mean("value").shown()))
    assert decide(shown).reason == "all 2 checks lie inside their regions"
    assert decide(coin(expect=COIN.expect[:1])).reason == "its check lies inside its region"


def test_what_is_said_of_a_refuted_and_of_an_open_check():
    false = decide(coin(expect=(COIN.expect[1], Probability("heads").at_least(0.95))))
    low, high = false.checks[1].interval
    heads, drawn = round(64 * false.checks[1].estimate), false.checks[1].replicates
    assert drawn == 64
    assert false.reason == (
        f"P(heads) at p=0.5: [{low:.4g}, {high:.4g}] ({heads} of 64) is not >= 0.95"
    )
    edge = decide(coin(expect=(Probability("heads").at_least(0.5),), cap=640), seed=3)
    assert edge.reason.endswith(" of 640) is not yet decided: it must be >= 0.5")
    without = ARITHMETIC.expect[0].functional.at_most(1)
    assert decide(replace(ARITHMETIC, expect=(without,))).reason == "sides: [2, 2] is not <= 1"


def test_the_detail_of_a_look_is_said_in_brackets_and_that_of_yes_or_no_alone():
    several = replace(
        ARITHMETIC,
        compute=lambda cell: {"sides": [2, 3], "identity": "refuted at x=1", "number": "2.5"},
        expect=(Exact("sides").equals(2),),
        controls=(FalseTheory("four", Exact("sides").equals(4)),),
    )
    assert decide(several).reason == "sides: [2, 3] (2 values) is not = 2"
    identity = decide(replace(several, expect=(Symbolic("identity").holds(),)))
    assert identity.reason.startswith("identity identity: ")
    assert "refuted at x=1" in identity.reason
    printed = decide(replace(several, expect=(Printed("number").prints("2.7"),)))
    assert printed.reason.startswith("number reproduces 2.7: ")
    assert "[" not in printed.reason


def test_a_trial_that_stands_still_has_not_finished():
    trial = trial_of(COIN)
    result = trial.result()
    assert (result.verdict, result.reason) == ("undecided", "the run has not finished")
    assert not trial.done
    assert {control.fate for control in result.controls} == {"undecided"}


def test_failures_go_before_doubts_and_both_before_a_verdict():
    def first_key(trial, world):
        return next(key for key in trial.needs() if key.world == world)

    doubted = trial_of(TWO)
    doubted.doubt(first_key(doubted, other(TWO)), "the same again")
    assert not doubted.done  # the other cell of that world is awaited
    for key in list(doubted.needs()):
        doubted.feed(key, draw(TWO, key))
    assert [d.error for d in doubted.doubts] == ["the same again"]
    assert doubted.failures == []
    assert (doubted.result().verdict, doubted.result().reason) == ("suspect", "the same again")
    assert doubted.result().failures == ()
    both = trial_of(TWO)
    both.doubt(first_key(both, "claim"), "the same again")
    both.fail(first_key(both, other(TWO)), "boom")
    for key in list(both.needs()):
        both.feed(key, draw(TWO, key))
    assert both.done
    assert (both.result().verdict, both.result().reason) == ("failed", "boom")
    assert [failure.error for failure in both.doubts] == ["the same again"]


def test_a_block_that_repeats_is_doubted_by_its_number_and_cell():
    def frozen(cell, rng, size):
        values = np.random.default_rng(1).random(size)  # the same in every block
        return {"heads": values < 0.5, "value": values}

    result = decide(coin(simulate=frozen, expect=COIN.expect, cap=256))
    assert result.verdict == "suspect"
    assert "it repeats block 0 of cell p=0.5 bit for bit" in result.reason
    alone = coin(simulate=frozen, cells=Cells(), expect=(Probability("heads").at_least(0.4),))
    kept = replace(alone, controls=COIN.controls[:1], cap=256)
    assert "it repeats block 0 bit for bit" in decide(kept).reason


def test_a_failed_block_is_not_used_and_its_world_asks_for_no_more():
    trial = trial_of(TWO)
    key = next(trial.needs())
    trial.fail(key, "boom")
    for other_key in [k for k in trial.needs() if k.world == "claim"]:
        trial.feed(other_key, draw(TWO, other_key))
    assert {k.world for k in trial.needs(9)} == {other(TWO)}
    assert list(trial.used()) == []
    assert trial.failures == [Failure("claim", {"p": 0.5}, 0, "boom", "")]


def test_the_record_of_a_failure_is_made_by_who_runs_the_trial():
    def explain(key, error):
        return Failure(key.world, dict(key.cell), key.block, error, f"repeat {key.block}")

    trial = trial_of(coin(controls=COIN.controls[:1]), explain=explain)
    trial.fail(next(trial.needs()), "boom")
    assert trial.result().failures[0].command == "repeat 0"


def test_it_waits_for_the_claim_first_then_for_a_control():
    trial = trial_of(COIN)
    assert trial.waits_for() is trial.own.checks[0]
    own = [key for key in trial.needs(9999) if key.world == "claim"]
    for key in own:
        if key in list(trial.needs()):
            trial.feed(key, draw(COIN, key))
    assert trial.worlds["claim"].done
    waiting = trial.waits_for()
    assert waiting is not None
    assert waiting not in trial.own.checks
    finished = trial_of(ARITHMETIC)
    finished.feed(next(finished.needs()), draw(ARITHMETIC, next(finished.needs())))
    assert finished.waits_for() is None


def test_what_is_only_shown_is_never_waited_for():
    trial = trial_of(coin(expect=(Mean("value").shown(), COIN.expect[0])))
    assert trial.waits_for() is trial.own.checks[1]


def test_the_error_is_the_claim_s_share_and_arithmetic_has_none():
    assert decide(COIN).alpha == ledger.alpha(COIN)
    assert trial_of(COIN, share=0.25).result().alpha == pytest.approx(ledger.alpha(COIN) / 4)
    assert decide(ARITHMETIC).alpha == 0.0


@pytest.mark.parametrize("worlds", [0, 1, 3])
def test_false_alarms_of_all_worlds_together_have_a_twentieth_of_the_claim_s_share(worlds):
    broken = [BrokenWorld(f"world {n}", simulate=toss) for n in range(worlds)]
    trial = trial_of(coin(controls=(COIN.controls[0], *broken)), share=0.5)
    columns = ("heads", "value")
    total = 0.0
    for world in trial.worlds.values():
        watched = world.watch.columns
        assert sorted(watched) == sorted(columns)
        tests = 4 * len(columns)
        total += tests * np.exp(-next(iter(watched.values())).threshold)
    assert total == pytest.approx(SHARE * ledger.alpha(COIN) * 0.5)


def test_computed_worlds_are_not_watched_and_take_one_block():
    trial = trial_of(ARITHMETIC)
    assert dict(trial.worlds["claim"].watch.columns) == {}
    assert [key.block for key in trial.needs(50)] == [0]


def test_a_missing_column_is_told_with_those_that_are_there_and_nothing_is_taken():
    trial = trial_of(COIN)
    key = next(trial.needs())
    with pytest.raises(OutcomeError, match=r"'value' .*returned were: heads, tails\."):
        trial.feed(key, {"heads": np.ones(64, bool), "tails": np.ones(64)})
    assert key in list(trial.needs())


def test_an_error_of_ours_speaks_for_itself_and_another_is_named():
    assert said(OutcomeError("mend it")) == "mend it"
    assert said(ZeroDivisionError("by zero")) == "ZeroDivisionError: by zero"


def test_controls_are_listed_as_the_claim_lists_them_with_their_kinds():
    world, theory = COIN.controls[1], COIN.controls[0]
    result = decide(coin(controls=(world, theory)))
    assert [(c.name, c.kind) for c in result.controls] == [
        ("a loaded coin", "broken world"),
        ("nine of ten", "false theory"),
    ]


def test_surviving_and_undecided_controls_are_all_named():
    survivors = tuple(
        FalseTheory(name, Probability("heads").at_least(bound))
        for name, bound in (("a third", 0.3), ("a quarter", 0.25))
    )
    result = decide(coin(controls=survivors))
    assert result.reason == "not refuted by the same rule: control 'a third', 'a quarter'"


def test_a_control_that_is_open_in_one_cell_and_holds_in_another_is_undecided():
    def bound(cell):
        return 0.4999 if cell.p == 0.5 else 0.1

    theory = FalseTheory("open and inside", Probability("heads").at_least(bound))
    wide = (Probability("heads").within(0.2, 0.8),)
    result = decide(coin(cells=Cells(p=(0.5, 0.55)), expect=wide, controls=(theory,), cap=512))
    (control,) = result.controls
    assert [check.status for check in control.checks] == ["open", "inside"]
    assert (control.fate, result.verdict) == ("undecided", "undecided")


def test_an_exact_check_of_a_control_is_a_sampled_one_where_the_data_are_drawn():
    theory = FalseTheory("both sides up", Exact("heads").at_least(2))
    drawn = decide(coin(controls=(theory, COIN.controls[1])))
    evidence = [[check.evidence for check in control.checks] for control in drawn.controls]
    assert evidence == [["sampled identity"], ["statistical", "statistical"]]
    (control,) = decide(ARITHMETIC).controls
    assert [check.evidence for check in control.checks] == ["exact"]


def test_a_key_is_a_value():
    cell = next(iter(COIN.worlds(Effort.SMOKE)[0].cells))
    assert BlockKey("claim", cell, 0) == BlockKey("claim", cell, 0) != BlockKey("claim", cell, 1)
