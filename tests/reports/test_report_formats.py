"""JUnit, Markdown, tables, crate, PDF: what each reader needs."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pikepdf
import pyarrow.parquet as pq
import pytest
import report_stores as stores
from refutable.reports import crate, markdown, model, pdf, printed, tables

from refutable import reports
from refutable.deciding.results import ControlResult


def _cases(report: Path) -> dict[str, ET.Element]:
    root = ET.parse(report / "junit.xml").getroot()
    return {case.get("name", ""): case for case in root.iter("testcase")}


def test_junit_has_one_case_per_claim(mixed_report: Path) -> None:
    cases = _cases(mixed_report)
    assert len(cases) == 9
    outcomes = {
        name: next((c.tag for c in case if c.tag != "system-out"), "passed")
        for name, case in cases.items()
    }
    assert outcomes == {
        "supported": "passed",
        "bound": "passed",
        "printed": "passed",
        "refuted": "passed",
        "surprise": "failure",
        "toothless": "failure",
        "undecided": "skipped",
        "not-run": "skipped",
        "failed": "error",
    }


def test_junit_counts_and_says_what_it_takes(mixed_report: Path) -> None:
    root = ET.parse(mixed_report / "junit.xml").getroot()
    counts = [root.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["9", "2", "1", "2"]
    skipped = _cases(mixed_report)["undecided"].find("skipped")
    assert skipped is not None
    assert "after 100 replicates must lie inside or outside" in skipped.get("message", "")
    error = _cases(mixed_report)["failed"].find("error")
    assert error is not None
    assert "refutable rerun alpha.failed" in (error.text or "")


def test_the_summary_is_short_and_says_what_matters(mixed_report: Path) -> None:
    text = (mixed_report / "summary.md").read_text()
    assert "4 verdicts differ from the expected one" in text
    assert text.index("beta.failed") < text.index("alpha.surprise")
    assert "| alpha.refuted | refuted (as expected) |" in text


def test_the_summary_stays_below_its_limit(tmp_path: Path) -> None:
    built = model.build(stores.many(tmp_path / "s", 300, 0))
    for claim in built["claims"]:
        claim["statement"] = claim["reason"] = stores.LONG
    text = markdown.summary(built, 20_000)
    assert len(text.encode()) < 20_000
    assert "more in report.json" in text
    built["claims"] = built["claims"] * 40
    assert 100_000 < len(markdown.summary(built).encode()) < markdown.LIMIT


def test_at_most_ten_annotations_worst_first(tmp_path: Path) -> None:
    entries = [
        (stores.record(f"a.c{n:02}"), stores.result(f"a.c{n:02}", verdict="refuted"))
        for n in range(20)
    ]
    failed = stores.result("a.z", verdict="failed", reason="50% gone\nsecond::line")
    store = stores.fill(tmp_path / "s", [*entries, (stores.record("a.z"), failed)])
    lines = markdown.notices(model.build(store)).splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("::error file=simulations/mixtures/a.py,title=a.z%3A failed")
    assert "50%25 gone second::line" in lines[0]
    assert "12 further findings" in lines[-1]


def test_green_runs_have_no_annotations(tmp_path: Path) -> None:
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), stores.result("a.b"))])
    assert markdown.notices(model.build(store)) == ""


def test_csv_and_parquet_hold_the_same_numbers(mixed_report: Path, mixed_store: Path) -> None:
    built = model.build(mixed_store)
    for name, rows in (("claims", tables.claim_rows(built)), ("checks", tables.check_rows(built))):
        with (mixed_report / f"{name}.csv").open(newline="") as file:
            read = list(csv.DictReader(file))
        table = pq.read_table(mixed_report / f"{name}.parquet").to_pylist()
        assert len(read) == len(table) == len(rows)
        assert table == [{column: row[column] for column in table[0]} for row in rows]
        for text, row in zip(read, rows, strict=True):
            assert text["alpha"] == repr(float(row["alpha"]))


def test_the_losses_behind_a_slope_are_in_the_tables(mixed_report: Path) -> None:
    with (mixed_report / "ladders.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["size"] for row in rows] == ["100.0", "400.0", "1600.0"]
    assert [row["relative_error"] for row in rows] == ["0.02", "0.02", ""]
    assert pq.read_table(mixed_report / "ladders.parquet").column("loss").to_pylist() == [
        float(row["loss"]) for row in rows
    ]
    page = (mixed_report / "papers/beta.html").read_text()
    assert "Losses behind the slopes" in page


def test_infinite_ends_are_empty(mixed_report: Path) -> None:
    with (mixed_report / "checks.csv").open(newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["claim"] == "alpha.bound")
    assert (row["region_low"], row["region_high"]) == ("", "2.0")
    assert (row["tightness"], row["tightness_standard_error"]) == ("0.75", "0.05")


def test_the_crate_lists_every_file_and_makes_nothing_up(
    mixed_report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = json.loads((mixed_report / "ro-crate-metadata.json").read_text())["@graph"]
    by_id = {entity["@id"]: entity for entity in graph}
    assert len(by_id) == len(graph)
    files = {path.relative_to(mixed_report).as_posix() for path in mixed_report.rglob("*.*")}
    described = {name for name, entity in by_id.items() if entity["@type"] == "File"}
    assert described == files - {"ro-crate-metadata.json", "files.json"}
    for name in described:
        assert int(by_id[name]["contentSize"]) == (mixed_report / name).stat().st_size
        assert "encodingFormat" in by_id[name]
    root = by_id["./"]
    assert {part["@id"] for part in root["hasPart"]} == described
    assert "datePublished" not in root
    assert by_id["#seed"]["value"] == 7
    assert by_id["#paper-alpha"]["author"] == ["Ada Lovelace", "Emmy Noether"]
    assert by_id["ro-crate-metadata.json"]["conformsTo"] == {"@id": crate.CONFORMS}


def test_every_reference_in_the_crate_leads_somewhere(mixed_report: Path) -> None:
    graph = json.loads((mixed_report / "ro-crate-metadata.json").read_text())["@graph"]
    known = {entity["@id"] for entity in graph} | {crate.CONFORMS}

    def references(value: object) -> list[str]:
        if isinstance(value, list):
            return [name for item in value for name in references(item)]
        return [value["@id"]] if isinstance(value, dict) else []

    for entity in graph:
        named = [r for key, v in entity.items() if key != "@id" for r in references(v)]
        assert set(named) <= known


def test_a_known_date_goes_into_the_crate(
    mixed_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    reports.write(mixed_store, tmp_path, ("rocrate",))
    graph = json.loads((tmp_path / "ro-crate-metadata.json").read_text())["@graph"]
    (root,) = (entity for entity in graph if entity["@id"] == "./")
    assert root["datePublished"] == "1970-01-02T00:00:00+00:00"


def _text_of(pdf: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext; install it with `apt-get install poppler-utils`")
    shown = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True)
    return " ".join(shown.stdout.decode().split())


def test_the_pdf_tells_the_story(mixed_report: Path) -> None:
    text = _text_of(mixed_report / "report.pdf")
    assert "4 verdicts differ from the expected one" in text
    for claim in ("supported", "bound", "surprise", "undecided", "toothless", "printed"):
        assert claim in text
    assert "computed 3.21, printed 3.2: reproduced" in text
    assert "The table has a misprint." in text
    assert "[2] Ada Lovelace, Emmy Noether. On beta." in text


def test_the_pdf_has_bookmarks_and_no_date(mixed_report: Path) -> None:
    with pikepdf.open(mixed_report / "report.pdf") as opened:
        assert "/Outlines" in opened.Root
        assert "/CreationDate" not in opened.docinfo
        assert "CreateDate" not in opened.Root.Metadata.read_bytes().decode()
        streams = [one for one in opened.objects if isinstance(one, pikepdf.Stream)]
        assert streams
        assert all(one.get("/Subtype") != "/Image" for one in streams)  # figures are vectors


def _parts(document: bytes) -> tuple[list[bytes], dict[str, int]]:
    """Return what is drawn on each page, and how often each tag of a screen reader occurs."""
    with pikepdf.open(io.BytesIO(document)) as opened:
        drawn = [page.Contents.read_bytes() for page in opened.pages]
        found = (one for one in opened.objects if isinstance(one, pikepdf.Dictionary))
        tags = [str(one.S) for one in found if one.get("/Type") == "/StructElem"]
    return drawn, {tag: tags.count(tag) for tag in tags}


def test_a_packed_pdf_holds_every_page_and_every_tag_in_fewer_bytes(tmp_path: Path) -> None:
    built = model.build(stores.mixed(tmp_path / "store"))
    content = printed.content(built, {}, frozenset())
    plain = pdf._set("report.typ", content, {})
    packed = pdf.packed(plain)
    assert packed == pdf.packed(plain), "nothing of the clock"
    assert _parts(packed) == _parts(plain)
    assert _parts(packed)[1]["/TD"] > 100
    assert len(packed) < 0.7 * len(plain)


def test_positive_controls_are_told_apart_from_those_that_must_be_refuted(tmp_path: Path) -> None:
    half = ControlResult("one half", "right theory", "supported", (stores.check(),))
    fallen = ControlResult("a third", "mended world", "refuted", (stores.outside(),))
    found = stores.result("alpha.right", positive=(half, fallen))
    store = stores.fill(tmp_path / "store", [(stores.record("alpha.right"), found)])
    out = tmp_path / "report"
    reports.write(store, out)
    stored = json.loads((out / "report.json").read_text())
    (claim,) = stored["claims"]
    assert [c["fate"] for c in claim["positive"]] == ["supported", "refuted"]
    summary = stored["summary"]
    assert (summary["positive"], summary["positive_supported"]) == (2, 1)
    assert (summary["controls"], summary["controls_refuted"]) == (1, 1), "counted apart"
    assert "1 of 1 refuted; 1 of 2 right ones supported" in (out / "summary.md").read_text()
    (page,) = (found.read_text() for found in out.rglob("alpha*.html"))
    assert "Positive controls, what is right: 1 of 2 supported, as all must be" in page
    assert page.index("one half") > page.index("half the constant")
    with (out / "checks.csv").open() as file:
        kinds = [row["kind"] for row in csv.DictReader(file)]
    assert kinds == ["claim", "claim", "false theory", "right theory", "mended world"]
    assert "1 of 2 positive controls" in (out / "claims.html").read_text()
