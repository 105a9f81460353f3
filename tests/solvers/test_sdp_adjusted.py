"""The likelihood-adjusted program: closed-form certificate, splitting, iteration."""

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp import (
    AdjustedOptions,
    AdjustedProblem,
    KMeansProblem,
    adjusted_dual_bound,
    adjusted_partition_test,
    adjusted_sdp,
    certify_adjusted_partition,
    ila_sdp,
    kmeans_sdp,
    la_sdp,
)
from refutable.solvers.sdp.adjusted import partition_members
from refutable.solvers.sdp.adjusted_bounds import feasible_members, project_rows
from refutable.solvers.sdp.adjusted_splitting import argmax_labels
from refutable.solvers.sdp.fantope import SpectraplexStack, simplex_rows
from refutable.solvers.sdp.likelihood import group_covariances


def elongated(seed, n=40, p=3, k=2, sep=8.0, cond=25.0):
    """Groups elongated along different axes: points, labels, covariances."""
    rng, labels = np.random.default_rng(seed), np.repeat(np.arange(k), n // k)
    covariances = np.tile(np.eye(p), (k, 1, 1))
    for group in range(k):
        covariances[group, (group + 1) % p, (group + 1) % p] = cond
    points = rng.standard_normal((n, p)) * np.sqrt(np.diagonal(covariances, 0, 1, 2))[labels]
    points[np.arange(n), labels] += sep / np.sqrt(2)
    return points, labels, covariances


def assert_feasible(members):
    assert members.min() >= -1e-12
    np.testing.assert_allclose(members.sum(axis=(0, 2)), 1.0, atol=1e-9)
    np.testing.assert_allclose(np.trace(members, axis1=1, axis2=2), 1.0, atol=1e-9)
    assert np.linalg.eigvalsh(members).min() >= -1e-9


def cvxpy_value(problem):
    members = [cp.Variable((problem.n, problem.n), PSD=True) for _ in range(problem.k)]
    constraints = [one >= 0 for one in members] + [cp.trace(one) == 1 for one in members]
    constraints.append(sum(cp.sum(one, axis=1) for one in members) == 1)
    pairs = zip(problem.similarities, members, strict=True)
    objective = cp.Maximize(sum(cp.sum(cp.multiply(a, z)) for a, z in pairs))
    return cp.Problem(objective, constraints).solve(solver="SCS", eps=1e-7, max_iters=20_000)


@pytest.mark.parametrize("sep", [2.0, 5.0, 9.0])
def test_agrees_with_cvxpy(sep):
    points, _, covariances = elongated(0, n=16, sep=sep)
    problem = AdjustedProblem(points, covariances)
    options = AdjustedOptions(max_iterations=4000)
    found, wanted = adjusted_sdp(problem, options=options), cvxpy_value(problem)
    assert found.value == pytest.approx(wanted, rel=1e-4)
    assert found.bound >= wanted - 1e-4 * abs(wanted)
    assert_feasible(found.members)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(3.0, 10.0))
def test_certificate_and_splitting_bracket_each_other(seed, sep):
    points, labels, covariances = elongated(seed, n=30, sep=sep)
    problem = AdjustedProblem(points, covariances)
    proof, found = certify_adjusted_partition(problem, labels), adjusted_sdp(problem)
    assert found.value <= found.bound + 1e-9
    assert found.value <= proof.bound + 1e-9
    assert proof.value <= found.bound + 1e-9
    if not proof.test.possible and found.certified:
        assert found.value > proof.value
    if proof.gap <= 1e-9:
        assert proof.test.single_moves_lose
        assert found.value <= proof.value + 1e-6 * abs(proof.value)
    assert_feasible(found.members)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_any_multipliers_and_prices_bound_every_partition(seed):
    rng = np.random.default_rng(seed)
    points, _, covariances = elongated(seed, n=10, sep=2.0)
    problem = AdjustedProblem(points, covariances)
    half = rng.exponential(5.0, (2, 10, 10))
    multipliers, prices = half + np.swapaxes(half, 1, 2), 20 * rng.standard_normal(10)
    bound = adjusted_dual_bound(problem.similarities, multipliers, prices)
    labels = np.concatenate([[0, 1], rng.integers(2, size=8)])
    assert problem.partition_value(labels) <= bound + 1e-9


