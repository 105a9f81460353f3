"""What cannot be expected, and data that no expectation may decide on."""

import math
from decimal import Decimal

import numpy as np
import pytest
from checking import CELL, computed, judge
from coins import COIN, coin
from scipy import stats
from trials import draw

from refutable import (
    Cells,
    Distribution,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    Printed,
    Probability,
    Quantile,
    RatioOfMeans,
    Slope,
    Symbolic,
)
from refutable.deciding.checks import Check, expand
from refutable.deciding.estimating import start
from refutable.deciding.outcomes import check_computed
from refutable.deciding.trial import Trial
from refutable.errors import OutcomeError
from refutable.running.job import prepare
from refutable.running.registry import Registry, Source

CANNOT_FAIL = {
    "near nothing": Mean("value").near(None, 0.1),
    "an infinite margin": Mean("value").near(0.5, math.inf),
    "a negative margin": Mean("value").near(0.5, -0.1),
    "all means": Mean("value").at_least(-math.inf),
    "all probabilities": Probability("heads").at_least(0),
    "and more": Probability("heads").within(-1, 2),
    "all distances": Distribution("value", lambda cell: stats.norm.cdf).within(1),
}


@pytest.mark.parametrize("name", CANNOT_FAIL)
def test_a_region_that_nothing_could_lie_outside_of_keeps_a_claim_from_being_tried(name):
    registry = Registry()
    for control in (False, True):
        expect = CANNOT_FAIL[name]
        changes = dict(controls=(FalseTheory("x", expect),)) if control else dict(expect=(expect,))
        claim = coin(**changes)
        registry.sources[claim.id] = Source("module", "coins")
        jobs, (problem,) = prepare([claim], registry, Effort.SMOKE, 0)
        assert jobs == []
        assert "cannot be tried at effort smoke" in problem.text


def test_a_true_law_that_jumps_is_not_refuted():
    laws = {
        "poisson": (stats.poisson(1.0), stats.poisson(1.1)),
        "bernoulli": (stats.bernoulli(0.05), stats.bernoulli(0.1)),
    }
    for law, near in laws.values():
        x = law.rvs(size=4096, random_state=np.random.default_rng(1)).astype(float)
        check = judge(Distribution("x", lambda cell, law=law: law.cdf).within(0.1), {"x": x})
        assert check.status == "inside"
        far = judge(Distribution("x", lambda cell, near=near: near.cdf).shown(), {"x": x[:128]})
        assert far.last.estimate == pytest.approx(
            max(abs((x[:128] <= k).mean() - near.cdf(k)) for k in range(8)), abs=1e-12
        )


@pytest.mark.parametrize("values", [(0.1, 2.0), (1 / 3, 0.7), (1e-9, 1e9)])
def test_constants_prove_nothing_about_a_ratio(values):
    a, b = (np.full(4096, value) for value in values)
    expect = RatioOfMeans("a", "b").near(values[0] / values[1], 0)
    assert judge(expect, {"a": a, "b": b}).status == "open"


@pytest.mark.parametrize("factor", [3, 0.7])
@pytest.mark.parametrize("seed", range(5))
def test_proportional_columns_prove_nothing_about_their_ratio(factor, seed):
    b = np.random.default_rng(seed).gamma(3, 1, 4096)
    expect = RatioOfMeans("a", "b").near(factor, 0.01)
    assert judge(expect, {"a": factor * b, "b": b}).status == "open"


def test_looks_that_exclude_each_other_decide_nothing_more():
    heads = np.arange(4000) % 2 == 0
    expect = Probability("heads").within(0.45, 0.55)
    check = Check(expect, CELL, 1e-4, Effort.SMOKE)
    check.feed({"heads": heads[:1000]}, 1000)
    assert check.status == "open"
    check.feed({"heads": np.zeros(2000, dtype=bool)}, 2000)
    assert check.interval.conflict
    check.close()
    assert check.status == "open"
    assert "contradict each other" in check.result().detail


def test_a_whole_number_that_is_no_double_is_refused():
    with pytest.raises(OutcomeError, match=f"'x' holds {2**53 + 1}"):
        computed(Exact("x").equals(2**53), x=2**53 + 1)
    assert computed(Exact("x").equals(2**60), x=2**60).status == "inside"
    with pytest.raises(OutcomeError, match="NaN or infinite"):
        check_computed({"x": Decimal("NaN")})


