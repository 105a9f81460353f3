"""Rates: each replicate's own slope, its drift guard, and the ladder kept for the figure."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from checking import ALPHA, CELL, judge, ladder_at, look_at
from coins import coin
from hypothesis import given, settings
from hypothesis import strategies as st
from trials import decide

from refutable import Cells, Effort, FalseTheory, Quantile, Slope
from refutable.deciding.checks import expand
from refutable.deciding.estimating import Status, start
from refutable.deciding.estimating.slopes import slopes
from refutable.deciding.ladder import LogMedians
from refutable.deciding.results import ClaimResult
from refutable.errors import OutcomeError

SIZES = (50, 100, 200, 400, 800, 1600)
N = np.array(SIZES, dtype=float)


def rate(cell, sizes):
    """Return what theory predicts, log factor included."""
    return cell.n * sizes**-0.5 * np.log(sizes)


def ladders(seed=0, count=400, losses=None, noise=0.2):
    """Return noisy losses; a replicate has an own factor, as on one seed stream."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((count, 1)) + noise * rng.standard_normal((count, len(SIZES)))
    return {"loss": (rate(CELL, N) if losses is None else losses) * np.exp(own)}


@pytest.mark.parametrize("start", [0, 2, 4])
@pytest.mark.parametrize("curve", [None, rate])
def test_slopes_are_those_of_polyfit_on_each_replicate(curve, start):
    columns = ladders()
    predicted = 1.0 if curve is None else curve(CELL, N)
    logs = np.log(columns["loss"] / predicted)[:, start:]
    fitted = np.array([np.polyfit(np.log(N[start:]), row, 1)[0] for row in logs])
    slope = Slope("loss", SIZES, curve, start)
    np.testing.assert_allclose(slopes(slope, CELL, columns), fitted, rtol=1e-9, atol=1e-12)
    look = look_at(slope, columns, cuts=(100, 101, 250))
    median = look_at(Quantile("x", 0.5), {"x": fitted}, cuts=(100, 101, 250))
    assert look.estimate == pytest.approx(np.median(fitted), rel=1e-9, abs=1e-12)
    for ours, theirs in zip(ends(look), ends(median), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def ends(look):
    return look.interval.lower, look.interval.upper


def test_the_curve_is_divided_out_and_its_log_factor_is_no_exponent():
    """`n^-1/2 log n` fits a slope far from -1/2; against its curve the slope is 0."""
    exact = {"loss": rate(CELL, N)[np.newaxis]}
    (plain,) = slopes(Slope("loss", SIZES), CELL, exact)
    (against,) = slopes(Slope("loss", SIZES, rate), CELL, exact)
    assert -0.4 < plain < -0.25
    assert against == pytest.approx(0, abs=1e-12)
    steeper = {"loss": exact["loss"] * 7 * N**-0.3}
    assert slopes(Slope("loss", SIZES, rate), CELL, steeper) == pytest.approx([-0.3])


def test_only_the_shape_of_the_curve_counts_and_it_may_depend_on_the_cell():
    columns = ladders()
    one = look_at(Slope("loss", SIZES, rate), columns)
    scaled = look_at(Slope("loss", SIZES, lambda cell, n: 1000 * rate(cell, n)), columns)
    assert scaled.estimate == pytest.approx(one.estimate, abs=1e-12)
    of_cell = Slope("loss", SIZES, lambda cell, n: n**-cell.p)
    (slope,) = slopes(of_cell, CELL, {"loss": N[None] ** -0.5})
    assert slope == pytest.approx(-0.25)


@pytest.mark.parametrize(
    ("sizes", "upper"),
    [
        ((1, 2), None),
        ((1, 2, 4), (2, 4)),
        ((1, 2, 4, 8), (4, 8)),
        ((1, 2, 4, 8, 16), (4, 8, 16)),
        (SIZES, (400, 800, 1600)),
    ],
)
def test_the_guard_is_on_the_upper_half_with_twice_the_margin(sizes, upper):
    expectation = Slope("loss", sizes, rate, n=4).near(0.1, 0.05)
    if upper is None:
        assert expectation.guard is None
        assert expectation.parts == (expectation,)
        return
    main, guard = expectation.parts
    assert (main.functional, main.region, main.guard) == (
        expectation.functional,
        expectation.region,
        None,
    )
    low, high = guard.region.at(CELL).lower, guard.region.at(CELL).upper
    assert (low, high) == pytest.approx((0.0, 0.2))
    assert guard.functional.sizes[guard.functional.start_at :] == upper
    assert guard.functional.where == {"n": 4}
    assert guard.functional.curve is rate
    assert guard.functional.label.endswith(f"from {upper[0]} up")


def test_the_guard_follows_a_margin_that_depends_on_the_cell():
    guard = Slope("loss", SIZES).near(lambda cell: -cell.p, lambda cell: 1 / cell.n).guard
    region = guard.region.at(CELL)
    assert (region.lower, region.upper, region.predicted) == (-0.75, 0.25, -0.25)


def test_other_regions_and_parts_of_a_ladder_have_no_guard():
    slope = Slope("loss", SIZES)
    for expectation in (slope.at_most(0), slope.at_least(-1), slope.within(-1, 0), slope.shown()):
        assert expectation.guard is None
    assert Slope("loss", SIZES, start_at=2).near(0, 1).guard is None


def test_the_guard_sees_a_drift_that_the_whole_slope_hides():
    """A loss that falls and then rises has a small slope overall."""
    bent = np.abs(np.log2(N / SIZES[0]) - 2.5) * 0.3
    columns = ladders(losses=np.exp(bent), noise=0.05)
    checks = expand((Slope("loss", SIZES).near(0, 0.1),), (CELL,), ALPHA, Effort.SMOKE)
    for check in checks:
        check.feed(columns, 400)
    assert [check.status for check in checks] == [Status.INSIDE, Status.OUTSIDE]

    def simulate(cell, rng, size):
        return ladders(int(rng.integers(2**32)), size, np.exp(bent), 0.05)

    false = FalseTheory("an exponent", Slope("loss", SIZES).within(0.4, 0.6))
    claim = coin(simulate=simulate, expect=(Slope("loss", SIZES).near(0, 0.1),), controls=(false,))
    result = decide(claim)
    assert [check.status for check in result.checks] == ["inside", "outside"]
    assert result.verdict == "refuted"
    assert "from 400 up" in result.reason


# --- the ladder --------------------------------------------------------------------------------


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(1, 99), max_size=8), curve=st.sampled_from([None, rate]))
def test_rungs_are_medians_whatever_the_cut(cuts, curve):
    columns = ladders(count=100)
    rungs = ladder_at(Slope("loss", SIZES, curve), columns, cuts)
    assert [rung.size for rung in rungs] == list(SIZES)
    medians = [math.exp(np.median(np.log(losses))) for losses in columns["loss"].T]
    np.testing.assert_allclose([r.loss for r in rungs], medians, rtol=1e-12)
    curves = [None] * len(SIZES) if curve is None else pytest.approx(rate(CELL, N))
    assert [rung.curve for rung in rungs] == curves


