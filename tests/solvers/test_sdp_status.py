"""What a result may claim: never from a value that is no number, never against its own bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    KMeansProblem,
    NlrOptions,
    SdpResult,
    Status,
    certify_large_partition,
    certify_partition,
    factorise,
    kmeans_sdp,
    la_sdp,
    solve_by_cvxpy,
)
from refutable.solvers.sdp.bounds import double_centred
from refutable.solvers.sdp.kmeans import _better
from refutable.solvers.sdp.nlr import random_factor
from refutable.solvers.sdp.result import SLACK, relative_gap

from tests.solvers.sdp_instances import planted

LABELS = np.array([0, 0, 1], dtype=np.intp)


def result(value, bound, tolerance=1e-6, within=10.0):
    return SdpResult(LABELS, value, bound, within, tolerance, "x", integral=True)


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [
        (np.nan, 1.0, np.inf),
        (1.0, np.nan, np.inf),
        (1.0, np.inf, np.inf),
        (np.inf, np.inf, np.inf),
        (-np.inf, 1.0, np.inf),
        (0.0, 0.0, 0.0),
        (0.5, 1.0, 0.5),
    ],
)
def test_gap_of_what_is_no_number_is_infinite(value, bound, gap):
    assert relative_gap(bound, value, 1.0) == gap
    assert result(value, bound).certified == (gap == 0.0)
    assert result(value, bound).exact == (gap == 0.0)


def test_a_bound_below_a_feasible_value_is_told():
    assert result(10.0, 1.0).status is Status.INCONSISTENT
    assert not result(10.0, 1.0).certified
    assert result(10.0, 10.0 * (1 - 2 * SLACK)).status is Status.INCONSISTENT
    assert result(10.0, 10.0 * (1 - 0.5 * SLACK)).status is Status.CERTIFIED


def test_a_wrong_dual_below_the_value_is_caught():
    """A multiplier with negative entries gives less than a feasible value, and is told."""
    points, _ = planted(0, n=30, ratio=1.6)
    found, problem = kmeans_sdp(points, 3), KMeansProblem(points, 3)
    assert found.certified
    shifted = problem.gram + found.multiplier - 1.0
    leading = np.linalg.eigvalsh(double_centred(shifted))[-2:]
    wrong = replace(found, bound=float(shifted.sum()) / 30 + float(leading.sum()))
    assert wrong.status is Status.INCONSISTENT
    assert not wrong.exact


@pytest.mark.parametrize("tolerance", [np.inf, np.nan, -1.0, 0.0, "a", None, True])
def test_a_meaningless_tolerance_is_refused(tolerance):
    points, problem = np.eye(3), KMeansProblem(np.eye(3), 2)
    for call in (
        lambda: result(1.0, 1.0, tolerance),
        lambda: kmeans_sdp(points, 2, tolerance=tolerance),
        lambda: certify_partition(problem, LABELS, tolerance),
        lambda: certify_large_partition(problem, LABELS, tolerance),
        lambda: la_sdp(points, np.tile(np.eye(3), (2, 1, 1)), tolerance=tolerance),
    ):
        with pytest.raises(ValueError, match=r"^tolerance\b"):
            call()


def test_the_better_of_two_is_never_no_number():
    good, lost = result(2.0, 3.0), result(np.nan, np.nan)
    problem = KMeansProblem(np.eye(3), 2)
    for pair in ((good, lost), (good, result(np.inf, np.inf))):
        joined = _better(problem, *pair)
        assert (joined.value, joined.bound) == (2.0, 3.0)
    joined = _better(problem, good, result(2.5, 4.0))
    assert (joined.value, joined.bound) == (2.5, 3.0)


@pytest.mark.parametrize(("n", "k"), [(20, 10), (20, 19), (50, 40), (200, 20), (200, 60)])
def test_low_rank_survives_many_groups(n, k):
    """A fixed step killed the factor here and the value was NaN."""
    points = np.random.default_rng(1).standard_normal((n, 5))
    problem = KMeansProblem(points, k)
    factor, _ = factorise(problem, random_factor(n, 2 * k, k, np.random.default_rng(0)))
    assert np.linalg.norm(factor) == pytest.approx(np.sqrt(k))
    assert np.isfinite(factor).all()
    found = kmeans_sdp(points, k, method="low-rank")
    assert 0.0 < found.value <= found.bound


def test_low_rank_becomes_feasible_by_shorter_steps():
    """Twenty groups of ten points: a step of 0.05 diverges, a halved one converges."""
    problem = KMeansProblem(np.random.default_rng(1).standard_normal((200, 5)), 20)
    factor, _ = factorise(problem, random_factor(200, 40, 20, np.random.default_rng(0)))
    np.testing.assert_allclose(factor @ factor.sum(axis=0), 1.0, atol=0.05)


def test_the_default_keeps_its_partition_beyond_the_limit_of_the_splitting(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.SPLITTING_LIMIT", 100)
    points = np.random.default_rng(0).standard_normal((120, 5))
    found = kmeans_sdp(points, 60)
    start = kmeans_sdp(points, 60, method="certificate")
    assert found.method == "low-rank"
    assert start.value <= found.value <= found.bound


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(2, 24),
    st.integers(1, 4),
    st.sampled_from(["auto", "certificate", "low-rank"]),
    st.data(),
)
def test_a_solution_is_always_a_number(seed, n, p, method, data):
    rng, k = np.random.default_rng(seed), data.draw(st.integers(1, n))
    points = rng.standard_normal((n, p)) * 10.0 ** rng.integers(-6, 7)
    if seed % 3 == 0:
        points = np.round(points)
    found = kmeans_sdp(points, k, method=method)
    assert np.isfinite([found.value, found.bound]).all()
    assert found.gap >= -SLACK
    assert found.status is not Status.INCONSISTENT
    member = found.membership()
    assert member.min() >= 0 or member.min() >= -1e-12
    np.testing.assert_allclose(member.sum(axis=1), 1.0, atol=1e-9)
    assert np.trace(member) == pytest.approx(k, abs=1e-9)


def test_a_spent_budget_ends_the_low_rank_method():
    problem = KMeansProblem(np.random.default_rng(0).standard_normal((40, 3)), 3)
    start = random_factor(40, 6, 3, np.random.default_rng(0))
    assert factorise(problem, start, NlrOptions(inner=10, steps=25))[1] <= 35


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([1e-150, 1e-100, 1e-30, 1e-5, 1e20, 1e100, 1e150]), st.integers(0, 50))
def test_results_follow_the_unit_of_measurement(scale, seed):
    points = np.random.default_rng(seed).standard_normal((16, 2))
    for method in ("certificate", "low-rank", "splitting"):
        one, other = (kmeans_sdp(points * s, 2, method=method) for s in (1.0, scale))
        assert other.value == pytest.approx(one.value * scale**2, rel=1e-5, abs=0.0)
        assert other.status is one.status


@pytest.mark.parametrize("exponent", [-490, -40, 3, 490])
def test_powers_of_two_change_no_bit(exponent):
    points = np.random.default_rng(0).standard_normal((30, 3))
    one, other = kmeans_sdp(points, 3), kmeans_sdp(np.ldexp(points, exponent), 3)
    assert other.value == np.ldexp(one.value, 2 * exponent)
    assert other.bound == np.ldexp(one.bound, 2 * exponent)
    assert other.gap == one.gap
    np.testing.assert_array_equal(other.membership(), one.membership())


@pytest.mark.parametrize("scale", [1e-120, 1e120])
def test_the_parts_follow_the_unit_too(scale):
    points = np.random.default_rng(0).standard_normal((12, 2))
    problem, labels = KMeansProblem(points * scale, 2), np.arange(12) % 2
    proofs = (
        certify_partition(problem, labels),
        certify_large_partition(problem, labels),
        solve_by_cvxpy(problem),
    )
    for one in proofs:
        assert 0 < one.value < one.bound < np.inf


@pytest.mark.parametrize("scale", [1e-170, 1e160, 1e300])
def test_a_hopeless_unit_is_named(scale):
    with pytest.raises(ValueError, match="^points has largest coordinate"):
        kmeans_sdp(np.random.default_rng(0).standard_normal((9, 2)) * scale, 2)


@pytest.mark.parametrize("scale", [0.1, 1e8 / 3, 0.0])
def test_equal_points_are_exactly_zero_after_centring(scale):
    found = kmeans_sdp(np.full((50, 3), scale), 3)
    assert found.exact
    assert found.value == found.bound == 0.0


@pytest.mark.parametrize(
    ("points", "k", "message"),
    [
        (np.eye(4), 2.5, r"^k\b"),
        (np.eye(4), "2", r"^k\b"),
        (np.eye(4), None, r"^k\b"),
        (np.eye(4), True, r"^k\b"),
        (np.eye(4), np.nan, r"^k\b"),
        ([["a", "b"], ["c", "d"]], 1, r"^points\b"),
        ([["1", "2"], ["3", "4"]], 1, r"^points\b"),
        ([[1, 2], [3]], 1, r"^points\b"),
        (np.eye(4) + 1j, 2, r"^points\b"),
        (np.array([[1, 2j], [3, 4]], dtype=object), 1, r"^points\b"),
        (None, 2, r"^points\b"),
    ],
)
def test_what_is_no_problem_is_named(points, k, message):
    with pytest.raises(ValueError, match=message):
        kmeans_sdp(points, k)


def test_whole_numbers_of_any_type_count():
    points = np.random.default_rng(0).standard_normal((12, 2))
    values = {kmeans_sdp(points, k).value for k in (2, 2.0, np.int64(2), np.float64(2))}
    assert len(values) == 1


@pytest.mark.parametrize("rng", [3, np.random.RandomState(0)])
def test_a_seed_is_no_generator(rng):
    with pytest.raises(ValueError, match=r"^rng\b"):
        kmeans_sdp(np.eye(4), 2, rng=rng)
