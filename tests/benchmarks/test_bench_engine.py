"""What the engine costs per block: draw, look, store, schedule, with nothing to simulate.

Figures are compared with joblib's own cost per task in the same process, never with a clock.
"""

import itertools
import time

import joblib
import numpy as np
import pytest
from apart import apart

from refutable import Effort
from refutable.running.backends import processes, serial
from refutable.running.job import Job
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.running.runner import Runner
from refutable.storing.store import Store

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


def _seconds(function, clock=time.perf_counter):
    start = clock()
    function()
    return clock() - start


def _beside_joblib(beside, benchmark, parallel, run, blocks, clock):
    """Record joblib's time per empty task over that per empty block, and that in milliseconds.

    The start of a run, and of workers, is taken out by the difference of two runs. Nothing is
    judged: joblib neither draws nor looks nor stores.
    """
    few, count = blocks
    tasks, ours = [joblib.delayed(_nothing)(i) for i in range(count)], []

    def per_block():
        short, long = (_seconds(lambda n=n: run(n), clock) for n in (few, few + count))
        ours.append((long - short) / count)
        return ours[-1]

    def per_task():
        return _seconds(lambda: parallel(tasks), clock) / count

    parallel(tasks[:50])
    beside.measured("joblib, an empty task", per_block, per_task, turns=3)
    benchmark.extra_info["milliseconds per block"] = round(1e3 * float(np.median(ours)), 3)


def _folders(place):
    return (place / f"run{number}" for number in itertools.count())


@pytest.mark.benchmark(group="an empty block in process")
def test_overhead_per_block_in_process(benchmark, beside, tmp_path):
    folders, parallel = _folders(tmp_path), joblib.Parallel(n_jobs=1)

    def run(blocks):
        run_empty(next(folders), blocks, serial())

    benchmark.pedantic(run, (500,), rounds=3)
    _beside_joblib(beside, benchmark, parallel, run, (200, 2000), time.process_time)


@pytest.mark.benchmark(group="an empty block through two processes")
def test_overhead_per_block_through_processes(benchmark, beside, tmp_path):
    """By the clock: what workers take is no processor time of this process."""
    folders, parallel = _folders(tmp_path), joblib.Parallel(n_jobs=2, batch_size=1)

    def run(blocks):
        run_empty(next(folders), blocks, processes(2))

    benchmark.pedantic(run, (300,), rounds=2)
    _beside_joblib(beside, benchmark, parallel, run, (100, 1000), time.perf_counter)


@pytest.mark.slow
@pytest.mark.benchmark(group="120 busy blocks by two processes")
def test_two_workers_against_one(benchmark, beside, tmp_path):
    """The ratio needs two idle cores; it is reported, and only its direction asserted."""
    folders = _folders(tmp_path)

    def run(workers):
        return _seconds(lambda: run_empty(next(folders), 0, processes(workers), BUSY, "busy.x"))

    benchmark.pedantic(lambda: run(2), rounds=1)
    assert beside.measured("one process", lambda: run(2), lambda: run(1), turns=3) > 1


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
