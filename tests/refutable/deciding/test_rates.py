"""Rates of the expected loss, orders of computed ladders, and ladders with zeros."""

import math

import numpy as np
import pytest
from checking import CELL, blocks_of, judge, ladder_at, look_at
from coins import coin
from scipy import stats
from trials import decide

from refutable import Cells, ExactSlope, FalseTheory, Mean, RateOfMean, Slope
from refutable.deciding.estimating import start
from refutable.deciding.kernels.blocks import SIZE
from refutable.errors import OutcomeError

NS = (10, 100, 1000)
N = np.array(NS, dtype=float)


def noisy(seed=0, count=4000, spread=0.3):
    """E loss = n^(-1/2) exactly; losses in [0, 4]."""
    rng = np.random.default_rng(seed)
    return {"loss": N**-0.5 * rng.uniform(1 - spread, 1 + spread, (count, 3))}


def with_a_hole(seed=0, count=8000):
    """One replicate in a hundred never learns: the typical rate is -1/2, that of the mean not."""
    rng = np.random.default_rng(seed)
    stuck = rng.random((count, 1)) < 0.01
    usual = np.array(HOLES) ** -0.5 * np.exp(0.1 * rng.standard_normal((count, 3)))
    return {"loss": np.where(stuck, 1.0, np.minimum(usual, 1.0))}


HOLES = (10_000, 100_000, 1_000_000)
BOUNDED = {"bounds": (0, lambda cell: 2 * N**-0.5)}


def in_blocks(expectation, columns, block=100, **options):
    cuts = range(block, len(columns["loss"]), block)
    return judge(expectation, *blocks_of(columns, cuts), **options)


@pytest.mark.parametrize("options", [{}, BOUNDED])
@pytest.mark.parametrize("start_at", [0, 1])
def test_the_rate_of_the_mean_is_polyfit_on_the_logarithms_of_the_means(options, start_at):
    columns = noisy(count=1000)
    rate = RateOfMean("loss", NS, start_at=start_at, **options)
    look = look_at(rate, columns, cuts=(104, 504))
    logs = np.log(columns["loss"].mean(axis=0))[start_at:]
    fitted = np.polyfit(np.log(N)[start_at:], logs, 1)[0]
    assert look.estimate == pytest.approx(fitted, rel=1e-9)
    assert look.interval.lower < fitted < look.interval.upper
    if not start_at:
        means = columns["loss"].mean(axis=0)
        ladder = ladder_at(rate, columns, cuts=(104, 504))
        assert [rung.loss for rung in ladder] == pytest.approx(means.tolist())
        errors = stats.sem(columns["loss"].reshape(-1, SIZE, 3).mean(axis=1)) / means
        assert [rung.relative_error for rung in ladder] == pytest.approx(errors.tolist())


def test_the_error_is_that_of_the_jackknife():
    columns = noisy(count=800, spread=0.9)
    blocks = columns["loss"].reshape(-1, SIZE, 3).mean(axis=1)
    count = len(blocks)
    without = (blocks.sum(axis=0) - blocks) / (count - 1)
    weights = (np.log(N) - np.log(N).mean()) / ((np.log(N) - np.log(N).mean()) ** 2).sum()
    left_out = np.log(without) @ weights
    jackknife = math.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
    look = look_at(RateOfMean("loss", NS), columns)
    assert look.standard_error == pytest.approx(jackknife, rel=0.02)


@pytest.mark.parametrize("options", [{}, BOUNDED])
def test_a_curve_is_divided_out(options):
    columns = noisy(count=1000)
    plain = look_at(RateOfMean("loss", NS, **options), columns)
    against = look_at(RateOfMean("loss", NS, lambda cell, n: n**-0.5, **options), columns)
    assert against.estimate == pytest.approx(plain.estimate + 0.5)
    assert against.interval.lower == pytest.approx(plain.interval.lower + 0.5)
    assert against.interval.upper == pytest.approx(plain.interval.upper + 0.5)
    ladder = ladder_at(RateOfMean("loss", NS, lambda cell, n: n**-0.5, **options), columns)
    assert [rung.curve for rung in ladder] == pytest.approx((N**-0.5).tolist())


@pytest.mark.parametrize("options", [{}, BOUNDED])
def test_a_rate_is_decided_both_ways_with_its_guard(options):
    rate = RateOfMean("loss", NS, **options)
    for value, status in ((-0.5, "inside"), (-0.2, "outside")):
        main, guard = rate.near(value, 0.1).parts
        assert in_blocks(main, noisy(), close=True).status == status
        assert guard.functional.bounds == rate.bounds
        assert guard.functional.start_at == 1
        assert in_blocks(guard, noisy(), close=True).status == status


