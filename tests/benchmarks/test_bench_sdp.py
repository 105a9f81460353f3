"""The K-means semidefinite program side by side with general conic solvers and scikit-learn.

Every method is judged by the same rigorous relative gap. Processor time on one BLAS thread is
compared, in one process: it does not depend on what else the machine does. The scaling test prints
log-log slopes in the benchmark's extra info.
"""

import resource
import time

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from solvers.sdp import (
    AdjustedProblem,
    KMeansProblem,
    adjusted_sdp,
    certify_large_partition,
    certify_partition,
    kmeans_sdp,
    kmeans_start,
    solve_by_low_rank,
    solve_by_splitting,
)
from solvers.sdp.adjusted_certificate import certify_adjusted_partition


def planted(n, p=20, k=4, ratio=1.4, seed=1):
    rng, log, labels = np.random.default_rng(seed), np.log(n), np.repeat(np.arange(k), n // k)
    separation = ratio * 4 * (1 + np.sqrt(1 + k * p / (n * log))) * log
    points = rng.standard_normal((n, p))
    points[np.arange(n), labels] += np.sqrt(separation / 2)
    return points


def cpu(call, repeat=1):
    """Least processor time of a few calls, and the last result."""
    times = []
    with threadpool_limits(1):
        for _ in range(repeat):
            start = time.process_time()
            result = call()
            times.append(time.process_time() - start)
    return min(times), result


def timed(benchmark, call, rounds=3):
    with threadpool_limits(1):
        result = benchmark.pedantic(call, rounds=rounds, warmup_rounds=1)
    benchmark.extra_info["relative gap"] = f"{result.gap:.1e}"
    benchmark.extra_info["status"] = result.status.value
    return result


@pytest.mark.parametrize("ratio", [1.4, 1.0])
@pytest.mark.parametrize("method", ["auto", "splitting"])
@pytest.mark.parametrize("n", [100, 200, 500])
def test_methods(benchmark, n, method, ratio):
    benchmark.group = f"n = {n}, ratio {ratio}, gap 1e-6"
    points = planted(n, ratio=ratio)
    assert timed(benchmark, lambda: kmeans_sdp(points, 4, method=method)).certified


@pytest.mark.parametrize("ratio", [1.4, 1.0])
def test_scs(benchmark, ratio):
    benchmark.group = f"n = 100, ratio {ratio}, gap 1e-6"
    points = planted(100, ratio=ratio)
    with threadpool_limits(1):
        result = benchmark.pedantic(lambda: kmeans_sdp(points, 4, method="scs"), rounds=1)
    benchmark.extra_info["relative gap"] = f"{result.gap:.1e}"


def speedups(n, ratio):
    """Processor time of SCS over that of the splitting alone and of the default."""
    points = planted(n, ratio=ratio)
    kmeans_sdp(points, 4)
    peer, reference = cpu(lambda: kmeans_sdp(points, 4, method="scs"))
    alone, split = cpu(lambda: kmeans_sdp(points, 4, method="splitting"), repeat=3)
    default, found = cpu(lambda: kmeans_sdp(points, 4), repeat=3)
    assert split.certified
    assert found.certified
    assert found.value == pytest.approx(reference.value, rel=1e-5)
    return peer / alone, peer / default


@pytest.mark.slow
def test_far_faster_than_scs_on_a_tight_instance(benchmark):
    alone, default = benchmark.pedantic(speedups, (200, 1.4), rounds=1)
    benchmark.extra_info["over SCS, splitting"] = round(alone)
    benchmark.extra_info["over SCS, certificate"] = round(default)
    assert alone > 30
    assert default > 100


@pytest.mark.slow
def test_far_faster_than_scs_at_the_cutoff(benchmark):
    alone, _ = benchmark.pedantic(speedups, (200, 1.0), rounds=1)
    benchmark.extra_info["over SCS, splitting"] = round(alone)
    assert alone > 20


@pytest.mark.slow
def test_far_faster_than_scs_at_five_hundred_points(benchmark):
    alone, default = benchmark.pedantic(speedups, (500, 1.4), rounds=1)
    benchmark.extra_info["over SCS, splitting"] = round(alone)
    benchmark.extra_info["over SCS, certificate"] = round(default)
    assert alone > 60
    assert default > 600


def test_the_certificate_costs_about_as_much_as_kmeans(benchmark):
    """One default solve, proof included, against ten starts of scikit-learn's KMeans."""
    points = planted(200)
    kmeans_sdp(points, 4)
    ours, found = cpu(lambda: kmeans_sdp(points, 4), repeat=5)
    peer, _ = cpu(lambda: KMeans(4, n_init=10, random_state=0).fit(points), repeat=5)
    benchmark.pedantic(lambda: kmeans_sdp(points, 4), rounds=3)
    benchmark.extra_info["over KMeans"] = round(ours / peer, 2)
    assert found.certified
    assert ours < 5 * peer


def slope(sizes, times):
    return round(float(np.polyfit(np.log(sizes), np.log(times), 1)[0]), 2)


LADDERS = {
    "n": ((100, 200, 400, 800), lambda size: planted(size, ratio=1.6), lambda size: 4),
    "p": ((10, 40, 160, 640), lambda size: planted(240, p=size, ratio=1.6), lambda size: 4),
    "K": ((2, 4, 8, 12), lambda size: planted(240, k=size, ratio=1.6), lambda size: size),
}
PARTS = {
    "certificate": lambda problem, labels: certify_partition(problem, labels),
    "structured certificate": lambda problem, labels: certify_large_partition(problem, labels),
    "splitting": lambda problem, labels: solve_by_splitting(problem, labels),
}


@pytest.mark.slow
@pytest.mark.parametrize("ladder", LADDERS)
@pytest.mark.parametrize("part", PARTS)
def test_growth(benchmark, ladder, part):
    """How processor time grows along each axis; recorded, not judged."""
    benchmark.group = f"growth with {ladder}"
    sizes, points, groups = LADDERS[ladder]
    times = []
    for size in sizes:
        problem = KMeansProblem(points(size), groups(size))
        labels = kmeans_start(problem, np.random.default_rng(0))
        times.append(cpu(lambda p=problem, y=labels: PARTS[part](p, y), repeat=2)[0])
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info["milliseconds"] = [round(1e3 * one, 1) for one in times]
    benchmark.extra_info["log-log slope"] = slope(sizes, times)


@pytest.mark.slow
@pytest.mark.parametrize("n", [2000, 10_000, 50_000])
def test_many_points_without_their_matrix(benchmark, n):
    benchmark.group = "many points"
    points = planted(n)
    result = timed(benchmark, lambda: kmeans_sdp(points, 4), rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    benchmark.extra_info["peak GB of the process so far"] = round(peak, 2)
    assert result.exact
    assert result.multiplier is None
    assert peak < 2


@pytest.mark.slow
def test_low_rank_method(benchmark):
    benchmark.group = "many points"
    problem = KMeansProblem(planted(10_000), 4)
    rng = np.random.default_rng(0)
    assert timed(benchmark, lambda: solve_by_low_rank(problem, 1e-6, rng), rounds=1).certified


def test_adjusted_certificate_against_its_splitting(benchmark):
    rng, labels = np.random.default_rng(0), np.repeat([0, 1], 30)
    covariances = np.stack([np.diag([1.0, 25, 1, 1]), np.diag([1.0, 1, 25, 1])])
    points = rng.standard_normal((60, 4)) * np.sqrt(np.diagonal(covariances, 0, 1, 2))[labels]
    points[np.arange(60), labels] += 8.0
    problem = AdjustedProblem(points, covariances)
    certify_adjusted_partition(problem, labels)
    closed, proof = cpu(lambda: certify_adjusted_partition(problem, labels), repeat=3)
    split, found = cpu(lambda: adjusted_sdp(problem))
    benchmark.pedantic(lambda: certify_adjusted_partition(problem, labels), rounds=3)
    benchmark.extra_info["over the splitting"] = round(split / closed)
    assert proof.gap < 1e-6
    assert found.value == pytest.approx(proof.value, rel=1e-5)
    assert split > 3 * closed
