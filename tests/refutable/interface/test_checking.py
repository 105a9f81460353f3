"""Deciding claims from Python: the same verdicts as the command's, from anywhere."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import coins
import pytest
from coins import ARITHMETIC, COIN, coin
from commands import refutable
from trials import decide

import refutable as rf
from refutable.claims.claim import UNNAMED
from refutable.errors import ClaimError, MisuseError, StoreError, UnknownClaim
from refutable.storing.lines import lines
from refutable.storing.store import Store

CELL = """
SCALE = 1.0

def helper(x):
    return SCALE * x

def sim(cell, rng, size):
    return {"x": helper(rng.random((size, cell.n)).mean(axis=1))}
"""


def of_a_cell(source=CELL, **changes):
    """Return a claim whose experiment is in no file, as a notebook's is."""
    names = {"__name__": "__main__"}
    exec(source, names)
    made = dict(
        id="mine.mean",
        source="here",
        statement="The mean is a half.",
        formula="EE X = 1/2",
        scope=rf.Scope.AS_STATED,
        does_not_show="More.",
        cells=rf.Cells(n=(5, 10)),
        simulate=names["sim"],
        expect=(rf.Mean("x", bounds=(0, 1)).near(0.5, 0.05),),
        controls=(rf.FalseTheory("three fifths", rf.Mean("x", bounds=(0, 1)).near(0.58, 0.06)),),
    )
    return rf.Claim(**{**made, **changes})


def test_a_claim_is_decided_as_its_trial_decides():
    found = rf.check(COIN).found
    played = decide(COIN)
    assert found.to_json()["checks"] == played.to_json()["checks"]
    assert (found.verdict, found.replicates) == (played.verdict, played.replicates)


def test_one_worker_or_two_and_a_store_or_none_give_the_same_result(tmp_path):
    claim = of_a_cell()
    alone = rf.check(claim).found
    assert alone.verdict == "supported"
    assert rf.check(claim, workers=2).found == alone
    assert rf.check(claim, store=tmp_path / "s").found == alone
    assert rf.check(claim, effort="standard", seed=1).found != alone


def test_the_command_decides_a_file_no_differently(tmp_path):
    source = Path(coins.__file__).read_text()
    file = tmp_path / "my_coins.py"
    file.write_text(source)
    store = tmp_path / "by_command"
    refutable("run", file, "--store", store)
    by_command = Store(store, create=False).result("coins.fair")
    results = rf.run(file)
    assert results["coins.fair"].found == by_command
    assert {r.claim.id for r in results} == {"coins.fair", "coins.two-sides"}


def test_a_store_goes_on_from_what_it_holds_and_its_ledger_adds_up(tmp_path):
    store = tmp_path / "s"
    first = rf.check(COIN, store=store)
    blocks = (store / "blocks" / "coins.fair.jsonl").read_bytes()
    again = rf.check(COIN, store=store)
    assert again.found == first.found
    assert (store / "blocks" / "coins.fair.jsonl").read_bytes() == blocks
    rf.check(replace(COIN, id="coins.other"), store=store)
    assert set(lines(Store(store, create=False))) == {"coins.fair", "coins.other"}
    heavy = replace(COIN, id="coins.heavy", weight=Fraction(1))
    with pytest.raises(ClaimError, match="sum to"):
        rf.check(heavy, store=store)


def test_another_seed_of_a_store_has_a_store_below_it(tmp_path):
    rf.check(COIN, store=tmp_path / "s")
    other = rf.check(COIN, store=tmp_path / "s", seed=5)
    assert other.store == tmp_path / "s" / "seed-5"
    assert other.found.seed == 5
    assert other.found.alpha == pytest.approx(0.01 / 2048 / 2)


def test_a_claim_without_a_paper_is_said_to_have_none():
    result = rf.check(of_a_cell())
    assert result.claim.paper.title == UNNAMED.title
    assert result.claim.paper.key == "mine"


def test_an_edited_cell_is_another_claim():
    first = rf.check(of_a_cell())
    assert first.verdict == "supported"
    shifted = CELL.replace("SCALE = 1.0", "SCALE = 0.7")
    second = rf.check(of_a_cell(shifted))
    assert second.verdict == "refuted"
    assert second.found.fingerprint != first.found.fingerprint


def test_what_is_wrong_is_told_and_nothing_is_drawn(tmp_path):
    with pytest.raises(ClaimError, match="it has no control"):
        rf.check(coin(controls=()))
    with pytest.raises(UnknownClaim, match="There is no claim 'sdp-cutof'.*ila_sdp.sdp-cutoff"):
        rf.check("sdp-cutof")
    with pytest.raises(MisuseError, match="stands for .* claims; use refutable.run"):
        rf.check("ila_sdp", store=tmp_path / "untouched")
    assert not (tmp_path / "untouched").exists()
    for several in (rf.load, rf.plan):
        with pytest.raises(MisuseError, match="stands for .* claims; use refutable.find"):
            several("ila_sdp")
    with pytest.raises(ValueError, match="'huge' is not a valid Effort"):
        rf.check(COIN, effort="huge")
    with pytest.raises(MisuseError, match="at least one worker"):
        rf.check(COIN, workers=0)
    (tmp_path / "x").write_text("no store")
    with pytest.raises(StoreError):
        rf.check(COIN, store=tmp_path / "x")


def test_claims_of_the_suite_are_found_by_name_paper_and_field():
    assert rf.load("sdp-cutoff").id == "ila_sdp.sdp-cutoff"
    assert {c.paper.key for c in rf.find("ila_sdp", "qmoe")} == {"ila_sdp", "qmoe"}
    assert len(rf.find()) > 300
    assert all(c.paper.field == "selection" for c in rf.find("selection"))


def test_a_plan_of_a_claim_of_the_session():
    assert {p.group for p in rf.plan(of_a_cell())} == {"claim", "three fifths"}


def test_progress_is_shown_where_it_is_asked_for(capsys):
    rf.check(ARITHMETIC)
    assert capsys.readouterr().out == ""
    rf.check(ARITHMETIC, progress=True)
    assert "coins.two-sides: supported" in capsys.readouterr().out
