"""All back ends give the same bytes, and none is taken down or left behind by a claim."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import child_processes
import example_claims
import plane_claims
import psutil
import pytest
import slow_claims
from commands import refutable
from runs import files, run

from refutable.errors import MisuseError
from refutable.running.backends import dask, mpi, processes, serial
from refutable.running.registry import discover

EXAMPLE, SLOW = Path(example_claims.__file__), Path(slow_claims.__file__)
PLANE = Path(plane_claims.__file__)
NAMES = ["slow.coin", "slow.other"]
COIN = "example.coin"

pytestmark = pytest.mark.slow

needs_mpi = pytest.mark.skipif(
    shutil.which("mpiexec") is None or importlib.util.find_spec("mpi4py") is None,
    reason="needs an MPI of the system and mpi4py: apt-get install openmpi-bin libopenmpi-dev",
)


@pytest.fixture(scope="module")
def suite():
    return discover([SLOW], builtin=False)


@pytest.fixture(scope="module")
def undisturbed(suite, tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "s"
    run(path, serial(), suite, NAMES)
    return files(path)


def test_processes_and_dask_give_the_bytes_of_one_process(suite, undisturbed, tmp_path):
    backends = [processes(1), processes(3), dask(None, 2)]
    for i, backend in enumerate(backends):
        run(tmp_path / str(i), backend, suite, NAMES)
        assert files(tmp_path / str(i)) == undisturbed, backend.name


def test_a_block_that_hangs_on_a_dask_worker_fails_its_own_claim_alone(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    names = ["example.hangs", COIN, "example.kills"]
    hung, good, killer = run(tmp_path / "s", dask(None, 1), registry, names, block_seconds=1.0)
    assert (hung.verdict, good.verdict, killer.verdict) == ("failed", "supported", "failed")
    assert "no result within 1 s" in hung.reason
    assert "workers died" in killer.reason


def test_no_worker_outlives_a_driver_that_was_killed(tmp_path):
    store = tmp_path / "s"
    driver = child_processes.start(
        *("run", SLOW, "--store", store, "--workers", 3),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    child_processes.wait_until(lambda: list((store / "blocks").glob("*.jsonl")), 60)
    left = psutil.Process(driver.pid).children(recursive=True)
    assert len(left) >= 3
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(left, timeout=30)
    assert alive == []


def test_a_worker_that_starts_after_its_driver_has_gone_ends_at_once():
    script = (
        "import time; from refutable.running.starting import start_worker; "
        "start_worker(0.0, {parent}); time.sleep({seconds})"
    )

    def ended(parent, seconds):
        text = script.format(parent=parent, seconds=seconds)
        return subprocess.run([sys.executable, "-c", text], timeout=60, check=False).returncode

    assert ended(2**22 + 1, 10) == 1  # no process has that number
    assert ended(os.getpid(), 2.5) == 0


def test_without_ranks_mpi_says_how_to_start_it(tmp_path):
    if importlib.util.find_spec("mpi4py") is None:
        pytest.skip("needs mpi4py")
    with pytest.raises(MisuseError, match="mpiexec -n N python -m mpi4py.futures"):
        mpi()


def mpiexec(ranks, store, *arguments, claims=SLOW):
    """Start a command on so many ranks; more than there are cores, and as root, are allowed."""
    launcher = ["mpiexec", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks)]
    command = [sys.executable, "-m", "mpi4py.futures", "-m", "refutable"]
    asked = [*(arguments or ("run",)), str(claims), "--backend", "mpi", "--seed", "0"]
    return subprocess.Popen(
        [*launcher, *command, *asked, "--store", str(store)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def all_three(suite, tmp_path_factory):
    path = tmp_path_factory.mktemp("all_three") / "s"
    run(path, processes(2), suite, [*NAMES, "slow.third"])
    return files(path)


@needs_mpi
def test_mpi_ranks_give_the_same_bytes(all_three, tmp_path):
    assert mpiexec(3, tmp_path / "s").wait(timeout=200) == 0
    assert files(tmp_path / "s") == all_three


POWERS, SIZES = ("--over", "power=0.5,1,2,4"), ("--over", "size=0.2,0.6,1")
ONSET = ("onset", "--claim", "slow.coin", "--along", "p", "--from", "0.1", "--to", "0.9")
HOLDS = ("--holds", "P(heads) >= 0.4", "--tolerance", "0.2")
SEARCHES = {
    "onsets": ((*ONSET, *HOLDS), SLOW),
    "maps": (("map", *POWERS, *SIZES, "--budget", "8000"), PLANE),
}
"""What is asked of which claims, by the folder of a store that holds what is found."""
TIGHT = ("tightness", *POWERS, *SIZES, "--replicates", "200", "--json")


@pytest.fixture(scope="module", params=SEARCHES)
def sought(request, tmp_path_factory):
    asked, claims = SEARCHES[request.param]
    path = tmp_path_factory.mktemp(request.param) / "s"
    code, _, err = refutable(*asked, claims, "--backend", "serial", "--store", path)
    assert code == 0, err
    return request.param, found_in(path, request.param)


def found_in(store, folder):
    """Return the files of a search, which are the same for the same seed."""
    return [path.read_bytes() for path in (store / "onsets.json", *(store / folder).iterdir())]


def test_a_search_finds_the_same_bytes_in_processes_and_on_dask(sought, tmp_path):
    folder, found = sought
    asked, claims = SEARCHES[folder]
    for backend in ("processes", "dask"):
        where = ("--backend", backend, "--workers", 2, "--store", tmp_path / backend)
        assert refutable(*asked, claims, *where)[0] == 0
        assert found_in(tmp_path / backend, folder) == found, backend


@needs_mpi
def test_a_search_finds_the_same_bytes_on_mpi_ranks(sought, tmp_path):
    folder, found = sought
    asked, claims = SEARCHES[folder]
    assert mpiexec(3, tmp_path / "s", *asked, claims=claims).wait(timeout=200) == 0
    assert found_in(tmp_path / "s", folder) == found


def test_tightness_is_the_same_in_processes_and_on_dask(tmp_path):
    found = {}
    for backend in ("serial", "processes", "dask"):
        where = ("--backend", backend, "--workers", 2, "--store", tmp_path / backend)
        code, out, err = refutable(*TIGHT, PLANE, *where)
        assert code == 0, err
        found[backend] = out
    assert "E[loss]" in found["serial"]
    assert found["processes"] == found["dask"] == found["serial"]


@needs_mpi
def test_mpi_ranks_that_are_told_to_end_do_and_the_next_run_goes_on(all_three, tmp_path):
    store = tmp_path / "s"
    running = mpiexec(3, store)
    child_processes.wait_until(lambda: list((store / "blocks").glob("*.jsonl")), 60)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) != 0
    assert mpiexec(2, store).wait(timeout=200) == 0
    assert files(store) == all_three
