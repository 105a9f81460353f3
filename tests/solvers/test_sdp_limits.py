"""Time limits and callbacks: what ends a solver leaves a true bracket, and the status says so."""

from functools import cache

import numpy as np
import pytest
from refutable.solvers.sdp import (
    AdjustedProblem,
    KMeansProblem,
    Status,
    Stop,
    adjusted_dual_bound,
    adjusted_sdp,
    certify_adjusted_partition,
    certify_large_partition,
    certify_partition,
    factorise,
    ila_sdp,
    kmeans_sdp,
    la_sdp,
    solve_by_low_rank,
    solve_by_splitting,
)
from refutable.solvers.sdp.bounds import FEASIBLE, infeasibility
from refutable.solvers.sdp.nlr import random_factor
from refutable.solvers.sdp.progress import Clock

from tests.solvers.sdp_instances import planted

POINTS = planted(0, n=60, ratio=0.8)[0]
PROBLEM = KMeansProblem(POINTS, 3)
LABELS = np.arange(60) % 3
NEAR, TRUTH = planted(1, n=60, ratio=1.0)
EASY = planted(0, n=60, ratio=1.6)[0]
CLOSE = KMeansProblem(NEAR, 3)
"""A partition that the certificates have to work for."""
COVARIANCES = np.stack([np.eye(5), 2.0 * np.eye(5), 0.5 * np.eye(5)])
FEW = planted(0, n=24, ratio=0.5)[0]
ADJUSTED = AdjustedProblem(FEW, COVARIANCES)
FIRST = LABELS[:24]
RNG = np.random.default_rng

SOLVERS = {
    "auto": lambda **limits: kmeans_sdp(POINTS, 3, **limits),
    "splitting": lambda **limits: solve_by_splitting(PROBLEM, LABELS, **limits),
    "low-rank": lambda **limits: solve_by_low_rank(PROBLEM, 1e-9, RNG(0), LABELS, **limits),
    "certificate": lambda **limits: certify_partition(CLOSE, TRUTH, **limits),
    "structured": lambda **limits: certify_large_partition(CLOSE, TRUTH, **limits),
    "adjusted": lambda **limits: adjusted_sdp(ADJUSTED, FIRST, 1e-3, **limits),
    "la": lambda **limits: la_sdp(FEW, COVARIANCES, tolerance=1e-3, **limits),
}
METHODS = ("auto", "certificate", "splitting", "low-rank", "scs", "clarabel")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """The low-rank method goes on for 20,000 steps at this size."""
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.LOW_RANK_STEPS", (200, 400))


@cache
def optimum(name):
    """The optimum of the program, by a solver that ran to its end."""
    if name in ("adjusted", "la"):
        return la_sdp(FEW, COVARIANCES, tolerance=1e-4)
    return kmeans_sdp(NEAR if name in ("certificate", "structured") else POINTS, 3)


def assert_bracket(found, truth):
    assert np.isfinite([found.value, found.bound]).all()
    assert found.value <= truth.bound
    assert truth.value <= found.bound
    assert found.status is not Status.INCONSISTENT


@pytest.mark.parametrize("limit", [0.0, 1e-9, 2e-3])
@pytest.mark.parametrize("name", SOLVERS)
def test_a_limit_leaves_a_true_bracket_and_is_told(name, limit):
    found = SOLVERS[name](time_limit=limit)
    assert_bracket(found, optimum(name))
    if limit < 1e-6:
        assert found.stopped is Stop.TIME_LIMIT
        assert found.status is Status.TIME_LIMIT
        assert not found.certified
    if hasattr(found, "membership"):
        assert infeasibility(found.membership(), 3) <= FEASIBLE
    assert found.labels.max() == 2


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_a_limit(method):
    found = kmeans_sdp(EASY, 3, method=method, time_limit=1e-6)
    assert_bracket(found, kmeans_sdp(EASY, 3))
    assert found.status in (Status.TIME_LIMIT, Status.CERTIFIED)
    assert infeasibility(found.membership(), 3) <= FEASIBLE


@pytest.mark.parametrize("name", [name for name in SOLVERS if name != "structured"])
def test_a_callback_hears_of_progress_and_can_end_it(name):
    heard = []
    found = SOLVERS[name](callback=lambda progress: heard.append(progress) or len(heard) == 2)
    assert 1 <= len(heard) <= 2
    assert [one.seconds for one in heard] == sorted(one.seconds for one in heard)
    assert all(one.iteration >= 1 and one.bound >= one.value * (1 - 1e-12) for one in heard)
    if len(heard) == 2:
        assert found.stopped is Stop.CALLBACK
        assert found.status is Status.CALLBACK
    assert_bracket(found, optimum(name))


