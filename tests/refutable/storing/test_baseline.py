"""The baseline: what counts as a change for the worse."""

import json
from dataclasses import replace

import pytest
from coins import ARITHMETIC, COIN
from trials import decide

from refutable.errors import MisuseError
from refutable.storing import baseline

COST = {"seconds": 1.23}


@pytest.fixture(scope="module")
def result():
    return decide(COIN)


@pytest.fixture
def before(result, tmp_path):
    baseline.accept(tmp_path, [(result, COST)], "first")
    return baseline.read(tmp_path, "smoke")


def codes(before, *results):
    changes = baseline.compare(before, {r.claim: r for r in results})
    return baseline.code(changes), [change.text for change in changes]


def test_nothing_changed(before, result):
    assert codes(before, result) == (0, [])


def test_another_seed_is_no_regression(before):
    assert codes(before, decide(COIN, seed=1)) == (0, [])


@pytest.mark.parametrize(
    ("verdict", "code"), [("refuted", 1), ("toothless", 1), ("failed", 1), ("undecided", 3)]
)
def test_a_worse_verdict(before, result, verdict, code):
    found, texts = codes(before, replace(result, verdict=verdict, reason="because"))
    assert found == code
    assert texts == [f"was supported, is {verdict}: because"]


def test_a_better_verdict_is_only_noted(result, tmp_path):
    refuted = replace(result, verdict="refuted")
    baseline.accept(tmp_path, [(refuted, COST)], "it was so")
    assert codes(baseline.read(tmp_path, "smoke"), result)[0] == 0


def test_a_claim_that_vanished(before):
    assert codes(before)[0] == 1


def test_a_new_claim_is_only_noted(before, result):
    found, texts = codes(before, result, replace(result, claim="coins.new"))
    assert (found, texts) == (0, ["is new; accept it to guard it"])


def test_a_control_that_is_gone(before, result):
    found, texts = codes(before, replace(result, controls=result.controls[1:]))
    assert (found, texts) == (1, ["the control 'nine of ten' is gone"])


def test_an_interval_that_no_longer_meets_the_baseline_s(before, result):
    low, high = result.checks[0].interval
    moved = replace(result.checks[0], interval=(high + 0.001, high + 0.1))
    found, (text,) = codes(before, replace(result, checks=(moved, *result.checks[1:])))
    assert found == 1
    assert "does not meet the baseline's" in text
    touching = replace(result.checks[0], interval=(high, high + 0.1))
    assert codes(before, replace(result, checks=(touching, *result.checks[1:])))[0] == 0
    assert low < high


def test_rounding_errors_of_a_computed_number_are_no_regression(tmp_path):
    result = decide(ARITHMETIC)
    baseline.accept(tmp_path, [(result, COST)], "first")
    before = baseline.read(tmp_path, "smoke")
    for shift, code in ((1e-9, 0), (1e-3, 1)):
        moved = replace(result.checks[0], interval=(2 + shift, 2 + shift))
        assert codes(before, replace(result, checks=(moved,)))[0] == code


def test_accepting_needs_a_reason_which_is_kept(result, tmp_path):
    with pytest.raises(MisuseError, match="--reason"):
        baseline.accept(tmp_path, [(result, COST)], "  ")
    (path,) = baseline.accept(tmp_path, [(result, COST)], "solver mended")
    assert json.loads(path.read_text())["reason"] == "solver mended"


def test_a_missing_or_broken_baseline_is_told(tmp_path):
    with pytest.raises(MisuseError, match="no baseline for effort full"):
        baseline.read(tmp_path, "full")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x.json").write_text("{")
    with pytest.raises(MisuseError, match=r"x\.json is not a baseline file"):
        baseline.read(tmp_path, "full")
