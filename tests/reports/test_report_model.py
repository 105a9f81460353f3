"""The model: true to the store, whatever state a run was left in."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import report_stores as stores
from refutable.reports import grounds, model, numbers, ratios, searches
from refutable.reports.attention import attention

from refutable import reports
from refutable.calibration.onsets import cases
from refutable.errors import MisuseError, StoreError
from refutable.storing.sealed import write_json
from refutable.storing.store import Store

SCHEMA = json.loads((files("refutable.reports") / "report-schema.json").read_text())


def _valid(path: Path) -> model.Model:
    built = json.loads(json.dumps(model.build(path), allow_nan=False))
    jsonschema.validate(built, SCHEMA)
    return built


def test_the_model_fits_its_schema(mixed_store: Path, hostile_store: Path) -> None:
    for path in (mixed_store, hostile_store):
        assert _valid(path)["schema"] == model.SCHEMA


def test_counts(mixed_store: Path) -> None:
    summary = _valid(mixed_store)["summary"]
    assert summary["claims"] == 9
    assert summary["papers"] == 2
    assert sum(summary["verdicts"].values()) == 9
    assert summary["unexpected"] == 4
    assert (summary["controls"], summary["controls_refuted"]) == (7, 6)


def test_claims_of_a_paper_stay_together_and_papers_list_them(mixed_store: Path) -> None:
    built = _valid(mixed_store)
    assert [p["key"] for p in built["papers"]] == ["alpha", "beta"]
    listed = [name for paper in built["papers"] for name in paper["claims"]]
    assert listed == [claim["id"] for claim in built["claims"]]


def test_worst_first(mixed_store: Path) -> None:
    verdicts = [claim["verdict"] for claim in attention(_valid(mixed_store)["claims"])]
    assert verdicts == ["failed", "refuted", "toothless", "undecided"]


def test_an_empty_store_is_reported_as_empty(tmp_path: Path) -> None:
    store = stores.fill(tmp_path / "store", [])
    built = _valid(store)
    assert built["summary"]["claims"] == 0
    written = reports.write(store, tmp_path / "out")
    assert "holds no results" in (tmp_path / "out/index.html").read_text()
    assert "Every verdict is the expected one" not in (tmp_path / "out/summary.md").read_text()
    assert all(path.stat().st_size for path in written.values())


def test_a_killed_run_is_reported_as_unfinished(tmp_path: Path) -> None:
    store = stores.fill(tmp_path / "s", [(stores.record("a.done"), stores.result("a.done"))])
    stores.block(store, "a.killed")
    with (store / "blocks" / "a.killed.jsonl").open("a") as file:
        file.write('{"crc32":1,"body":{"torn')
    built = _valid(store)
    assert built["unfinished"] == [{"claim": "a.killed", "blocks": 1}]
    asked = ["a.done", "a.killed", "a.later"]
    write_json(store / "asked.json", {"claims": asked})
    assert _valid(store)["unfinished"][1] == {"claim": "a.later", "blocks": 0}
    reports.write(store, tmp_path / "out", ("html", "summary", "junit", "pdf"))
    for name in ("index.html", "summary.md"):
        text = (tmp_path / "out" / name).read_text()
        assert "has not finished" in text
        assert "Every verdict is the expected one" not in text
    assert 'classname="unfinished" name="a.killed"' in (tmp_path / "out/junit.xml").read_text()
    assert "a.later</bdi>: not begun" in (tmp_path / "out/index.html").read_text()


def test_a_record_without_a_result_is_not_run(tmp_path: Path) -> None:
    (claim,) = _valid(stores.fill(tmp_path / "s", [(stores.record("a.b"), None)]))["claims"]
    assert (claim["verdict"], claim["as_expected"]) == ("not run", False)
    assert claim["reason"] == "no result is stored"


def test_a_result_without_a_record_is_still_reported(tmp_path: Path) -> None:
    store = stores.fill(tmp_path / "s", [(None, stores.result("a.b"))])
    (claim,) = _valid(store)["claims"]
    assert not claim["recorded"]
    reports.write(store, tmp_path / "out")
    assert "a.b" in (tmp_path / "out/papers/a.html").read_text()


def test_no_store_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        reports.write(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused_by_name(mixed_store: Path, tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="docx.*html"):
        reports.write(mixed_store, tmp_path / "out", ("docx",))


def test_a_folder_that_is_a_file_is_refused(mixed_store: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(MisuseError, match="out"):
        reports.write(mixed_store, tmp_path / "out", ("csv",))
    assert (tmp_path / "out").read_text() == "mine"


def test_only_the_formats_asked_for_are_written_and_linked(
    mixed_store: Path, tmp_path: Path
) -> None:
    reports.write(mixed_store, tmp_path, ("html", "csv"))
    index = (tmp_path / "index.html").read_text()
    assert not (tmp_path / "report.pdf").exists()
    assert 'href="claims.csv"' in index
    assert "report.pdf" not in index


def test_an_earlier_report_is_cleared_away_and_nothing_else(
    mixed_store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "papers").mkdir(parents=True)
    (out / "papers" / "mine.html").write_text("mine")
    (out / "files.json").write_text('["papers/old.html", "../outside"]')
    (out / "papers" / "old.html").write_text("old")
    (tmp_path / "outside").write_text("outside")
    reports.write(mixed_store, out, ("html",))
    assert not (out / "papers" / "old.html").exists()
    assert (out / "papers" / "mine.html").exists()
    assert (tmp_path / "outside").exists()


def test_versions_are_those_of_the_fingerprints(tmp_path: Path) -> None:
    entries = [(stores.record(n), stores.result(n)) for n in ("a.one", "a.two")]
    path = stores.fill(tmp_path / "s", entries)
    with Store(path) as store:
        store.write_print("a.two", {"claim": {"version:numpy": "1.0"}})
    found = _valid(path)["environment"]
    assert found["mixed"] == ["numpy"]
    assert [library["name"] for library in found["libraries"]] == ["numpy", "scipy"]
    reports.write(path, tmp_path / "out", ("html",))
    text = (tmp_path / "out/environment.html").read_text()
    assert "Mixed versions: numpy" in text
    assert "Python, of other libraries and of the operating system, and the machine beyond" in text


def test_mixed_kernels_are_told_and_one_kind_leaves_equal_reports_equal(tmp_path: Path) -> None:
    entries = [(stores.record(n), stores.result(n)) for n in ("a.one", "a.two")]
    path = stores.fill(tmp_path / "s", entries)
    with Store(path) as store:
        write_json(store.cost_file("a.one"), {"machines": {"openblas Haswell": 4}})
        assert _valid(path)["environment"]["kernels"] == []
        write_json(store.cost_file("a.two"), {"machines": {"openblas Zen": 1}})
    each = [{"name": "openblas Haswell", "blocks": 4}, {"name": "openblas Zen", "blocks": 1}]
    assert _valid(path)["environment"]["kernels"] == each
    reports.write(path, tmp_path / "out", ("html",))
    text = (tmp_path / "out/environment.html").read_text()
    assert "4 blocks with openblas Haswell; 1 block with openblas Zen" in text


def test_a_calibration_table_is_shown_if_there_is_one(mixed_store: Path, tmp_path: Path) -> None:
    row = {"expectation": "mean", "kernel": "student", "role": "kernel", "law": "normal"}
    row |= {"region": "at_least", "nominal": 0.01, "sequences": 1000, "wrong": 3, "rate": 0.003}
    row |= {"lower": 0.001, "upper": 0.008, "finding": "holds"}
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), stores.result("a.b"))])
    table = {"schema": 1, "seed": 1, "horizon": 1024, "calibration": [row], "economy": []}
    (store / "calibration.json").write_text(json.dumps(table))
    _valid(store)
    reports.write(store, tmp_path / "out", ("html", "pdf"))
    method = (tmp_path / "out/method.html").read_text()
    assert "3 of 1\u202f000" in method
    assert "1 errs at most as often as it says" in method
    (store / "calibration.json").write_text('{"schema": 99}')
    with pytest.raises(StoreError, match=r"calibration\.json"):
        model.build(store)


def test_the_table_of_searches_is_shown_if_there_is_one(mixed_store: Path, tmp_path: Path) -> None:
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), stores.result("a.b"))])
    assert "searches" not in model.build(store)
    row = {"curve": "three bends", "outcome": "event", "tolerance": 0.05, "runs": 2000}
    row |= {"missed": 140, "upper": 0.09, "finding": "broken", "replicates": 1526.6}
    row |= {"endings": {"wide": 13, "found": 1987}}
    table = {"schema": 1, "seed": 4, "alpha": 0.05, "onsets": [row, {**row, "finding": "holds"}]}
    path = store / searches.FILE
    path.write_text(json.dumps(table))
    _valid(store)
    reports.write(store, tmp_path / "out", ("html", "pdf"))
    method = (tmp_path / "out/method.html").read_text()
    for said in ("140 of 2\u202f000", "1\u202f527", "1\u202f987 found, 13 wide", "three bends"):
        assert said in method
    assert "In 1 of 2 cases searches are found to be wrong more often." in method
    path.write_text(json.dumps({**table, "onsets": [{"curve": "three bends"}]}))
    with pytest.raises(StoreError, match=r"onset-calibration\.json is not a table of searches"):
        model.build(store)


def test_the_stored_table_of_searches_finds_nothing_broken() -> None:
    path = Path(__file__).parents[2] / "baseline" / searches.FILE
    shown = searches.table(json.loads(path.read_text(encoding="utf-8")))
    assert shown is not None
    assert len(shown["rows"]) == len(cases())
    assert {row[5] for row in shown["rows"]} == {"holds"}


def test_a_report_never_loads_what_it_reports_on() -> None:
    code = (
        "import sys, refutable.reports\n"
        "loaded = {'.'.join(name.split('.')[:2]) for name in sys.modules}\n"
        "others = {f'refutable.{part}' for part in ('theory', 'solvers', 'simulations')}\n"
        "assert not loaded & others, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("changes", "ratio"),
    [
        ({"region": (-math.inf, 2.0)}, 0.5),
        ({"region": (2.0, math.inf)}, 0.5),
        ({"region": (0.0, 2.0)}, None),
        ({"region": (0.0, math.inf)}, None),
        ({"functional": "P(violated)", "region": (-math.inf, 0.1)}, None),
        ({"functional": "x reproduces 1.0", "region": (1.0, math.inf)}, None),
        ({"region": (-math.inf, 2.0), "estimate": None}, None),
    ],
)
def test_tightness(changes: dict[str, object], ratio: float | None) -> None:
    base = {"functional": "E[loss]", "estimate": 1.0, "standard_error": 0.1}
    found = ratios.tightness(stores.check(**{**base, **changes}))
    assert (found and found["ratio"]) == ratio
    if found:
        assert found["standard_error"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.12345678, "0.1235"),
        (-3.0, "\u22123"),
        (1e-9, "1×10⁻⁹"),
        (2.5e12, "2.5×10¹²"),
        (math.inf, "∞"),
        (True, "true"),
        (1234567.0, "1234567"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert numbers.number(value) == text


def test_intervals() -> None:
    assert numbers.interval((0.25, None)) == "[0.25, ∞)"
    assert numbers.interval((None, -1.0)) == "(\u2212∞, \u22121]"
    assert numbers.relation(">= -0.5") == "≥ \u22120.5"
    assert numbers.relation("in [-1e-08, 2.5e+07]") == "in [\u22121×10⁻⁸, 2.5×10⁷]"


def test_who_says_it_and_what_was_read_stand_on_the_page(tmp_path: Path) -> None:
    known = stores.record(
        "a.b", title="Means converge fast", origin="guard", basis="recalled", notes=["Off by 3 %."]
    )
    store = stores.fill(tmp_path / "s", [(known, stores.result("a.b"))])
    (claim,) = _valid(store)["claims"]
    assert [claim[key] for key in ("title", "origin", "basis")] == [
        "Means converge fast",
        "guard",
        "recalled",
    ]
    reports.write(store, tmp_path / "out", ("html", "pdf"))
    page = (tmp_path / "out/papers/a.html").read_text()
    for words in ("Means converge fast", "nobody claims it", "recalled, not read", "Off by 3 %."):
        assert words in page, words
    assert "Means converge fast" in (tmp_path / "out/index.html").read_text()


def test_the_ledger_says_what_the_store_holds_and_not_what_its_checks_spent(tmp_path: Path) -> None:
    entries = [
        (stores.record("a.b", weight="1/4"), stores.result("a.b", alpha=0.0025)),
        (stores.record("a.c", weight="1/8"), stores.result("a.c", alpha=0.00125)),
    ]
    found = _valid(stores.fill(tmp_path / "s", entries))
    assert [claim["alpha"] for claim in found["claims"]] == [0.0025, 0.00125]
    alone = {"families": [], "together": 0.01}
    assert found["ledger"] == {"claims": 2, "owned": pytest.approx(0.01 * 3 / 8), **alone}
    write_json(tmp_path / "s" / "weights.json", {"a.b": "1/4", "a.c": "1/8", "a.gone": "1/2"})
    entered = _valid(tmp_path / "s")["ledger"]
    assert entered == {"claims": 3, "owned": pytest.approx(0.01 * 7 / 8), **alone}


def test_packages_of_others_have_a_ledger_of_their_own(tmp_path: Path) -> None:
    entries = [(stores.record(name), stores.result(name)) for name in ("a.b", "c.d", "c.e")]
    store = stores.fill(tmp_path / "s", entries)
    assert "for the whole suite where" in grounds.basis(_valid(store))
    write_json(store / "weights.json", {"a.b": "1/4", "c.d": "1/2", "c.e": "1/8"})
    write_json(store / "families.json", {"c.d": "theirs", "c.e": "theirs"})
    found = _valid(store)
    theirs = {"name": "theirs", "claims": 2, "owned": pytest.approx(0.01 * 5 / 8)}
    assert found["ledger"]["families"] == [theirs]
    assert found["ledger"]["together"] == 0.02
    assert found["suite_error"] == 0.01
    assert "2 % for the suite and 1 package of others where" in _plain(grounds.basis(found))
    said = _plain(grounds.ledger(found))
    assert "may err with probability 2 % together" in said
    assert "a ledger of their own of 1 %: theirs (2 claims, 0.62 % owned)" in said


def _plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


def test_the_distance_of_a_control_stands_on_its_page(tmp_path: Path) -> None:
    control = stores.ControlResult("x", "false theory", "refuted", (), 13000.0, 4.0)
    entries = [(stores.record("a.b"), stores.result("a.b", controls=(control,)))]
    store = stores.fill(tmp_path / "s", entries)
    assert _valid(store)["claims"][0]["controls"][0]["half_widths"] == 13000.0
    reports.write(store, tmp_path / "out", ("html",))
    page = (tmp_path / "out" / "papers" / "a.html").read_text()
    assert "1.3e+04 half-widths of its interval or 4 margins of the claim off" in page