@pytest.mark.parametrize("count", [50, 51, 400])
def test_errors_of_rungs_are_how_far_medians_scatter(count):
    width = 4000
    rows = np.random.default_rng(count).normal(size=(count, width))
    medians = LogMedians(width)
    medians.add(rows)
    rungs = medians.rungs(tuple(range(1, width + 1)), None)
    scatter = np.std([math.log(rung.loss) for rung in rungs])
    typical = np.mean([rung.relative_error for rung in rungs])
    assert scatter == pytest.approx(math.sqrt(math.pi / 2 / count), rel=0.06)
    assert typical == pytest.approx(scatter, rel=0.15)


def test_a_ladder_of_none_or_one_replicate():
    slope = Slope("loss", SIZES)
    assert start(slope, CELL).ladder == ()
    one = ladders(count=1)
    rungs = ladder_at(slope, one)
    assert [rung.loss for rung in rungs] == pytest.approx(one["loss"][0].tolist())
    assert {rung.relative_error for rung in rungs} == {None}


def test_empty_rows_change_nothing():
    medians = LogMedians(1)
    medians.add(np.empty((0, 1)))
    assert medians.rungs((1.0,), None) == ()
    logs = 300 + np.random.default_rng(0).random((1000, 1)) * 1e-6
    for part in np.array_split(logs, 7):
        medians.add(part)
        medians.add(np.empty((0, 1)))
        assert len(medians.rungs((1.0,), None)) == 1
    (rung,) = medians.rungs((1.0,), None)
    assert math.log(rung.loss) == pytest.approx(np.median(logs), rel=1e-12)
    assert rung.relative_error == pytest.approx(1e-6 / 2 / math.sqrt(1000), rel=0.3)


