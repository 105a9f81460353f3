"""What a stranger's data must not bring about: far points, ties, poor roundings, odd containers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    AdjustedOptions,
    AdjustedProblem,
    KMeansProblem,
    Status,
    adjusted_dual_bound,
    adjusted_sdp,
    certify_adjusted_partition,
    certify_large_partition,
    certify_partition,
    kmeans_sdp,
    kmeans_start,
    la_sdp,
    solve_by_cvxpy,
    solve_by_low_rank,
    solve_by_splitting,
)
from refutable.solvers.sdp.adjusted_bounds import members_infeasibility
from refutable.solvers.sdp.adjusted_splitting import REACH, raised
from refutable.solvers.sdp.bounds import FEASIBLE, infeasibility, nearly_psd, scatter_bound
from refutable.solvers.sdp.fantope import FantopeProjector
from refutable.solvers.sdp.result import likelihood_scale
from refutable.solvers.sdp.starts import better_partition, polished
from scipy import sparse

from tests.solvers.sdp_instances import planted


def three_groups_and_a_far_point(far, spread=0.2):
    """Points of three obvious groups and one far away; the right labels and random ones."""
    rng = np.random.default_rng(0)
    centres = np.repeat([(0.0, 0), (20, 0), (0, 20)], 25, axis=0)
    points = np.vstack([centres + spread * rng.normal(size=(75, 2)), [[far, -far]]])
    right = np.r_[np.repeat([0, 1, 2], 25), 3]
    return points, right, np.r_[rng.integers(0, 3, 75), 3]


@pytest.mark.parametrize("far", [0.0, 1e3, 1e5, 1e8])
@pytest.mark.parametrize("certify", [certify_partition, certify_large_partition])
def test_random_labels_and_a_far_point_are_never_certified(certify, far):
    points, right, wrong = three_groups_and_a_far_point(far)
    problem = KMeansProblem(points, 4)
    assert problem.partition_within(wrong) > 1e3 * problem.partition_within(right)
    proved = certify(problem, wrong)
    assert proved.status is Status.NOT_CERTIFIED
    assert not proved.exact
    assert proved.gap > 0.5


@pytest.mark.parametrize(
    ("certify", "far"), [(certify_partition, 1e3), (certify_large_partition, 1e2)]
)
def test_right_labels_and_a_far_point_are_certified_where_digits_allow(certify, far):
    points, right, _ = three_groups_and_a_far_point(far)
    assert certify(KMeansProblem(points, 4), right).exact


@pytest.mark.parametrize("method", ["splitting", "low-rank", "auto"])
def test_a_far_point_makes_no_method_content_with_a_poor_partition(method):
    points, right, _ = three_groups_and_a_far_point(1e5, spread=5.0)
    found, problem = kmeans_sdp(points, 4, method=method), KMeansProblem(points, 4)
    gap = (found.bound - found.value) / found.within
    assert found.exact <= (abs(gap) <= 1e-6)
    assert problem.partition_within(found.labels) <= problem.partition_within(right)


def test_a_start_is_not_certified_by_the_splitting_because_of_a_far_point():
    points, _, wrong = three_groups_and_a_far_point(1e4)
    found = solve_by_splitting(KMeansProblem(points, 4), wrong)
    assert not found.exact or found.gap <= 1e-6
    assert KMeansProblem(points, 4).partition_within(found.labels) < 10.0


def test_one_large_column_certifies_nothing():
    """26 groups, one column of 0 and 1e5: within-groups sums a quarter apart."""
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.normal(size=(260, 3)), 1e5 * (np.arange(260) % 2)])
    labels = np.arange(260) % 26
    problem = KMeansProblem(points, 26)
    better = polished(problem, labels)
    assert problem.partition_within(better) < 0.8 * problem.partition_within(labels)
    for certify in (certify_partition, certify_large_partition):
        assert not certify(problem, labels).certified


def test_within_is_total_minus_value_and_vanishes_for_copies():
    points, labels = planted(0)
    problem = KMeansProblem(points, 3)
    within = problem.partition_within(labels)
    assert within == pytest.approx(problem.total - problem.partition_value(labels), rel=1e-12)
    found = kmeans_sdp(points, 3)
    assert found.within == pytest.approx(problem.total - found.value, rel=1e-9)
    copies = np.repeat(np.random.default_rng(0).standard_normal((5, 2)), 3, axis=0)
    same = KMeansProblem(copies / 3.0, 5)
    assert same.partition_within(np.repeat(np.arange(5), 3)) == 0.0


def elongated(apart=4.0):
    rng, labels = np.random.default_rng(0), np.repeat([0, 1], 20)
    covariances = np.stack([np.diag([1.0, 25.0]), np.diag([25.0, 1.0])])
    points = rng.standard_normal((40, 2)) * np.sqrt(np.diagonal(covariances, 0, 1, 2))[labels]
    points[labels == 1] += apart
    return points, labels, covariances


@pytest.mark.parametrize("unit", [1e-60, 1e-3, 1e60])
def test_the_adjusted_gap_does_not_depend_on_the_unit(unit):
    """Log-determinants move the value by as much as one likes, and the gap not at all."""
    points, labels, covariances = elongated()
    options = AdjustedOptions(max_iterations=20, check_every=20)
    here = AdjustedProblem(points, covariances)
    there = AdjustedProblem(points * unit, covariances * unit**2)
    one, other = (adjusted_sdp(each, labels, options=options) for each in (here, there))
    assert 1e-6 < one.gap < 1.0
    assert other.gap == pytest.approx(one.gap, rel=1e-3)
    assert one.within == pytest.approx(other.within, rel=1e-6)


def test_the_adjusted_proof_is_judged_on_the_same_scale():
    points, labels, covariances = elongated(apart=40.0)
    problem = AdjustedProblem(points, covariances)
    proof = certify_adjusted_partition(problem, labels)
    assert proof.status(1e-6) is Status.CERTIFIED
    assert proof.gap == pytest.approx((proof.bound - proof.value) / proof.within)
    wanted = -proof.value - 40 * np.log(25.0)
    assert proof.within == pytest.approx(wanted) == pytest.approx(problem.partition_within(labels))
    assert likelihood_scale(0.0) == 1.0


def test_adjusted_random_labels_and_a_far_point_are_never_certified():
    points, right, wrong = three_groups_and_a_far_point(1e5)
    problem = AdjustedProblem(points, np.tile(0.04 * np.eye(2), (4, 1, 1)))
    assert certify_adjusted_partition(problem, wrong).status(1e-6) is not Status.CERTIFIED
    assert problem.partition_within(right) < problem.partition_within(wrong)


@st.composite
def tied(draw):
    """Points with ties, copies, low rank or one coordinate, and a number of groups."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, p = draw(st.integers(4, 40)), draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["ties", "copies", "line", "one coordinate", "two values"]))
    points = {
        "ties": lambda: rng.integers(1, 6, (n, p)).astype(float),
        "copies": lambda: rng.standard_normal((4, p))[rng.integers(4, size=n)],
        "line": lambda: np.outer(rng.standard_normal(n), rng.standard_normal(3)),
        "one coordinate": lambda: rng.standard_normal((n, 1)),
        "two values": lambda: rng.integers(0, 2, (n, p)).astype(float),
    }[kind]()
    return points, draw(st.integers(1, min(n, 6)))


