"""Weighted draws about a mode against laws whose moments are known."""

import numpy as np
import pytest
from refutable.solvers.laplace_importance import student_pairs, weighted
from scipy import special, stats

CURVATURE = np.array([[2.0, 0.5], [0.5, 1.0]])
CENTRE = np.array([1.0, -2.0])


def gaussian(x):
    z = x - CENTRE
    return -0.5 * np.einsum("ni,ij,nj->n", z, CURVATURE, z)


def test_pairs_are_opposite_and_of_the_student_law():
    points = student_pairs(np.random.default_rng(0), 20_000, 2, 5.0)
    np.testing.assert_array_equal(points[:20_000], -points[20_000:])
    assert stats.kstest(points[:20_000, 0], stats.t(5).cdf).pvalue > 1e-4
    # Both coordinates have one divisor: their squares go together.
    assert np.corrcoef(points[:20_000].T ** 2)[0, 1] > 0.1


def test_moments_of_a_gaussian_law():
    points = student_pairs(np.random.default_rng(1), 40_000, 2, 8.0)
    found = weighted(gaussian, CENTRE, CURVATURE, points, 8.0)
    assert found.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.weights @ found.states, CENTRE, atol=1e-12)
    apart = found.states - CENTRE
    covariance = np.einsum("n,ni,nj->ij", found.weights, apart, apart)
    np.testing.assert_allclose(covariance, np.linalg.inv(CURVATURE), atol=0.02)
    assert 0.8 < found.effective_share < 1
    # In units of the law all curvatures are one, and a weight depends on the length alone.
    square = (points**2).sum(axis=1)
    weights = np.exp(-square / 2) * (1 + square / 8) ** 5
    np.testing.assert_allclose(found.weights, weights / weights.sum(), rtol=1e-9)


def test_moments_where_centre_and_curvature_are_somewhat_off():
    points = student_pairs(np.random.default_rng(2), 40_000, 2, 8.0)
    found = weighted(gaussian, CENTRE + 0.2, 0.8 * CURVATURE, points, 8.0)
    np.testing.assert_allclose(found.weights @ found.states, CENTRE, atol=0.02)
    assert found.effective_share < 0.9


@pytest.mark.parametrize("shape", [4.0, 256.0])
def test_moments_of_the_logarithm_of_a_gamma_number(shape):
    """Its density has one exponential tail; pairs make errors fall faster than its spread."""
    points = student_pairs(np.random.default_rng(3), 2000, 1, 8.0)
    found = weighted(
        lambda x: (shape * x - np.exp(x))[:, 0],
        np.array([np.log(shape)]),
        np.array([[shape]]),
        points,
        8.0,
    )
    mean = found.weights @ found.states[:, 0]
    spread = found.weights @ (found.states[:, 0] - mean) ** 2
    assert mean == pytest.approx(special.digamma(shape), abs=0.08 / shape)
    assert spread == pytest.approx(special.polygamma(1, shape), rel=0.06)


def test_states_outside_of_the_support_weigh_nothing():
    points = student_pairs(np.random.default_rng(4), 50, 2, 8.0)

    def half(x):
        return np.where(x[:, 0] > CENTRE[0], gaussian(x), -np.inf)

    found = weighted(half, CENTRE, CURVATURE, points, 8.0)
    assert (found.weights[found.states[:, 0] < CENTRE[0]] == 0).all()
    with pytest.raises(ValueError, match="log_density"):
        weighted(lambda x: np.full(len(x), -np.inf), CENTRE, CURVATURE, points, 8.0)


def test_what_is_no_mode_is_refused():
    points = student_pairs(np.random.default_rng(5), 5, 2, 8.0)
    with pytest.raises(ValueError, match="is centre a mode"):
        weighted(gaussian, CENTRE, -CURVATURE, points, 8.0)
    with pytest.raises(ValueError, match="points"):
        weighted(gaussian, CENTRE, CURVATURE, points[:, :1], 8.0)
    with pytest.raises(ValueError, match="curvature"):
        weighted(gaussian, CENTRE, np.eye(3), points, 8.0)