def test_columns_of_a_wrong_kind_are_named():
    with pytest.raises(OutcomeError, match="'x' is a ladder"):
        judge(Slope("x", (1, 2)).near(0, 1), {"x": np.full((16, 2), "a")})
    with pytest.raises(OutcomeError, match="'x' is compared"):
        computed(Printed("x").prints("1"), x="abc")
    for strange in (1.0, True, "Proved"):
        with pytest.raises(OutcomeError, match="'x' holds"):
            computed(Symbolic("x").holds(), x=strange)


@pytest.mark.parametrize(
    ("sizes", "start_at"), [((0, 1, 2), 0), ((1, 2, 4), 2), ((1, 2, 4), -2), ((1, math.inf), 0)]
)
def test_a_ladder_without_logarithms_or_with_one_rung_is_refused(sizes, start_at):
    with pytest.raises(ValueError, match=r"sizes=|start_at="):
        Slope("x", sizes, start_at=start_at)


@pytest.mark.parametrize("curve", [lambda c, s: 1.0, lambda c, s: s * 0.0, lambda c, s: s * np.nan])
def test_a_curve_must_be_positive_at_every_size(curve):
    with pytest.raises(ValueError, match="must give 3 positive numbers"):
        start(Slope("x", (1, 2, 4), curve), CELL)


def test_what_is_written_alike_may_differ():
    near = (Quantile("x", q).at_most(1).identity for q in (0.1234567, 0.1234568))
    assert len(set(near)) == 2
    under = (Printed("x", {"c": y}).prints_only_under("c", "3").identity for y in "yz")
    assert len(set(under)) == 2


def test_a_rounded_constant_is_told_to_be_one():
    check = judge(Mean("x").near(0.1, 1), {"x": np.full(56, 0.1)})
    assert "use Exact" in check.result().detail


def test_a_cell_given_twice_is_there_once():
    assert len(tuple(Cells(p=(0.5, 0.5)))) == 1
    assert len(tuple(Cells.of({"p": 0.5}, {"p": 0.5}, {"p": 0.6}))) == 2


def test_a_cap_is_not_exceeded():
    narrow = (Probability("heads").near(0.5, 0.001),)
    trial = Trial(coin(expect=narrow, cap=100, controls=COIN.controls[:1]), Effort.SMOKE, 0, "")
    while not trial.done:
        trial.feed(next(trial.needs()), {"heads": np.arange(64) % 2 == 0})
    assert trial.replicates == 64


def test_an_error_of_an_authors_curve_at_a_look_fails_its_claim():
    def cdf(cell):
        return lambda x: x[0] / 0 if len(x) else x

    trial = Trial(coin(expect=(Distribution("value", cdf).within(0.1),)), Effort.SMOKE, 0, "")
    with np.errstate(all="raise"):
        for key in list(trial.needs()):
            trial.feed(key, draw(COIN, key))
    assert trial.result().verdict == "failed"
    assert "FloatingPointError" in trial.failures[0].error


def test_a_computed_law_may_round_in_the_wrong_direction():
    def rounded(cell):
        return lambda x: np.clip(x, 0, 1) + 1e-16 * np.cos(1e9 * np.asarray(x)) * (x < 0.9)

    x = np.random.default_rng(3).uniform(0.01, 0.9, 256)
    look = judge(Distribution("x", rounded).shown(), {"x": x}).last
    assert 0 < look.estimate < 0.2


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ((0.0, 1.0), (0.5, 2.0), 0.0, 2.0),
        ((1.0, 2.0), (0.5, 2.0), 0.5, 4.0),
        ((-1.0, 2.0), (0.5, 2.0), -2.0, 4.0),
        ((-2.0, -1.0), (0.5, 2.0), -4.0, -0.5),
        ((1.0, 2.0), (0.0, 2.0), 0.5, math.inf),
    ],
)
def test_a_bounded_ratio_whose_region_covers_all_that_it_could_be_is_refused(a, b, low, high):
    ratio = RatioOfMeans("a", "b", bounds=(a, b))
    covering = [ratio.at_least(low)]
    covering += [ratio.within(low - 0.1, high + 0.1)] if high < math.inf else []
    for expectation in covering:
        with pytest.raises(ValueError, match="cannot fail"):
            expand((expectation,), (CELL,), 1e-3, Effort.SMOKE)
    assert expand((ratio.at_least(low + 0.1),), (CELL,), 1e-3, Effort.SMOKE)
    corners = [x / y for x in a for y in b if y > 0]
    assert ratio.could_be(CELL) == (min(corners), high if b[0] == 0 else max(corners))
