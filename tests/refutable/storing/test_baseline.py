"""The baseline: what counts as a change for the worse."""

import json
from dataclasses import replace

import pytest
from coins import ARITHMETIC, COIN
from trials import decide

from refutable import Effort
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


def ends(result, low, high, old):
    """Return the code for a first check that is now [low, high] and was accepted as `old`."""
    now = replace(result, checks=(replace(result.checks[0], interval=(low, high)),))
    entry = baseline.entry(result, {}, "first")
    entry["checks"][0]["interval"] = list(old)
    (before,) = [{result.claim: entry}]
    changes = baseline.compare(before, {result.claim: now})
    return baseline.code(changes), [change.text for change in changes]


INF = float("inf")


@pytest.mark.parametrize(
    ("now", "old", "code"),
    [
        ((0.2, 0.3), (0.3, 0.4), 0),
        ((0.2, 0.3), (0.3 + 1e-9, 0.4), 1),
        ((0.4, 0.5), (0.3, 0.4), 0),
        ((0.4 + 1e-9, 0.5), (0.3, 0.4), 1),
        ((-INF, 0.2), (None, -5.0), 0),
        ((-INF, 0.2), (0.3, None), 1),
        ((7.0, INF), (0.3, None), 0),
        ((7.0, INF), (None, 0.3), 1),
    ],
)
def test_intervals_of_a_sample_must_meet_to_the_last_bit(result, now, old, code):
    assert ends(result, *now, old)[0] == code


@pytest.mark.parametrize("size", [1e-3, 1.0, 2e6, -2e6])
def test_a_computed_number_may_move_by_a_millionth_of_its_size_or_of_one(size):
    result, slack = decide(ARITHMETIC), 1e-6 * max(1.0, abs(size))
    for share, code in ((0.9, 0), (-0.9, 0), (1.1, 1), (-1.1, 1)):
        moved = size + share * slack
        assert ends(result, moved, moved, (size, size))[0] == code


def test_a_moved_interval_is_written_out(result):
    code, (text,) = ends(result, 7.0, INF, (None, 0.25))
    assert code == 1
    assert text == (
        "P(heads) at {'p': 0.5}: the interval [7, inf] does not meet the baseline's [-inf, 0.25]"
    )


def test_a_check_is_compared_with_that_of_its_own_cell(tmp_path):
    result = decide(COIN, Effort.STANDARD)  # two cells, .5 and .6
    entry = baseline.entry(result, COST, "first")
    half, sixth = entry["checks"][0], entry["checks"][1]
    half["interval"], sixth["interval"] = [0.0, 1.0], [0.9, 1.0]
    codes = [c.text for c in baseline.compare({result.claim: entry}, {result.claim: result})]
    assert len(codes) == 1
    assert "at {'p': 0.6}" in codes[0]
    entry["checks"].clear()
    assert baseline.compare({result.claim: entry}, {result.claim: result}) == []


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("undecided", "supported", 0),
        ("undecided", "refuted", 1),
        ("refuted", "undecided", 0),
        ("refuted", "toothless", 0),
        ("not run", "undecided", 3),
        ("not run", "failed", 1),
        ("supported", "not run", 0),
        ("failed", "not run", 0),
    ],
)
def test_a_changed_verdict_is_as_bad_as_it_is_further_from_the_expected(result, was, now, code):
    before = {result.claim: baseline.entry(replace(result, verdict=was), COST, "first")}
    changes = baseline.compare(before, {result.claim: replace(result, verdict=now)})
    assert [change.code for change in changes] == [code]


def test_the_worst_change_gives_the_code():
    fine, worse, few = (baseline.Change("a.b", code, "") for code in (0, 1, 3))
    assert baseline.code([]) == baseline.code([fine]) == 0
    assert baseline.code([fine, few]) == 3
    assert baseline.code([few, worse, fine]) == 1


def test_an_entry_is_what_a_maintainer_reads_in_a_diff(result, tmp_path):
    (path,) = baseline.accept(tmp_path, [(result, COST)], " solver mended ")
    entry = json.loads(path.read_text())
    assert path == tmp_path / "smoke" / "coins.fair.json"
    assert (entry["verdict"], entry["expected"]) == ("supported", "supported")
    assert (entry["seconds"], entry["reason"]) == (1.2, "solver mended")
    assert entry["replicates"] == result.replicates
    assert entry["controls"] == {"nine of ten": "refuted by logic", "a loaded coin": "refuted"}
    assert entry["checks"][0]["interval"] == list(result.checks[0].interval)
    assert baseline.entry(result, {}, "")["seconds"] == 0.0


def test_what_is_forgotten_is_gone_and_may_be_forgotten_twice(result, tmp_path):
    baseline.accept(tmp_path, [(result, COST), (replace(result, claim="coins.new"), COST)], "first")
    for _ in range(2):
        baseline.forget(tmp_path, "smoke", ["coins.fair"])
    assert list(baseline.read(tmp_path, "smoke")) == ["coins.new"]


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
