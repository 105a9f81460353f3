"""Ctrl-C: quiet, honest about what is missing, and followed by how to go on."""

import json
import shlex
import signal
import subprocess
import sys
import time

import pytest
from child_processes import begin, start
from commands import refutable

from refutable.storing.store import Store

TOLD = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

SLOW = """
import pathlib, time
from refutable import *
PAPER = Paper(
    key="slow", field="games", title="T", authors=("A. Author",), year=2000, venue="V"
)
def toss(cell, rng, size):
    pathlib.Path(__file__).with_name("begun").touch()
    time.sleep(0.3)
    return {"heads": rng.random(size) < 0.5}
def loaded(cell, rng, size):
    return {"heads": rng.random(size) < 0.1}
COIN = Claim(
    id="slow.one", paper=PAPER, source="p. 1", statement="s", formula="p = 1/2",
    scope=Scope.AS_STATED, does_not_show="d", simulate=toss,
    expect=(Probability("heads").near(0.5, 0.1),),
    controls=(BrokenWorld("loaded", simulate=loaded),), block=2, cap=4096,
)
"""


@pytest.fixture
def path(tmp_path):
    """Return a file with a claim that takes minutes."""
    path = tmp_path / "slow.py"
    path.write_text(SLOW)
    return path


def interrupted(path, *options):
    """Run until a block has been begun, then press Ctrl-C once."""
    command = ("run", path, "--store", path.parent / "s", "--workers", 1, *options)
    driver = start(*command, **TOLD)
    deadline = time.monotonic() + 60
    while not path.with_name("begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=60)
    return driver.returncode, out, err


def test_a_stopped_run_ends_with_130_and_says_how_to_go_on(path):
    code, out, err = interrupted(path)
    assert code == 130, out + err
    assert "all as expected" not in out
    assert "0 claims: none decided; 1 claim not decided" in out
    (line,) = [line for line in out.splitlines() if "To go on: " in line]
    words = shlex.split(line.partition("To go on: ")[2])
    store = str(path.parent / "s")
    assert words == ["refutable", "run", str(path), "--effort", "smoke", "--store", store]
    assert "Traceback" not in err
    _, shown, _ = refutable("show", path, "--store", store)
    assert "stored, no verdict yet: refutable run " in shown
    assert shlex.split(shown.partition("verdict yet: ")[2]) == [*words[:3], "--store", store]


def test_json_says_that_a_run_was_stopped(path):
    code, out, _ = interrupted(path, "--json")
    assert code == 130
    assert json.loads(out) == {"results": [], "problems": [], "stopped": True}


SOUGHT = """
import pathlib, time
from refutable import *
PAPER = Paper(
    key="slow", field="games", title="T", authors=("A. Author",), year=2000, venue="V"
)
def toss(cell, rng, size):
    here = pathlib.Path(__file__)
    if here.with_name("slow").exists():
        here.with_name("begun").touch()
        time.sleep(0.1)
    return {"heads": rng.random(size) < cell.p}
COIN = Claim(
    id="slow.one", paper=PAPER, source="p. 1", statement="s", formula="p = 1/2",
    scope=Scope.AS_STATED, does_not_show="d", simulate=toss, cells=Cells(p=(0.5,)),
    expect=(Probability("heads").at_least(0.4),),
    controls=(FalseTheory("always", Probability("heads").at_least(0.99)),), block=32, cap=4096,
    onset=Onset(along="p", between=(0.1, 0.9), tolerance=0.2),
)
"""


def test_a_stopped_search_goes_on_to_what_an_undisturbed_one_finds(tmp_path):
    path, blocks = tmp_path / "sought.py", tmp_path / "s" / "blocks"
    path.write_text(SOUGHT)
    (tmp_path / "slow").touch()
    command = ("onset", path, "--workers", 1, "--store")
    driver = start(*command, tmp_path / "s", **TOLD)
    deadline = time.monotonic() + 60
    while not _drawn(blocks) and time.monotonic() < deadline:
        time.sleep(0.05)
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=60)
    assert driver.returncode == 130, out + err
    assert "The same command goes on from there" in out
    assert "holds from" not in out
    assert "Traceback" not in err
    before = _drawn(blocks)
    (tmp_path / "slow").unlink()
    again = refutable(*command, tmp_path / "s", "--json")
    whole = refutable(*command, tmp_path / "whole", "--json")
    assert again == whole
    (found,) = json.loads(whole[1])["onsets"]
    after = _drawn(blocks)
    assert 0 < len(before) < len(after)
    assert after.startswith(before)
    drawn = [(b.cell, b.block) for b in Store(tmp_path / "s").read_blocks("slow.one")]
    assert len(drawn) == len(set(drawn)) == found["replicates"] // found["block"]


def _drawn(folder):
    """Return the stored blocks of the one claim, as they lie there."""
    files = list(folder.glob("slow.one*")) if folder.exists() else []
    return files[0].read_bytes() if files else b""


PRESS = """
import os, signal, sys
class PressesCtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, PressesCtrlC())
sys.argv = ["refutable", "run", "no.such-claim"]
from refutable.cli import main
main()
"""


@pytest.mark.parametrize(
    "module", ["typer", "numpy", "refutable.running.runner", "refutable.simulations"]
)
def test_ctrl_c_while_the_command_loads_is_quiet(module):
    done = begin([sys.executable, "-c", PRESS.format(module=module)], **TOLD)
    out, err = done.communicate(timeout=60)
    assert done.returncode == 130
    assert "Traceback" not in err
    assert out == ""


@pytest.fixture
def ignoring():
    """Ignore Ctrl-C, as the tests do under `nohup nox -s tests &`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_run_can_be_stopped_where_the_tests_ignore_ctrl_c(path, ignoring):
    code, out, err = interrupted(path)
    assert code == 130, out + err


def test_a_run_that_was_told_to_ignore_ctrl_c_while_it_loads_does(ignoring):
    script = PRESS.format(module="numpy")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"There is no claim 'no.such-claim'" in done.stderr