def assert_truly_feasible(points, found, k):
    matrix = found.membership()
    assert infeasibility(matrix, k) <= FEASIBLE
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-9
    problem = KMeansProblem(points, k)
    value = float(np.vdot(problem.gram, matrix))
    assert value == pytest.approx(found.value, rel=1e-8, abs=1e-10)
    assert found.status is not Status.INCONSISTENT


@settings(max_examples=25, deadline=None)
@given(tied(), st.sampled_from(["auto", "certificate", "splitting", "low-rank"]))
def test_what_is_returned_is_feasible_whatever_the_data(case, method):
    points, k = case
    assert_truly_feasible(points, kmeans_sdp(points, k, method=method), k)


@settings(max_examples=3, deadline=None)
@given(tied())
def test_the_peer_is_feasible_too(case):
    points, k = case
    if 1 < k < len(points) and np.ptp(points, axis=0).any():
        found = solve_by_cvxpy(KMeansProblem(points, k))
        assert infeasibility(found.membership(), k) <= FEASIBLE
        assert found.status is not Status.INCONSISTENT


@pytest.mark.parametrize("seed", [7, 21, 25, 44, 52])
def test_tied_integers_of_one_coordinate(seed):
    """Rank-deficient blocks: the row sums were off by up to 0.09."""
    points = np.random.default_rng(seed).integers(1, 6, (100, 1)).astype(float)
    found = kmeans_sdp(points, 2, method="splitting")
    assert_truly_feasible(points, found, 2)