@pytest.mark.parametrize("name", SOLVERS)
def test_a_silent_callback_changes_nothing(name):
    plain, told = SOLVERS[name](), SOLVERS[name](callback=lambda progress: None)
    assert (plain.value, plain.bound) == (told.value, told.bound)
    assert told.stopped is None
    assert told.status not in (Status.TIME_LIMIT, Status.CALLBACK)


def test_progress_is_told_in_the_unit_of_the_points():
    heard = {}
    for unit in (1.0, 1024.0):
        heard[unit] = []
        kmeans_sdp(FEW * unit, 3, method="splitting", callback=heard[unit].append)
    for one, other in zip(heard[1.0], heard[1024.0], strict=True):
        assert other.value == one.value * 1024.0**2
        assert other.bound == one.bound * 1024.0**2
        assert other.gap == one.gap


def test_the_bracket_narrows():
    heard = []
    kmeans_sdp(POINTS, 3, method="splitting", callback=heard.append)
    gaps = [one.gap for one in heard]
    assert len(gaps) >= 2
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] <= 1e-6 < gaps[0]


def test_the_iterated_program_ends_with_the_round_that_was_stopped():
    found = ila_sdp(FEW, FIRST, time_limit=0.0)
    assert found.stopped is Stop.TIME_LIMIT
    assert len(found.rounds) == 1
    assert not found.settled
    assert np.isfinite(found.rounds[0].bound)
    heard = []
    found = ila_sdp(FEW, FIRST, callback=lambda progress: heard.append(progress) or True)
    assert len(heard) == 1
    assert found.stopped is found.rounds[-1].stopped is Stop.CALLBACK
    assert ila_sdp(FEW, FIRST, rounds=1, tolerance=1e-2).stopped is None


def test_a_certificate_stopped_before_its_first_multiplier_says_so():
    points, labels = planted(0, n=24, ratio=2.0)
    problem = AdjustedProblem(points, COVARIANCES)
    full = certify_adjusted_partition(problem, labels)
    assert full.stopped is None
    assert np.isfinite(full.bound)
    proof = certify_adjusted_partition(problem, labels, time_limit=0.0)
    assert proof.stopped is Stop.TIME_LIMIT
    assert proof.status(1e-6) is Status.TIME_LIMIT
    assert proof.bound == np.inf


def test_without_any_iteration_the_adjusted_bound_is_proved_by_its_multipliers():
    found = adjusted_sdp(ADJUSTED, FIRST, time_limit=0.0)
    again = adjusted_dual_bound(ADJUSTED.similarities, found.multipliers, found.prices)
    assert again == pytest.approx(found.bound, rel=1e-9)
    assert found.iterations == 0


def test_what_is_certified_in_time_is_certified():
    points, _ = planted(0, n=60, ratio=2.0)
    found = kmeans_sdp(points, 3, time_limit=100.0, callback=lambda progress: True)
    assert found.status is Status.CERTIFIED


def test_factorise_takes_a_limit_and_its_watch_an_end():
    start = random_factor(60, 6, 3, RNG(0))
    _, steps = factorise(PROBLEM, start, time_limit=0.0)
    assert steps == 0
    seen = []
    factorise(PROBLEM, start, watch=lambda factor: seen.append(factor) or len(seen) == 2)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"time_limit": -1.0}, r"^time_limit=-1"),
        ({"time_limit": np.nan}, r"^time_limit=nan"),
        ({"time_limit": "soon"}, r"^time_limit="),
        ({"callback": 3}, r"^callback=3: give a function"),
    ],
)
@pytest.mark.parametrize("name", SOLVERS)
def test_bad_limits_are_named(name, limits, message):
    with pytest.raises(ValueError, match=message):
        SOLVERS[name](**limits)


def test_a_clock_reserves_the_time_of_what_is_to_come():
    assert not Clock(None, None).over(1e9)
    assert not Clock(1000.0, None).over(10.0)
    clock = Clock(1000.0, None)
    assert clock.over(1001.0)
    assert clock.stopped is Stop.TIME_LIMIT
    assert 999.0 < Clock(1000.0, None).rest["time_limit"] <= 1000.0
