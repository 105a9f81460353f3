"""The bounds are on the right side whatever they are fed, and a wrong dual is caught."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    KMeansProblem,
    SdpResult,
    Status,
    dual_bound,
    feasible_mixture,
    kmeans_sdp,
)
from refutable.solvers.sdp.bounds import double_centred, largest_eigenvalue_below
from refutable.solvers.sdp.fantope import FantopeProjector, capped_simplex
from refutable.solvers.sdp.problem import membership_factor

from tests.solvers.sdp_instances import planted


def random_problem(seed, n=12, p=3, k=3):
    return KMeansProblem(np.random.default_rng(seed).standard_normal((n, p)), k)


def random_multiplier(rng, n):
    half = rng.exponential(rng.exponential(3.0), (n, n))
    return half + half.T


def dense_projection(matrix, rank):
    values, vectors = np.linalg.eigh(double_centred(matrix) - 1e3 / len(matrix))
    weights, _ = capped_simplex(values[1:], rank)
    return (vectors[:, 1:] * weights) @ vectors[:, 1:].T


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_any_multiplier_bounds_every_partition_and_every_mixture(seed, k):
    rng, problem = np.random.default_rng(seed), random_problem(seed, k=k)
    bound = dual_bound(problem.gram, random_multiplier(rng, 12), k)
    labels = np.concatenate([np.arange(k), rng.integers(k, size=12 - k)])
    assert problem.partition_value(labels) <= bound + 1e-9
    off_ones = dense_projection(random_multiplier(rng, 12), k - 1)
    mixture, t = feasible_mixture(off_ones + 1 / 12, k)
    assert 0 <= t <= 1
    assert mixture.min() >= -1e-15
    np.testing.assert_allclose(mixture.sum(axis=1), 1)
    assert np.trace(mixture) == pytest.approx(k)
    assert float(np.vdot(problem.gram, mixture)) <= bound + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 1.6))
def test_methods_bracket_each_other(seed, ratio):
    points, _ = planted(seed, n=24, p=4, ratio=ratio)
    found = [kmeans_sdp(points, 3, method=name) for name in ("splitting", "certificate")]
    assert max(one.value for one in found) <= min(one.bound for one in found) + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: -m, "at least 0"),
        (lambda m: m[:-1], "shape"),
        (lambda m: m * np.nan, "finite"),
        (lambda m: m + np.triu(np.ones_like(m), 1), "symmetric"),
    ],
)
def test_a_wrong_multiplier_is_refused(change, message):
    points, _ = planted(0, n=30)
    problem, good = KMeansProblem(points, 3), kmeans_sdp(points, 3).multiplier
    with pytest.raises(ValueError, match=message):
        dual_bound(problem.gram, change(good), 3)


@pytest.mark.parametrize("k", [1, 3, 60])
def test_an_asymmetry_within_tolerance_costs_tightness_and_not_truth(k):
    """One triangle 1e-9 smaller: the mass saw it and the eigenvalues did not."""
    points, _ = planted(0, n=60, ratio=1.6)
    problem, found = KMeansProblem(points, k), kmeans_sdp(points, 3)
    asymmetric = found.multiplier.copy()
    asymmetric[np.triu_indices(60, 1)] *= 1 - 0.99e-9
    average = 0.5 * (asymmetric + asymmetric.T)
    for one in (asymmetric, asymmetric.T):
        bound = dual_bound(problem.gram, one, k)
        assert bound == dual_bound(problem.gram, average, k)
        assert bound >= kmeans_sdp(points, k).value


@pytest.mark.parametrize("k", [1, 12])
def test_single_point_programs_get_a_rounding_allowance(k):
    """With one feasible point the bound without allowance would be its value to the last bit."""
    for seed in range(40):
        problem = random_problem(seed, k=k)
        labels = np.arange(12) % k
        multiplier = np.zeros((12, 12))
        value = problem.partition_value(labels)
        assert value < dual_bound(problem.gram, multiplier, k) <= value + 1e-12


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.9, 1.1, 2.0])
def test_a_scaled_multiplier_loses_the_certificate_and_not_the_truth(factor):
    points, _ = planted(0, n=60)
    problem, found = KMeansProblem(points, 3), kmeans_sdp(points, 3)
    bound = dual_bound(problem.gram, factor * found.multiplier, 3)
    assert bound > found.value * (1 + 1e-6)


def test_status_follows_the_gap():
    labels = np.zeros(2, dtype=np.intp)
    assert SdpResult(labels, 1.0, 1.0 + 1e-7, 1.0, 1e-6, "x").status is Status.CERTIFIED
    assert SdpResult(labels, 1.0, 1.1, 1.0, 1e-6, "x").status is Status.NOT_CERTIFIED
    assert SdpResult(labels, 0.0, 0.0, 1.0, 1e-6, "x").gap == 0.0
    with pytest.raises(ValueError, match="kept no solution"):
        SdpResult(labels, 0.0, 0.0, 1.0, 1e-6, "x").membership()


@given(st.integers(0, 10_000), st.floats(1e-9, 1.0))
def test_cholesky_bound_is_never_below_the_eigenvalue(seed, slack):
    half = np.random.default_rng(seed).standard_normal((9, 9))
    matrix = half + half.T
    top = float(np.linalg.eigvalsh(matrix)[-1])
    bound = largest_eigenvalue_below(matrix, top + slack)
    assert bound is not None
    assert bound >= top
    assert largest_eigenvalue_below(matrix, top - slack) is None


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(0, 1))
def test_capped_simplex_satisfies_its_optimality_conditions(values, share):
    values, total = np.array(values), share * len(values)
    weights, theta = capped_simplex(values, total)
    assert weights.sum() == pytest.approx(total, abs=1e-9)
    np.testing.assert_allclose(weights, np.clip(values - theta, 0, 1))


def test_capped_simplex_refuses_an_impossible_total():
    with pytest.raises(ValueError, match=r"^total\b"):
        capped_simplex(np.zeros(3), 4)


def test_the_warm_subspace_converges_to_the_dense_projection():
    points, labels = planted(1, n=90)
    factor = membership_factor(labels, 3)
    matrix = factor @ factor.T + 0.05 * KMeansProblem(points, 3).gram / 90
    projector = FantopeProjector(90, 2)
    for step in range(30):
        vectors, weights = projector.project(matrix + 0.3**step * np.diag(np.arange(90.0)) / 90)
    np.testing.assert_allclose(
        (vectors * weights) @ vectors.T, dense_projection(matrix, 2), atol=1e-8
    )