def test_only_the_whole_ladder_keeps_its_losses():
    columns = ladders()
    main, guard = (judge(part, columns) for part in Slope("loss", SIZES).near(0, 0.1).parts)
    assert len(main.result().ladder) == len(SIZES)
    assert guard.result().ladder == ()


@pytest.mark.parametrize("curve", [None, rate])
@pytest.mark.parametrize("count", [0, 1, 16])
def test_a_ladder_survives_json(curve, count):
    expectation = Slope("loss", SIZES, curve).near(0, 0.1)
    blocks = [ladders(count=count)] if count else []
    check = judge(replace(expectation, guard=None), *blocks).result()
    assert len(check.ladder) == (len(SIZES) if count else 0)
    result = ClaimResult("a.b", "undecided", "supported", "", 0, "smoke", "", 1, checks=(check,))
    text = json.dumps(result.to_json(), allow_nan=False)
    assert ClaimResult.from_json(json.loads(text)) == result


def test_a_result_stored_without_a_ladder_can_be_read():
    check = judge(Slope("loss", SIZES).shown()).result()
    stored = ClaimResult("a.b", "undecided", "supported", "", 0, "smoke", "", 1, (check,)).to_json()
    del stored["checks"][0]["ladder"]
    assert ClaimResult.from_json(stored).checks[0].ladder == ()


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(), (5,), (5, 5), (5, 4), (1, 2, 4, 3)])
def test_a_ladder_needs_increasing_sizes(sizes):
    with pytest.raises(ValueError, match="at least two increasing sizes"):
        Slope("loss", sizes)


@pytest.mark.parametrize(
    "losses",
    [
        np.ones(16),
        np.ones((16, 5)),
        np.ones((16, 7)),
        np.ones((16, 6, 1)),
        np.where(np.arange(96) == 0, -1.0, 1.0).reshape(16, 6),
        np.full((16, 6), np.nan),
    ],
)
def test_losses_must_be_positive_with_one_column_per_size(losses):
    message = r"'loss' is a ladder of 6 sizes.*positive and of shape \(size, 6\)"
    for part in Slope("loss", SIZES, rate).near(0, 1).parts:
        with pytest.raises(OutcomeError, match=message):
            start(part.functional, CELL).add({"loss": losses})


def test_whole_numbers_are_losses_too():
    counts = {"loss": np.random.default_rng(0).integers(1, 99, (80, 6))}
    as_floats = {"loss": counts["loss"].astype(float)}
    assert look_at(Slope("loss", SIZES), counts) == look_at(Slope("loss", SIZES), as_floats)


def test_a_claim_about_a_rate():
    def simulate(cell, rng, size):
        return ladders(int(rng.integers(2**32)), size)

    slope = Slope("loss", SIZES, lambda cell, n: n**-0.5 * np.log(n))
    claim = coin(
        cells=Cells(n=(1,)),
        simulate=simulate,
        expect=(slope.near(0, 0.1),),
        controls=(FalseTheory("no log factor", Slope("loss", SIZES).near(-0.5, 0.1)),),
    )
    result = decide(claim)
    assert result.verdict == "supported"
    assert [check.status for check in result.checks] == ["inside", "inside"]
    assert [len(check.ladder) for check in result.checks] == [len(SIZES), 0]
