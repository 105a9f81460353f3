"""Processes are really killed; after each resume nothing is lost and nothing done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import child_processes
import psutil
import pytest
import slow_claims
from runs import files, run

from refutable.errors import RefutableError
from refutable.running.backends import dask, serial
from refutable.running.progress import Silent
from refutable.running.registry import discover

SLOW = Path(slow_claims.__file__)
NAMES = ["slow.coin", "slow.other", "slow.third"]
KILLS = 50

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def suite():
    return discover([SLOW], builtin=False)


@pytest.fixture(scope="module")
def undisturbed(suite, tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "s"
    results = run(path, serial(), suite, NAMES)
    assert {result.verdict for result in results} == {"supported"}
    return files(path)


def start(store):
    return child_processes.start(
        *("run", SLOW, "--store", store, "--workers", 2, "--seed", 0),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(driver, what):
    """Kill the driver and all that it started, or one of its workers."""
    children = psutil.Process(driver.pid).children(recursive=True)
    if what == "driver" or not children:
        driver.kill()
        for child in children:
            child.kill()
        driver.wait()
    else:
        random.choice(children).kill()


def lines(store):
    return sum(path.read_bytes().count(b"\n") for path in (store / "blocks").glob("*.jsonl"))


def test_fifty_random_kills_of_driver_and_workers_change_nothing(undisturbed, tmp_path):
    store, dice = tmp_path / "s", random.Random(7)
    kills, driver, before = 0, start(store), 0
    deadline = time.monotonic() + 500
    while time.monotonic() < deadline:
        time.sleep(dice.uniform(0.2, 0.6))
        if driver.poll() is not None:
            assert driver.returncode == 0
            break
        drawn = lines(store) if store.exists() else 0
        if kills < KILLS and drawn > before:
            kill(driver, dice.choice(["driver", "worker", "worker"]))
            kills, before = kills + 1, drawn
            if driver.poll() is not None:
                driver = start(store)
    assert driver.poll() == 0, "the run did not end in time"
    assert kills == KILLS
    assert files(store) == undisturbed
    for path in (store / "blocks").glob("*.jsonl"):
        keys = [_key(json.loads(line)["body"]) for line in path.read_text().splitlines()]
        assert len(set(keys)) == len(keys), "a block was drawn twice"


def _key(body):
    return body["world"], json.dumps(body["cell"]), body["block"]


@pytest.mark.parametrize("workers", [2, 4])
def test_dask_gives_the_same_tables(suite, undisturbed, tmp_path, workers):
    run(tmp_path / "s", dask(None, workers), suite, NAMES)
    assert files(tmp_path / "s") == undisturbed


class KillDaskWorkers(Silent):
    """Kills a worker process of the local cluster now and then."""

    def __init__(self, most):
        self.left, self.blocks = most, 0

    def advanced(self, job):
        self.blocks += 1
        workers = [c for c in psutil.Process().children(recursive=True) if _is_worker(c)]
        if self.left and self.blocks % 60 == 0 and workers:
            workers[0].kill()
            self.left -= 1


def _is_worker(process):
    try:
        return "multiprocessing.spawn" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_dask_workers_that_die_change_nothing(suite, undisturbed, tmp_path):
    killer = KillDaskWorkers(5)
    run(tmp_path / "s", dask(None, 2), suite, NAMES, killer)
    assert killer.left == 0
    assert files(tmp_path / "s") == undisturbed


@pytest.fixture
def cluster(tmp_path):
    """Return a function that starts a scheduler and two workers; all are ended afterwards."""
    started = []

    def dask_process(*arguments):
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
        )
        started.append(process)
        return process

    def begin(name):
        file = tmp_path / f"{name}.json"
        scheduler = dask_process(
            "dask_scheduler", "--scheduler-file", str(file), "--port", "0", "--no-dashboard"
        )
        child_processes.wait_until(file.exists, 120)
        address = json.loads(file.read_text())["address"]
        for _ in range(2):
            dask_process("dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
        return scheduler, address

    yield begin
    for process in started:
        process.kill()
        process.wait()


class KillOnce(Silent):
    """Kills a process after some blocks."""

    def __init__(self, process, blocks):
        self.process, self.left = process, blocks

    def advanced(self, job):
        self.left -= 1
        if self.left == 0:
            self.process.kill()


def test_a_dask_scheduler_that_dies_loses_nothing(suite, undisturbed, tmp_path, cluster):
    scheduler, address = cluster("first")
    with pytest.raises(RefutableError, match="cannot be started|is stored"):
        run(tmp_path / "s", dask(address, 2), suite, NAMES, KillOnce(scheduler, 20))
    stored = lines(tmp_path / "s")
    assert stored >= 20
    _, address = cluster("second")
    run(tmp_path / "s", dask(address, 2), suite, NAMES)
    assert files(tmp_path / "s") == undisturbed


def test_a_second_ctrl_c_stops_at_once(tmp_path):
    store = tmp_path / "s"
    driver = start(store)
    child_processes.wait_until(lambda: store.exists() and lines(store), 120)
    os.kill(driver.pid, signal.SIGINT)
    os.kill(driver.pid, signal.SIGINT)
    assert driver.wait(timeout=30) != 0
