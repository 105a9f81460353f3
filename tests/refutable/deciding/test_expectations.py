"""Functionals of sampled data against numpy, scipy and the kernels; where their intervals lie."""

import math
from dataclasses import replace

import numpy as np
import pytest
from checking import ALPHA, CELL, SIZES, blocks_of, judge, look_at, outcomes
from coins import COIN, coin
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import mstats
from trials import decide, draw

from refutable import (
    Cells,
    Certificate,
    Distribution,
    Effort,
    Exact,
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
from refutable.claims.regions import ResolvedRegion
from refutable.deciding.checks import SHOWN_ERROR
from refutable.deciding.estimating import Look, Status, start
from refutable.deciding.kernels import Interval, bernoulli, empirical, student
from refutable.deciding.trial import Trial
from refutable.errors import OutcomeError


def uniform(cell):
    return stats.uniform.cdf


def eights(x):
    return x[: len(x) // 8 * 8].reshape(-1, 8).mean(axis=1)


def whole(x):
    return x[: len(x) // 8 * 8]


def scatter(x, y):
    return float(((x - x.mean()) * (y - y.mean())).sum())


def of_probability(c):
    n, s = len(c["event"]), int(c["event"].sum())
    return s / n, bernoulli.interval(s, n, ALPHA), math.sqrt(s * (n - s) / n**3)


def of_mean(c):
    m = eights(c["x"])
    skewness = stats.skew(whole(c["x"])) / math.sqrt(8)
    interval = student.interval(len(m), m.mean(), scatter(m, m), ALPHA, skewness)
    return m.mean(), interval, stats.sem(m)


def of_ratio(c):
    a, b = eights(c["num"]), eights(c["den"])
    ratio = a.mean() / b.mean()
    skewness = stats.skew(whole(c["num"] - ratio * c["den"])) / math.sqrt(8)
    sums = scatter(a, a), scatter(b, b), scatter(a, b)
    interval = student.ratio_interval(len(a), a.mean(), b.mean(), *sums, ALPHA, skewness)
    return ratio, interval, stats.sem(a - ratio * b) / b.mean()


def of_quantile(c):
    estimate = float(mstats.mquantiles(c["x"], 0.8, alphap=1, betap=1)[0])
    return estimate, empirical.quantile_interval(np.sort(c["x"]), 0.8, ALPHA), None


def of_distribution(c):
    k = int(math.log2(len(c["u"]) / 64)) + 1
    n = 64 * 2 ** (k - 1)
    distance = stats.kstest(c["u"][:n], "uniform").statistic
    radius = math.sqrt(math.log(2 * k * (k + 1) / ALPHA) / (2 * n))
    return distance, Interval(max(0.0, distance - radius), min(1.0, distance + radius)), None


INDEPENDENT = {
    "probability": (Probability("event"), of_probability),
    "mean": (Mean("x"), of_mean),
    "ratio": (RatioOfMeans("num", "den"), of_ratio),
    "quantile": (Quantile("x", 0.8), of_quantile),
    "distribution": (Distribution("u", cdf=uniform), of_distribution),
}


@pytest.mark.parametrize("name", INDEPENDENT)
@pytest.mark.parametrize("size", [100, 509])
def test_estimate_interval_and_standard_error_are_those_of_another_computation(name, size):
    functional, other = INDEPENDENT[name]
    columns = outcomes(np.random.default_rng(size), size)
    estimate, interval, error = other(columns)
    look = look_at(functional, columns)
    assert look.estimate == pytest.approx(estimate, rel=1e-9)
    assert look.interval.lower == pytest.approx(interval.lower, rel=1e-9)
    assert look.interval.upper == pytest.approx(interval.upper, rel=1e-9)
    assert look.standard_error == (None if error is None else pytest.approx(error, rel=1e-9))


@pytest.mark.parametrize("name", [*INDEPENDENT, "slope"])
@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, 299), max_size=12))
def test_the_last_look_knows_nothing_of_the_cut_into_blocks(name, cuts):
    functional = Slope("loss", SIZES) if name == "slope" else INDEPENDENT[name][0]
    columns = outcomes(np.random.default_rng(7), 300)
    one, many = look_at(functional, columns), look_at(functional, columns, cuts)
    assert many.estimate == pytest.approx(one.estimate, rel=1e-9)
    assert many.interval.lower == pytest.approx(one.interval.lower, rel=1e-9)
    assert many.interval.upper == pytest.approx(one.interval.upper, rel=1e-9)
    assert many.detail == one.detail


