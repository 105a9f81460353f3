"""The K-means semidefinite program side by side with general conic solvers and scikit-learn.

Every method is judged by the same rigorous relative gap, on the scale of the sum of squares within
groups. Processor time on one BLAS thread is compared, in one process: it does not depend on what
else the machine does. The scaling test prints log-log slopes in the benchmark's extra info.
"""

import time
from pathlib import Path

import numpy as np
import pytest
from apart import apart
from refutable.solvers.sdp import (
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
from refutable.solvers.sdp.adjusted_certificate import certify_adjusted_partition
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris, load_wine, make_moons
from threadpoolctl import threadpool_limits

from refutable import Effort
from refutable.running.backends import processes
from refutable.running.job import Job
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.running.runner import Runner
from refutable.storing.store import Store


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


SEEDS = (1, 2, 3)
PEER_GAP = 1e-4
"""SCS, asked for 1e-6, must reach this by the same bound, and usually leaves 1e-9 to 2e-5.

Ours must reach the gap that SCS reached, and 1e-6 where SCS stops short of that: the ratio is then
to our disadvantage.
"""
FINEST = 1e-9
"""No gap below is asked of ours: of SCS's own, that is rounding."""


def speedups(n, ratio, seed=1):
    """Processor time of SCS over that of the splitting alone and of the default; SCS's own gap."""
    points = planted(n, ratio=ratio, seed=seed)
    kmeans_sdp(points, 4)
    peer, reference = cpu(lambda: kmeans_sdp(points, 4, method="scs"))
    asked = float(np.clip(reference.gap, FINEST, 1e-6))
    splitting = {"method": "splitting", "tolerance": asked}
    alone, split = cpu(lambda: kmeans_sdp(points, 4, **splitting), repeat=3)
    default, found = cpu(lambda: kmeans_sdp(points, 4, tolerance=asked), repeat=3)
    assert split.certified
    assert found.certified
    assert 0 <= reference.gap <= PEER_GAP
    # Each lies below the other's bound: they solved the same program.
    assert max(split.value, found.value) <= reference.bound
    assert reference.value <= min(split.bound, found.bound)
    return peer / alone, peer / default, reference.gap


def median_speedups(benchmark, n, ratio, seeds=SEEDS):
    """Median over data sets of both speed-ups, recorded with the peer's largest gap."""
    rows = benchmark.pedantic(lambda: [speedups(n, ratio, seed) for seed in seeds], rounds=1)
    alone, default, gaps = np.array(rows).T
    benchmark.extra_info["over SCS, splitting"] = [round(one) for one in alone]
    benchmark.extra_info["over SCS, default"] = [round(one) for one in default]
    benchmark.extra_info["largest gap of SCS"] = f"{gaps.max():.1e}"
    return np.median(alone), np.median(default)


@pytest.mark.slow
def test_far_faster_than_scs_on_a_tight_instance(benchmark):
    alone, default = median_speedups(benchmark, 200, 1.4)
    assert alone > 30
    assert default > 100


@pytest.mark.slow
def test_far_faster_than_scs_at_the_cutoff(benchmark):
    alone, _ = median_speedups(benchmark, 200, 1.0)
    assert alone > 20


@pytest.mark.slow
def test_far_faster_than_scs_at_five_hundred_points(benchmark):
    """One data set: SCS takes more than a minute for it."""
    alone, default = median_speedups(benchmark, 500, 1.4, seeds=SEEDS[:1])
    assert alone > 60
    assert default > 600


@pytest.mark.slow
def test_a_thousand_points_at_the_cutoff(benchmark):
    """To 1e-6 where the certificate alone often does not close the gap."""
    benchmark.group = "n = 1000, ratio 1.0, gap 1e-6"
    points = planted(1000, ratio=1.0)
    with threadpool_limits(1):
        result = benchmark.pedantic(lambda: kmeans_sdp(points, 4), rounds=1)
    benchmark.extra_info["relative gap"] = f"{result.gap:.1e}"
    assert result.certified
    assert 0 <= result.gap <= 1e-6


@pytest.mark.slow
def test_two_thousand_tight_points_cost_less_than_two_hundred_by_scs(benchmark):
    points = planted(2000)
    small = planted(200)
    kmeans_sdp(points, 4)
    ours, found = cpu(lambda: kmeans_sdp(points, 4), repeat=3)
    peer, reference = cpu(lambda: kmeans_sdp(small, 4, method="scs"))
    split, middle = cpu(lambda: kmeans_sdp(planted(500), 4, method="splitting"))
    benchmark.pedantic(lambda: kmeans_sdp(points, 4), rounds=1)
    benchmark.extra_info["SCS at n = 200 over it"] = round(peer / ours, 1)
    benchmark.extra_info["splitting at n = 500 over it"] = round(split / ours, 1)
    assert found.exact
    assert middle.certified
    assert 0 <= reference.gap <= PEER_GAP
    assert peer > 3 * ours


def moons(n):
    return make_moons(n, noise=0.1, random_state=0)[0], 2


def digits():
    return load_digits().data, 10


LOOSE = {
    "moons, n = 2000": (lambda: moons(2000), 1e-4),
    "digits": (digits, 1e-4),
    "moons, n = 10,000": (lambda: moons(10_000), 1e-3),
    "planted at the cutoff, n = 10,000": (lambda: (planted(10_000, ratio=1.0), 4), 1e-3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOSE)
def test_where_the_relaxation_is_not_tight(benchmark, name):
    """Value and bound to a share of the squares within groups; scikit-learn's gap beside it."""
    benchmark.group = "not tight"
    (points, k), tolerance = LOOSE[name][0](), LOOSE[name][1]
    with threadpool_limits(1):
        peer = -KMeans(k, n_init=10, random_state=0).fit(points).inertia_
    seconds, found = benchmark.pedantic(
        lambda: cpu(lambda: kmeans_sdp(points, k, tolerance=tolerance)), rounds=1
    )
    bound = found.bound - KMeansProblem(points, k).total
    benchmark.extra_info["CPU seconds"] = round(seconds, 1)
    benchmark.extra_info["relative gap"] = f"{found.gap:.1e}"
    benchmark.extra_info["gap of KMeans to the bound"] = f"{(bound - peer) / -peer:.1e}"
    assert found.certified
    assert peer <= bound * (1 - 1e-12)


SWEEP = """
import numpy as np
from refutable import Cells, Claim, Exact, FalseTheory, Paper, Scope
from refutable.solvers.sdp import kmeans_sdp
PAPER = Paper(key="sweep", field="mixtures", title="T", authors=("A",), year=2000, venue="V")
def solve(cell, rng, size):
    log, labels, gaps = np.log(200), np.repeat(np.arange(4), 50), []
    separation = cell.ratio * 4 * (1 + np.sqrt(1 + 80 / (200 * log))) * log
    for _ in range(size):
        points = rng.standard_normal((200, 20))
        points[np.arange(200), labels] += np.sqrt(separation / 2)
        gaps.append(kmeans_sdp(points, 4).gap)
    return {{"gap": np.array(gaps)}}
SWEEP = Claim(id="sweep.x", paper=PAPER, source="s", statement="s.", formula="x",
    scope=Scope.AS_STATED, does_not_show="d", cells=Cells(ratio=(1.4,)), simulate=solve,
    expect=(Exact("gap").within(0.0, 1e-3),),
    controls=(FalseTheory("always exact", Exact("gap").at_most(-1.0)),), block=8, cap={cap})
"""
MANY, FEW, SHORT = 1000, 160, 16


def sweep(folder, workers, count):
    """Seconds for a sweep of `count` data sets by the engine on so many processes."""
    folder.mkdir(parents=True)
    path = folder / "claims.py"
    path.write_text(SWEEP.format(cap=count))
    registry = discover([path], builtin=False)
    start = time.perf_counter()
    with Store(folder / "s", 0) as store:
        job = Job(registry.find("sweep.x"), registry.sources["sweep.x"], Effort.SMOKE, 0)
        (result,) = Runner(store, processes(workers), Silent()).run([job]).results
    assert (result.verdict, result.replicates) == ("supported", count)
    return time.perf_counter() - start


def busy_share(seconds=1.0):
    """Share of all cores that others use for a while; 1 where the system does not tell."""

    def spent():
        numbers = [int(one) for one in stat.read_text().split("\n")[0].split()[1:9]]
        return sum(numbers), numbers[3] + numbers[4]

    stat = Path("/proc/stat")
    if not stat.exists():
        return 1.0
    before = spent()
    time.sleep(seconds)
    after = spent()
    return 1.0 - (after[1] - before[1]) / max(after[0] - before[0], 1)


@pytest.mark.slow
def test_a_sweep_on_two_cores_against_one(benchmark, tmp_path):
    """A phase-transition sweep through the engine; 1000 data sets when both cores are idle.

    Otherwise 160 by the same way: the ratio then tells what else ran, so it is recorded only. The
    start of the workers is taken out by difference. A few data sets are loose and stay open at a
    gap above 1e-6: the sweep must end with every bound valid.
    """
    idle = busy_share() < 0.05
    count = MANY if idle else FEW

    def seconds(workers):
        short = sweep(tmp_path / f"short{workers}", workers, SHORT)
        return sweep(tmp_path / f"long{workers}", workers, SHORT + count) - short

    one, two = benchmark.pedantic(lambda: (seconds(1), seconds(2)), rounds=1)
    idle = idle and busy_share() < 0.05
    benchmark.extra_info.update(data_sets=count, idle=idle, ratio=round(one / two, 2))
    if idle:
        assert one >= 1.8 * two


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


def standardised(load):
    points = load().data
    return (points - points.mean(axis=0)) / points.std(axis=0)


def inertias(points, k, starts):
    """Return where KMeans ends from 20 seeds."""
    return [KMeans(k, n_init=starts, random_state=i).fit(points).inertia_ for i in range(20)]


ORDINARY = {
    "planted, four groups": (lambda: planted(200, ratio=1.4), 4),
    "planted, ten groups": (lambda: planted(400, k=10, ratio=1.4), 10),
    "planted, 25 groups": (lambda: planted(500, p=30, k=25, ratio=1.4), 25),
    "iris": (lambda: standardised(load_iris), 3),
    "wine": (lambda: standardised(load_wine), 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDINARY)
def test_what_the_certificate_says_of_kmeans(benchmark, name):
    """How far above the proven minimum scikit-learn's KMeans ends, which it cannot tell itself.

    The bound of the relaxation gives a sum of squares within groups that no partition goes below;
    on its scale stand KMeans with one start and with ten, of twenty seeds, and our labels.
    """
    benchmark.group = "objective above the proven minimum"
    make, k = ORDINARY[name]
    points = make()
    with threadpool_limits(1):
        found = benchmark.pedantic(lambda: kmeans_sdp(points, k), rounds=1)
        runs = {starts: inertias(points, k, starts) for starts in (1, 10)}
    total = ((points - points.mean(axis=0)) ** 2).sum()
    centred = [points[found.labels == i] for i in range(k)]
    ours = sum(((one - one.mean(axis=0)) ** 2).sum() for one in centred)
    least = total - found.bound
    above = {starts: np.array(values) / least - 1 for starts, values in runs.items()}
    for starts, gaps in above.items():
        said = f"KMeans, {starts} start" + "s" * (starts > 1)
        benchmark.extra_info[f"{said}: largest gap"] = f"{gaps.max():.1e}"
        benchmark.extra_info[f"{said}: of 20 runs above our labels"] = int(
            (np.array(runs[starts]) > ours * (1 + 1e-9)).sum()
        )
    benchmark.extra_info["our labels: gap"] = f"{ours / least - 1:.1e}"
    benchmark.extra_info["status"] = found.status.value
    for gaps in above.values():
        assert gaps.min() > -1e-6  # no partition goes below a bound
    assert ours <= min(map(min, runs.values())) * (1 + 1e-9)


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


def planted_is_exact(n):
    """Say whether planted groups are certified exact: what is done apart, for its memory."""
    return kmeans_sdp(planted(n), 4).exact


@pytest.mark.slow
@pytest.mark.parametrize("n", [2000, 10_000, 50_000])
def test_many_points_without_their_matrix(benchmark, n):
    benchmark.group = "many points"
    points = planted(n)
    result = timed(benchmark, lambda: kmeans_sdp(points, 4), rounds=1)
    exact, peak = apart(planted_is_exact, n)
    benchmark.extra_info["peak GB"] = round(peak / 1024, 2)
    assert result.exact
    assert result.multiplier is None
    assert exact
    assert peak < 2048


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
