"""Comparing and reporting from Python: what the commands `compare` and `report` do."""

import os
from dataclasses import replace

import pytest
from coins import ARITHMETIC, COIN
from commands import refutable

import refutable as rf
from refutable.errors import MisuseError, StoreError
from refutable.interface import RequirementError


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("kept") / "s"
    rf.check(COIN, store=place)
    return place


@pytest.fixture(scope="module")
def coin(store):
    return rf.check(COIN, store=store)


def worse(result):
    """Return the result as if the claim had been refuted."""
    return replace(result, found=replace(result.found, verdict="refuted", reason="it fell"))


def test_results_a_store_and_a_baseline_are_compared_alike(coin, store, tmp_path):
    root = tmp_path / "baseline"
    assert refutable("accept", "--reason", "r", "--store", store, "--baseline", root)[0] == 0
    for before in (coin, rf.Results([coin]), store, root):
        assert repr(rf.compare(store, before)) == "no change"
        changes = rf.compare(worse(coin), before)
        assert (len(changes), changes.code) == (1, 1)
        with pytest.raises(RequirementError, match="was supported, is refuted: it fell"):
            changes.require()
    assert rf.compare(coin, worse(coin)).require().code == 0, "for the better"


def test_a_claim_that_vanished_is_worse_and_a_new_one_is_not(coin):
    other = rf.check(ARITHMETIC)
    changes = rf.compare(coin, rf.Results([coin, other]))
    assert [(one.claim, one.code) for one in changes] == [("coins.two-sides", 1)]
    assert rf.compare(rf.Results([coin, other]), coin).require()[:1][0].claim == "coins.two-sides"


def test_what_cannot_be_compared_is_told(coin, tmp_path):
    with pytest.raises(MisuseError, match="no baseline for effort smoke"):
        rf.compare(coin, tmp_path)
    with pytest.raises(MisuseError, match="no results"):
        rf.compare(rf.Results([]), coin)
    both = rf.Results([coin, rf.check(ARITHMETIC, effort="standard")])
    with pytest.raises(MisuseError, match="of one effort"):
        rf.compare(both, tmp_path)


def test_a_report_of_a_store_and_of_a_result(coin, store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert rf.report(store).resolve() == tmp_path / "runs" / "report" / "index.html"
    page = rf.report(coin, tmp_path / "other")
    assert "coins.fair" in page.read_text()
    with pytest.raises(StoreError):
        rf.report(tmp_path / "nowhere")


def test_the_command_reports_where_the_readme_says(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = refutable("report", "--store", store, "--formats", "summary")
    assert code == 0
    assert str(tmp_path / "runs" / "report") + os.sep in out