@given(st.integers(0, 10_000))
def test_made_feasible_whatever_it_was(seed):
    half = np.random.default_rng(seed).standard_normal((3, 8, 8))
    assert_feasible(feasible_members(half + np.swapaxes(half, 1, 2)))


@given(st.integers(0, 10_000))
def test_row_projection_is_the_nearest(seed):
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((2, 5, 5))
    stack = half + np.swapaxes(half, 1, 2)
    near = project_rows(stack)
    np.testing.assert_allclose(near.sum(axis=(0, 2)), 1.0)
    other = project_rows(stack + rng.standard_normal((2, 5, 5)))
    other = 0.5 * (other + np.swapaxes(other, 1, 2))
    other = project_rows(other)
    assert np.linalg.norm(near - stack) <= np.linalg.norm(other - stack) + 1e-12


@given(st.integers(0, 10_000), st.floats(0.0, 5.0))
def test_simplex_rows_satisfy_their_optimality_conditions(seed, total):
    rows = np.random.default_rng(seed).standard_normal((4, 6))
    near = simplex_rows(rows, np.full(4, total))
    np.testing.assert_allclose(near.sum(axis=1), total, atol=1e-12)
    shift = np.where(near > 0, rows - near, -np.inf).max(axis=1)
    if total > 1e-9:
        assert (rows - shift[:, None] <= near + 1e-9).all()


def test_small_and_large_stacks_project_alike(monkeypatch):
    half = np.random.default_rng(0).standard_normal((2, 70, 70))
    stack = half + np.swapaxes(half, 1, 2)
    large = SpectraplexStack(2, 70)
    for _ in range(8):
        subspace = large.project(stack)
    monkeypatch.setattr("refutable.solvers.sdp.fantope.DENSE_ORDER", 100)
    np.testing.assert_allclose(SpectraplexStack(2, 70).project(stack), subspace, atol=1e-9)


def test_the_value_of_a_partition_is_the_inner_product():
    points, labels, covariances = elongated(1)
    problem = AdjustedProblem(points, covariances)
    wanted = np.vdot(problem.similarities, partition_members(labels, 2))
    assert problem.partition_value(labels) == pytest.approx(wanted)
    moved = labels.copy()
    moved[3] = 1
    gain = problem.partition_value(moved) - problem.partition_value(labels)
    assert problem.move_gains(labels)[3, 1] == pytest.approx(gain)


def test_matching_undoes_a_renaming():
    points, labels, covariances = elongated(2)
    problem = AdjustedProblem(points, covariances)
    np.testing.assert_array_equal(problem.matched(1 - labels), labels)


def test_spherical_covariances_give_the_kmeans_value():
    """With S_k = I the program's value is that of Peng-Wei minus the total scatter."""
    points, _, _ = elongated(3, n=30, sep=9.0, cond=1.0)
    problem = AdjustedProblem(points, np.tile(np.eye(3), (2, 1, 1)))
    plain, adjusted = kmeans_sdp(points, 2), la_sdp(points, problem.covariances)
    scatter = (KMeansProblem(points, 2).centred ** 2).sum()
    assert adjusted.value == pytest.approx(plain.value - scatter, rel=1e-6)


def test_equal_covariances_leave_the_matrices_undetermined():
    points, labels, _ = elongated(4, n=24, sep=10.0, cond=1.0)
    found = adjusted_sdp(AdjustedProblem(points, np.tile(np.eye(3), (2, 1, 1))))
    np.testing.assert_allclose(found.raw_members[0], found.raw_members[1], atol=1e-3)
    assert misclustering_error(argmax_labels(found.raw_members), labels) > 0.1
    assert misclustering_error(found.labels, labels) == 0.0


def test_the_splitting_looks_at_every_check_and_at_the_end():
    points, _, covariances = elongated(0, n=24, sep=12.0)
    problem = AdjustedProblem(points, covariances)
    settled = adjusted_sdp(problem, tolerance=1e-3, options=AdjustedOptions(check_every=10))
    assert settled.certified
    assert settled.iterations % 10 == 0
    assert settled.iterations < AdjustedOptions().max_iterations
    short = adjusted_sdp(problem, options=AdjustedOptions(max_iterations=7))
    assert (short.iterations, np.isfinite(short.bound)) == (7, True)