STATUSES = [
    ((0.4, 0.6), "inside"),
    ((0.4, math.inf), "inside"),
    ((-math.inf, 0.6), "inside"),
    ((0.41, math.inf), "open"),
    ((-math.inf, 0.59), "open"),
    ((0.5, 0.5), "open"),
    ((0.6, math.inf), "open"),  # they touch, so they are not disjoint
    ((-math.inf, 0.4), "open"),
    ((math.nextafter(0.6, 1), 1.0), "outside"),
    ((0.0, math.nextafter(0.4, 0)), "outside"),
]


@pytest.mark.parametrize(("region", "status"), STATUSES)
@pytest.mark.parametrize("functional", [f for f, _ in INDEPENDENT.values()], ids=INDEPENDENT)
def test_status_at_and_near_the_edges_whether_or_not_more_data_will_come(
    functional, region, status
):
    look = Look(0.5, Interval(0.4, 0.6))
    for final in (False, True):
        assert start(functional, CELL).status(look, ResolvedRegion(*region), final) == status


def test_a_one_sided_region_gives_each_end_of_an_interval_the_whole_error():
    columns = outcomes(np.random.default_rng(1), 100)
    for functional in (Probability("event"), Mean("x"), Quantile("x", 0.8)):
        for region in (functional.at_least(0.1), functional.at_most(0.9)):
            assert (
                judge(region, columns).interval == look_at(functional, columns, (), 2e-3).interval
            )
        assert (
            judge(functional.near(1, 0.1), columns).interval
            == look_at(functional, columns).interval
        )


def test_chance_can_only_enlarge_a_distance_so_its_error_is_not_doubled():
    columns = outcomes(np.random.default_rng(1), 100)
    functional = Distribution("u", cdf=uniform)
    assert judge(functional.within(0.3), columns).interval == look_at(functional, columns).interval


REGIONS = [
    (Mean("x").at_least(lambda cell: cell.p), (0.25, math.inf, None), ">= 0.25"),
    (Mean("x").at_most(lambda cell: cell.n, predicted=3), (-math.inf, 4, 3), "<= 4"),
    (Mean("x").within(0, lambda cell: cell.n), (0, 4, None), "in [0, 4]"),
    (Mean("x").near(lambda cell: cell.p, lambda cell: 1 / cell.n), (0, 0.5, 0.25), "in [0, 0.5]"),
    (Mean("x").shown(lambda cell: cell.p), (-math.inf, math.inf, 0.25), "shown only"),
    (Distribution("x", cdf=uniform).within(0.1), (-math.inf, 0.1, None), "<= 0.1"),
    (Distribution("x", cdf=uniform).within(0.1, 0.2), (0.1, 0.2, None), "in [0.1, 0.2]"),
]


@pytest.mark.parametrize(("expectation", "ends", "label"), REGIONS)
def test_bounds_may_depend_on_the_cell(expectation, ends, label):
    region = expectation.region.at(CELL)
    assert (region.lower, region.upper, region.predicted) == ends
    assert region.label == label


@pytest.mark.parametrize("bounds", [(0.5, 0.4), (lambda cell: math.nan, 1), (0.5, lambda c: c.p)])
def test_a_region_that_is_empty_or_nowhere_is_refused(bounds):
    with pytest.raises(ValueError, match=r"n=4,p=0\.25"):
        Mean("x").within(*bounds).region.at(CELL)


@pytest.mark.parametrize(("effort", "most"), [(Effort.SMOKE, 64), (Effort.STANDARD, 256)])
def test_what_is_only_shown_takes_little_data_and_no_error(effort, most):
    columns = outcomes(np.random.default_rng(2), 512)
    blocks = blocks_of(columns, range(32, 512, 32))
    check = judge(Probability("event").shown(0.3), *blocks, effort=effort, close=True)
    assert check.replicates == most
    first = {"event": columns["event"][:most]}
    assert check.last.interval == look_at(Probability("event"), first, (), SHOWN_ERROR).interval
    assert (check.result().status, check.open, check.decides) == ("shown", False, False)


def test_a_decided_check_takes_no_more_data():
    ones, zeros = {"event": np.ones(400, bool)}, {"event": np.zeros(4000, bool)}
    check = judge(Probability("event").at_least(0.5), ones, zeros)
    assert (check.status, check.replicates, check.result().estimate) == (Status.INSIDE, 400, 1.0)
    check = judge(Probability("event").at_least(0.5), zeros, ones, ones)
    assert (check.status, check.replicates, check.result().estimate) == (Status.OUTSIDE, 4000, 0.0)


