"""The command that repeats a failed block can be pasted into a shell, and is held to its words."""

import json
import shlex

import pytest
from commands import refutable

CLAIMS = """
from dataclasses import replace
from refutable import (
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Paper,
    Printed,
    Probability,
    Scope,
)
PAPER = Paper(
    key="odd", field="games", title="T", authors=("A. Author",), year=2000, venue="V"
)
def toss(cell, rng, size):
    if cell.kind != "plain":
        raise ValueError("boom")
    return {"heads": rng.random(size) < 0.5}
def exits(cell, rng, size):
    raise SystemExit(3)
def loaded(cell, rng, size):
    return {"heads": rng.random(size) < 0.1}
_COIN = Claim(
    id="odd.coin", paper=PAPER, source="p. 1", statement="s", formula="p = 1/2",
    scope=Scope.AS_STATED, does_not_show="d",
    cells=ByEffort(
        smoke=Cells(kind=("it's odd, n=3", "plain")),
        standard=Cells(kind=("plain", "more")), full=Cells(kind=("plain", "more")),
    ),
    simulate=toss, expect=(Probability("heads").near(0.5, 0.1),),
    controls=(
        FalseTheory("nine of ten", Probability("heads").at_least(0.9)),
        BrokenWorld("a 'loaded' coin", simulate=loaded),
    ),
    block=64, cap=ByEffort(smoke=1024, standard=2048, full=4096),
)
"""


@pytest.fixture
def folder(tmp_path):
    """Return a folder whose name a shell would take apart."""
    path = tmp_path / "it's mine"
    path.mkdir()
    return path


def line_of(word):
    return next(i for i, line in enumerate(CLAIMS.splitlines(), start=1) if word in line)


def write(folder, text, name="claims.py"):
    path = folder / name
    path.write_text(CLAIMS + text)
    return path


def test_the_stored_command_of_a_failed_block_repeats_it(folder):
    path = write(folder, 'COIN = replace(_COIN, id="odd.quoted")\n')
    _, out, _ = refutable("run", path, "--store", folder / "s", "--workers", 1, "--json")
    (failure,) = json.loads(out)["results"][0]["failures"]
    words = shlex.split(failure["command"])
    assert words[:3] == ["refutable", "rerun", str(path)]
    assert words[words.index("--cell") + 1] == "kind=it's odd, n=3"
    code, _, err = refutable(*words[1:])
    assert code == 1
    assert f"ValueError: boom ({path}:{line_of('boom')})" in err


def test_the_verdict_table_is_followed_by_that_command_in_one_line(folder):
    path = write(folder, 'COIN = replace(_COIN, id="odd.told")\n')
    _, out, _ = refutable("run", path, "--store", folder / "s", "--workers", 1)
    _, shown, _ = refutable("show", path, "--store", folder / "s")
    for printed in (out, shown):
        (line,) = [line for line in printed.splitlines() if "to see it again" in line]
        assert line.startswith("odd.told, to see it again: refutable rerun ")
        assert line.endswith("--seed 0")


def test_a_failed_claim_says_nothing_of_controls_that_were_not_judged(folder):
    path = write(folder, 'COIN = replace(_COIN, id="odd.failed")\n')
    _, out, _ = refutable("run", path, "--store", folder / "s", "--workers", 1)
    assert "odd.failed: failed (expected supported); " in out
    assert "controls refuted;" not in out
    assert "not refuted:" not in out
    assert "0 of 2" not in out


@pytest.mark.parametrize("workers", [1, 2])
def test_exiting_inside_simulate_is_an_exception_like_any_other(folder, workers):
    path = write(folder, f'COIN = replace(_COIN, id="odd.exits-{workers}", simulate=exits)\n')
    store = folder / f"s{workers}"
    code, out, _ = refutable("run", path, "--store", store, "--workers", workers, "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"]) == (1, "failed")
    assert f"sys.exit(3) was called ({path}:{line_of('SystemExit')})" in result["reason"]
    assert "workers died" not in result["reason"]


RERUN_MISUSE = {
    "a negative block": (["--block", -1], "has the blocks 0 to 63"),
    "a block beyond every cap": (["--block", 64], "has the blocks 0 to 63"),
    "beyond the cap of an effort": (["--block", 20, "--effort", "smoke"], "the blocks 0 to 15"),
    "another world": (["--world", "nope"], "has no world 'nope'; it has 'claim', \"a 'loaded"),
}


@pytest.mark.parametrize("name", RERUN_MISUSE)
def test_a_block_that_no_run_would_draw_is_misuse(folder, name):
    options, said = RERUN_MISUSE[name]
    path = write(folder, 'COIN = replace(_COIN, id="odd.rerun")\n')
    code, out, err = refutable("rerun", path, "--cell", "kind=plain", *options, "--json")
    assert code == 2, err
    assert said in err
    assert said in json.loads(out)["error"]


def test_the_last_block_of_the_largest_cap_is_drawn(folder):
    path = write(folder, 'COIN = replace(_COIN, id="odd.last")\n')
    assert refutable("rerun", path, "--cell", "kind=plain", "--block", 63)[0] == 0


PRINTED = """
MONEY = Claim(
    id="odd.money", paper=PAPER, source="p. 1", statement="s", formula="1 = 1",
    scope=Scope.ARITHMETIC, does_not_show="d", compute=lambda cell: {"price": 13.151},
    expect=(Printed("price").prints("13.15"),),
    controls=(FalseTheory("dearer", Printed("price").prints("43.08")),),
)
"""


def test_a_printed_number_is_shown_by_what_is_said_of_it(folder):
    path = write(folder, PRINTED)
    refutable("run", path, "--store", folder / "s", "--workers", 1)
    _, out, _ = refutable("show", path, "--store", folder / "s")
    assert "computed 13.151, printed 13.15: reproduced" in out
    assert "computed 13.151, printed 43.08: not reproduced" in out
    assert ">= 1" not in out
    assert "[1, 1]" not in out
