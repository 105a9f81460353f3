"""Many points: nothing of order n by n is formed, and what cannot be proved is said at once."""

import tracemalloc

import numpy as np
import pytest
from refutable.solvers.sdp import KMeansProblem, certify_large_partition, kmeans_sdp
from refutable.solvers.sdp.bounds import dual_bound, scatter_bound

from tests.solvers.sdp_instances import planted


def peak_megabytes(call):
    """Most memory that `call` held at once, and its result."""
    tracemalloc.start()
    try:
        result = call()
        return tracemalloc.get_traced_memory()[1] / 2**20, result
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("k", "constant"), [(1, False), (20_000, False), (1, True), (4, True), (19_999, True)]
)
def test_trivial_programs_of_many_points(k, constant):
    """An n by n matrix would take 3200 megabytes."""
    points = np.full((20_000, 3), 0.5)
    if not constant:
        points = np.random.default_rng(0).standard_normal((20_000, 3))
    megabytes, found = peak_megabytes(lambda: kmeans_sdp(points, k))
    assert found.exact
    assert found.multiplier is None
    assert megabytes < 50


def test_membership_is_formed_on_demand_when_no_factor_is_kept(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.problem.FACTOR_LIMIT", 10)
    found = kmeans_sdp(np.random.default_rng(0).standard_normal((6, 2)), 6)
    assert found.factor is None
    np.testing.assert_array_equal(found.membership(), np.eye(6))


@pytest.mark.parametrize(("n", "p", "k"), [(4000, 400, 10), (4000, 5, 200)])
def test_a_core_too_large_is_honestly_not_certified(n, p, k):
    """Many coordinates or groups: a bound that needs no core, and no attempt at one."""
    rng, labels = np.random.default_rng(0), np.arange(n) % k
    points = rng.standard_normal((n, p))
    points[np.arange(n), labels % p] += 10.0
    problem = KMeansProblem(points, k)
    megabytes, found = peak_megabytes(lambda: certify_large_partition(problem, labels))
    assert found.value < found.bound < (problem.centred**2).sum() * (1 + 1e-9)
    assert found.iterations == 0
    assert not found.certified
    assert megabytes < 100


@pytest.mark.parametrize(("n", "p"), [(30, 4), (6, 20)])
def test_the_scatter_bound_is_the_dual_bound_of_no_multiplier(n, p):
    problem = KMeansProblem(np.random.default_rng(0).standard_normal((n, p)), 3)
    wanted = dual_bound(problem.gram, np.zeros((n, n)), 3)
    assert scatter_bound(problem.centred, 3, 3000) == pytest.approx(wanted, rel=1e-9)
    total = (problem.centred**2).sum()
    assert scatter_bound(problem.centred, 3, 2) == pytest.approx(total, rel=1e-9)


def test_low_rank_is_spared_a_factor_of_ten_million_numbers(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.FACTOR_LIMIT", 100)
    points, labels = planted(0, n=60, ratio=2.0)
    found = kmeans_sdp(points, 3, method="low-rank")
    assert found.method == "low-rank"
    assert found.value == pytest.approx(KMeansProblem(points, 3).partition_value(labels))


def test_seedings_run_in_turn_where_together_they_would_not_fit(monkeypatch):
    points, _ = planted(0, n=60, ratio=0.5)
    wanted = kmeans_sdp(points, 3, method="certificate").labels
    monkeypatch.setattr("refutable.solvers.sdp.starts.LLOYD_NUMBERS", 1)
    np.testing.assert_array_equal(kmeans_sdp(points, 3, method="certificate").labels, wanted)
