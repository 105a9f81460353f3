"""The experiments of MoSA: what breaks the split, and the price of correlation."""

import numpy as np
import pytest
from refutable.simulations.experts.mosa import (
    _squared_loss,
    correlated_features,
    separate_training,
    split_and_merge,
)

from refutable import Cell

SPLIT = Cell({"n": 4})
MOMENTS = {"n": 4, "samples": 300}


def rng():
    return np.random.default_rng(0)


def test_split_adds_up_only_from_zero_and_without_bias():
    right = split_and_merge.split_and_merge(SPLIT, rng(), 4)
    assert (right["sum_gap"] < 1e-12).all()
    np.testing.assert_allclose(right["start_excess"], 3.0)
    # One quarter of the merged output is off by three quarters of it.
    np.testing.assert_allclose(right["average_gap"], 0.75)
    for broken in ({"start": 1.0}, {"bias": 1.0}):
        columns = split_and_merge.split_and_merge(SPLIT, rng(), 4, **broken)
        assert (columns["sum_gap"] > 0.1).all()


@pytest.mark.parametrize("behind", [False, True])
def test_the_norm_is_before_the_projection_or_behind_the_modules(monkeypatch, behind):
    asked, plain = [], split_and_merge.bottleneck

    def recorded(rng, size, *, norm=False):
        asked.append(norm)
        return plain(rng, size, norm=norm)

    monkeypatch.setattr(split_and_merge, "bottleneck", recorded)
    split_and_merge.split_and_merge(SPLIT, rng(), 2, norm_behind=behind)
    assert asked == [False, not behind]


def test_a_norm_before_the_shared_projection_keeps_the_sum_and_one_behind_does_not():
    right = split_and_merge.split_and_merge(SPLIT, rng(), 4)
    assert (right["norm_gap"] < 1e-12).all()
    behind = split_and_merge.split_and_merge(SPLIT, rng(), 4, norm_behind=True)
    assert (behind["norm_gap"] > 0.1).all()
    np.testing.assert_array_equal(behind["sum_gap"], right["sum_gap"])
    plain, normed = (split_and_merge.bottleneck(rng(), 4, norm=norm) for norm in (False, True))
    assert np.abs(plain - normed).max() > 0.1


def test_mean_square_is_that_of_the_sample():
    gen = rng()
    z, y = (
        gen.normal(size=(1, 50, _squared_loss.RANK)),
        gen.normal(size=(1, 50, _squared_loss.OUTPUTS)),
    )
    weights = gen.normal(size=(1, _squared_loss.OUTPUTS, _squared_loss.RANK))
    sigma, cross = z[0].T @ z[0] / 50, y[0].T @ z[0] / 50
    power = (y**2).mean(axis=1).sum(axis=-1)
    drawn = _squared_loss.Moments(sigma[None], cross[None], np.zeros((1, 0, 0), int), power)
    ours = _squared_loss.mean_square(weights, drawn)
    assert ours[0] == pytest.approx(((z[0] @ weights[0].T - y[0]) ** 2).mean())


def test_whitening_is_exact():
    cell = Cell({**MOMENTS, "corr": 0.6})
    sigma = _squared_loss.moments(cell, rng(), 2, whiten=True)[0]
    np.testing.assert_allclose(
        sigma, np.broadcast_to(np.eye(_squared_loss.RANK), sigma.shape), atol=1e-10
    )


def test_price_grows_with_correlation_and_vanishes_when_white():
    prices = [
        correlated_features.price_of_splitting(Cell({**MOMENTS, "corr": corr}), rng(), 20)[
            "log_ratio"
        ].mean()
        for corr in (0.0, 0.3, 0.6)
    ]
    assert prices[0] < prices[1] < prices[2]
    white = correlated_features.price_of_splitting(
        Cell({**MOMENTS, "corr": 0.6}), rng(), 5, whiten=True
    )["log_ratio"]
    assert np.abs(white).max() < 1e-8


def test_features_all_but_white_are_on_the_other_side_of_twice():
    cell = Cell({"n": 4, "corr": 0.03, "samples": 4000})
    ratios = np.exp(correlated_features.price_of_splitting(cell, rng(), 20)["log_ratio"])
    assert np.median(ratios) == pytest.approx(1.75, abs=0.2)
    doubled = correlated_features.price_of_splitting(cell, rng(), 20)["doubled"]
    assert (doubled == (ratios >= 2)).all()
    assert doubled.mean() < 0.5


def test_consistency_helps_a_little_and_never_enough():
    columns = correlated_features.best_consistency(Cell({**MOMENTS, "corr": 0.6}), rng(), 10)
    assert (columns["least_log_ratio"] < columns["plain_log_ratio"]).all()
    assert columns["least_log_ratio"].min() > 1


def test_fixed_point_of_descent():
    columns = separate_training.fixed_point(Cell({"n": 4, "samples": 1000, "corr": 0.6}), rng(), 2)
    assert columns["descent_gap"].max() < 1e-8
    assert columns["white_gap"].max() < 1e-8
    assert columns["ols_gap"].min() > 0.1
    white_in_law = Cell({"n": 4, "samples": 1000, "corr": 0.0})
    assert (
        separate_training.fixed_point(white_in_law, rng(), 2, 10, whiten=False)["white_gap"].min()
        > 0.01
    )


def test_touches():
    columns = separate_training.touches(Cell({"n": 4, "entries": 16}), rng(), 4000)
    assert (columns["touched"] == 0.25).all()
    for name in ("entry_touched", "same_module"):
        assert columns[name].mean() == pytest.approx(0.25, abs=0.04)
    cell = Cell({"n": 4, "entries": 20})
    assert (separate_training.touches(cell, rng(), 4000, extra=1)["touched"] == 0.2).all()
    kept = separate_training.touches(cell, rng(), 4000, kept=0.2)
    assert kept["same_module"].mean() == pytest.approx(0.2 + 0.8 * 0.25, abs=0.04)
    assert kept["entry_touched"].mean() == pytest.approx(0.25, abs=0.04)


def test_unmerged_modules_cost_more():
    merged = split_and_merge.vit_adapters(SPLIT)["merged"]
    apart = split_and_merge.vit_adapters(SPLIT, apart=True)["merged"]
    one_up = 12 * (64 * 768 + 768)
    assert apart - merged == 3 * one_up
    assert merged - split_and_merge.vit_adapters(SPLIT, bias=False)["merged"] == 12 * (64 + 768)
    normed = split_and_merge.vit_adapters(SPLIT)["normed"]
    assert normed == 1_208_064
    assert normed - split_and_merge.vit_adapters(SPLIT, shifted=False)["normed"] == 12 * 768
