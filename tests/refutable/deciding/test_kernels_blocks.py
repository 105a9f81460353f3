"""Sufficient statistics: merged moments equal those of all rows at once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from refutable.deciding.kernels.blocks import SIZE, Blocks, Moments


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 2**32))
def test_the_cut_of_the_stream_does_not_matter(sizes, seed):
    rows = np.random.default_rng(seed).exponential(size=(sum(sizes), 2))
    pieces = np.split(rows, np.cumsum(sizes)[:-1]) if sizes else []
    piecewise = Blocks.empty(2)
    for piece in pieces:
        piecewise = piecewise.extend(piece)
    whole = Blocks.empty(2).extend(rows)
    assert piecewise.means.count == whole.means.count == len(rows) // SIZE
    np.testing.assert_array_equal(piecewise.rest, whole.rest)
    for part in ("means", "rows"):
        for name in ("mean", "second", "third"):
            np.testing.assert_allclose(
                getattr(getattr(piecewise, part), name),
                getattr(getattr(whole, part), name),
                rtol=1e-9,
                atol=1e-9,
            )


def test_moments_along_a_direction_are_those_of_the_projected_rows():
    rows = np.random.default_rng(1).gamma(2, size=(96, 2)) + 1e4
    blocks = Blocks.empty(2).extend(rows[:50]).extend(rows[50:])
    direction = np.array([1.0, -0.3])
    projected = rows @ direction
    means = projected.reshape(-1, SIZE).mean(1)
    average, square, cube = blocks.means.along(direction)
    assert average == pytest.approx(means.mean())
    assert square == pytest.approx(((means - means.mean()) ** 2).sum(), rel=1e-6)
    assert cube == pytest.approx(((means - means.mean()) ** 3).sum(), rel=1e-6)
    expected = stats.skew(projected) / math.sqrt(SIZE)
    assert blocks.skewness(direction) == pytest.approx(expected, rel=1e-6)


def test_empty_and_constant_streams_have_no_skewness():
    assert Blocks.empty().skewness() == 0.0
    assert Blocks.empty().extend(np.ones(80)).skewness() == 0.0


def test_merging_with_nothing_changes_nothing():
    some = Moments.of(np.arange(6.0).reshape(3, 2))
    none = Moments.of(np.empty((0, 2)))
    assert some.merge(none) is some
    assert none.merge(some) is some


@pytest.mark.parametrize("rows", [np.ones((3, 2)), np.array([1.0, math.nan]), np.ones((2, 1, 1))])
def test_bad_rows_are_refused(rows):
    with pytest.raises(ValueError, match="rows"):
        Blocks.empty().extend(rows)
