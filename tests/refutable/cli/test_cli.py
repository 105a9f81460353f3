"""The command, as a user meets it."""

import json
from pathlib import Path

import pytest
from commands import EXAMPLE, fresh, refutable

GOOD = """
from dataclasses import replace
from example_claims import COIN as _COIN
from refutable import Probability, Verdict
FAIR = replace(_COIN, id="example.fair")
"""


@pytest.fixture
def mine(tmp_path):
    """Return a function that writes a file of claims next to the examples."""

    def write(text, name="mine.py"):
        example = tmp_path / "example_claims.py"
        example.write_text(Path(EXAMPLE).read_text())
        path = tmp_path / name
        path.write_text("import sys\nsys.path.insert(0, " + repr(str(tmp_path)) + ")\n" + text)
        return path

    return write


def test_list_json_is_an_array_of_short_records():
    code, out, _ = refutable("list", "--json")
    rows = json.loads(out)
    assert code == 0
    assert len(rows) > 10
    for row in rows:
        assert row.keys() == {"id", "paper", "field", "scope", "evidence", "expected"}


def test_list_has_a_line_for_every_claim_in_columns_that_stand_below_their_names():
    code, out, _ = refutable("list", EXAMPLE)
    rows = json.loads(refutable("list", EXAMPLE, "--json")[1])
    head, rule, *lines = out.splitlines()
    assert (code, set(rule)) == (0, {"─", " "})
    starts = [head.index(name) for name in rows[0]]
    assert [line.split()[0] for line in lines] == [row["id"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        for start, text in zip(starts, row.values(), strict=True):
            assert line[start:].startswith(text)
            assert rule[start : start + len(text)] == "─" * len(text)


def test_a_file_outside_the_repository_runs(mine, tmp_path):
    code, out, err = fresh("run", mine(GOOD), "--store", tmp_path / "s", "--workers", 2)
    assert code == 0, err
    assert "example.fair: supported; 2/2 controls refuted" in out
    assert str(tmp_path / "s") in out


def test_run_json_and_show_tell_everything(mine, tmp_path):
    path, store = mine(GOOD), tmp_path / "s"
    code, out, _ = refutable("run", path, "--store", store, "--workers", 1, "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"]) == (0, "supported")
    assert all(control["fate"] == "refuted" for control in result["controls"])
    _, shown, _ = refutable("show", path, "--store", store)
    refuted = "nearly six of ten -> refuted"
    for part in ("The coin is fair.", "P(heads)", refuted, "Verdict: supported"):
        assert part in shown
    _, shown, _ = refutable("show", path, "--store", store, "--json")
    by_id = {row["id"]: row for row in json.loads(shown)}
    assert by_id["example.fair"]["result"] == result
    assert by_id["example.fair"]["statement"] == "The coin is fair."


EXITS = {
    "unexpectedly refuted": (
        'X = replace(FAIR, id="example.x", expect=(Probability("heads").at_least(0.95),))',
        1,
        "refuted (expected supported)",
    ),
    "expectedly refuted": (
        'X = replace(FAIR, id="example.x", expect=(Probability("heads").at_least(0.95),),'
        ' expected=Verdict.REFUTED, why="coins are fair")',
        0,
        "refuted",
    ),
    "undecided": (
        'X = replace(FAIR, id="example.x", expect=(Probability("heads").at_least(0.4999),))',
        3,
        "undecided (expected supported)",
    ),
    "toothless": (
        'X = replace(FAIR, id="example.x", controls=(FalseTheory("a few",'
        ' Probability("heads").at_least(0.3)),))',
        1,
        "toothless (expected supported)",
    ),
}


@pytest.mark.parametrize("name", EXITS)
def test_exit_codes(mine, tmp_path, name):
    text, expected, said = EXITS[name]
    path = mine(f"{GOOD}from refutable import FalseTheory\n{text}\n")
    code, out, err = refutable("run", path, "--store", tmp_path / "s", "--workers", 1)
    assert code == expected, out + err
    assert f"example.x: {said}" in out
    assert "example.fair: supported" in out


BAD = {
    "no control": ('X = replace(FAIR, id="example.x", controls=())', "has no control"),
    "not a control": ('X = replace(FAIR, id="example.x", controls=(3,))', "is not a control"),
    "formula": ('X = replace(FAIR, id="example.x", formula="foo bar(")', "does not compile"),
    "duplicate": ("import copy; X = replace(FAIR); Y = replace(FAIR)", "two claims have this id"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_claim_is_one_paragraph_and_its_neighbours_run(mine, tmp_path, name):
    text, said = BAD[name]
    other = 'OTHER = replace(FAIR, id="example.other")'
    path = mine(f"{GOOD}{other}\n{text}\n")
    code, out, err = refutable("run", path, "--store", tmp_path / "s", "--workers", 1)
    assert code == 1
    assert said in err
    assert "Traceback" not in err
    assert "example.other: supported" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "sdp-cutof"], "Did you mean ila_sdp.sdp-cutoff"),
        (["run", "--effort", "huge"], "huge"),
        (["run", "--store", "/proc/nowhere"], "cannot be used"),
        (["run", EXAMPLE, "--backend", "slurm"], "choose from auto"),
        (["run", "nowhere.py"], "is not a file"),
        (["show", "nothing-like-it"], "There is no claim"),
        (["status", "--store", "/nowhere"], "There is no store"),
        (["report", "--store", "/nowhere"], "There is no store"),
        (["compare", "--store", "/nowhere"], "There is no store"),
        (["frobnicate"], "No such command"),
        (["rerun", "sdp-cutoff", "--cell", "ratio=77"], "fits 0 cells"),
    ],
)
def test_misuse_is_told_and_exits_with_2(arguments, said):
    code, _, err = refutable(*arguments)
    assert said in err
    assert "Traceback" not in err
    assert code == 2