def test_a_dependent_block_stays_off_the_ones():
    """Powers of a matrix of rank two leave every other column to the whim of the factorisation."""
    rng = np.random.default_rng(0)
    half = rng.standard_normal((90, 2))
    half -= half.mean(axis=0)
    projector = FantopeProjector(90, 2)
    for _ in range(6):
        vectors, weights = projector.project(half @ half.T)
        np.testing.assert_allclose(vectors.sum(axis=0), 0.0, atol=1e-12)
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(weights)), atol=1e-12)


def test_an_empty_block_is_completed_off_the_ones():
    basis = FantopeProjector(90, 2)._orthonormal(np.zeros((90, 3)))
    np.testing.assert_allclose(basis.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-12)


def test_violations_are_seen():
    good = np.kron(np.eye(2), np.full((3, 3), 1 / 3))
    assert infeasibility(good, 2) <= 1e-15
    assert nearly_psd(good)
    for wrong in (good * 1.01, good + np.eye(6) * 0.01, good - 0.01 * np.eye(6)[::-1]):
        assert infeasibility(wrong, 2) > 1e-3
    assert infeasibility(good + np.triu(np.full((6, 6), 1e-3), 1), 2) > 1e-4
    assert not nearly_psd(good - 1e-3 * np.eye(6))


@pytest.mark.parametrize("method", ["certificate", "splitting", "low-rank", "auto"])
def test_labels_are_at_least_as_good_as_the_start(method):
    from sklearn.datasets import load_iris

    points = load_iris().data[::2]
    problem = KMeansProblem(points, 15)
    start = problem.partition_within(kmeans_start(problem, np.random.default_rng(0)))
    found = kmeans_sdp(points, 15, method=method, rng=np.random.default_rng(0))
    assert problem.partition_within(found.labels) <= start * (1 + 1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_polishing_never_raises_the_cost(seed, k):
    rng = np.random.default_rng(seed)
    problem = KMeansProblem(rng.standard_normal((30, 2)), k)
    labels = np.concatenate([np.arange(k), rng.integers(k, size=30 - k)])
    moved = polished(problem, labels)
    assert problem.partition_within(moved) <= problem.partition_within(labels)
    assert better_partition(problem, moved, labels) is moved
    given_start = solve_by_low_rank(problem, 1e-6, rng, moved)
    assert problem.partition_within(given_start.labels) <= problem.partition_within(moved)


def test_adjusted_labels_are_at_least_as_likely_as_those_of_the_local_search():
    points, _, covariances = elongated()
    problem = AdjustedProblem(points, covariances)
    options = AdjustedOptions(max_iterations=1)
    start = kmeans_start(KMeansProblem(points, 2), np.random.default_rng(0))
    start = problem.best_single_moves(problem.matched(start))
    found = la_sdp(points, covariances, options=options)
    assert problem.partition_value(found.labels) >= problem.partition_value(start)


def test_the_dense_certificate_has_a_limit_of_its_own(monkeypatch):
    """Where the splitting is too large, the certificate that closes the gap is not withheld."""
    points, labels = planted(3, n=120, ratio=1.2)
    problem = KMeansProblem(points, 3)
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.STRUCTURED_FROM", 50)
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.DENSE_LIMIT", 100)
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.SPLITTING_LIMIT", 100)
    assert not certify_large_partition(problem, labels).certified
    for method in ("certificate", "auto"):
        assert kmeans_sdp(points, 3, method=method).exact
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.CERTIFICATE_LIMIT", 100)
    assert not kmeans_sdp(points, 3, method="certificate").certified


def test_without_a_multiplier_the_bound_is_that_of_the_scatter():
    points, labels = planted(0, ratio=0.3)
    problem = KMeansProblem(points, 3)
    proved = certify_partition(problem, labels)
    assert proved.bound == pytest.approx(scatter_bound(problem.centred, 3, 60), rel=1e-12)


def same_bits(one, other):
    assert (one.value, one.bound) == (other.value, other.bound)
    np.testing.assert_array_equal(one.membership(), other.membership())


@pytest.mark.parametrize("method", ["certificate", "splitting", "low-rank"])
def test_containers_of_equal_numbers_give_equal_bits(method):
    single = np.round(planted(1, n=30, ratio=0.9)[0], 1).astype(np.float32)
    points = single.astype(np.float64)
    wanted = kmeans_sdp(points, 3, method=method)
    strided = np.repeat(points, 2, axis=0)[::2]
    others = (np.asfortranarray(points), pd.DataFrame(points), single, strided, points.tolist())
    for other in (*others, np.ma.array(points)):
        same_bits(kmeans_sdp(other, 3, method=method), wanted)
    assert KMeansProblem(np.asfortranarray(points), 3).points.flags.c_contiguous
    whole = np.round(10 * points)
    same_bits(kmeans_sdp(whole.astype(int), 3, method=method), kmeans_sdp(whole, 3, method=method))


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.coo_array])
def test_sparse_points_are_named(kind):
    for call in (lambda x: kmeans_sdp(x, 2), lambda x: AdjustedProblem(x, np.ones((2, 4, 4)))):
        with pytest.raises(ValueError, match="^points is a sparse matrix: give a dense one"):
            call(kind(np.eye(4)))


