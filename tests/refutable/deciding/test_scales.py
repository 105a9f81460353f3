"""Numbers of any size: a power of two changes no verdict and no digit."""

import math

import numpy as np
import pytest
from checking import blocks_of, judge, look_at
from hypothesis import given, settings
from hypothesis import strategies as st

from refutable import Mean, RatioOfMeans
from refutable.deciding.kernels import student
from refutable.deciding.kernels.blocks import Blocks, ScaledBlocks

SIZE = 640


def skewed(seed=0):
    return np.random.default_rng(seed).exponential(1.0, SIZE)


def in_blocks(expectation, columns):
    return judge(expectation, *blocks_of(columns, range(64, SIZE, 64)))


@settings(max_examples=40, deadline=None)
@given(power=st.integers(-900, 900), seed=st.integers(0, 50))
def test_a_power_of_two_changes_no_verdict_about_a_mean(power, seed):
    x = skewed(seed)
    plain = in_blocks(Mean("x").within(0.5, 1.3), {"x": x}).result()
    scale = 2.0**power
    scaled = in_blocks(Mean("x").within(0.5 * scale, 1.3 * scale), {"x": x * scale}).result()
    assert (scaled.status, scaled.replicates) == (plain.status, plain.replicates)
    assert scaled.estimate == plain.estimate * scale
    assert scaled.interval == tuple(end * scale for end in plain.interval)
    assert scaled.standard_error == plain.standard_error * scale


@settings(max_examples=20, deadline=None)
@given(up=st.integers(-450, 450), down=st.integers(-450, 450))
def test_powers_of_two_change_no_verdict_about_a_ratio(up, down):
    a, b = skewed(1), skewed(2) + 1
    scale = 2.0 ** (up - down)
    region, far = (0.2, 0.7), (0.2 * scale, 0.7 * scale)
    plain = in_blocks(RatioOfMeans("a", "b").within(*region), {"a": a, "b": b}).result()
    columns = {"a": a * 2.0**up, "b": b * 2.0**down}
    scaled = in_blocks(RatioOfMeans("a", "b").within(*far), columns).result()
    assert (scaled.status, scaled.replicates) == (plain.status, plain.replicates)
    assert scaled.interval == tuple(end * scale for end in plain.interval)


def test_numbers_of_ordinary_size_give_the_bits_they_gave_unscaled():
    x = skewed(3) * 37.0 - 5.0
    blocks = Blocks.empty()
    for part in np.split(x, 10):
        blocks = blocks.extend(part)
    count, (mean, scatter, _) = blocks.means.count, blocks.means.along()
    expected = student.interval(count, mean, scatter, 1e-3, blocks.skewness())
    look = look_at(Mean("x"), {"x": x}, cuts=range(64, SIZE, 64), alpha=1e-3)
    assert (look.estimate, look.interval) == (mean, expected)


@pytest.mark.parametrize("size", [1e-150, 1e150, 1e200])
def test_skewness_counts_at_every_size(size):
    """Without its cubes the interval would be symmetric about the average."""
    look = look_at(Mean("x"), {"x": skewed() * size}, alpha=1e-3)
    below, above = look.estimate - look.interval.lower, look.interval.upper - look.estimate
    assert above > 1.2 * below > 0


def test_a_column_may_grow_and_begin_with_zeros():
    columns = {"x": np.concatenate([np.zeros(64), skewed()[:64], skewed()[:512] * 1e200])}
    look = look_at(Mean("x"), columns, cuts=(64, 128))
    assert look.estimate == pytest.approx(columns["x"].mean())
    assert math.isfinite(look.standard_error)
    kept = ScaledBlocks()
    kept.extend(np.zeros((8, 1)))
    assert kept.blocks.means.along() == (0.0, 0.0, 0.0)
    kept.extend(np.full((8, 1), 5e-324))
    assert kept.blocks.means.along()[0] == pytest.approx(0.25)
