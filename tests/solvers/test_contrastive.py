"""Contrastive losses against plain loops, the simplex, and the optimiser's gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers import contrastive
from refutable.solvers.contrastive import (
    minimise_on_sphere,
    mnr_loss,
    normalise,
    self_similarity_targets,
    self_target_loss,
    simplex_vectors,
    symmetric_mnr_loss,
)
from scipy.optimize import check_grad
from scipy.special import logsumexp


def test_loss_against_a_loop() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 3))
    direct = np.mean([logsumexp(b @ a[i] / 0.5) - a[i] @ b[i] / 0.5 for i in range(4)])
    assert mnr_loss(a, b, 0.5) == pytest.approx(direct)
    assert symmetric_mnr_loss(a, b) == pytest.approx((mnr_loss(a, b) + mnr_loss(b, a)) / 2)


@given(count=st.integers(2, 12), extra=st.integers(0, 3))
def test_simplex(count: int, extra: int) -> None:
    vectors = simplex_vectors(count, count - 1 + extra)
    gram = vectors @ vectors.T
    np.testing.assert_allclose(np.diag(gram), 1)
    np.testing.assert_allclose(gram[~np.eye(count, dtype=bool)], -1 / (count - 1), atol=1e-12)


@given(seed=st.integers(0, 50))
def test_self_targets_are_the_identity_for_unit_vectors(seed: int) -> None:
    a, b = normalise(np.random.default_rng(seed).normal(size=(2, 16, 4)))
    assert self_similarity_targets(a, b).tolist() == list(range(16))
    assert self_target_loss(a, b) == pytest.approx(float(symmetric_mnr_loss(a, b)))


def test_gradient_on_the_sphere() -> None:
    point = np.random.default_rng(1).normal(size=2 * 4 * 3)
    error = check_grad(
        lambda x: contrastive._value_and_gradient(x, 4, 0.7)[0],
        lambda x: contrastive._value_and_gradient(x, 4, 0.7)[1],
        point,
    )
    assert error < 1e-6


def test_optimiser_reaches_the_simplex() -> None:
    found = minimise_on_sphere(np.random.default_rng(2), 4, 3)
    best = simplex_vectors(4, 3)
    assert found == pytest.approx(float(mnr_loss(best, best)), abs=1e-6)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="dimension"):
        simplex_vectors(5, 3)
    with pytest.raises(ValueError, match="second"):
        mnr_loss(np.ones((2, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="zero vector"):
        normalise(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="temperature"):
        mnr_loss(np.ones((2, 2)), np.ones((2, 2)), 0.0)
