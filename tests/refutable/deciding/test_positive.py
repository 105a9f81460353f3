"""Positive controls: what is right beside a claim, and the same rule must support."""

from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin, toss, toss_biased
from trials import decide

from refutable import (
    BrokenWorld,
    Cells,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    MendedWorld,
    Probability,
    RightTheory,
    Verdict,
)
from refutable.claims.cells import Cell
from refutable.claims.describe import record
from refutable.claims.reading import problems as unread
from refutable.claims.teeth import untouched
from refutable.claims.validate import problems
from refutable.deciding.ledger import SUITE_ERROR, Levels, positive_levels, spends
from refutable.deciding.prospects import prospects
from refutable.deciding.results import ClaimResult
from refutable.running.progress import controls_fate
from refutable.storing.terms import differences, terms

OWNED = SUITE_ERROR / 2048
HALF = RightTheory("one half", Probability("heads").near(0.5, 0.1))
FAIR = MendedWorld("a fair coin", simulate=toss, judged_by="heads")


def unfair(**changes):
    """Return a claim that is expected to be refuted: nine heads of ten."""
    made = {
        "expect": (Probability("heads").near(0.9, 0.05),),
        "controls": (FalseTheory("three of four", Probability("heads").near(0.75, 0.15)),),
        "expected": Verdict.REFUTED,
        "why": "the coin is fair",
        **changes,
    }
    return coin(**made)


def test_a_refuted_claim_whose_right_value_is_supported_stands():
    result = decide(unfair(positive=(HALF,)))
    assert (result.verdict, result.as_expected) == ("refuted", True)
    (half,) = result.positive
    assert (half.name, half.kind, half.fate) == ("one half", "right theory", "supported")
    assert half.checks[0].replicates > result.checks[0].replicates, "it asks until it is decided"
    assert controls_fate(result) == "1/1 controls refuted; 1/1 positive controls supported"


def test_a_rule_that_refutes_what_is_right_is_toothless_whatever_the_claim_says():
    wrong = RightTheory("six of ten", Probability("heads").near(0.7, 0.1))
    result = decide(unfair(positive=(HALF, wrong)))
    assert result.verdict == "toothless"
    assert result.reason == "refuted by the same rule: positive control 'six of ten'"
    assert [control.fate for control in result.positive] == ["supported", "refuted"]
    assert controls_fate(result).endswith(
        "1/2 positive controls supported; not supported: six of ten"
    )
    assert decide(coin(positive=(wrong,))).verdict == "toothless"


def test_a_positive_control_that_needs_more_data_leaves_the_claim_undecided():
    narrow = RightTheory("one half", Probability("heads").near(0.5, 0.001))
    result = decide(unfair(positive=(narrow,), cap=2048))
    assert result.verdict == "undecided"
    assert result.reason == "not enough data to support positive control 'one half'"


def test_all_checks_of_a_positive_control_must_hold():
    mixed = RightTheory("two", Probability("heads").near(0.5, 0.1), Mean("value").at_least(0.9))
    assert decide(unfair(positive=(mixed,))).positive[0].fate == "refuted"


def test_a_mended_world_is_judged_by_the_claims_rule_on_data_of_its_own():
    def loaded(cell, rng, size, bias=4.0):
        return toss(Cell({"p": cell.p / bias}), rng, size)

    claim = coin(
        simulate=loaded,
        expect=(Probability("heads").near(0.5, 0.1),),
        controls=(BrokenWorld("three times", change={"bias": 3.0}),),
        positive=(MendedWorld("without the bias", change={"bias": 1.0}),),
        expected=Verdict.REFUTED,
        why="it is loaded",
    )
    result = decide(claim)
    assert (result.verdict, result.positive[0].fate) == ("refuted", "supported")
    assert result.positive[0].kind == "mended world"
    unmended = replace(claim, positive=(MendedWorld("half of it", change={"bias": 2.0}),))
    assert decide(unmended).verdict == "toothless"


def test_computed_claims_have_them_too():
    claim = replace(
        ARITHMETIC,
        expect=(Exact("sides").equals(3),),
        controls=(FalseTheory("four", Exact("sides").equals(4)),),
        positive=(RightTheory("two", Exact("sides").equals(2)),),
    )
    result = decide(claim)
    assert (result.verdict, result.positive[0].fate) == ("refuted", "supported")


