"""Partitions are even, and the finite-population formula equals enumeration."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.subsets import (
    part_masks,
    random_partitions,
    random_subsets,
    sampling_error,
    subset_indicators,
    subset_sum_errors,
    with_replacement_error,
)


@given(count=st.integers(1, 40), data=st.data())
def test_partitions_are_even_and_disjoint(count: int, data: st.DataObject) -> None:
    parts = data.draw(st.integers(1, count))
    labels = random_partitions(np.random.default_rng(count), 3, count, parts)
    masks = part_masks(labels, parts)
    sizes = masks.sum(axis=-1)
    assert (masks.sum(axis=0) == 1).all()
    assert sizes.max() - sizes.min() <= 1


def test_partitions_are_uniform() -> None:
    labels = random_partitions(np.random.default_rng(0), 20_000, 4, 2)
    together = (labels[:, :1] == labels[:, 1:]).mean(axis=0)
    # Two given entries of four share a half with probability 1/3.
    assert np.abs(together - 1 / 3).max() < 6 * np.sqrt(2 / 9 / 20_000)


@given(population=st.integers(1, 12), data=st.data())
def test_subsets_hold_k_different_members(population: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, population))
    members = np.sort(random_subsets(np.random.default_rng(population), 20, population, k), axis=1)
    assert members.shape == (20, k)
    assert members.min() >= 0
    assert members.max() < population
    assert (np.diff(members, axis=1) > 0).all()


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_every_subset_is_equally_likely(k: int) -> None:
    draws = 60_000
    members = random_subsets(np.random.default_rng(k), draws, 5, k)
    counts = np.bincount((1 << members).sum(axis=1), minlength=32)
    expected = np.where(np.bitwise_count(np.arange(32)) == k, draws / comb(5, k), 0.0)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected.max())


@given(n=st.integers(2, 8), data=st.data())
def test_formula_equals_enumeration(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    vectors = np.random.default_rng(n * 100 + k).normal(1.0, 2.0, (2, n, 3))
    errors = subset_sum_errors(vectors, subset_indicators(n, k), n / k)
    assert errors.shape == (2, comb(n, k))
    np.testing.assert_allclose(errors.mean(axis=-1), sampling_error(vectors, k), atol=1e-9)


def test_with_replacement_equals_enumeration_of_draws() -> None:
    vectors = np.random.default_rng(1).normal(size=(4, 3))
    draws = np.stack(np.meshgrid(*[np.arange(4)] * 2), axis=-1).reshape(-1, 2)
    sums = 4 / 2 * vectors[draws].sum(axis=1)
    direct = ((sums - vectors.sum(axis=0)) ** 2).sum(axis=1).mean()
    assert with_replacement_error(vectors, 2) == pytest.approx(direct)
    assert with_replacement_error(vectors, 1) == pytest.approx(float(sampling_error(vectors, 1)))


def test_subset_errors_are_squared_distances() -> None:
    vectors = np.random.default_rng(2).normal(size=(5, 3))
    chosen = subset_indicators(5, 2)
    direct = [((1.5 * vectors[c].sum(0) - vectors.sum(0)) ** 2).sum() for c in chosen]
    np.testing.assert_allclose(subset_sum_errors(vectors, chosen, 1.5), direct)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="parts"):
        random_partitions(np.random.default_rng(0), 1, 3, 4)
    with pytest.raises(ValueError, match="labels"):
        part_masks([0, 5], 2)
    with pytest.raises(ValueError, match="population"):
        subset_indicators(21, 2)
    with pytest.raises(ValueError, match="indicators"):
        subset_sum_errors(np.ones((3, 2)), np.ones((1, 2), bool), 1.0)
    with pytest.raises(ValueError, match="vectors"):
        sampling_error(np.full((3, 2), np.nan), 1)