def test_a_hole_in_the_loss_is_seen_by_the_rate_of_the_mean_and_not_by_the_typical_one():
    columns = with_a_hole()
    typical = in_blocks(Slope("loss", HOLES).near(-0.5, 0.05).parts[0], columns)
    assert typical.status == "inside"
    for options in ({}, {"bounds": (0, 1)}):
        rate = RateOfMean("loss", HOLES, **options).near(-0.5, 0.05).parts[0]
        assert in_blocks(rate, columns, close=True).status == "outside"
    low, high = (
        in_blocks(RateOfMean("loss", HOLES, bounds=(0, 1)).shown(), columns).result().interval
    )
    truth = np.polyfit(
        np.log(HOLES), np.log(0.99 * np.exp(0.005) * np.array(HOLES) ** -0.5 + 0.01), 1
    )
    assert low < truth[0] < high


def test_each_size_has_its_share_of_the_error():
    losses = np.random.default_rng(4).random((160, 3))
    look = look_at(RateOfMean("loss", NS, bounds=(0, 1)), {"loss": losses}, alpha=0.03)
    ends = [start_and_refine({"x": x}, 0.01) for x in losses.T]
    steep = (math.log(ends[2].upper) - math.log(ends[0].lower)) / math.log(NS[2] / NS[0])
    assert look.interval.upper == pytest.approx(steep, rel=1e-6)


def start_and_refine(columns, alpha):
    accumulator = start(Mean("x", bounds=(0, 1)), CELL)
    accumulator.add(columns)
    return accumulator.refine(alpha)


def test_zeros_are_counted_and_the_mend_is_named_and_works():
    rng = np.random.default_rng(0)
    loss = np.stack([rng.binomial(n, 0.1, 400) / n for n in NS], axis=1)
    zeros = int((loss == 0).sum())
    assert zeros > 50
    with pytest.raises(OutcomeError, match=rf"{zeros} of 1200 losses are zero.*RateOfMean"):
        judge(Slope("loss", NS).near(0, 0.1), {"loss": loss})
    for options in ({}, {"bounds": (0, 1)}):
        look = look_at(RateOfMean("loss", NS, **options), {"loss": loss})
        assert look.estimate == pytest.approx(0.0, abs=0.1)
    nothing = look_at(RateOfMean("loss", NS), {"loss": np.zeros((80, 3))})
    assert nothing.estimate is None
    assert "every loss is zero" in nothing.detail


@pytest.mark.parametrize("loss", [-np.ones((8, 3)), np.ones((8, 2)), np.full((8, 3), np.nan)])
def test_other_losses_are_refused(loss):
    for functional in (RateOfMean("loss", NS), RateOfMean("loss", NS, bounds=(0, 1))):
        with pytest.raises(OutcomeError, match="'loss' is a ladder of 3 sizes"):
            start(functional, CELL).add({"loss": loss})


def test_bounds_of_a_ladder():
    outside = np.full((8, 3), 0.5)
    outside[5, 2] = 0.7
    with pytest.raises(OutcomeError, match=r"'loss\[2\]' is 0.7 in replicate 5"):
        start(RateOfMean("loss", NS, bounds=(0, (1, 1, 0.6))), CELL).add({"loss": outside})
    for bounds in ((-1, 1), (1, 0), (0, math.inf)):
        with pytest.raises(ValueError, match="finite and in order"):
            start(RateOfMean("loss", NS, bounds=bounds), CELL)


# --- computed ladders --------------------------------------------------------------------------

STEPS = (16, 32, 64, 128, 256, 512)


def partial_sums(cell):
    """Return the errors of partial sums of the Basel series, of order 1."""
    return {
        "err": np.array(
            [np.pi - np.sqrt(6 * np.sum(1.0 / np.arange(1, n + 1) ** 2)) for n in STEPS]
        )
    }


def test_the_order_of_a_computed_ladder():
    order = ExactSlope("err", STEPS)
    claim = coin(
        simulate=None,
        compute=partial_sums,
        cells=Cells(),
        expect=(order.near(-1, 0.05),),
        controls=(FalseTheory("half", order.near(-0.5, 0.05)),),
    )
    result = decide(claim)
    assert result.verdict == "supported"
    main, guard = result.checks
    fitted = np.polyfit(np.log(STEPS), np.log(partial_sums(None)["err"]), 1)[0]
    assert main.estimate == pytest.approx(fitted)
    assert main.interval == (main.estimate, main.estimate)
    assert [rung.loss for rung in main.ladder] == pytest.approx(partial_sums(None)["err"].tolist())
    assert {rung.relative_error for rung in main.ladder} == {None}
    assert guard.functional.endswith("from 128 up")
    assert str(claim.evidence) == "exact"


def test_the_guard_of_a_computed_ladder_sees_a_drift():
    bent = {"err": np.exp(np.abs(np.arange(6) - 2.5) * 0.3)[None]}
    whole, upper = ExactSlope("err", STEPS).near(0, 0.1).parts
    assert judge(whole, bent, close=True).status == "inside"
    assert judge(upper, bent, close=True).status == "outside"
