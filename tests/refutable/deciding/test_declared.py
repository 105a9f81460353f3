"""Means and ratios with declared bounds or variance: what they decide, and what they refuse."""

import math

import numpy as np
import pytest
from checking import ALPHA, CELL, blocks_of, judge
from coins import coin
from hypothesis import given, settings
from hypothesis import strategies as st
from trials import decide

from refutable import FalseTheory, Mean, RatioOfMeans
from refutable.deciding.estimating import start
from refutable.deciding.estimating.declared import beyond
from refutable.errors import OutcomeError


def draw(seed, size=4000, low=-2.0, high=6.0):
    """Return a skewed column in [low, high] of mean low + .2 (high - low)."""
    return low + (high - low) * np.random.default_rng(seed).beta(0.5, 2.0, size)


def in_blocks(expectation, columns, block=64, **options):
    cuts = range(block, len(next(iter(columns.values()))), block)
    return judge(expectation, *blocks_of(columns, cuts), **options)


BOUNDS = (-2.0, 6.0)  # the mean is -.4


@pytest.mark.parametrize(
    ("expectation", "status"),
    [
        (Mean("x", bounds=BOUNDS).near(-0.4, 0.4), "inside"),
        (Mean("x", bounds=BOUNDS).at_most(0.2), "inside"),
        (Mean("x", bounds=BOUNDS).at_least(0.2), "outside"),
        (Mean("x", bounds=BOUNDS).within(-1.9, -1.0), "outside"),
        (Mean("x", bounds=BOUNDS).near(-0.4, 1e-6), "open"),
        (Mean("x", bounds=(lambda cell: -cell.n, 6)).at_most(0.2), "inside"),
        (Mean("x", variance_at_most=2.93).near(-0.4, 0.5), "inside"),
        (Mean("x", variance_at_most=lambda cell: 12 * cell.p).at_least(0.3), "outside"),
        (Mean("x", variance_at_most=2.93).within(-2, -1), "outside"),
    ],
)
def test_a_declared_mean_is_decided_and_its_interval_agrees(expectation, status):
    check = in_blocks(expectation, {"x": draw(0)}, close=True)
    assert check.status == status
    result = check.result()
    low, high = result.interval
    assert -math.inf < low < -0.4 < high < math.inf
    assert high - low < 2.0  # no longer only a side of an end
    region = check.region
    inside = region.lower <= low and high <= region.upper
    outside = high < region.lower or low > region.upper
    assert (inside, outside) == (status == "inside", status == "outside")
    used = draw(0)[: check.replicates]
    assert result.estimate == pytest.approx(used.mean())
    assert result.standard_error == pytest.approx(used.std(ddof=1) / math.sqrt(len(used)))


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e6, 1e6), power=st.integers(-600, 600), seed=st.integers(0, 99))
def test_bounds_may_have_any_place_and_scale(shift, power, seed):
    unit = np.random.default_rng(seed).beta(2, 5, 400)
    scale = 2.0**power
    values = (unit + shift) * scale
    bounds = (shift * scale, (shift + 1) * scale)
    region = ((shift + 0.1) * scale, (shift + 0.6) * scale)
    values = np.clip(values, *bounds)
    one = in_blocks(Mean("x", bounds=(0, 1)).within(0.1, 0.6), {"x": unit})
    other = in_blocks(Mean("x", bounds=bounds).within(*region), {"x": values})
    assert (other.status, other.replicates) == (one.status, one.replicates)


def test_evidence_that_was_once_enough_stays():
    rng = np.random.default_rng(1)
    accumulator = start(Mean("x", bounds=(0, 1)), CELL)
    accumulator.watch(0.5, math.inf)
    accumulator.add({"x": rng.beta(8, 2, 200)})
    assert accumulator.look(ALPHA).interval.lower > 0.5
    accumulator.add({"x": np.full(200, 0.1)})
    assert accumulator.kernel.log_evidence()[0, 0] < 0
    assert accumulator.look(ALPHA).interval.lower > 0.5


def test_refuted_ends_are_strictly_excluded_and_contradictions_are_told():
    peaks = np.array([[20.0, 0.0], [0.0, 20.0]])
    found = beyond([0.2, 0.4], peaks, 1e-3)
    assert 0.2 < found.lower < 0.2000001
    assert 0.3999999 < found.upper < 0.4
    assert not found.conflict
    assert beyond([0.2], np.array([[20.0], [20.0]]), 1e-3).conflict
    threshold = math.log(2 / 1e-3)
    assert beyond([0.2], np.array([[threshold - 1e-9], [0.0]]), 1e-3).lower == -math.inf


@pytest.mark.parametrize(("value", "where"), [(1.25, 70), (-0.5, 3)])
def test_a_value_outside_its_bounds_names_replicate_value_and_bounds(value, where):
    x = np.full(128, 0.5)
    x[where] = value
    with pytest.raises(OutcomeError, match=rf"'x' is {value} in replicate {where}.*\[0, 1\]"):
        in_blocks(Mean("x", bounds=(0, 1)).at_most(0.51), {"x": x})
    ratio = RatioOfMeans("x", "y", bounds=((0, 1), (0, 1)))
    with pytest.raises(OutcomeError, match=rf"'x' is {value} in replicate {where}"):
        in_blocks(ratio.at_most(0.51), {"x": x, "y": np.ones(128)})


