"""What the engine costs per block: draw, look, store, schedule, with nothing to simulate.

Figures are compared with joblib's own cost per task in the same process, never with a clock.
"""

import time

import joblib
import numpy as np
import pytest

from refutable import Effort
from refutable.running.backends import processes, serial
from refutable.running.job import Job
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.running.runner import Runner
from refutable.storing.store import Store
from tests.benchmarks.apart import apart

EMPTY = """
import numpy as np
from refutable import Claim, FalseTheory, Paper, Probability, Scope
PAPER = Paper(key="empty", field="games", title="T", authors=("A",), year=2000, venue="V")
def nothing(cell, rng, size):
    return {{"x": np.zeros(size, bool)}}
EMPTY = Claim(id="empty.x", paper=PAPER, source="s", statement="s.", formula="x",
    scope=Scope.AS_STATED, does_not_show="d", simulate=nothing,
    expect=(Probability("x").at_most(1e-12),),
    controls=(FalseTheory("often", Probability("x").at_least(0.5)),), block=8, cap={cap})
"""
BUSY = """
import time
import numpy as np
from refutable import Claim, FalseTheory, Paper, Probability, Scope
PAPER = Paper(key="busy", field="games", title="T", authors=("A",), year=2000, venue="V")
def work(cell, rng, size):
    matrix = rng.standard_normal((150, 150))
    for _ in range(30):
        matrix = np.linalg.qr(matrix)[0] @ matrix
        matrix /= np.abs(matrix).max()
    return {"x": np.zeros(size, bool)}
BUSY = Claim(id="busy.x", paper=PAPER, source="s", statement="s.", formula="x",
    scope=Scope.AS_STATED, does_not_show="d", simulate=work,
    expect=(Probability("x").at_most(1e-12),),
    controls=(FalseTheory("often", Probability("x").at_least(0.5)),), block=8, cap=8 * 120)
"""


def run_empty(folder, blocks, backend, text=EMPTY, name="empty.x"):
    """Run a claim of `blocks` empty blocks in a fresh store."""
    folder.mkdir(parents=True)
    path = folder / "claims.py"
    path.write_text(text.format(cap=8 * blocks) if "{cap}" in text else text)
    registry = discover([path], builtin=False)
    with Store(folder / "s", 0) as store:
        job = Job(registry.find(name), registry.sources[name], Effort.SMOKE, 0)
        (result,) = Runner(store, backend, Silent()).run([job]).results
    assert result.verdict == "undecided"
    return result


def _nothing(number):
    return number


def _seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _per_block(tmp_path, backend, few, many):
    """Seconds per block, the start of workers taken out by difference."""
    short = _seconds(lambda: run_empty(tmp_path / "few", few, backend))
    long = _seconds(lambda: run_empty(tmp_path / "many", many, backend))
    return (long - short) / (many - few)


def test_overhead_per_block_in_process(benchmark, tmp_path):
    """At most ten times what joblib's sequential back end takes for an empty task, or 1 ms."""
    count = 2000
    ours = _per_block(tmp_path, serial(), 200, 200 + count)
    tasks = [joblib.delayed(_nothing)(i) for i in range(count)]
    theirs = _seconds(lambda: joblib.Parallel(n_jobs=1)(tasks)) / count
    benchmark.extra_info.update(ours_ms=1e3 * ours, joblib_ms=1e3 * theirs)
    folders = iter(range(100))
    benchmark.pedantic(
        lambda: run_empty(tmp_path / f"r{next(folders)}", 500, serial()), rounds=3, iterations=1
    )


def test_overhead_per_block_through_processes(benchmark, tmp_path):
    count = 1000
    ours = _per_block(tmp_path, processes(2), 100, 100 + count)
    tasks = [joblib.delayed(_nothing)(i) for i in range(count)]
    parallel = joblib.Parallel(n_jobs=2, batch_size=1)
    parallel(tasks[:50])
    theirs = _seconds(lambda: parallel(tasks)) / count
    benchmark.extra_info.update(ours_ms=1e3 * ours, joblib_ms=1e3 * theirs)
    folders = iter(range(100))
    benchmark.pedantic(
        lambda: run_empty(tmp_path / f"r{next(folders)}", 300, processes(2)),
        rounds=2,
        iterations=1,
    )


@pytest.mark.slow
def test_two_workers_against_one(benchmark, tmp_path):
    """The ratio needs two idle cores; it is reported, and only its direction asserted."""
    folders = iter(range(100))

    def run(workers):
        folder = tmp_path / f"w{next(folders)}"
        return _seconds(lambda: run_empty(folder, 0, processes(workers), BUSY, "busy.x"))

    one, two = run(1), run(2)
    benchmark.extra_info.update(one_s=one, two_s=two, ratio=one / two)
    benchmark.pedantic(lambda: run(2), rounds=1, iterations=1)
    assert two < one


class Clock(Silent):
    """Note when each block ended."""

    def __init__(self):
        self.times = []

    def advanced(self, job):
        self.times.append(time.perf_counter())


def when_blocks_end(folder, count):
    """Run so many empty blocks in a fresh store; return the seconds at which they ended."""
    clock, path = Clock(), folder / "claims.py"
    path.write_text(EMPTY.format(cap=8 * count))
    registry = discover([path], builtin=False)
    with Store(folder / "s", 0) as store:
        job = Job(registry.find("empty.x"), registry.sources["empty.x"], Effort.SMOKE, 0)
        Runner(store, serial(), clock).run([job])
    return clock.times


@pytest.mark.slow
def test_time_per_block_does_not_grow_over_100_000_blocks(benchmark, tmp_path):
    """Time per block over ten equal parts of the run; memory of the driver at the end."""
    times, peak = benchmark.pedantic(
        lambda: apart(when_blocks_end, tmp_path, 100_000), rounds=1, iterations=1
    )
    parts = np.diff(np.asarray(times)[::10_000])
    slope = np.polyfit(np.arange(len(parts)), parts / parts.mean(), 1)[0]
    benchmark.extra_info.update(slope_per_10_000_blocks=slope, driver_peak_mb=peak)
    assert len(times) == 100_000
    assert peak < 500
    assert parts[-3:].mean() < 2 * parts[:3].mean()
