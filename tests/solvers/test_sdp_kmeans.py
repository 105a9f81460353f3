"""The default method and its parts against cvxpy, against each other, and on awkward input."""

import numpy as np
import pytest
from refutable.solvers.sdp import (
    KMeansProblem,
    SplittingOptions,
    Status,
    dual_bound,
    kmeans_sdp,
    solve_by_cvxpy,
    solve_by_splitting,
)
from refutable.solvers.sdp.problem import membership_factor
from refutable.solvers.sdp.reference import SOLVERS

from tests.solvers.sdp_instances import awkward, planted


def assert_feasible(matrix, k):
    assert matrix.min() >= -1e-12
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-9)
    assert np.trace(matrix) == pytest.approx(k, abs=1e-9)
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-8


@pytest.mark.parametrize(("seed", "ratio"), [(0, 1.4), (1, 1.0), (2, 0.8), (3, 0.5)])
def test_agrees_with_cvxpy_tight_or_not(seed, ratio, monkeypatch):
    # At its default 1e-6 the peer's own gap can exceed 1e-5 and moves with the last bit of input.
    monkeypatch.setitem(SOLVERS["scs"], "eps", 1e-8)
    points, _ = planted(seed, n=45, ratio=ratio)
    ours, peer = kmeans_sdp(points, 3), solve_by_cvxpy(KMeansProblem(points, 3))
    assert ours.status is Status.CERTIFIED
    assert ours.value == pytest.approx(peer.value, rel=1e-5)
    assert ours.bound >= peer.value * (1 - 1e-12)
    assert peer.bound >= ours.value * (1 - 1e-12)
    assert_feasible(ours.membership(), 3)
    assert_feasible(peer.membership(), 3)


def test_scs_and_clarabel_agree():
    points, _ = planted(4, n=24, ratio=0.7)
    first, second = (solve_by_cvxpy(KMeansProblem(points, 3), name) for name in ("scs", "clarabel"))
    assert first.value == pytest.approx(second.value, rel=1e-5)


@pytest.mark.parametrize("method", ["certificate", "splitting", "low-rank"])
def test_every_method_finds_a_tight_optimum(method):
    points, labels = planted(0, n=60, ratio=2.0)
    problem = KMeansProblem(points, 3)
    found = kmeans_sdp(points, 3, method=method)
    assert found.value == pytest.approx(problem.partition_value(labels), rel=1e-6)
    assert found.bound >= found.value - 1e-9
    assert_feasible(found.membership(), 3)


@pytest.mark.parametrize("method", ["certificate", "splitting", "low-rank", "auto"])
def test_never_certified_without_the_bound(method):
    points, _ = planted(5, n=30, ratio=0.4)
    found = kmeans_sdp(points, 3, method=method, tolerance=1e-12)
    assert found.certified == (found.gap <= 1e-12)
    assert found.bound >= found.value * (1 - 1e-9)
    assert_feasible(found.membership(), 3)


@pytest.mark.parametrize(
    ("points", "k"), [case[1:] for case in awkward()], ids=[case[0] for case in awkward()]
)
def test_awkward_problems(points, k):
    found = kmeans_sdp(points, k)
    assert found.certified
    assert_feasible(found.membership(), k)
    value = float(np.vdot(KMeansProblem(points, k).gram, found.membership()))
    assert value == pytest.approx(found.value, rel=1e-9, abs=1e-12)


def test_the_multiplier_reproduces_the_bound():
    points, _ = planted(6, n=45, ratio=0.9)
    problem, found = KMeansProblem(points, 3), kmeans_sdp(points, 3)
    assert dual_bound(problem.gram, found.multiplier, 3) == pytest.approx(found.bound, rel=1e-8)


def test_values_do_not_depend_on_the_origin_or_on_rotations():
    points, _ = planted(7, n=30, ratio=1.5)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((5, 5)))[0]
    moved = kmeans_sdp(points @ turn + 40.0, 3)
    assert moved.value == pytest.approx(kmeans_sdp(points, 3).value, rel=1e-6)


def test_equal_input_gives_equal_output():
    points, _ = planted(8, n=45, ratio=0.9)
    first, second = kmeans_sdp(points, 3), kmeans_sdp(points, 3)
    np.testing.assert_array_equal(first.membership(), second.membership())
    assert first.bound == second.bound


def test_partition_value_is_the_inner_product():
    points, labels = planted(9)
    problem, factor = KMeansProblem(points, 3), membership_factor(labels, 3)
    expected = np.vdot(problem.gram, factor @ factor.T)
    assert problem.partition_value(labels) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("points", "k", "options", "message"),
    [
        (np.zeros((3, 2)), 4, {}, r"^k\b"),
        (np.zeros((3, 2)), 0, {}, r"^k\b"),
        (np.array([[0.0, np.nan], [1, 1]]), 1, {}, "^points has NaN"),
        (np.zeros(5), 2, {}, r"^points\b"),
        (np.zeros((0, 2)), 1, {}, "points is empty"),
        (np.zeros((3, 2)), 2, {"method": "magic"}, r"^method\b"),
        (np.zeros((3, 2)), 2, {"tolerance": 0.0}, r"^tolerance\b"),
    ],
)
def test_bad_input_is_named(points, k, options, message):
    with pytest.raises(ValueError, match=message):
        kmeans_sdp(points, k, **options)


def test_unknown_peer():
    with pytest.raises(ValueError, match=r"^solver\b"):
        solve_by_cvxpy(KMeansProblem(np.eye(3), 2), "mosek")


def test_a_loose_instance_is_certified_by_patience():
    """Pure noise: no partition is optimal, and many iterations are needed."""
    points = np.random.default_rng(0).standard_normal((40, 5))
    found = kmeans_sdp(points, 4)
    assert found.certified
    assert not found.integral
    assert found.iterations > 100


def test_loose_instances_with_nearly_as_many_groups_as_points_are_certified():
    """Mixing with the centre left gaps of 1e-2 to 2.4e-2 on some; lifting closes them."""
    loose = 0
    for seed in range(6):
        points = np.random.default_rng(seed).standard_normal((30, 3))
        found, peer = kmeans_sdp(points, 25), solve_by_cvxpy(KMeansProblem(points, 25), "clarabel")
        assert found.certified
        loose += not found.integral
        assert found.bound >= peer.value * (1 - 1e-12)
        assert peer.bound >= found.value * (1 - 1e-12)
        assert_feasible(found.membership(), 25)
    assert loose > 0


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"rho": 0.0}, r"^rho\b"),
        ({"relaxation": 2.0}, r"^relaxation\b"),
        ({"first_check": 0}, "at least 1"),
        ({"balance": 0.0}, r"^balance\b"),
        ({"balance_every": 0}, r"^balance_every\b"),
    ],
)
def test_bad_options_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        SplittingOptions(**bad)


def test_the_splitting_refuses_a_bad_start():
    problem = KMeansProblem(np.random.default_rng(0).standard_normal((6, 2)), 2)
    with pytest.raises(ValueError, match="start leaves one"):
        solve_by_splitting(problem, np.zeros(6, dtype=int))
    with pytest.raises(ValueError, match=r"^tolerance\b"):
        solve_by_splitting(problem, np.arange(6) % 2, tolerance=-1.0)
