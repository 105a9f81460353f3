"""The mis-clustering error against enumeration of all matchings, and its symmetries."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.assignment import (
    adjusted_rand_index,
    confusion,
    misclustering_error,
)
from sklearn.metrics import adjusted_rand_score

LABELS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)


@given(LABELS)
def test_error_is_the_least_over_all_matchings(pair):
    labels, truth = map(np.array, pair)
    least = min((np.array(names)[labels] != truth).mean() for names in permutations(range(4)))
    assert misclustering_error(labels, truth) == pytest.approx(least)


@given(LABELS)
def test_names_do_not_matter(pair):
    labels, truth = map(np.array, pair)
    renamed = np.array([2, 0, 3, 1])[labels]
    assert misclustering_error(renamed, truth) == misclustering_error(labels, truth)
    assert misclustering_error(truth, labels) == misclustering_error(labels, truth)


def test_a_batch_equals_its_members():
    rng = np.random.default_rng(0)
    labels, truth = rng.integers(3, size=(5, 2, 20)), rng.integers(3, size=20)
    single = [[misclustering_error(row, truth) for row in rows] for rows in labels]
    np.testing.assert_array_equal(misclustering_error(labels, truth), single)
    assert confusion(labels, truth).sum(axis=(-2, -1)).tolist() == [[20, 20]] * 5


@given(LABELS)
def test_the_adjusted_rand_index_is_that_of_scikit_learn(pair):
    labels, truth = map(np.array, pair)
    ours = adjusted_rand_index(labels, truth)
    assert ours == pytest.approx(adjusted_rand_score(truth, labels), abs=1e-12)
    assert -0.5 <= ours <= 1


def test_the_adjusted_rand_index_of_a_batch():
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=(3, 5, 30))
    ours = adjusted_rand_index(labels[:, :, None], labels[:, None])
    single = [[[adjusted_rand_score(a, b) for b in rows] for a in rows] for rows in labels]
    np.testing.assert_allclose(ours, single, atol=1e-12)


@pytest.mark.parametrize(
    ("labels", "truth", "message"),
    [
        ([], [], "labels is empty"),
        ([0, 1], [0], "^truth has shape"),
        ([0.5, 1.0], [0, 1], r"^labels\b"),
        ([0, 1], [0, -1], "^truth holds values from -1"),
    ],
)
def test_bad_labels_are_named(labels, truth, message):
    with pytest.raises(ValueError, match=message):
        misclustering_error(labels, truth)
