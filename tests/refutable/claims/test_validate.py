"""Badly formed claims: each is told what is wrong and how to mend it."""

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin, toss

from refutable import (
    BrokenWorld,
    ByEffort,
    Cells,
    FalseTheory,
    Mean,
    Probability,
    RateOfMean,
    Slope,
    Verdict,
)
from refutable.claims.records import Evidence
from refutable.claims.validate import check
from refutable.errors import ClaimError


def test_good_claims_pass():
    check(COIN)
    check(ARITHMETIC)


BAD = {
    "id": (dict(id="dice.fair"), "form coins"),
    "id case": (dict(id="coins.Fair"), "form coins"),
    "no statement": (dict(statement=" "), "statement is empty"),
    "no limits": (dict(does_not_show=""), "does_not_show is empty"),
    "scope": (dict(scope="as stated by me"), "not a Scope"),
    "why": (dict(expected=Verdict.REFUTED), "without saying why"),
    "both": (dict(compute=lambda cell: {}), "exactly one of simulate and compute"),
    "neither": (dict(simulate=None), "exactly one of simulate and compute"),
    "uncallable": (dict(simulate=3), "not callable"),
    "id of none": (dict(id=None), "not a text"),
    "no paper": (dict(paper="Coins 2020"), "not a Paper"),
    "verdict": (dict(expected="refuted"), "not a Verdict"),
    "grid": (dict(cells={"p": 0.5}), "not a grid"),
    "grids": (dict(cells=ByEffort(Cells(), Cells(), None)), "not a grid"),
    "cap": (dict(cap="many"), "cap='many' is not a whole number"),
    "half a block": (dict(block=2.5), "block=2.5 is not a whole number"),
    "figure": (dict(figure="p"), "not an Axis"),
    "name": (dict(controls=(FalseTheory(3, *COIN.expect),)), "name 3 is not a text"),
    "theory": (dict(controls=(FalseTheory("x", COIN.expect),)), "not a tuple of expectations"),
    "world": (
        dict(controls=(BrokenWorld("x", simulate=lambda *_: {}, expect=COIN.expect[0]),)),
        "not a tuple of expectations",
    ),
    "world's grid": (
        dict(controls=(BrokenWorld("x", simulate=lambda *_: {}, cells=3),)),
        "are not a grid",
    ),
    "no expectation": (dict(expect=()), "no expectation has a region"),
    "half an expectation": (dict(expect=(Probability("heads"),)), "not a tuple of expectations"),
    "no tuple of expectations": (dict(expect=COIN.expect[0]), "not a tuple of expectations"),
    "a number expected": (dict(expect=3), "not a tuple of expectations"),
    "an assumption": (dict(assumptions="fair"), "not a tuple of texts"),
    "a control": (dict(controls=COIN.controls[0]), "controls is not a tuple"),
    "only shown": (dict(expect=(Probability("heads").shown(),)), "no expectation has a region"),
    "block": (dict(block=0), "must be positive"),
    "shrinking caps": (dict(cap=ByEffort(3, 2, 1)), "shrink with the effort"),
    "weight": (dict(weight=0.5), "not a Fraction"),
    "no control": (dict(controls=()), "has no control"),
    "not a control": (dict(controls=("nonsense",)), "is not a control"),
    "empty theory": (dict(controls=(FalseTheory("x"),)), "states nothing"),
    "same theory": (dict(controls=(FalseTheory("x", COIN.expect[0]),)), "says the same"),
    "same world": (dict(controls=(BrokenWorld("x", simulate=toss),)), "claim's own world"),
    "twice": (dict(controls=COIN.controls + COIN.controls), "same name"),
    "no cell": (dict(expect=(Probability("heads", p=0.7).at_least(0.5),)), "selects no cell"),
    "no cells": (dict(cells=Cells.of()), "has no cells"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_claims_are_told_what_and_how(name):
    changes, message = BAD[name]
    with pytest.raises(ClaimError, match=message) as caught:
        check(coin(**changes))
    assert caught.value.mend


def test_the_weakest_evidence_counts():
    assert COIN.evidence is Evidence.STATISTICAL
    assert ARITHMETIC.evidence is Evidence.EXACT


def test_the_drift_guard_of_a_slope_is_a_check_of_its_own():
    from refutable import Slope

    slope = Slope("loss", (1, 2, 4, 8)).near(0, 0.1)
    assert [part.region.margin for part in slope.parts] == [0.1, 0.2]
    assert slope.parts[1].functional.label.endswith("from 4 up")


def test_a_mean_and_a_probability_of_one_column_are_different_expectations():
    assert Mean("x").at_most(1).identity != Probability("x").at_most(1).identity
    assert Mean("x").at_most(1).identity == Mean("x").at_most(1.0).identity
    assert Mean("x", n=1).at_most(1).identity != Mean("x", n=2).at_most(1).identity
    assert Mean("x", n=1).at_most(1).identity == Mean("x", n=np.int64(1)).at_most(1).identity


def test_a_false_curve_or_law_is_a_false_theory():
    from refutable import Distribution, Slope

    one, two = (Slope("x", (1, 2, 4), curve=curve).near(0, 1) for curve in (_one, _two))
    assert one.identity != two.identity
    assert one.identity == Slope("x", (1, 2, 4), curve=_one).near(0, 1).identity
    laws = [Distribution("x", cdf=law).within(0.1) for law in (_one, _two)]
    assert laws[0].identity != laws[1].identity


def _one(*arguments):
    return 1


def _two(*arguments):
    return 2


def rate(functional, formula):
    def simulate(cell, rng, size):
        return {"loss": rng.random((size, 2)) + 0.5}

    false = FalseTheory("another rate", functional.near(-1, 0.1))
    return coin(
        simulate=simulate, formula=formula, expect=(functional.near(-0.5, 0.1),), controls=(false,)
    )


def test_a_formula_about_an_expected_loss_is_not_tried_by_the_typical_one():
    said = "EE L_n = Theta(n^(-1/2))"
    with pytest.raises(ClaimError, match="Use RateOfMean"):
        check(rate(Slope("loss", (1, 2)), said))
    for functional, formula in (
        (RateOfMean("loss", (1, 2)), said),
        (Slope("loss", (1, 2)), 'op("med") L_n = Theta(n^(-1/2)), quad EE X^2 = 1'),
        (Slope("loss", (1, 2)), "L_n = Theta(n^(-1/2))"),
    ):
        check(rate(functional, formula))
