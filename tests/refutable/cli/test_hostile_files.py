"""Files whose claims would end, move, hang or drown out the command that runs them."""

import json
import subprocess
import sys

import hostile_claims
import pytest
from commands import fresh

FILE = hostile_claims.__file__


def a_file(tmp_path, *names, before="", after=""):
    """Write a file that binds some of the hostile claims, and says something of its own."""
    path = tmp_path / "claims.py"
    folder = FILE.rpartition("/")[0]
    head = f"import sys\nsys.path.append({folder!r})\n"
    taken = f"from hostile_claims import {', '.join(names)}\n"
    path.write_text(head + before + taken + after)
    return path


def verdicts(out):
    return {r["claim"].split(".")[1]: r["verdict"] for r in json.loads(out)["results"]}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["auto", "serial"])
def test_claims_that_exit_move_talk_and_start_threads_harm_no_other(tmp_path, backend):
    path = a_file(tmp_path, "LEAVES", "MOVES", "STAYS", "TALKS", "COLOURS", "GOOD")
    command = [sys.executable, "-m", "refutable", "run", path, "--store", "s", "--json"]
    command += ["--workers", "1", "--backend", backend]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert verdicts(done.stdout) == {
        **dict.fromkeys(("good", "moves", "stays", "talks"), "supported"),
        **dict.fromkeys(("leaves", "colours"), "failed"),
    }
    assert "raw [" in done.stderr
    assert len(list((tmp_path / "s" / "results").glob("*.json"))) == 6
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_claim_that_hears_no_alarm_is_given_up(tmp_path):
    path = a_file(tmp_path, "DEAF", "GOOD")
    options = ("--workers", 1, "--block-seconds", 1, "--json", "--store", tmp_path / "s")
    code, out, err = fresh("run", path, *options)
    assert (code, verdicts(out)) == (1, {"deaf": "failed", "good": "supported"}), err
    assert "no result within 1 s" in out


@pytest.mark.parametrize("call", ["os._exit(0)", "sys.exit(0)", "raise GeneratorExit"])
def test_a_file_that_ends_while_it_is_loaded_is_a_problem(tmp_path, call):
    path = a_file(tmp_path, "GOOD", after=f"import os\n{call}\n")
    code, out, err = fresh("run", path, "--store", tmp_path / "s", "--json")
    assert code == 2
    assert "could not be imported" in json.loads(out)["problems"][0]["text"]
    assert "could not be imported" in err


def test_a_prediction_that_exits_is_a_problem_of_its_claim(tmp_path):
    made = (
        "import os\nfrom dataclasses import replace\nfrom refutable import Mean\n"
        "BAD = replace(GOOD, id='hostile.bad', expect=("
        "Mean('value').near(lambda cell: os._exit(0), 0.1),), controls=GOOD.controls)\n"
    )
    path = a_file(tmp_path, "GOOD", after=made)
    code, out, _ = fresh("run", path, "--store", tmp_path / "s", "--json", "--workers", 1)
    assert (code, verdicts(out)) == (1, {"good": "supported"})
    assert "hostile.bad" in json.loads(out)["problems"][0]["text"]


def test_a_thread_of_a_file_does_not_keep_the_command(tmp_path):
    after = "import threading, time\nthreading.Thread(target=time.sleep, args=(999,)).start()\n"
    path = a_file(tmp_path, "GOOD", before=after + "print('hello')\n")
    command = [sys.executable, "-m", "refutable", "list", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert [row["id"] for row in json.loads(done.stdout)] == ["hostile.good"]
    assert "hello" in done.stderr
