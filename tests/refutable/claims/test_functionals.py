"""What an author writes of a functional: how it reads, what it could be, what is refused."""

import math

import numpy as np
import pytest

from refutable import (
    Cell,
    Certificate,
    Distribution,
    Evidence,
    Exact,
    ExactSlope,
    Mean,
    Printed,
    Probability,
    Quantile,
    RateOfMean,
    RatioOfMeans,
    Slope,
    Symbolic,
)
from refutable.claims.expectations.means import bounds_at

CELL = Cell({"n": 4, "p": 0.25})
SIZES = (10, 20, 40, 80)


def flat(cell, sizes):
    return np.ones(len(sizes))


READS = [
    (Probability("hit"), "P(hit)", ("hit",)),
    (Mean("x"), "E[x]", ("x",)),
    (RatioOfMeans("a", "b"), "E[a] / E[b]", ("a", "b")),
    (Quantile("x"), "median of x", ("x",)),
    (Quantile("x", 0.95), "0.95-quantile of x", ("x",)),
    (Distribution("x", flat), "sup |F - F_predicted| of x", ("x",)),
    (Exact("x"), "x", ("x",)),
    (Symbolic("x"), "identity x", ("x",)),
    (Slope("l", SIZES), "median slope of log(l)", ("l",)),
    (Slope("l", SIZES, flat, 2), "median slope of log(l / curve) from 40 up", ("l",)),
    (ExactSlope("l", SIZES, None, 1), "slope of log(l) from 20 up", ("l",)),
    (RateOfMean("l", SIZES), "slope of log(E[l])", ("l",)),
    (RateOfMean("l", SIZES, flat), "slope of log(E[l] / curve)", ("l",)),
    (Printed("x", {"round": "y", "cut": "z"}), "x reproduces the printed number", ("x", "y", "z")),
]


@pytest.mark.parametrize(("functional", "label", "outcomes"), READS)
def test_a_functional_reads_as_people_write_it(functional, label, outcomes):
    assert (functional.label, functional.outcomes) == (label, outcomes)


def test_an_agreement_says_with_what_and_by_which_convention():
    printed = Printed("x", {"cut": "y"})
    assert printed.prints("1.5").functional.label == "x reproduces 1.5"
    only = printed.prints_only_under("cut", "1.5").functional
    assert only.label == "x reproduces 1.5 only under 'cut'"
    assert printed.prints(lambda cell: "1").functional.label == "x reproduces the printed number"
    with pytest.raises(ValueError, match=r"'round' is not one of \['cut'\]"):
        printed.prints_only_under("round", "1.5")


ENDLESS = (-math.inf, math.inf)
SPANS = [
    (Probability("x"), (0.0, 1.0)),
    (Distribution("x", flat), (0.0, 1.0)),
    (Mean("x", bounds=(-1, lambda cell: cell.n)), (-1.0, 4.0)),
    (Mean("x"), ENDLESS),
    (Mean("x", variance_at_most=1), ENDLESS),
    (RatioOfMeans("a", "b"), ENDLESS),
    (Quantile("x"), ENDLESS),
    (Exact("x"), ENDLESS),
    (RateOfMean("l", SIZES, bounds=(0, 1)), ENDLESS),
]


@pytest.mark.parametrize(("functional", "span"), SPANS)
def test_what_it_could_be(functional, span):
    assert functional.could_be(CELL) == span


def test_only_agreements_and_identities_answer_yes_or_no():
    for functional, _, _ in READS:
        assert functional.yes_or_no == isinstance(functional, Printed | Symbolic)


def test_on_what_evidence_each_stands():
    by_chance = {functional.evidence for functional, *_ in READS if functional.outcomes == ("l",)}
    assert by_chance == {Evidence.STATISTICAL, Evidence.EXACT}
    assert ExactSlope("l", SIZES).evidence is Exact("x").evidence is Evidence.EXACT
    assert Printed("x").evidence is Evidence.EXACT
    assert Certificate("x").evidence is Evidence.CERTIFIED
    assert Symbolic("x").evidence is Evidence.SYMBOLIC
    assert Mean("x").evidence is Slope("l", SIZES).evidence is Evidence.STATISTICAL


def region(expectation):
    resolved = expectation.region.at(CELL)
    return resolved.lower, resolved.upper, resolved.predicted