def test_masked_points_are_named():
    masked = np.ma.array(np.eye(4), mask=np.eye(4) > 0)
    with pytest.raises(ValueError, match="^points has masked entries: drop those rows"):
        kmeans_sdp(masked, 2)


@pytest.mark.parametrize("less", [0, 1, 2, 3])
def test_nearly_as_many_groups_as_points(less):
    points = np.random.default_rng(0).standard_normal((20, 2))
    found = kmeans_sdp(points, 20 - less)
    assert_truly_feasible(points, found, 20 - less)
    assert found.bound >= found.value
    assert found.gap < 0.3
    if less <= 1:
        assert found.certified


def covariances_of_every_scale(seed, n=20):
    """Two or three groups of variances from 1e-3 to 1e3."""
    rng, k = np.random.default_rng(seed), 2 + seed % 2
    turns = [np.linalg.qr(rng.standard_normal((2, 2)))[0] for _ in range(k)]
    covariances = np.stack([q @ np.diag(10.0 ** rng.uniform(-3, 3, 2)) @ q.T for q in turns])
    covariances = 0.5 * (covariances + np.swapaxes(covariances, 1, 2))
    labels = np.arange(n) % k
    noise = np.einsum(
        "nij,nj->ni", np.linalg.cholesky(covariances)[labels], rng.normal(size=(n, 2))
    )
    return AdjustedProblem(noise + 3 * rng.standard_normal((k, 2))[labels], covariances)


def test_covariances_of_very_different_scale_are_solved(monkeypatch):
    """Raised entries leave a gap many times smaller after the same few iterations."""
    options, gaps = AdjustedOptions(max_iterations=200, check_every=100), {}
    for reach in (1e30, REACH):
        monkeypatch.setattr("refutable.solvers.sdp.adjusted_splitting.REACH", reach)
        for seed in range(8):
            problem = covariances_of_every_scale(seed, n=16)
            found = adjusted_sdp(problem, options=options)
            gaps.setdefault(reach, []).append(found.gap)
            again = adjusted_dual_bound(problem.similarities, found.multipliers, found.prices)
            assert again == pytest.approx(found.bound, rel=1e-9)
            assert found.value <= found.bound + 1e-9 * abs(found.bound)
            assert members_infeasibility(found.members) <= FEASIBLE
    assert np.median(np.array(gaps[REACH]) / gaps[1e30]) < 0.3


def test_raised_entries_are_never_lowered():
    problem = covariances_of_every_scale(1)
    change = raised(problem) - problem.similarities
    assert change.min() >= -1e-9
    assert (change > 1.0).any()
    np.testing.assert_allclose(change, np.swapaxes(change, 1, 2))
