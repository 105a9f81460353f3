"""A block must come from its seed alone: it is drawn again, and beside blocks of other seeds."""

import random
import re
import threading
from pathlib import Path

import numpy as np
import pytest
import reseeded_claims

from refutable import Effort
from refutable.claims.claim import OWN
from refutable.running import job as job_module
from refutable.running import redraw
from refutable.running.backends import serial
from refutable.running.job import CHEAP, CHECKING, Job
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.running.runner import Runner
from refutable.running.tasks import Task, draw
from refutable.storing.store import Store

REGISTRY = discover([Path(reseeded_claims.__file__)], builtin=False)


def task(name, allowance=60.0, seed=0, block=0):
    claim = REGISTRY.claims[f"rs.{name}"]
    (cell,) = claim.worlds(Effort.SMOKE)[0].cells
    return Task(REGISTRY.sources[claim.id], claim.id, OWN, cell, block, seed, allowance)


@pytest.fixture
def patient(monkeypatch):
    """Let every block be checked, however slow the machine is."""
    monkeypatch.setattr(job_module, "CHEAP", 60.0)


def run(path, name, seed=0):
    claim = REGISTRY.claims[f"rs.{name}"]
    job = Job(claim, REGISTRY.sources[claim.id], Effort.SMOKE, seed)
    with Store(path, seed=seed) as store:
        (result,) = Runner(store, serial(), Silent()).run([job]).results
    return result, job


SAID = {
    "own-seed": "repeats a block of another seed bit for bit in 'x'",
    "own-loop": "repeats a block of another seed bit for bit in 'x'",
    "unseeded": "came out differently in 'x' when it was drawn again from the same seed",
    "legacy-seed": r"a global random state \(numpy.random\) moved",
    "python-random": r"a global random state \(random\) moved",
    "one-data-set": "blocks have a level of their own in 'x'",
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_not_drawn_from_the_seed_is_suspect_with_the_mend(name, tmp_path, patient):
    for _ in range(2):  # what such a block left behind must not hide the next
        drawn = draw(task(name))
        assert drawn.suspect
        assert drawn.outcome is None
    found = [run(tmp_path / str(seed), name, seed)[0] for seed in range(3)]
    assert {result.verdict for result in found} == {"suspect"}
    assert re.search(SAID[name], drawn.error)


def test_the_verdict_stays_suspect_when_the_command_is_repeated(tmp_path, patient):
    first, _ = run(tmp_path / "s", "unseeded")
    again, _ = run(tmp_path / "s", "unseeded")
    assert (first.verdict, again.verdict) == ("suspect", "suspect")


@pytest.mark.parametrize("name", ["sound", "yes"])
def test_a_sound_block_is_what_it_was_without_the_check(name):
    checked, plain = draw(task(name)), draw(task(name, allowance=0.0))
    assert (checked.checked, plain.checked) == (True, False)
    assert not checked.suspect
    assert checked.outcome == plain.outcome is not None


def test_a_sound_claim_is_supported_after_one_check(tmp_path, patient):
    result, job = run(tmp_path / "s", "sound")
    assert result.verdict == "supported"
    assert job.checked == {OWN}


def test_what_would_cost_more_than_its_share_is_not_drawn_again(tmp_path):
    assert not draw(task("sound-and-slow", allowance=0.04)).checked
    assert draw(task("sound-and-slow", allowance=0.2)).checked
    assert draw(task("sound-and-slow", allowance=1.0)).checked
    result, job = run(tmp_path / "s", "sound-and-slow")
    assert result.verdict == "supported"
    assert job.checked == set()
    assert job._allowance == max(CHEAP, CHECKING * job.seconds)
    job.checked.add(OWN)
    assert job.task(next(iter(job.trial.used()))).allowance == 0


def test_one_data_set_per_block_is_seen_before_it_is_decided_by_one_block():
    """Without the check the first block decides, rightly or wrongly, on one data set."""
    seen = [draw(task("one-data-set", seed=seed)).suspect for seed in range(60)]
    assert np.mean(seen) >= 0.9


def test_global_states_are_restored_and_seen_even_when_the_body_fails():
    before = random.getstate(), np.random.get_bit_generator()
    seen = []

    def fails():
        with redraw.global_states() as moved:
            seen.append(moved)
            random.random()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert seen[0].names == ("random",)
    with redraw.global_states() as moved:
        np.random.default_rng(3).normal()
        random.Random(3).random()
    assert moved.names == ()
    assert random.getstate() == before[0]
    assert np.random.get_bit_generator() is before[1]


def test_other_threads_leave_the_global_states_alone():
    found = []

    def look():
        with redraw.global_states() as moved:
            found.append(np.random.get_bit_generator())
            random.random()
        found.append(moved.names)

    own = np.random.get_bit_generator()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found[0] is own
    assert found[1] == ()


def test_a_state_that_moves_only_once_is_an_import_s():
    calls = []

    def draws(block):
        if not calls:
            random.random()
        calls.append(block)
        return {"x": np.zeros(3)}

    assert redraw.once(draws, 7)[1] == ""
    assert calls == [7, 7]