def test_the_splitting_begins_at_the_start_that_it_is_given():
    """With next to no pull the first projection leaves a partition where it is."""
    points, labels, covariances = elongated(0, n=24, sep=12.0)
    problem, planted = AdjustedProblem(points, covariances), partition_members(labels, 2)
    one = AdjustedOptions(rho=1e9, max_iterations=1, check_every=1)
    near, flat = adjusted_sdp(problem, labels, options=one), adjusted_sdp(problem, options=one)
    np.testing.assert_allclose(near.raw_members, planted, atol=1e-6)
    assert abs(flat.raw_members - planted).max() > 1 / 24
    assert near.iterations == flat.iterations == 1
    assert near.integral, "nothing better than the start was met"


def test_as_many_groups_as_points_are_refused_and_one_fewer_is_solved():
    points = np.array([[0.0, 0], [0.1, 0], [9, 9]])
    with pytest.raises(ValueError, match="^covariances has shape.*fewer than the 3 points"):
        adjusted_sdp(AdjustedProblem(points, np.tile(np.eye(2), (3, 1, 1))))
    found = adjusted_sdp(AdjustedProblem(points, np.tile(np.eye(2), (2, 1, 1))))
    assert found.labels[0] == found.labels[1] != found.labels[2]
    with pytest.raises(ValueError, match="^tolerance"):
        replace(found, tolerance=0.0)


@pytest.mark.parametrize("patience", [1, 3])
def test_the_splitting_stops_after_so_many_checks_with_one_partition(patience):
    points, _, covariances = elongated(0, n=24, sep=12.0)
    problem = AdjustedProblem(points, covariances)
    options = AdjustedOptions(check_every=2, patience=patience)
    stopped = adjusted_sdp(problem, tolerance=1e-12, options=options)
    first = adjusted_sdp(problem, options=AdjustedOptions(max_iterations=2)).labels
    assert (stopped.labels == first).all(), "the first look finds the partition"
    assert stopped.iterations == 2 * (1 + patience)


def test_exact_recovery_is_certified_in_closed_form():
    points, labels, covariances = elongated(5, n=60, sep=12.0)
    found = la_sdp(points, covariances)
    assert found.exact
    assert found.iterations == 0
    np.testing.assert_array_equal(found.labels, labels)
    assert adjusted_partition_test(AdjustedProblem(points, covariances), labels).possible
    assert not adjusted_partition_test(AdjustedProblem(points, covariances), 1 - labels).possible


def test_iteration_recovers_shapes_from_a_poor_start():
    points, labels, _ = elongated(6, n=80, sep=8.0)
    start = labels.copy()
    start[::5] = 1 - start[::5]
    found = ila_sdp(points, start)
    assert misclustering_error(found.labels, labels) <= 0.05
    assert found.settled


def test_a_tight_round_never_lowers_the_profile_likelihood():
    points, labels, _ = elongated(7, n=60, sep=8.0)
    start = labels.copy()
    start[::6] = 1 - start[::6]
    values = []
    for program in ila_sdp(points, start, shrinkage=0.0, tolerance=1e-6).rounds:
        covariances = group_covariances(points, program.labels, 2, shrinkage=0.0)
        values.append(AdjustedProblem(points, covariances).partition_value(program.labels))
        if not program.exact:
            values.clear()
    assert np.all(np.diff(values) >= -1e-6 * np.abs(values[:-1]))


@pytest.mark.parametrize(
    ("covariances", "message"),
    [
        (np.zeros((2, 3, 3)), "positive definite"),
        (-np.tile(np.eye(3), (2, 1, 1)), "positive definite"),
        (np.tile(np.eye(2), (2, 1, 1)), r"^covariances\b"),
        (np.tile(np.triu(np.ones((3, 3))), (2, 1, 1)), "symmetric"),
        (np.full((2, 3, 3), np.nan), "^covariances has NaN"),
        (np.eye(3), r"^covariances\b"),
        (1.0, r"^covariances\b"),
        (None, r"^covariances\b"),
        (np.tile(np.eye(3), (50, 1, 1)), r"^covariances\b"),
    ],
)
def test_bad_covariances_are_named(covariances, message):
    with pytest.raises(ValueError, match=message):
        la_sdp(elongated(0)[0], covariances)


