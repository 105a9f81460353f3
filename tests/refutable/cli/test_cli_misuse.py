"""Whatever cannot be used is said, with exit code 2, to people and to machines."""

import json

import pytest
from commands import EXAMPLE, fresh, refutable

FILES = {
    "syntax": ("def (", "SyntaxError: invalid syntax ({path}:1)"),
    "a name": ("\n\nx = Cells(n=(1,))", "NameError: name 'Cells' is not defined ({path}:3)"),
    "an import": ("import nothing_like_it", "No module named 'nothing_like_it' ({path}:1)"),
    "an exit": ("import sys\nsys.exit(0)", "sys.exit(0) was called ({path}:2)"),
    "no claim": ("x = 1", "{path} holds no claim. A claim file binds"),
    "no file": (None, "{path} is not a file."),
}


@pytest.fixture(params=FILES)
def bad(request, tmp_path):
    """Return a file that gives no claim, and what is to be said of it."""
    text, said = FILES[request.param]
    path = tmp_path / "bad.py"
    if text is not None:
        path.write_text(text)
    return path, said.format(path=path)


@pytest.mark.parametrize("command", ["run", "show", "status", "plan", "list", "rerun"])
def test_a_file_that_gives_no_claim_is_told_and_ends_with_2(bad, tmp_path, command):
    path, said = bad
    code, out, err = refutable(command, path)
    assert code == 2
    assert out == ""
    assert said in err
    assert "MisuseError" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["run", "show", "status", "plan", "list", "rerun"])
def test_it_is_told_in_json_too(bad, command):
    path, said = bad
    code, out, err = refutable(command, path, "--json")
    found = json.loads(out)
    assert code == 2
    assert found["error"]
    assert said in found["problems"][0]["text"]
    assert said in err
    if command == "run":
        assert (found["results"], found["stopped"]) == ([], False)


def test_an_empty_file_beside_a_good_one_is_told(tmp_path):
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1")
    code, out, err = refutable("list", EXAMPLE, empty)
    assert code == 1
    assert "example.coin" in out
    assert "empty.py holds no claim" in err


MISUSE = {
    "an effort": ["run", EXAMPLE, "--effort", "huge"],
    "a back end": ["run", EXAMPLE, "--backend", "slurm"],
    "a scheduler without dask": ["run", EXAMPLE, "--scheduler", "tcp://127.0.0.1:1"],
    "a scheduler of processes": ["run", "--backend", "processes", "--scheduler", "tcp://a:1"],
    "negative time": ["run", EXAMPLE, "--block-seconds", "-5"],
    "time that is no number": ["run", EXAMPLE, "--block-seconds", "nan"],
    "endless time": ["run", EXAMPLE, "--block-seconds", "inf"],
    "negative memory": ["run", EXAMPLE, "--memory", "-5"],
    "memory that is ignored": ["run", EXAMPLE, "--memory", "1", "--backend", "serial"],
    "an unknown claim": ["show", "nothing-like-it"],
    "an unknown option": ["status", "--colour"],
    "no store": ["status", "--store", "/nowhere"],
    "no baseline": ["compare", "--store", "/nowhere"],
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_an_object_under_json(name):
    code, out, err = refutable(*MISUSE[name], "--json")
    assert code == 2
    said = json.loads(out)["error"]
    assert said.split()[0] in err


def test_a_problem_of_a_file_does_not_hide_behind_json(tmp_path):
    good = tmp_path / "good.py"
    good.write_text(
        "from refutable import *\n"
        "A = Claim(id='m.a', paper=Paper(key='m', field='f', title='T', authors=('A',), "
        "year=1, venue='V'), source='s', statement='s', formula='x = 1', "
        "scope=Scope.ARITHMETIC, does_not_show='d', compute=lambda cell: {'x': 1}, "
        "expect=(Exact('x').equals(1),), controls=(FalseTheory('b', Exact('x').equals(2)),))\n"
    )
    missing = tmp_path / "missing.py"
    where = ("--store", tmp_path / "s", "--workers", 1)
    code, out, err = refutable("run", good, missing, *where, "--json")
    assert code == 1
    assert "missing.py is not a file" in err
    assert len(json.loads(out)["problems"]) == 1
    _, out, _ = refutable("run", good, missing, *where)
    assert "1 claim: 1 supported; 1 problem, see above" in out
    _, out, _ = refutable("run", good, *where)
    assert "1 claim to decide" in out
    assert "1 claim: 1 supported; all as expected" in out


def test_accept_takes_the_names_that_every_command_takes(tmp_path):
    store, base = tmp_path / "s", tmp_path / "baseline"
    refutable("run", "deepspeed_moe.param-table", "--store", store, "--workers", 1)
    where = ("--store", store, "--baseline", base, "--reason", "first")
    for name in ("param-table", "deepspeed_moe.param-table", "deepspeed_moe", "experts"):
        code, out, err = refutable("accept", name, *where)
        assert code == 0, err
        assert "accepted 1 result into" in out
    code, _, err = refutable("accept", "nope", *where)
    assert code == 2
    assert "has no result of nope" in err


def test_a_path_that_cannot_be_used_is_misuse(tmp_path):
    store, taken = tmp_path / "s", tmp_path / "taken"
    taken.write_text("a file, no folder")
    refutable("run", "deepspeed_moe.param-table", "--store", store, "--workers", 1)
    for arguments in (
        ["accept", "--store", store, "--baseline", taken, "--reason", "x"],
        ["diff", store, store, "--html", taken / "d.html"],
    ):
        code, _, err = refutable(*arguments)
        assert code == 2
        assert str(taken) in err
        assert "Traceback" not in err


def test_planning_a_claim_that_raises_names_the_line(tmp_path):
    _, out, err = refutable("plan", EXAMPLE, "--json")
    assert "cannot be planned" in json.loads(out)["error"]
    assert "Traceback" not in err


def test_more_replies_of_a_whole_process(tmp_path):
    path = tmp_path / "leaves.py"
    path.write_text("raise SystemExit")
    code, out, err = fresh("run", path, "--store", tmp_path / "s")
    assert (code, out) == (2, "")
    assert "sys.exit(None) was called" in err