def test_the_regions_that_can_be_written():
    mean = Mean("x")
    assert region(mean.at_least(1, predicted=2)) == (1.0, math.inf, 2.0)
    assert region(mean.at_most(1, predicted=0.5)) == (-math.inf, 1.0, 0.5)
    assert region(mean.within(1, 3, predicted=2)) == (1.0, 3.0, 2.0)
    assert region(mean.near(2, 0.5)) == (1.5, 2.5, 2.0)
    assert region(mean.shown(2)) == (-math.inf, math.inf, 2.0)
    assert region(Exact("x").equals(2)) == (2.0, 2.0, 2.0)
    assert region(Exact("x").equals(2, 0.5)) == (1.5, 2.5, 2.0)
    for yes in (Printed("x").prints("1"), Symbolic("x").holds()):
        assert region(yes) == (1.0, math.inf, None)
    distance = Distribution("x", flat)
    assert region(distance.within(0.1)) == (-math.inf, 0.1, None)
    assert region(distance.within(0.1, predicted=0.0)) == (-math.inf, 0.1, 0.0)
    assert region(distance.within(0.1, 0.3, predicted=0.2)) == (0.1, 0.3, 0.2)


def test_what_is_shown_decides_nothing_and_the_rest_does():
    mean = Mean("x")
    assert not mean.shown(1).decides
    assert all(e.decides for e in (mean.at_least(1), mean.at_most(1), mean.near(0, 0)))


@pytest.mark.parametrize("bounds", [(0, 0), (1, 0), (0, math.inf), (-math.inf, 0), (None, 1)])
def test_bounds_are_two_finite_numbers_in_order(bounds):
    with pytest.raises(ValueError, match="must be finite, in order"):
        bounds_at(bounds, CELL)
    assert bounds_at((-1, 0), CELL) == (-1.0, 0.0)
    assert bounds_at((lambda cell: cell.p, 1), CELL) == (0.25, 1.0)


@pytest.mark.parametrize("bounds", [(1,), (1, 2, 3), 5, "01", {0, 1}])
def test_bounds_are_a_pair(bounds):
    for make in (
        lambda: Mean("x", bounds=bounds),
        lambda: RatioOfMeans("a", "b", bounds=bounds),
        lambda: RatioOfMeans("a", "b", bounds=(bounds, (0, 1))),
        lambda: RatioOfMeans("a", "b", bounds=((0, 1), bounds)),
        lambda: RateOfMean("l", SIZES, bounds=bounds),
    ):
        with pytest.raises(ValueError, match="must be a pair"):
            make()


def test_bounds_are_kept_as_tuples():
    assert Mean("x", bounds=[0, 1]).bounds == (0, 1)
    assert RatioOfMeans("a", "b", bounds=[[0, 1], [0, 2]]).bounds == ((0, 1), (0, 2))
    assert Mean("x").bounds is RatioOfMeans("a", "b").bounds is None


def test_bounds_and_a_variance_are_not_declared_together():
    with pytest.raises(ValueError, match="not both"):
        Mean("x", bounds=(0, 1), variance_at_most=1)
    assert Mean("x", variance_at_most=0.5).variance_at_most == 0.5


@pytest.mark.parametrize(
    "sizes",
    [(), (1,), (1, 1), (2, 1), (1, 3, 2), (0, 1), (-1, 1), (1, math.inf), (1, math.nan, 4),
     (math.nan, 1), (1, math.nan)],
)  # fmt: skip
def test_a_ladder_has_two_or_more_sizes_that_grow_and_have_logarithms(sizes):
    for kind in (Slope, ExactSlope, RateOfMean):
        with pytest.raises(ValueError, match="sizes="):
            kind("l", sizes)


def test_a_slope_starts_where_two_sizes_are_left():
    for kind in (Slope, ExactSlope, RateOfMean):
        assert kind("l", (1, 2)).sizes == (1.0, 2.0)
        assert kind("l", SIZES, start_at=2).start_at == 2
        for place in (-1, 3, 4):
            with pytest.raises(ValueError, match=f"start_at={place} must leave two.* 0 to 2"):
                kind("l", SIZES, start_at=place)


def test_a_part_of_a_ladder_keeps_all_the_rest():
    for whole in (
        Slope("l", SIZES, flat, n=4),
        ExactSlope("l", SIZES, flat, n=4),
        RateOfMean("l", SIZES, flat, bounds=(0, 1), n=4),
    ):
        part = whole.from_size(1)
        assert type(part) is type(whole)
        assert part.start_at == 1
        assert part.from_size(0) == whole


@pytest.mark.parametrize("q", [0, 1, -0.5, 1.5, math.nan])
def test_a_quantile_lies_strictly_between_the_ends(q):
    with pytest.raises(ValueError, match="0 < q < 1"):
        Quantile("x", q)
    assert Quantile("x", 0.999).q == 0.999


def test_a_filter_selects_and_a_bound_that_is_none_is_silent():
    elsewhere = Mean("x", n=5).at_most(1)
    silent = Mean("x", n=4).at_most(lambda cell: None)
    assert (elsewhere.selects(CELL), elsewhere.speaks_of(CELL)) == (False, False)
    assert (silent.selects(CELL), silent.speaks_of(CELL)) == (True, False)
    assert Mean("x", n=4).at_most(1).speaks_of(CELL)
