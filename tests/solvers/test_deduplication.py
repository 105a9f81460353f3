"""Pruning by column maxima and by leaders against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.contrastive import normalise
from refutable.solvers.deduplication import (
    column_maxima,
    keep_extreme_maxima,
    keep_leaders,
    largest_kept_similarity,
    uncovered_points,
)


def similarities(seed: int, n: int) -> np.ndarray:
    vectors = normalise(np.random.default_rng(seed).normal(size=(n, 3)))
    return vectors @ vectors.T


@given(seed=st.integers(0, 200), n=st.integers(2, 12))
def test_column_maxima(seed: int, n: int) -> None:
    s = similarities(seed, n)
    direct = [max([0.0, *s[:j, j]]) for j in range(n)]
    np.testing.assert_allclose(column_maxima(s), direct)


@given(seed=st.integers(0, 200), n=st.integers(2, 12), data=st.data())
def test_kept_pairs_are_below_the_largest_kept_maximum(
    seed: int, n: int, data: st.DataObject
) -> None:
    s = similarities(seed, n)
    kept = keep_extreme_maxima(s, data.draw(st.integers(1, n)))
    assert largest_kept_similarity(s, kept) <= column_maxima(s)[kept].max()


@given(seed=st.integers(0, 200), n=st.integers(2, 12), limit=st.floats(-0.9, 0.99))
def test_leaders(seed: int, n: int, limit: float) -> None:
    s = similarities(seed, n)
    kept: list[int] = []
    for j in range(n):
        if all(s[i, j] <= limit for i in kept):
            kept.append(j)
    ours = keep_leaders(s, limit)
    assert np.flatnonzero(ours).tolist() == kept
    assert not uncovered_points(s, ours, limit).any()
    assert largest_kept_similarity(s, ours) <= limit


def test_batches() -> None:
    s = np.stack([similarities(seed, 6) for seed in (1, 2)])
    kept = keep_extreme_maxima(s, 3)
    assert kept.sum(axis=1).tolist() == [3, 3]
    np.testing.assert_array_equal(kept[1], keep_extreme_maxima(s[1], 3))
    np.testing.assert_array_equal(keep_leaders(s, [0.2, 0.4])[1], keep_leaders(s[1], 0.4))
    assert (keep_extreme_maxima(s, 3, largest=True) != kept).any()


def test_a_chain_is_left_uncovered() -> None:
    # 0 and 1 alike, 1 and 2 alike, 0 and 2 not: 2 is pruned for 1, which is pruned for 0.
    s = np.array([[1, 0.9, 0.6], [0.9, 1, 0.95], [0.6, 0.95, 1]])
    kept = keep_extreme_maxima(s, 1)
    assert kept.tolist() == [True, False, False]
    assert uncovered_points(s, kept, 0.8).tolist() == [False, False, True]


def test_refusals() -> None:
    with pytest.raises(ValueError, match="square"):
        column_maxima(np.ones((2, 3)))
    with pytest.raises(ValueError, match="keep"):
        keep_extreme_maxima(np.eye(3), 4)