def test_a_distance_is_looked_at_on_a_geometric_schedule_and_stands_still_between():
    columns = outcomes(np.random.default_rng(3), 600)
    accumulator = start(Distribution("u", cdf=uniform), CELL)
    seen = [accumulator.look(ALPHA).detail]
    for block in blocks_of(columns, range(32, 600, 32)):
        accumulator.add(block)
        seen.append(accumulator.look(ALPHA).detail)
    assert seen[1] == seen[0] == "first look at 64 replicates"
    assert seen[2:4] == ["look 1 at 64 replicates"] * 2
    assert seen[4:8] == ["look 2 at 128 replicates"] * 4
    assert seen[8:16] == ["look 3 at 256 replicates"] * 8
    assert seen[-1] == "look 4 at 512 replicates"


def test_a_distance_is_shown_small_only_by_enough_data():
    """Not rejecting the right law shows nothing: that takes a band narrower than eps."""
    right = {"u": np.random.default_rng(4).random(8192)}
    few = {"u": right["u"][:128]}
    within = Distribution("u", cdf=uniform).within(0.1)
    assert stats.kstest(few["u"], "uniform").pvalue > 0.2
    assert judge(within, few).status is Status.OPEN
    assert judge(within, right).status is Status.INSIDE
    assert judge(within, {"u": right["u"] ** 2}).status is Status.OUTSIDE  # distance 1/4


# --- nothing, one block, constants -------------------------------------------------------------

AVERAGES = [Mean("x"), RatioOfMeans("num", "den"), RateOfMean("loss", SIZES)]
STATISTICAL = [*(f for f, _ in INDEPENDENT.values()), AVERAGES[-1], Slope("loss", SIZES)]


@pytest.mark.parametrize("functional", STATISTICAL, ids=lambda f: f.label)
def test_no_data_give_no_estimate_and_no_verdict(functional):
    look = start(functional, CELL).look(ALPHA)
    assert look.estimate is None
    assert look.standard_error is None
    check = judge(functional.near(0.5, 1e-3), close=True)
    result = check.result()
    assert (check.status, result.estimate, result.replicates) == (Status.OPEN, None, 0)
    assert result.interval == (-math.inf, math.inf)


@pytest.mark.parametrize("functional", AVERAGES, ids=lambda f: f.label)
@pytest.mark.parametrize("size", [1, 7, 8, 15])
def test_a_few_replicates_decide_nothing_however_wide_or_far_the_region(functional, size):
    columns = outcomes(np.random.default_rng(5), size)
    for region in (functional.within(-1e9, 1e9), functional.near(5e8, 1e8)):
        assert judge(region, columns, close=True).status is Status.OPEN
    look = look_at(functional, columns)
    assert (look.estimate is None) == (size < 8)
    assert look.interval == Interval.everything()


@pytest.mark.parametrize("functional", AVERAGES, ids=lambda f: f.label)
@pytest.mark.parametrize("value", [0.0, 0.5, -3.0, 2.0**40])
def test_constants_prove_nothing_about_a_mean_a_ratio_or_a_slope(functional, value):
    columns = {"x": np.full(4000, value), "num": np.full(4000, value), "den": np.full(4000, 2.0)}
    columns["loss"] = np.full((4000, 4), 0.1 + abs(value))
    for region in (functional.within(-1e15, 1e15), functional.near(value + 9, 1)):
        check = judge(region, *blocks_of(columns, (1000, 2500)), close=True)
        assert check.status is Status.OPEN
        assert check.interval == Interval.everything()


@pytest.mark.parametrize("value", [0.1, 1 / 3, -3.3e7])
def test_nor_do_constants_whose_average_is_rounded(value):
    columns = {"x": np.full(4000, value)}
    check = judge(Mean("x").within(-1e9, 1e9), *blocks_of(columns, (999, 2500)), close=True)
    assert (check.status, check.interval) == (Status.OPEN, Interval.everything())


def test_constant_events_and_medians_are_decided_by_their_number():
    always = {"event": np.ones(200, bool), "x": np.full(200, 2.0)}
    assert judge(Probability("event").at_least(0.9), always).status is Status.INSIDE
    never_shown = judge(Probability("event").at_least(1), always)  # by finitely many
    assert never_shown.status is Status.OPEN
    assert judge(Quantile("x").near(2, 0), always).status is Status.INSIDE
    assert judge(Quantile("x").at_least(2.1), always).status is Status.OUTSIDE