def test_a_mean_at_a_bound_allows_no_other_value():
    never = Mean("x", bounds=(0, 1)).at_most(0)
    assert judge(never, {"x": np.zeros(500)}).status == "open"
    assert judge(never, {"x": np.eye(1, 500)[0]}).status == "outside"
    always = Mean("x", bounds=(-3, -1)).at_least(-1)
    assert judge(always, {"x": np.full(9, -1.0)}).status == "open"
    assert judge(always, {"x": np.full(9, -1.5)}).status == "outside"


@pytest.mark.parametrize("bounds", [(1, 0), (0, 0), (0, math.inf), (None, 1)])
def test_bounds_must_be_finite_and_in_order(bounds):
    with pytest.raises(ValueError, match="must be finite, in order"):
        start(Mean("x", bounds=bounds), CELL)


def test_what_cannot_be_declared():
    with pytest.raises(ValueError, match="must be a pair"):
        Mean("x", bounds=3)
    with pytest.raises(ValueError, match="not both"):
        Mean("x", bounds=(0, 1), variance_at_most=1)
    with pytest.raises(ValueError, match="variance must be positive"):
        start(Mean("x", variance_at_most=0), CELL)
    with pytest.raises(ValueError, match="denominator of 0 or more"):
        start(RatioOfMeans("x", "y", bounds=((0, 1), (-1, 1))), CELL)
    with pytest.raises(ValueError, match="covers all that it could be"):
        judge(Mean("x", bounds=(0, 1)).within(-1, 1))


def pairs(seed, size=6000):
    rng = np.random.default_rng(seed)
    b = rng.beta(2, 2, size)
    return {"a": 0.5 * b * rng.random(size) * 2, "b": b}  # ratio .5


RATIO = RatioOfMeans("a", "b", bounds=((0, 1), (0, 1)))
SIGNED = RatioOfMeans("a", "b", bounds=((-1, 1), (0.0, 1)))


@pytest.mark.parametrize(
    ("expectation", "status"),
    [
        (RATIO.near(0.5, 0.1), "inside"),
        (RATIO.at_most(0.6), "inside"),
        (RATIO.at_least(0.6), "outside"),
        (RATIO.within(0.1, 0.4), "outside"),
        (RATIO.near(0.5, 1e-4), "open"),
        (SIGNED.near(0.5, 0.2), "inside"),
        (SIGNED.at_most(0.3), "outside"),
    ],
)
def test_a_bounded_ratio_is_decided(expectation, status):
    check = in_blocks(expectation, pairs(0), close=True)
    assert check.status == status
    low, high = check.result().interval
    assert low < 0.5 < high
    if expectation.functional is RATIO:
        assert high - low < 0.4
    used = pairs(0)
    ratio = used["a"][: check.replicates].mean() / used["b"][: check.replicates].mean()
    assert check.result().estimate == pytest.approx(ratio)


def test_the_capital_against_a_ratio_is_monotone_where_it_is_said_to_be():
    accumulator = start(RatioOfMeans("a", "b", bounds=((0.1, 1), (0.2, 2))), CELL)
    rng = np.random.default_rng(3)
    rows = np.stack([rng.uniform(0.1, 1, 50), rng.uniform(0.2, 2, 50)], axis=1)
    ratios = np.linspace(0.06, 4.9, 60)
    for side, sign in ((0, -1), (1, 1)):
        refuted = [accumulator._surplus(side, rows, r, 0.5) > 0 for r in ratios]
        assert any(refuted)
        assert not all(refuted)
        steps = np.diff(np.array(refuted, dtype=int))
        assert (sign * steps >= 0).all()


@pytest.mark.parametrize("kind", ["ratio", "mean", "variance"])
def test_ends_are_missed_no_more_often_than_promised(kind):
    """100 runs at 10 %: the interval of the last look misses the truth at most 19 times."""
    missed = 0
    for seed in range(100):
        if kind == "ratio":
            check = in_blocks(RATIO.near(0.5, 0.01), pairs(seed, 600), alpha=0.1, close=True)
            truth = 0.5
        else:
            options = {"bounds": BOUNDS} if kind == "mean" else {"variance_at_most": 2.93}
            columns = {"x": draw(seed, 600)}
            check = in_blocks(Mean("x", **options).near(-0.4, 0.01), columns, alpha=0.1, close=True)
            truth = -0.4
        low, high = check.result().interval
        missed += not low <= truth <= high
    assert missed <= 19  # Binomial(100, .1) exceeds 19 with probability .002


def test_weighted_rare_events_are_bounded_means():
    """P(Z > 3.5) = 2.33e-4 within 15 %, by tilting; coins would have to show some 700 heads."""
    theta = 3.5

    def tilted(cell, rng, size):
        z = rng.normal(theta, 1, size)
        return {"hit": np.exp(-theta * z + theta**2 / 2) * (z > 3.5)}

    w_max = math.exp(-(theta**2) / 2)
    mean = Mean("hit", bounds=(0, w_max))
    claim = coin(
        simulate=tilted,
        block=512,
        cap=20_000,
        expect=(mean.within(2.0e-4, 2.7e-4),),
        controls=(FalseTheory("twice as rare", mean.within(1.0e-4, 1.5e-4)),),
    )
    result = decide(claim)
    assert result.verdict == "supported"
    assert result.replicates <= 20_000