@pytest.mark.parametrize("n", [2, 17])
def test_one_group_has_one_feasible_point(n):
    points = np.random.default_rng(n).standard_normal((n, 3))
    covariances = np.diag([1.0, 2.0, 5.0])[None]
    problem = AdjustedProblem(points, covariances)
    for found in (la_sdp(points, covariances), adjusted_sdp(problem)):
        assert found.exact
        assert_feasible(found.members)
        assert found.value == pytest.approx(np.vdot(problem.similarities, found.members))
        proved = adjusted_dual_bound(problem.similarities, found.multipliers, found.prices)
        assert proved == pytest.approx(found.value, rel=1e-11)
        assert proved >= found.value
    proof = certify_adjusted_partition(problem, np.zeros(n, dtype=int))
    assert proof.value <= proof.bound <= proof.value + 1e-9 * abs(proof.value)


def test_iteration_of_one_group_settles_at_once():
    points = np.random.default_rng(0).standard_normal((20, 3))
    found = ila_sdp(points, np.zeros(20, dtype=int))
    assert found.settled
    assert found.rounds[0].exact


def test_an_asymmetry_within_tolerance_is_averaged():
    points, labels, covariances = elongated(5, n=60, sep=12.0)
    problem = AdjustedProblem(points, covariances)
    found = la_sdp(points, covariances)
    asymmetric = found.multipliers.copy()
    rows, columns = np.triu_indices(60, 1)
    asymmetric[:, rows, columns] *= 1 - 0.99e-9
    for one in (asymmetric, np.swapaxes(asymmetric, 1, 2)):
        bound = adjusted_dual_bound(problem.similarities, one, found.prices)
        average = 0.5 * (one + np.swapaxes(one, 1, 2))
        assert bound == adjusted_dual_bound(problem.similarities, average, found.prices)
        assert bound >= problem.partition_value(labels)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (np.full(40, np.nan), r"^start\b"),
        ([], r"^start\b"),
        (np.full(40, 10**12), r"^start\b"),
        (np.full(40, -1), r"^start\b"),
        (np.repeat([0, 2], 20), "start leaves one"),
        (np.zeros(40), r"^start\b"),
    ],
)
def test_bad_starts_of_the_iteration_are_named(start, message):
    with pytest.raises(ValueError, match=message):
        ila_sdp(elongated(0)[0], start)


def test_hopeless_units_and_generators_are_named():
    points, labels, covariances = elongated(0)
    with pytest.raises(ValueError, match="^covariances is so small"):
        la_sdp(points, covariances * 1e-160)
    with pytest.raises(ValueError, match="^points has largest"):
        la_sdp(points * 1e200, covariances)
    with pytest.raises(ValueError, match=r"^points\b"):
        la_sdp(points + 1j, covariances)
    with pytest.raises(ValueError, match=r"^rng\b"):
        la_sdp(points, covariances, rng=3)
    with pytest.raises(ValueError, match=r"^shrinkage\b"):
        ila_sdp(points, labels, shrinkage=2.0)
    with pytest.raises(ValueError, match="start leaves one"):
        adjusted_sdp(AdjustedProblem(points, covariances), np.zeros(40, dtype=int))


def test_small_covariances_must_be_symmetric_too():
    skew = np.tile(np.eye(3) + np.triu(np.full((3, 3), 0.5), 1), (2, 1, 1)) * 1e-10
    with pytest.raises(ValueError, match="symmetric"):
        la_sdp(elongated(0)[0], skew)


def test_bad_settings_are_named():
    points, labels, covariances = elongated(0)
    with pytest.raises(ValueError, match="rounds"):
        ila_sdp(points, labels, rounds=0)
    with pytest.raises(ValueError, match="start"):
        ila_sdp(points, labels[:-1])
    with pytest.raises(ValueError, match="rho"):
        AdjustedOptions(rho=0.0)
    for name in ("max_iterations", "check_every", "patience"):
        with pytest.raises(ValueError, match=f"^{name}=0: give a whole number"):
            AdjustedOptions(**{name: 0})
    problem = AdjustedProblem(points, covariances)
    with pytest.raises(ValueError, match="tolerance"):
        adjusted_sdp(problem, tolerance=0.0)
    with pytest.raises(ValueError, match="at least 0"):
        adjusted_dual_bound(problem.similarities, -np.ones((2, 40, 40)), np.zeros(40))
    upper = np.tile(np.triu(np.ones((40, 40))), (2, 1, 1))
    with pytest.raises(ValueError, match="symmetric"):
        adjusted_dual_bound(problem.similarities, upper, np.zeros(40))
    with pytest.raises(ValueError, match="prices"):
        adjusted_dual_bound(problem.similarities, np.ones((2, 40, 40)), np.zeros(3))
