"""The page on more effort is made of what runs have found."""

import importlib.util
import json
from pathlib import Path

import pytest

from refutable.deciding.results import ClaimResult
from refutable.storing.store import Store

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "full_effort.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("full_effort", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entry(verdict="supported", expected="supported", seconds=1.5, reason="why"):
    return {"verdict": verdict, "expected": expected, "reason": reason, "seconds": seconds}


def test_the_page_is_that_of_what_is_kept(script):
    wanted = script.page(script.kept(), script.claims())
    assert script.PAGE.read_text("utf-8") == wanted, "run `python docs/full_effort.py`"


def test_verdicts_are_counted_and_what_was_not_run_is_said(script):
    full = {"a.x": entry(), "a.y": entry("undecided", reason="wants a | b"), "gone.z": entry()}
    rows = script.page({"standard": {"a.x": entry()}, "full": full}, ["a.x", "a.y", "b.z"])
    assert "| `a` | 2 | 1 supported, 1 not run | 2 | 1 supported, 1 undecided | 3 |" in rows
    assert "| `b` | 1 | 1 not run |  | 1 not run |  |" in rows
    assert "| `a.y` | undecided | supported | wants a \\| b |" in rows
    assert "None of the 1 that were run." in rows
    assert "gone" not in rows


def test_results_of_a_store_are_taken_beside_earlier_ones(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "KEPT", tmp_path / "efforts.json")
    monkeypatch.setattr(script, "PAGE", tmp_path / "page.md")
    held = {"standard": {"a.x": entry()}, "full": {}}
    script.KEPT.write_text(json.dumps(held))
    for claim, effort, verdict in [
        ("a.x", "full", "supported"), ("a.y", "smoke", "supported"), ("a.z", "full", "not run"),
    ]:  # fmt: skip
        result = ClaimResult(claim, verdict, "supported", "inside", 0, effort, "f", 7)
        with Store(tmp_path / "store", 0) as store:
            store.write_result(result, {"seconds": 2.04})
    script.main([str(tmp_path / "store")])
    found = json.loads(script.KEPT.read_text())
    assert found["standard"] == held["standard"]
    assert list(found["full"]) == ["a.x"]
    assert (found["full"]["a.x"]["seconds"], found["full"]["a.x"]["reason"]) == (2.0, "inside")
