"""The nonnegative low-rank method: stationarity, feasibility repair, large problems."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    KMeansProblem,
    NlrOptions,
    factorise,
    kmeans_sdp,
    membership_factor,
)
from refutable.solvers.sdp.nlr import (
    _descend,
    _Iterate,
    feasible_factor,
    random_factor,
    round_factor,
)

from tests.solvers.sdp_instances import planted


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 9))
def test_any_nonnegative_factor_becomes_feasible(seed, k, rank):
    rng = np.random.default_rng(seed)
    factor = np.abs(rng.standard_normal((15, rank))) + 0.05
    labels = np.arange(15, dtype=np.intp) % k
    feasible = feasible_factor(factor, k, labels)
    assert feasible.min() >= 0
    np.testing.assert_allclose(feasible @ feasible.sum(axis=0), 1.0, atol=1e-9)
    assert (feasible**2).sum() == pytest.approx(k)


@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_a_factor_that_is_nearly_feasible_is_hardly_changed_by_the_repair(noise):
    labels = np.repeat([0, 1, 2], [9, 4, 7])
    factor = membership_factor(labels, 3)
    factor = factor + noise * np.abs(np.random.default_rng(0).standard_normal(factor.shape))
    feasible = feasible_factor(factor, 3, labels)
    change = np.abs(feasible @ feasible.T - factor @ factor.T).max()
    assert change <= 1e-7 + 5 * noise


def test_a_loose_instance_is_answered_by_the_factor_and_not_by_a_partition():
    points = np.random.default_rng(0).standard_normal((60, 2))
    found, splitting = (kmeans_sdp(points, 4, method=m) for m in ("low-rank", "splitting"))
    problem = KMeansProblem(points, 4)
    partition = problem.partition_value(found.labels)
    assert not found.integral
    assert 0.5 * (partition + splitting.value) < found.value <= splitting.bound
    assert np.vdot(problem.gram, found.membership()) == pytest.approx(found.value)


@pytest.mark.parametrize("step", [0.05, 1.0, 1e3])
@pytest.mark.parametrize("near", [False, True])
def test_no_step_raises_the_lagrangian(step, near):
    """However long it is asked to be, and near a minimum too, where most steps are too long."""
    cloud, labels = planted(1, n=39)
    points = KMeansProblem(cloud, 3).normalised.centred
    points = points / np.linalg.norm(points, 2)
    start = random_factor(39, 3, 3, np.random.default_rng(1))
    here = _Iterate.of(points, membership_factor(labels, 3) + 0.01 * start if near else start)
    dual, penalty = np.zeros(39), 5.0 / 39
    for _ in range(30):
        new, shorter = _descend(points, here, dual, penalty, step)
        assert new.lagrangian(dual, penalty) <= here.lagrangian(dual, penalty) + 1e-11
        assert shorter <= step
        here, step = new, shorter
    assert 1e-3 < step < 1.0


def test_converges_to_the_partition_on_a_tight_instance():
    points, labels = planted(0, n=90, ratio=2.0)
    problem = KMeansProblem(points, 3)
    start = random_factor(90, 6, 3, np.random.default_rng(0))
    seen = []
    factor, steps = factorise(problem, start, watch=lambda one: seen.append(one.copy()))
    value = ((problem.centred.T @ factor) ** 2).sum()
    assert value == pytest.approx(problem.partition_value(labels), rel=1e-4)
    assert steps >= len(seen) > 1
    assert len(np.unique(labels * 3 + round_factor(factor, 3))) == 3


def test_a_large_problem_is_certified_without_its_matrix():
    points, _ = planted(0, n=3600, p=8, ratio=1.6)
    found = kmeans_sdp(points, 3)
    assert found.exact
    assert found.multiplier is None
    assert found.matrix is None
    assert found.factor.shape == (3600, 3)


def test_a_large_loose_problem_is_honestly_not_certified(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.splitting.DENSE_LIMIT", 1000)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.LARGE_WORK", 12 * 1100**2)
    points = np.random.default_rng(0).standard_normal((1100, 3))
    found = kmeans_sdp(points, 3)
    assert not found.certified
    assert found.multiplier is None
    assert 1e-6 < found.gap < 0.5
    assert found.bound > found.value


@pytest.mark.parametrize("start", [np.zeros((9, 2)), -np.ones((9, 2)), np.ones((8, 2)), np.ones(9)])
def test_bad_starts_are_refused(start):
    with pytest.raises(ValueError, match=r"^start\b"):
        factorise(KMeansProblem(np.random.default_rng(0).standard_normal((9, 2)), 2), start)


@pytest.mark.parametrize("bad", [{"step": 0.0}, {"inner": 0}, {"penalty": -1.0}])
def test_bad_options_are_refused(bad):
    with pytest.raises(ValueError, match="above 0|at least 1"):
        NlrOptions(**bad)