def test_its_checks_are_inside_at_the_whole_share_and_outside_at_the_share_over_all_of_them():
    cells = (Cell({"p": 0.5}), Cell({"p": 0.6}))
    both = unfair(positive=(HALF, FAIR))
    assert positive_levels(both, HALF.expect, cells) == Levels(OWNED, OWNED / 4)
    assert positive_levels(both, HALF.expect, cells[:1], 0.5) == Levels(OWNED / 2, OWNED / 4)
    assert decide(unfair(positive=(HALF,))).positive[0].checks[0].alpha == OWNED
    chance = replace(ARITHMETIC, simulate=toss, compute=None, positive=(HALF,))
    assert spends(chance)


def test_what_is_supported_touches_no_functional():
    heads = FalseTheory("nine of ten", Probability("heads").at_least(0.9))
    world = MendedWorld("x", simulate=toss_biased)
    claim = coin(controls=(heads,), positive=(world,))
    assert untouched(claim) == ("E[value]",)


def test_the_terms_of_a_verdict_hold_them():
    before = terms(unfair(), Effort.SMOKE)
    assert differences(before, terms(unfair(positive=(HALF,)), Effort.SMOKE)) == [
        "what P(heads) is by control 'one half'"
    ]
    assert "the grid of control 'a fair coin'" in terms(unfair(positive=(FAIR,)), Effort.SMOKE)


def test_results_go_through_json_and_older_ones_have_none():
    result = decide(unfair(positive=(HALF,)))
    assert ClaimResult.from_json(result.to_json()) == result
    older = {k: v for k, v in result.to_json().items() if k != "positive"}
    assert ClaimResult.from_json(older).positive == ()
    assert record(unfair(positive=(HALF,)), "here")["positive"] == [
        {"name": "one half", "kind": "right theory", "words": "one half"}
    ]


@pytest.mark.parametrize(
    ("positive", "said"),
    [
        ((FalseTheory("x", Probability("heads").at_least(0.1)),), "is not a positive control"),
        ((BrokenWorld("x", simulate=toss_biased),), "is not a positive control"),
        ((RightTheory("x", Probability("heads").shown()),), "states nothing that could be refuted"),
        ((RightTheory("", Probability("heads").at_least(0.1)),), "is not a text"),
        ((RightTheory("x", *COIN.expect),), "says the same as the claim"),
        ((HALF, HALF), "two of its controls have the same name"),
        ((RightTheory("nine of ten", *HALF.expect),), "two of its controls have the same name"),
        ((MendedWorld("x"),), "is the claim's own world"),
        ("HALF", "positive is not a tuple"),
        (HALF, "positive is not a tuple"),
    ],
)
def test_what_is_no_positive_control_is_refused(positive, said):
    assert said in " ".join(problem for problem, _ in problems(coin(positive=positive)))


def test_a_positive_control_is_not_one_that_must_be_refuted():
    for wrong in (HALF, FAIR):
        assert "is not a control" in next(problems(coin(controls=(wrong,))))[0]


def test_what_it_reads_is_looked_at_as_what_the_claim_reads():
    nowhere = RightTheory("x", Probability("heads", p=0.7).at_least(0.1))
    assert any("selects no cell" in problem for problem, _ in unread(coin(positive=(nowhere,))))
    reading = RightTheory("x", Probability("heads", p=0.6).near(0.6, 0.1))
    grid = dict(
        cells=Cells(p=(0.5, 0.6)),
        expect=(Probability("heads", p=0.5).near(0.5, 0.1),),
        controls=(FalseTheory("nine of ten", Probability("heads", p=0.5).at_least(0.9)),),
    )
    assert any("no expectation reads" in problem for problem, _ in unread(coin(**grid)))
    assert not list(unread(coin(**grid, positive=(reading,))))


def test_a_plan_takes_the_right_value_for_the_truth():
    found = {p.group: p for p in prospects(unfair(positive=(HALF,)), Effort.SMOKE)}
    assert found["claim"].refuted > 0.99
    assert found["one half"].supported > 0.9
    assert found["three of four"].refuted > 0.99
    assert np.isfinite(found["one half"].replicates)