# --- columns of a wrong kind -------------------------------------------------------------------

TEXT, TABLE = np.array(["1", "0"] * 8), np.ones((16, 2))
WRONG = [
    (Probability("c"), {"c": TEXT}, "'c' is used as an event.*must be a bool column"),
    (Probability("c"), {"c": TABLE}, r"'c'.*must be a bool column.*shape \(16, 2\)"),
    (Probability("c"), {"c": np.full(16, 0.5)}, "'c'.*must be a bool column.*float64"),
    (Probability("c"), {"c": np.arange(16)}, "'c'.*must be a bool column"),
    (Mean("c"), {"c": TEXT}, "'c' is averaged.*must be a numeric column.*<U1"),
    (Mean("c"), {"c": TABLE}, r"'c'.*must be a numeric column.*\(16, 2\)"),
    (RatioOfMeans("d", "c"), {"d": TABLE[:, 0], "c": TEXT}, "'c'.*must be a numeric column"),
    (RatioOfMeans("c", "d"), {"d": TABLE[:, 0], "c": TABLE}, "'c'.*must be a numeric column"),
    (Quantile("c"), {"c": TEXT}, "'c' must be a numeric column"),
    (Quantile("c"), {"c": TABLE}, r"'c' must be a numeric column.*\(16, 2\)"),
    (Distribution("c", cdf=uniform), {"c": TEXT}, "'c' must be a numeric column"),
    (Distribution("c", cdf=uniform), {"c": TABLE}, "'c' must be a numeric column"),
]


@pytest.mark.parametrize(("functional", "columns", "message"), WRONG)
def test_a_column_of_a_wrong_kind_is_named_with_what_it_must_be(functional, columns, message):
    with pytest.raises(OutcomeError, match=message):
        start(functional, CELL).add(columns)


@pytest.mark.parametrize(
    ("functional", "missing"),
    [
        (RatioOfMeans("value", "den"), "den"),
        (RatioOfMeans("num", "value"), "num"),
        (Quantile("x"), "x"),
        (Slope("loss", SIZES), "loss"),
        (Distribution("u", cdf=uniform), "u"),
        (Printed("value", conventions={"rounded up": "other"}), "other"),
        (Symbolic("identity"), "identity"),
        (Certificate("gap"), "gap"),
    ],
    ids=lambda part: getattr(part, "label", part),
)
def test_every_column_that_is_read_is_asked_for(functional, missing):
    prints = isinstance(functional, Printed)
    expectation = functional.prints("1") if prints else functional.at_least(0.5)
    trial = Trial(coin(expect=(expectation,)), Effort.SMOKE, 0, "")
    key = next(trial.needs())
    with pytest.raises(OutcomeError, match=f"'{missing}' is expected by .*heads, value"):
        trial.feed(key, draw(COIN, key))


@pytest.mark.parametrize("q", [0, 1, -0.5, math.nan])
def test_a_quantile_needs_a_level(q):
    with pytest.raises(ValueError, match="0 < q < 1"):
        Quantile("x", q)


# --- what says the same ------------------------------------------------------------------------

