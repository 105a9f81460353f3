"""The run: bit-identical whatever the workers, and after any interruption."""

import os
import re
import signal
import threading
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import example_claims
import pytest
from runs import files, jobs, run

from refutable import Effort
from refutable.errors import MisuseError
from refutable.running.backends import Backend, processes, serial
from refutable.running.job import prepare
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.running.runner import Runner
from refutable.storing.store import Store

REAL = (
    "deepspeed_moe.param-table",
    "generative_augmentation.test-loss-rises",
    "generative_augmentation.variance-estimator-robust",
    "ila_sdp.sdp-cutoff",
)
COIN = "example.coin"
EXAMPLE = Path(example_claims.__file__)


@pytest.fixture(scope="module")
def suite():
    return discover()


@pytest.fixture(scope="module")
def undisturbed(suite, tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "s"
    results = run(path, serial(), suite, REAL)
    assert all(result.as_expected for result in results)
    return files(path)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_real_claims_give_the_same_tables_bit_for_bit_with_any_workers(
    suite, undisturbed, tmp_path, workers
):
    run(tmp_path / "s", processes(workers), suite, REAL)
    assert files(tmp_path / "s") == undisturbed


class StopAfter(Silent):
    """Asks for a stop, as Ctrl-C does, after some blocks."""

    def __init__(self, blocks):
        self.left = blocks

    def advanced(self, job):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_real_claims_give_the_same_tables_after_interruptions(suite, undisturbed, tmp_path):
    names = REAL
    finished = []
    for _ in range(200):
        results = run(tmp_path / "s", serial(), suite, names, StopAfter(3))
        finished.append(len(results))
        if len(results) == len(names):
            break
    assert finished[0] < len(names)
    assert files(tmp_path / "s") == undisturbed


def test_an_interrupted_run_repeats_no_block(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    run(tmp_path / "s", serial(), registry, ["example.coin"], StopAfter(4))
    lines = (tmp_path / "s" / "blocks" / "example.coin.jsonl").read_text().splitlines()
    assert len(lines) == 4
    run(tmp_path / "s", serial(), registry, ["example.coin"])
    after = (tmp_path / "s" / "blocks" / "example.coin.jsonl").read_text().splitlines()
    assert after[:4] == lines
    assert len(set(after)) == len(after)


def test_a_second_run_draws_nothing(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    first = run(tmp_path / "s", serial(), registry, ["example.coin"])
    nothing = replace(serial(), draw=None)
    assert run(tmp_path / "s", nothing, registry, ["example.coin"]) == first


VARIANT = """
from dataclasses import replace
from example_claims import COIN as _COIN
from refutable import Cells, Probability
CHANGED = replace(_COIN, id="example.changed", {fields})
"""
CHANGES = {
    "size of block": ("", "block=32"),
    "grid": ("", "cells=Cells(p=(0.45,))"),
    "experiment": ("", "simulate=lambda cell, rng, size: {'heads': rng.random(size) < 0.47}"),
    "smaller cap": ("expect=(Probability('heads').near(0.5, 0.06),)",) * 2,
}


@pytest.mark.parametrize("name", CHANGES)
def test_blocks_of_another_size_cell_experiment_or_number_are_not_reused(tmp_path, name):
    before, after = CHANGES[name]
    after += ", cap=256" if name == "smaller cap" else ""
    registries = []
    for word, fields in (("before", before), ("after", after)):
        path = tmp_path / f"{word}_{name.replace(' ', '_')}.py"
        path.write_text(VARIANT.format(fields=fields))
        registries.append(discover([path], builtin=False))
    (first,) = run(tmp_path / "s", serial(), registries[0], ["example.changed"])
    (found,) = run(tmp_path / "s", serial(), registries[1], ["example.changed"])
    assert first.verdict == "supported"
    assert found != first
    (alone,) = run(tmp_path / "fresh", serial(), registries[1], ["example.changed"])
    assert not alone.failures
    assert found == alone
    one, other = (Store(tmp_path / name) for name in ("s", "fresh"))
    tables = [store.table_file("example.changed").read_bytes() for store in (one, other)]
    assert tables[0] == tables[1]
    taken = [store.cost("example.changed")["blocks"] for store in (one, other)]
    assert taken[0] == taken[1] > 0


BAD = {
    "example.wrong-shape": r"shape \(3,\), but 64 replicates",
    "example.nan": "NaN or infinite",
    "example.no-rows": "no outcome was returned",
    "example.raises": "ZeroDivisionError",
    "example.missing-column": "'heads' is expected by",
}


@pytest.mark.parametrize("name", BAD)
def test_a_failing_claim_is_told_and_the_others_run_on(tmp_path, name):
    registry = discover([EXAMPLE], builtin=False)
    bad, good = run(tmp_path / "s", serial(), registry, [name, "example.coin"])
    assert (bad.verdict, good.verdict) == ("failed", "supported")
    assert name in bad.reason
    assert re.search(BAD[name], bad.reason)


def test_a_claim_without_a_prediction_becomes_a_problem():
    registry = discover([EXAMPLE], builtin=False)
    claims = [registry.find("example.bad-region"), registry.find("example.coin")]
    prepared, (problem,) = prepare(claims, registry, Effort.SMOKE, 0)
    assert [job.claim.id for job in prepared] == ["example.coin"]
    assert registry.problems == []
    assert "'example.bad-region' cannot be tried at effort smoke: the region" in problem.text


@pytest.mark.slow
def test_a_failed_claim_gives_the_same_files_with_any_workers(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    names = [name for name in BAD if name != "example.needs-data"]
    run(tmp_path / "a", serial(), registry, names)
    run(tmp_path / "b", processes(2), registry, names)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_corrupt_blocks_of_a_claim_keep_no_other_from_its_verdict(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    run(tmp_path / "s", serial(), registry, ["example.coin"])
    path = tmp_path / "s" / "blocks" / "example.coin.jsonl"
    corrupt = path.read_bytes().replace(b"crc32", b"crc33", 1)
    path.write_bytes(corrupt)
    with Store(tmp_path / "s", seed=0) as store:
        runner = Runner(store, serial(), Silent())
        ended = runner.run(jobs(registry, ["example.coin", "example.needs-data"]))
    assert [result.claim for result in ended.results] == ["example.needs-data"]
    assert ended.left == 0
    (problem,) = ended.problems
    assert problem.claim == "example.coin"
    assert "example.coin.jsonl cannot be read" in problem.text
    assert path.read_bytes() == corrupt


def test_a_failure_carries_the_command_that_repeats_it(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    (result,) = run(tmp_path / "s", serial(), registry, ["example.raises"])
    command = result.failures[0].command
    assert command.startswith(f"refutable rerun {EXAMPLE}")
    assert "--claim example.raises --cell p=0.5 --block 0 --seed 0" in command


def test_a_claim_that_needs_data_is_not_run_and_that_is_fine(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    (result,) = run(tmp_path / "s", serial(), registry, ["example.needs-data"])
    assert result.verdict == "not run"
    assert "download it" in result.reason
    assert result.as_expected


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced_and_a_block_that_kills_is_given_up(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    names = ["example.kills", "example.coin"]
    killer, good = run(tmp_path / "s", processes(2), registry, names)
    assert good.verdict == "supported"
    assert killer.verdict == "failed"
    assert "workers died" in killer.reason


@pytest.mark.slow
@pytest.mark.parametrize("backend", [serial(), processes(2)], ids=["serial", "processes"])
def test_a_block_that_hangs_is_given_up_after_its_time(tmp_path, backend):
    registry = discover([EXAMPLE], builtin=False)
    names = ["example.hangs", "example.coin"]
    hung, good = run(tmp_path / "s", backend, registry, names, block_seconds=1.0)
    assert good.verdict == "supported"
    assert hung.verdict == "failed"
    assert "no result within 1 s" in hung.reason


@pytest.mark.slow
def test_a_block_that_eats_memory_is_given_up(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    names = ["example.eats-memory", "example.coin"]
    eater, good = run(tmp_path / "s", processes(2, memory=8.0), registry, names)
    assert good.verdict == "supported"
    assert "MemoryError" in eater.reason


class Reversed(Executor):
    """Finishes what has come within a moment in the reverse order of its coming."""

    def __init__(self):
        self.waiting = []
        self.lock = threading.Lock()

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        with self.lock:
            self.waiting.append((future, fn, args))
            if len(self.waiting) == 1:
                threading.Timer(0.02, self._finish).start()
        return future

    def _finish(self):
        with self.lock:
            waiting, self.waiting = self.waiting, []
        for future, fn, args in reversed(waiting):
            if future.set_running_or_notify_cancel():
                future.set_result(fn(*args))


def test_blocks_that_arrive_in_reverse_change_nothing(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    run(tmp_path / "a", serial(), registry, ["example.coin"])
    backend = Backend("reversed", 2, Reversed, lambda executor: None)
    run(tmp_path / "b", backend, registry, ["example.coin"])
    assert files(tmp_path / "a") == files(tmp_path / "b")


class Refuses(Executor):
    """Takes no block of some claims, however often it is started anew; draws the others."""

    def __init__(self, claims, times=10**9):
        self.claims, self.left = claims, times

    def submit(self, fn, /, task, *args):
        if task.claim in self.claims and self.left:
            self.left -= 1
            raise OSError("cannot fork")
        future = Future()
        future.set_result(fn(task, *args))
        return future


def refusing(*arguments):
    executor = Refuses(*arguments)
    return Backend("refusing", 2, lambda: executor, lambda executor: None)


def test_claims_whose_blocks_no_back_end_takes_fail_and_are_told(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    names = ["example.coin", "example.nan"]
    with Store(tmp_path / "s", seed=0) as store:
        ended = Runner(store, refusing(names), Silent()).run(jobs(registry, names))
    assert ended.left == 0
    assert [result.verdict for result in ended.results] == ["failed", "failed"]
    for result in ended.results:
        assert "the back end refusing did not take it: OSError: cannot fork" in result.reason
        assert result.failures[0].command.startswith("refutable rerun")


def test_a_claim_whose_blocks_are_refused_keeps_no_other_from_its_verdict(tmp_path):
    registry = discover([EXAMPLE], builtin=False)
    bad, good = run(tmp_path / "s", refusing(["example.nan"]), registry, ["example.nan", COIN])
    assert (bad.verdict, good.verdict) == ("failed", "supported")


@pytest.mark.parametrize("times", [1, 2])
def test_a_back_end_that_refuses_for_a_while_changes_nothing(tmp_path, times):
    registry = discover([EXAMPLE], builtin=False)
    run(tmp_path / "a", serial(), registry, [COIN])
    run(tmp_path / "b", refusing([COIN], times), registry, [COIN])
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_back_ends_are_chosen_by_name():
    from refutable.running.backends import choose

    assert choose("auto", 1).name == "serial"
    assert choose("auto", 2).name == "processes"
    with pytest.raises(MisuseError, match="unknown; choose from auto, serial"):
        choose("slurm", 2)
    with pytest.raises(MisuseError, match="at least one worker"):
        choose("auto", 0)
