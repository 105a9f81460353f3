"""`explain` in words; `list` and `status` below 80 columns, with whole words."""

import json
from dataclasses import replace

import coins
import pytest
from commands import refutable
from trials import decide

from refutable.cli.columns import by_paper
from refutable.deciding.guarantee import approximate, computed, theorem
from refutable.interface.explaining import explained

COINS = coins.__file__


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("kept") / "s"
    refutable("run", COINS, "--store", place, "--workers", 1)
    return place


def test_explain_says_what_would_decide_and_then_what_would_change_it(store, tmp_path):
    before = refutable("explain", COINS, "--store", tmp_path / "none")[1]
    assert "is not decided yet" in before
    assert "must be refuted; if it comes out inside" in " ".join(before.split())
    code, after, _ = refutable("explain", COINS, "--store", store)
    said = json.loads(refutable("explain", COINS, "--store", store, "--json")[1])
    assert code == 0
    assert max(map(len, (before + after).splitlines())) < 80
    whole = " ".join(after.split())
    for lines in said.values():
        assert all(" ".join(line.split()) in whole for line in lines)
    assert "the interval [" in whole
    assert "(room: " in whole
    assert "was refuted, as it must be" in whole


def test_explain_promises_no_error_without_its_ground():
    result = decide(coins.COIN)

    def grounds(**change):
        return " ".join(explained(coins.COIN, replace(result, **change)))

    def of(ground):
        return tuple(replace(check, guarantee=ground) for check in result.checks)

    assert f"at most {result.alpha:.2g}, a theorem." in grounds(checks=of(theorem("betting")))
    weak = grounds(checks=of(approximate("normal law", 300)))
    assert "approximate: normal law; events rarer than 1 in 100 are not excluded" in weak
    assert "at most" not in weak
    assert "No chance is in the verdict." in grounds(checks=of(computed("exact")))
    assert "is not known" in grounds(alpha=None)
    for verdict in ("undecided", "toothless", "failed"):
        assert f"{result.alpha:.2g}" not in grounds(verdict=verdict, reason="why")


def test_the_suite_is_listed_by_paper_in_80_columns():
    code, out, _ = refutable("list")
    lines = out.splitlines()
    assert code == 0
    assert max(map(len, lines)) <= 80
    rows = json.loads(refutable("list", "--json")[1])
    papers = {row["paper"] for row in rows}
    assert len(lines) == len(papers) + 3
    assert {line.split()[1] for line in lines[2:-1]} == papers
    assert sum(int(line.split()[2]) for line in lines[2:-1]) == len(rows)
    assert len(refutable("list", "--long")[1].splitlines()) == len(rows) + 2


def test_status_is_grouped_and_names_what_is_not_fresh(store):
    out = refutable("status", COINS, "--store", store)[1]
    assert out.splitlines()[0].startswith("coins: ")
    assert " of 1 paper: " in out
    head = refutable("status", COINS, "--store", store, "--long")[1].splitlines()[0]
    assert head.split() == ["claim", "state", "why"]


def test_a_group_counts_states_names_reasons_and_breaks_no_word():
    rows = [{"claim": "a.fine", "state": "fresh", "why": ""}]
    why = f"changed: {', '.join(f'some.module:function_{i}' for i in range(6))}"
    rows += [{"claim": f"a.stale-{i}", "state": "stale", "why": why} for i in range(6)]
    rows += [{"claim": f"b.{i}", "state": "missing", "why": "never run"} for i in range(3)]
    said = list(by_paper(rows))
    assert said[0] == "a: 1 fresh, 6 stale"
    assert "stale-3 and 2 more: changed:" in said[1]
    assert {f"some.module:function_{i}" for i in range(5)} < {
        word.strip(",") for line in said for word in line.split()
    }
    assert said[-2:] == [
        "b: 3 missing",
        "10 claims of 2 papers: 1 fresh, 6 stale, 3 missing; `--long` lists them",
    ]
    assert max(map(len, said)) <= 80
