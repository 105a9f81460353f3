"""Sentences: true, and in words where numbers would say nothing."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import report_stores as stores
from hypothesis import given
from hypothesis import strategies as st
from refutable.reports import (
    calibration,
    checked,
    grounds,
    html,
    markdown,
    model,
    numbers,
    printed_text,
    tables,
    text,
    totals,
    wording,
)

from refutable import reports
from refutable.deciding.guarantee import Guarantee
from refutable.deciding.results import CheckResult, ControlResult

DETAIL = "computed 42.37, printed 43.08: not reproduced"


def _printed(detail: str = DETAIL, **changes: Any) -> CheckResult:
    made = {
        "functional": "teacher reproduces 43.08",
        "evidence": "exact",
        "cell": {"table": 4},
        "region": (1.0, math.inf),
        "region_label": ">= 1",
        "estimate": 42.37,
        "standard_error": None,
        "interval": (0.0, 0.0),
        "status": "outside",
        "detail": detail,
    }
    return stores.check(**{**made, **changes})


@pytest.fixture
def misprint(tmp_path: Path) -> Path:
    """A store with a printed number that is not reproduced, its reason as older runs wrote it."""
    reason = f"teacher reproduces 43.08 at table=4: [0, 0] ({DETAIL}) lies outside >= 1"
    changes = {"verdict": "refuted", "checks": (_printed(),), "reason": reason}
    plain = {"figure": None, "evidence": "exact", "deterministic": True}
    return stores.fill(
        tmp_path / "s",
        [
            (stores.record("a.surprise", **plain), stores.result("a.surprise", **changes)),
            (
                stores.record("a.known", expected="refuted", **plain),
                stores.result("a.known", expected="refuted", **changes),
            ),
        ],
    )


def test_a_printed_number_is_never_an_interval(misprint: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    reports.write(misprint, out, ("html", "summary", "junit"))
    said = f"teacher reproduces 43.08 at table=4: {DETAIL}"
    for name in ("index.html", "papers/a.html", "junit.xml"):
        shown = (out / name).read_text()
        assert said in shown
        assert "[0, 0]" not in shown
    assert markdown.escaped(said) in (out / "summary.md").read_text()
    assert "[0, 0]" not in (out / "annotations.txt").read_text()


def test_two_runs_say_a_printed_number_in_words(misprint: Path, tmp_path: Path) -> None:
    right = _printed("computed 43.08: reproduced", interval=(1.0, 1.0), status="inside")
    fixed = stores.fill(
        tmp_path / "b", [(stores.record("a.known"), stores.result("a.known", checks=(right,)))]
    )
    found = reports.diff(misprint, fixed)
    for shown in (reports.difference_text(found), reports.difference_html(found)):
        assert DETAIL in " ".join(shown.split())  # wherever the lines break
        assert "[0, 0]" not in shown
        assert "[1, 1]" not in shown


def test_a_yes_or_no_without_detail_is_still_in_words(misprint: Path) -> None:
    claim = model.build(misprint)["claims"][0]
    check = {**claim["checks"][0], "detail": ""}
    assert checked.interval(check) == "no"
    assert checked.interval({**check, "interval": [1.0, 1.0]}) == "yes"
    waiting = {**check, "interval": [0.0, 1.0], "status": "open"}
    assert checked.interval(waiting) == "not yet known"
    assert "[0, 1]" not in wording.what_it_takes({**claim, "checks": [waiting]})


def test_the_environment_does_not_deny_what_it_shows() -> None:
    python = {"name": "python", "versions": [{"version": "3.11", "claims": ["a.b"]}]}
    numpy = {"name": "numpy", "versions": [{"version": "2.0", "claims": ["a.b"]}]}
    found = {"mixed": [], "definitions": 1, "kernels": []}
    told, untold = "versions of Python and of the numerical libraries", "versions of Python, of"
    with_python = grounds.environment({**found, "libraries": [numpy, python]})
    assert told in with_python
    assert untold not in with_python
    without = grounds.environment({**found, "libraries": [numpy]})
    assert told not in without
    assert untold in without


def test_one_of_a_kind_is_singular(tmp_path: Path) -> None:
    waiting = stores.check(status="open", replicates=1)
    undecided = {"verdict": "undecided", "checks": (waiting,), "reason": "not yet"}
    entries = [(stores.record("a.b"), stores.result("a.b", replicates=1, **undecided))]
    store = stores.fill(tmp_path / "s", entries)
    reports.write(store, tmp_path / "out", ("html", "summary", "junit"))
    files = ("index.html", "method.html", "papers/a.html", "summary.md", "junit.xml")
    nouns = "claim|paper|check|control|replicate|verdict|problem|interval|block|definition"
    for name in files:
        shown = re.sub(r"<[^>]+>", "", (tmp_path / "out" / name).read_text())
        assert not re.search(rf"(?<![\d.,\u202f])1 ({nouns})s\b", shown), name
    assert (
        "The 1 claim of this store with such a share owns"
        in (tmp_path / "out/method.html").read_text()
    )


def test_calibration_counts_in_the_right_number() -> None:
    row = {"role": "kernel", "expectation": "mean", "kernel": "t", "law": "normal", "wrong": 1}
    row |= {"region": "x", "nominal": 0.1, "sequences": 9, "rate": 0.1, "lower": 0, "upper": 1}
    table = {"horizon": 9, "seed": 1, "calibration": [{**row, "finding": "holds"}] * 2}
    found = calibration.table(table)
    assert found is not None
    assert "2 err at most as often as they say" in found["text"]


def test_text_is_cut_between_words() -> None:
    title = "A New Approach to Training to Perfection by Dynamics"
    assert text.one_line(title, 36) == "A New Approach to Training to\u2026"
    assert text.one_line(title, 100) == title
    assert text.one_line("x" * 50, 10) == "x" * 9 + "\u2026"


@given(st.text(max_size=80), st.integers(min_value=1, max_value=40))
def test_cut_text_keeps_its_limit(raw: str, limit: int) -> None:
    cut = text.one_line(raw, limit)
    assert len(cut) <= limit
    assert text.one_line(raw).startswith(cut.removesuffix("\u2026"))


def test_paper_titles_are_whole_in_the_table(tmp_path: Path) -> None:
    title = "Sparse Upcycling " * 8 + "Dynamics"
    known = stores.record("a.b", paper={"title": title})
    store = stores.fill(tmp_path / "s", [(known, stores.result("a.b"))])
    reports.write(store, tmp_path / "out", ("html",))
    table = (tmp_path / "out/claims.html").read_text().split("<tbody")[1].split("</table>")[0]
    assert f"<bdi>{title}</bdi>" in table


def test_parameters_are_apart_and_in_the_order_of_the_label(tmp_path: Path) -> None:
    cell = {"rows": 128, "correlation": 0.9}
    made = stores.result("a.b", checks=(stores.check(cell=cell),))
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), made)])
    reports.write(store, tmp_path / "out", ("html",))
    page = (tmp_path / "out/papers/a.html").read_text()
    first, second = (
        f'<bdi class="parameter">{part}</bdi>' for part in ("rows=128,", "correlation=0.9")
    )
    assert f"{first} {second}" in page
    check = {"cell": {"a": 1, "b": 2}, "label": "b=2, a=1"}
    assert numbers.parameters(check) == ["b=2", "a=1"]


@given(st.text(max_size=60))
def test_breakable_names_lose_nothing(name: str) -> None:
    plain = printed_text.narrow(name.replace("\u200b", "")).replace("\u200b", "")
    assert plain == name.replace("\u200b", "")
    shown = html.breakable(name)
    assert "".join(part.unescape() for part in shown.split("<wbr>")) == name


def test_a_long_functional_can_be_broken_in_a_narrow_column() -> None:
    pieces = printed_text.narrow("E[excess_test_loss]").split("\u200b")
    assert pieces == ["E[", "excess_", "test_", "loss]"]
    assert max(map(len, printed_text.narrow("generalization" * 3).split("\u200b"))) <= 10


def calibrated(role: str, law: str, finding: str, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {"role": role, "expectation": "mean", "kernel": "student", "law": law}
    row |= {"region": "within", "nominal": 1e-5, "sequences": 0, "wrong": 0, "rate": 2e-6}
    return row | {"lower": 1e-6, "upper": 3e-6, "finding": finding, **changes}


def test_calibration_names_the_laws_on_which_a_method_in_use_fails() -> None:
    rows = [
        calibrated("kernel", "lattice", "holds", method="exact"),
        calibrated("approximate", "normal", "holds"),
        calibrated("limit", "rare jump", "broken", sequences=50, wrong=9),
        calibrated("fails", "lognormal", "broken"),
    ]
    found = calibration.table({"horizon": 9, "seed": 1, "calibration": rows})
    assert found is not None
    assert "theorem, 1 errs at most" in found["text"]
    assert "no theorem covers, 1 errs at most" in found["text"]
    assert "What errs more often than it says: mean by student on rare jump." in found["text"]
    exact, approximate, limit, fails = found["full"]
    assert exact[5:7] == ["exact", ""]
    assert approximate[5] == "simulated"
    assert limit[6] == "9 of 50"
    words = [row[1] for row in (exact, approximate, limit, fails)]
    assert words == [
        "student",
        "student (approximate)",
        "student (approximate, at its limit)",
        "student (not in use, shown to fail)",
    ]


def test_an_approximate_check_says_so_and_the_promise_leaves_it_out(tmp_path: Path) -> None:
    rough = Guarantee("approximate", "t on means of 8", "events rarer than 1 in 30 not excluded")
    made = stores.result("a.b", checks=(stores.check(guarantee=rough), stores.check()))
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), made)])
    reports.write(store, tmp_path / "out", ("html",))
    assert (tmp_path / "out/papers/a.html").read_text().count("rarer than 1 in 30") == 1
    assert "marked approximate has no such promise" in (tmp_path / "out/claims.html").read_text()


WEAK = stores.check(guarantee=Guarantee("approximate", "t on block means"))
FIRM = stores.check(guarantee=Guarantee("theorem", "betting"))


@pytest.mark.parametrize(
    ("grounds", "said"),
    [
        ((FIRM, FIRM), "2 claims of 1 paper. Printed in a paper: 2 supported."),
        (
            (WEAK, FIRM),
            "2 claims of 1 paper. Printed in a paper: 2 supported (1 of them approximate).",
        ),
        ((WEAK, WEAK), "2 claims of 1 paper. Printed in a paper: 2 supported (approximate)."),
    ],
)
def test_counts_keep_approximate_verdicts_apart(
    tmp_path: Path, grounds: tuple[CheckResult, ...], said: str
) -> None:
    named = [(f"a.c{place}", (FIRM, ground)) for place, ground in enumerate(grounds)]
    entries = [(stores.record(name), stores.result(name, checks=c)) for name, c in named]
    store = stores.fill(tmp_path / "s", entries)
    written = reports.write(store, tmp_path / "out")
    assert totals.headline(model.build(store)["summary"]) == said
    weak = sum(ground is WEAK for ground in grounds)
    assert (tmp_path / "out/summary.md").read_text().count("| supported (approximate) |") == weak
    page = (tmp_path / "out/claims.html").read_text()
    assert page.count("</span> supported (approximate)</span>") == weak
    index = written["html"].read_text()
    assert (f"({weak} approximate)" in index) is (weak > 0)
    assert ("marked approximate stand" in index) is (weak > 0)


def test_controls_that_logic_refutes_are_told_apart(tmp_path: Path) -> None:
    fates = ("refuted", "refuted by logic", "refuted by logic")
    controls = tuple(
        ControlResult(f"c{place}", "false theory", fate, (stores.outside(),))
        for place, fate in enumerate(fates)
    )
    entries = [(stores.record("a.b"), stores.result("a.b", controls=controls))]
    built = model.build(stores.fill(tmp_path / "s", entries))
    assert (built["summary"]["controls"], built["summary"]["controls_refuted"]) == (1, 1)
    (claim,) = built["claims"]
    assert wording.controls_note(claim) == "1 of 1 refuted, 2 by logic"
    assert "1 of 1 control is refuted" in wording.figure_text(claim)
    assert [row["controls"] for row in tables.claim_rows(built)] == [1]