SAME = [
    (Mean("x").at_most(1, predicted=0), Mean("x").at_most(1.0, predicted=0.0)),
    (Mean("x", a=1, b="s").near(0, 1), Mean("x", b="s", a=1).near(np.float64(0), np.int64(1))),
    (Quantile("x").at_least(0), Quantile("x", 0.5).at_least(0)),
    (Distribution("x", uniform).within(0.1), Distribution("x", cdf=uniform).at_most(0.1)),
    (Slope("x", [1, 2, 4]).near(0, 1), Slope("x", (1.0, 2.0, 4.0)).near(0, 1)),
    (Exact("x").equals(2, 0.5), Exact("x").near(2, 0.5)),
    (Printed("x").prints("1.0"), Printed("x").prints("1.0")),
]
DIFFERENT = [
    Mean("x").at_most(1),
    Mean("y").at_most(1),
    Mean("x").at_least(1),
    Mean("x").at_most(2),
    Mean("x").near(1, 0),
    Mean("x").at_most(uniform),
    Mean("x", n=1).at_most(1),
    Mean("x", n="1").at_most(1),
    Mean("x", n=(1, 2)).at_most(1),
    Mean("x", m=1).at_most(1),
    Probability("x").at_most(1),
    Quantile("x").at_most(1),
    Quantile("x", 0.9).at_most(1),
    RatioOfMeans("x", "y").at_most(1),
    RatioOfMeans("y", "x").at_most(1),
    Exact("x").at_most(1),
    Certificate("x").at_most(1),
    Symbolic("x").at_most(1),
    Printed("x").prints("1.0"),
    Printed("x").prints("1.00"),
    Printed("y").prints("1.0"),
    Printed("x", conventions={"c": "y"}).prints_only_under("c", "1.0"),
    Slope("x", SIZES).near(0, 1),
    Slope("x", SIZES, start_at=1).near(0, 1),
    Slope("x", (10, 20, 40, 81)).near(0, 1),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_expectations_that_say_the_same_have_one_identity(one, other):
    assert one.identity == other.identity


def test_expectations_that_differ_have_identities_that_differ():
    assert len({expectation.identity for expectation in DIFFERENT}) == len(DIFFERENT)


# --- whole claims ------------------------------------------------------------------------------


def everything(cell, rng, size):
    return {**outcomes(rng, size), "residual": rng.random(size) * 1e-9}


def many(**changes):
    """Return a claim of five functionals in three cells, with cells that need different amounts."""
    expect = (
        Probability("event").near(0.3, lambda cell: 0.1 + 0.05 * cell.n),
        Mean("x", n=(1, 2)).at_least(1.5),
        RatioOfMeans("num", "den", n=3).near(0.7, 0.1),
        Slope("loss", SIZES, n=1).near(-0.5, 0.1),
        Distribution("u", cdf=uniform, n=2).within(0.3),
        Exact("residual").at_most(1e-6),
        Quantile("x", n=3).shown(2 * math.log(2)),
    )
    false = FalseTheory("a half", Probability("event", n=2).at_least(0.5))
    claim = replace(COIN, id="coins.many", cells=Cells(n=(1, 2, 3)), simulate=everything)
    return replace(claim, **{"expect": expect, "controls": (false,), "cap": 4096, **changes})


MANY = many()


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.sampled_from([0, 3, 63]), st.integers(0, 2))
def test_a_claim_of_many_kinds_and_cells_does_not_depend_on_the_order_of_arrival(
    shuffle, ahead, seed
):
    plain = decide(MANY, seed=seed)
    assert plain.verdict == "supported"
    assert decide(MANY, seed=seed, ahead=ahead, shuffle=shuffle) == plain


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_a_verdict_does_not_depend_on_the_claims_tried_beside_it(random):
    claims = {"one": MANY, "other": COIN, "false": many(expect=(Mean("x").at_least(2.5),))}
    trials = {name: Trial(claim, Effort.SMOKE, 0, "print") for name, claim in claims.items()}
    while going := [name for name, trial in trials.items() if not trial.done]:
        name = random.choice(going)
        key = random.choice(list(trials[name].needs()))
        trials[name].feed(key, draw(claims[name], key))
    assert {name: trial.result() for name, trial in trials.items()} == {
        name: decide(claim) for name, claim in claims.items()
    }
    assert trials["false"].result().verdict == "refuted"


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_intervals_never_widen_and_a_decision_is_never_undone(seed):
    claim = many(expect=tuple(e for e in MANY.expect if not isinstance(e.functional, Exact)))
    trial, last = Trial(claim, Effort.SMOKE, seed, ""), {}
    while not trial.done:
        for key in list(trial.needs()):
            trial.feed(key, draw(claim, key, seed))
            for place, check in enumerate(trial.result().checks):
                (low, high), status = last.get(place, ((-math.inf, math.inf), "open"))
                if check.status != "shown":
                    assert low <= check.interval[0] <= check.interval[1] <= high
                    assert check.status == status or status == "open"
                last[place] = (check.interval, check.status)
    assert {status for _, status in last.values()} <= {"inside", "outside", "shown"}


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=1, max_size=20),
    st.sampled_from([Probability("event"), Mean("x"), Quantile("x")]),
    st.integers(0, 2**32),
)
def test_intervals_never_widen_even_where_the_law_changes_under_way(blocks, functional, seed):
    """Then intervals that hold at every look may have nothing in common; what stays is nested."""
    rng = np.random.default_rng(seed)
    check = judge(functional.near(0.5, 0))
    for size, p in blocks:
        before = check.interval
        columns = {"event": rng.random(size) < p, "x": 9 * p + rng.standard_normal(size)}
        check.feed(columns, size)
        assert check.interval.inside(before.lower, before.upper)