def test_rerun_repeats_exactly_one_block(mine, tmp_path):
    path, store = mine(GOOD), tmp_path / "s"
    refutable("run", path, "--store", store, "--seed", 3, "--workers", 1)
    lines = (store / "blocks" / "example.fair.jsonl").read_text().splitlines()
    stored = json.loads(lines[1])["body"]
    assert stored["block"] == 1
    again = ["--claim", "example.fair", "--cell", "p=0.5", "--block", 1, "--seed", 3, "--json"]
    code, out, _ = refutable("rerun", path, *again)
    assert code == 0
    assert json.loads(out) == stored["outcome"]


def test_a_back_end_that_takes_no_block_ends_with_1_and_is_told(mine, tmp_path, monkeypatch):
    monkeypatch.setattr("refutable.running.backends.SerialExecutor.submit", _refuse)
    code, out, _ = refutable("run", mine(GOOD), "--store", tmp_path / "s", "--backend", "serial")
    assert code == 1
    assert "did not take it: OSError: cannot fork" in " ".join(out.split())
    assert "not decided" not in out


def _refuse(*arguments):
    raise OSError("cannot fork")


def test_status_says_fresh_stale_and_missing(mine, tmp_path):
    path, store = mine(GOOD), tmp_path / "s"
    refutable("run", path, "--store", store, "--workers", 1)
    _, out, _ = refutable("status", path, "--store", store, "--json")
    states = {row["claim"]: row["state"] for row in json.loads(out)}
    assert states["example.fair"] == "fresh"
    path.write_text(path.read_text() + 'NEW = replace(FAIR, id="example.new")\n')
    helper = tmp_path / "example_claims.py"
    helper.write_text(helper.read_text().replace("< cell.p}", "<= cell.p}", 1))
    _, out, _ = fresh("status", path, "--store", store, "--json")
    rows = {row["claim"]: row for row in json.loads(out)}
    assert rows["example.new"]["state"] == "missing"
    assert rows["example.fair"]["state"] == "stale"
    assert "example_claims:toss" in rows["example.fair"]["why"]


def test_a_changed_helper_beside_a_file_makes_its_results_stale(mine, tmp_path):
    text = (
        "import beside\nfrom dataclasses import replace\nfrom example_claims import COIN as _COIN\n"
        "def toss(cell, rng, size):\n    return {'heads': beside.heads(rng, size)}\n"
        "COIN = replace(_COIN, id='example.helped', simulate=toss)\n"
    )
    path, helper, store = mine(text, "helped.py"), tmp_path / "beside.py", tmp_path / "s"
    for rate, verdict in ((0.5, "supported"), (0.2, "refuted")):
        helper.write_text(f"def heads(rng, size):\n    return rng.random(size) < {rate}\n")
        if rate != 0.5:
            _, out, _ = fresh("status", path, "--store", store, "--json")
            (row,) = [row for row in json.loads(out) if row["claim"] == "example.helped"]
            assert (row["state"], row["why"]) == ("stale", "changed: beside:heads")
        _, out, _ = fresh("run", path, "--store", store, "--workers", 1, "--json")
        found = {result["claim"]: result for result in json.loads(out)["results"]}
        assert found["example.helped"]["verdict"] == verdict


def test_compare_and_accept_guard_against_regressions(mine, tmp_path):
    path, store, base = mine(GOOD), tmp_path / "s", tmp_path / "baseline"
    refutable("run", path, "--store", store, "--workers", 1)
    where = ("--store", store, "--baseline", base)
    assert refutable("accept", *where)[0] == 2
    assert refutable("accept", *where, "--reason", "first")[0] == 0
    assert refutable("compare", *where)[0] == 0
    worse = path.read_text() + (
        'FAIR = replace(FAIR, expect=(Probability("heads").at_least(0.95),))\n'
    )
    path.write_text(worse)
    fresh("run", path, "--store", store, "--workers", 1)
    code, out, _ = refutable("compare", *where)
    assert code == 1
    assert "example.fair was supported, is refuted" in out
