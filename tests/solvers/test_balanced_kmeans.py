"""Equal sizes, optimal assignment against a linear programme, refusals."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.balanced_kmeans import (
    UNASSIGNED,
    absorb_in_turn,
    code_entropy,
    mean_distortion,
    nearest_labels,
    optimal_balanced_labels,
)


@settings(max_examples=25, deadline=None)
@given(width=st.integers(1, 6), k=st.integers(1, 6), extra=st.integers(0, 5))
def test_sizes_are_exact(width: int, k: int, extra: int) -> None:
    rng = np.random.default_rng(width * 10 + k)
    left = extra % k
    points = rng.normal(size=(width * k + left, 2))
    result = absorb_in_turn(points, points[:k], sweeps=50, remainder=True)
    sizes = np.bincount(result.labels[result.labels != UNASSIGNED], minlength=k)
    assert (sizes == width).all()
    assert (result.labels == UNASSIGNED).sum() == left
    for label, centre in enumerate(result.centroids):
        np.testing.assert_allclose(centre, points[result.labels == label].mean(axis=0))


def test_first_centroid_takes_its_nearest() -> None:
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    result = absorb_in_turn(points, np.array([[0.4], [0.6]]))
    assert result.labels.tolist() == [0, 0, 1, 1]
    assert result.converged
    assert result.iterations == 2


def test_optimal_assignment_equals_the_transport_programme() -> None:
    rng = np.random.default_rng(1)
    points, centres = rng.normal(size=(12, 2)), rng.normal(size=(3, 2))
    cost = ((points[:, None] - centres) ** 2).sum(axis=-1)
    plan = cp.Variable((12, 3), nonneg=True)
    rules = [cp.sum(plan, axis=1) == 1, cp.sum(plan, axis=0) == 4]
    best = cp.Problem(cp.Minimize(cp.sum(cp.multiply(cost, plan))), rules).solve(solver="CLARABEL")
    ours = mean_distortion(points, centres, optimal_balanced_labels(points, centres))
    assert 12 * ours == pytest.approx(best, abs=1e-6)
    assert np.bincount(optimal_balanced_labels(points, centres)).tolist() == [4, 4, 4]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100))
def test_order_of_distortions(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(24, 3))
    result = absorb_in_turn(points, points[:4])
    assigned = mean_distortion(points, result.centroids, result.labels)
    optimal = optimal_balanced_labels(points, result.centroids)
    balanced = mean_distortion(points, result.centroids, optimal)
    free = mean_distortion(points, result.centroids, nearest_labels(points, result.centroids))
    assert assigned >= balanced - 1e-12
    assert balanced >= free - 1e-12


def test_entropy() -> None:
    assert code_entropy([0, 1, 2, 3], 4) == pytest.approx(2)
    assert code_entropy([0, 0, 0, UNASSIGNED], 2) == 0


def test_refusals() -> None:
    points = np.zeros((5, 2))
    with pytest.raises(ValueError, match="remainder=True"):
        absorb_in_turn(points, points[:2])
    with pytest.raises(ValueError, match="^centroids.*divide 5 points"):
        optimal_balanced_labels(points, points[:2])
    with pytest.raises(ValueError, match="centroids"):
        absorb_in_turn(points, np.zeros((1, 3)))
    with pytest.raises(ValueError, match="points"):
        absorb_in_turn([[np.nan]], [[0.0]])
