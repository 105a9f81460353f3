"""The pytest plug-in: claims are tests, with their verdicts as outcomes."""

import os
import subprocess
import sys

import pytest

from refutable.storing.store import Store

CLAIMS = """
from refutable import BrokenWorld, Cells, Claim, FalseTheory, Mean, Paper, Scope

PAPER = Paper(key="a", field="x", title="T", authors=("A",), year=2024, venue="V")

def sim(cell, rng, size):
    return {"x": rng.random((size, cell.n)).mean(axis=1)}

def still(cell, rng, size):
    return {"x": sim(cell, __import__("numpy").random.default_rng(0), size)["x"]}

def broken(cell, rng, size):
    raise RuntimeError("the disk of the author")

def claim(name, about, false, simulate=sim, **more):
    near = Mean("x", bounds=(0, 1)).near
    return Claim(id="a." + name, source="s", statement="s", formula="x", does_not_show="x",
        scope=Scope.AS_STATED, cells=Cells(n=(5,)), simulate=simulate, expect=(near(about, .05),),
        controls=(FalseTheory("another", near(false, .05)),), **more)
"""
EACH = """
GOOD = claim("good", .5, .58)
BAD = claim("bad", .6, .63)
SHORT = claim("short", .5, .58, cap=64)
STILL = claim("still", .5, .58, still)
BROKEN = claim("broken", .5, .58, broken)
_HIDDEN = claim("hidden", .6, .63)
"""
TESTS = """
import pytest
from claims_here import claim

def test_as_expected(check):
    result = check(claim("inside", .5, .58))
    assert result.verdict == "supported"

@pytest.mark.xfail(strict=True, raises=AssertionError)
def test_not_as_expected(check):
    check(claim("outside", .6, .63))

def test_options_of_its_own(check, tmp_path):
    assert check(claim("kept", .5, .58), store=tmp_path / "s", seed=3).found.seed == 3
"""


def run(folder, *options):
    """Run pytest in a folder; return what it says."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *options]
    wide = {**os.environ, "COLUMNS": "300"}  # nothing is cut off
    done = subprocess.run(
        command, cwd=folder, env=wide, capture_output=True, text=True, timeout=300
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("claims")
    (made / "claims_here.py").write_text(CLAIMS + EACH)
    (made / "test_mine.py").write_text(TESTS)
    return made


def test_a_claim_is_a_test_whose_outcome_is_its_verdict(folder):
    said = run(folder, "claims_here.py")
    assert "PASSED claims_here.py::GOOD" in said
    assert "FAILED claims_here.py::BAD - a.bad is refuted, expected supported: E[x] at n=5" in said
    assert "FAILED claims_here.py::SHORT - a.short is undecided" in said
    assert "_HIDDEN" not in said
    assert "1 passed, 4 failed" in said.replace("4 failed, 1 passed", "1 passed, 4 failed")
    failures = said.split("= FAILURES =")[1]
    assert "Control (false theory): another -> " in failures
    assert "a.still is suspect" in failures
    assert "the disk of the author" in failures
    assert "pytest_plugin.py" not in failures, "no traceback of ours"


def test_a_test_may_check_a_claim_that_it_builds(folder):
    said = run(folder, "test_mine.py")
    assert "2 passed, 1 xfailed" in said


def test_options_and_marks(folder, tmp_path):
    store = tmp_path / "kept"
    options = ("--refutable-effort", "standard", "--refutable-seed", "4")
    said = run(folder, "claims_here.py", "-k", "GOOD", *options, "--refutable-store", str(store))
    assert "1 passed" in said
    assert '"seed": 4' in (store / "a.good" / "store.json").read_text()
    assert "3 passed" not in run(folder, "-m", "claim", "test_mine.py")
    assert "invalid choice: 'huge'" in run(folder, "--refutable-effort", "huge")


def test_fresh_seeds_pay_for_each_run(folder, tmp_path):
    options = ("claims_here.py", "-k", "GOOD", "--refutable-fresh")
    assert "--refutable-fresh needs --refutable-store" in run(folder, *options)
    options += ("--refutable-store", str(tmp_path))
    assert "leave the other out" in run(folder, *options, "--refutable-seed", "1")
    for _ in range(2):
        assert "1 passed" in run(folder, *options)
    nights = [Store(tmp_path / "a.good" / f"night-{k}", create=False) for k in (1, 2)]
    assert [night.share for night in nights] == [1 / 2, 1 / 6]
    assert nights[0].seed != nights[1].seed
    alphas = [night.result("a.good").alpha for night in nights]
    assert alphas[0] == pytest.approx(3 * alphas[1])


def test_workers_of_xdist_do_not_meet(folder, tmp_path):
    store = str(tmp_path / "kept")
    said = run(folder, "-n", "2", "-k", "GOOD or as_expected", "--refutable-store", store)
    assert "2 passed, 1 xfailed" in said
