"""The ground of every check: its grade, its words, and what an approximate one does not decide."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from checking import judge, look_at, outcomes
from coins import COIN, coin
from scipy import stats
from trials import decide

from refutable import (
    Distribution,
    Exact,
    ExactSlope,
    FalseTheory,
    Mean,
    Printed,
    Probability,
    Quantile,
    RateOfMean,
    RatioOfMeans,
    Slope,
    Symbolic,
)
from refutable.deciding.guarantee import UNGRADED, approximate, weakest
from refutable.deciding.results import ClaimResult
from refutable.interface.views import grounds
from refutable.running.progress import verdict_text

SIZES = (10, 20, 40, 80)
GROUNDS = {
    "theorem: Ville's inequality, beta-binomial mixture": Probability("event"),
    "theorem: betting, bounds [0, 99]": Mean("x", bounds=(0, 99)),
    "theorem: Catoni, variance at most 4": Mean("x", variance_at_most=4),
    "theorem: betting, bounds [-9, 99] and [0, 99]": RatioOfMeans(
        "num", "den", bounds=((-9, 99), (0, 99))
    ),
    "theorem: quantile: Bernoulli; q = 0.9": Quantile("x", 0.9),
    "theorem: quantile: Bernoulli; q = 0.5": Slope("loss", SIZES),
    "theorem: betting at each of 4 sizes, bounds [0, 1]": RateOfMean("loss", SIZES, bounds=(0, 1)),
    "theorem: DKW, at a schedule of looks": Distribution("x", lambda cell: stats.expon.cdf),
    "computed: every value that was seen": Exact("x"),
}
ROUGH = "approximate: block means of 8 are about normal, up to skewness"
RARE = "events rarer than 1 in 98 are not excluded"  # 37 blocks of 8
APPROXIMATE = [
    (f"{ROUGH}; {RARE}", Mean("x")),
    (f"{ROUGH}; {RARE}", RatioOfMeans("num", "den")),
    (f"{ROUGH}; linearised; {RARE}", RateOfMean("loss", SIZES)),
]


@pytest.mark.parametrize(("label", "functional"), [*GROUNDS.items(), *APPROXIMATE])
def test_every_functional_says_on_what_its_error_stands(label, functional):
    check = judge(functional.shown(), outcomes(np.random.default_rng(0), 300))
    assert check.result().guarantee.label == label


def test_what_is_computed_says_so():
    for functional in (ExactSlope("loss", SIZES).near(0, 9).parts[0], Exact("x").equals(1)):
        columns = {"loss": np.ones((1, 4)), "x": np.ones(1)}
        assert judge(functional, columns).result().guarantee.grade == "computed"
    for functional in (Printed("x").prints("1"), Symbolic("s").holds()):
        columns = {"x": np.array(["1"]), "s": np.array(["proved"])}
        assert judge(functional, columns).result().guarantee.grade == "computed"


@pytest.mark.parametrize(("seen", "m"), [(300, 100), (64, 21), (3, 1)])
def test_the_rare_events_that_a_sample_does_not_exclude(seen, m):
    assert approximate("x", seen).detail == f"events rarer than 1 in {m} are not excluded"
    assert (1 - 1 / m) ** seen < 0.05 < (1 - 1 / (m + 1)) ** seen * 1.3


def test_the_weakest_grade_is_that_of_a_chain():
    assert weakest(["theorem", "computed"]) == "theorem"
    assert weakest(["theorem", "approximate", "computed"]) == "approximate"
    assert weakest(["theorem", "of another version"]) == "unknown"
    assert weakest([]) == "unknown"


def test_a_verdict_carries_the_weakest_grade_of_the_checks_that_decide():
    both = decide(COIN)  # a probability and a mean
    assert (both.grade, both.graded) == ("approximate", "supported (approximate)")
    assert str(verdict_text(both)) == "supported (approximate)"
    sure = decide(coin(expect=(COIN.expect[0], Mean("value").shown())))
    assert (sure.grade, sure.graded) == ("theorem", "supported")
    low = coin(expect=(Mean("value").at_least(3),), controls=COIN.controls[:1])
    assert decide(low).graded == "refuted (approximate)"
    assert replace(both, verdict="undecided").graded == "undecided"


def test_grades_survive_json_and_old_results_have_none():
    result = decide(COIN)
    stored = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert ClaimResult.from_json(stored) == result
    for check in stored["checks"]:
        del check["guarantee"]
    old = ClaimResult.from_json(stored)
    assert {check.guarantee for check in old.checks} == {UNGRADED}
    assert (old.grade, old.graded) == ("unknown", "supported")


def test_the_ground_of_every_functional_is_told_below_its_table():
    told = [str(line) for line in grounds(decide(COIN).checks)]
    assert [line.split(":")[:2] for line in told] == [
        ["Ground of P(heads)", " theorem"],
        ["Ground of E[value]", " approximate"],
    ]


@pytest.mark.parametrize(
    "functional", [Mean("x"), RatioOfMeans("num", "den"), RateOfMean("loss", SIZES)]
)
def test_approximate_means_are_not_judged_before_64_replicates(functional):
    columns = outcomes(np.random.default_rng(1), 64)
    columns["x"] = np.random.default_rng(1).normal(size=64)
    few = {name: values[:56] for name, values in columns.items()}
    assert look_at(functional, few, alpha=0.2).interval.lower == -math.inf
    assert look_at(functional, columns, alpha=0.2).interval.lower > -math.inf


def test_one_replicate_that_carries_a_sum_keeps_an_approximate_mean_open():
    x = np.random.default_rng(2).normal(size=4000)
    assert judge(Mean("x").near(0, 1), {"x": x}).status == "inside"
    x[1234] = 40.0  # 1600 of 5600 in squares
    check = judge(Mean("x").near(0, 1), {"x": x})
    assert check.status == "open"
    deviations = (x - x.mean()) ** 2
    share = deviations.max() / deviations.sum()
    assert f"largest share of one replicate {share:.0%}: too much" in check.result().detail
    x[1234] = -30.0  # 900 of 4900
    assert judge(Mean("x").near(0, 1), {"x": x}).status == "inside"


def test_rare_means_are_never_plainly_supported():
    """E x = .1, a thousandth of the mass at 100; the claim says 0 and its controls see nothing."""

    def rare(cell, rng, size):
        return {"x": 0.1 * rng.standard_normal(size) + 100.0 * (rng.random(size) < 1e-3)}

    claim = coin(
        simulate=rare,
        expect=(Mean("x").near(0, 0.08),),
        controls=(FalseTheory("one", Mean("x").near(1, 0.08)),),
        block=200,
        cap=40_000,
    )
    assert decide(claim).graded != "supported"
    bounded = Mean("x", bounds=(-10, 101))
    declared = replace(
        claim,
        expect=(bounded.near(0, 0.08),),
        controls=(FalseTheory("one", bounded.near(1, 0.08)),),
    )
    assert decide(declared).verdict in ("refuted", "undecided", "toothless")


def test_a_rare_loss_of_one_is_not_overlooked_by_a_bounded_mean():
    def loss(cell, rng, size):
        return {"loss": np.where(rng.random(size) < 1 / 300, 1.0, 0.01 + 0.002 * rng.random(size))}

    mean = Mean("loss", bounds=(0, 1))  # it is .0143
    claim = coin(
        simulate=loss,
        expect=(mean.at_most(0.0115),),
        controls=(FalseTheory("f", mean.at_most(0.005)),),
        block=400,
        cap=20_000,
    )
    assert decide(claim).verdict != "supported"
