"""What went wrong around the claims: it must be told, and must not cost the report."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import asdict
from pathlib import Path

import pytest
import report_stores as stores
from refutable.reports import folder, model, writing

from refutable import reports
from refutable.errors import StoreError
from refutable.running.registry import Problem
from refutable.storing.sealed import write_json

MODULE = Problem("/lab/missing.py", "/lab/missing.py could not be imported: FileNotFoundError")
CLAIM = Problem("simulations.mixtures.a", "Claim 'a.bad' has no controls.", "a.bad")


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a run in which a file could not be imported and a claim was refused."""
    path = tmp_path_factory.mktemp("troubled")
    entries = [(stores.record("a.b"), stores.result("a.b"))]
    stores.fill(path / "store", entries, [asdict(MODULE), asdict(CLAIM)])
    reports.write(path / "store", path / "report")
    return path / "report"


def test_problems_keep_what_the_registry_says(troubled: Path) -> None:
    built = json.loads((troubled / "report.json").read_text())
    assert built["problems"] == [asdict(MODULE), asdict(CLAIM)]


@pytest.mark.parametrize("name", [MODULE.where, "a.bad"])
def test_problems_are_told_with_a_claim_and_without(troubled: Path, name: str) -> None:
    index = (troubled / "index.html").read_text()
    assert f"not registered</span> <bdi>{name}</bdi>:" in index
    summary = (troubled / "summary.md").read_text()
    assert f"- **not registered** {name.replace('_', '&#95;')}: " in summary
    assert f"title=not registered%3A {name}::" in (troubled / "annotations.txt").read_text()
    root = ET.parse(troubled / "junit.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases[name].find("error") is not None


def test_problems_are_in_the_pdf(troubled: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext; install it with `apt-get install poppler-utils`")
    command = ["pdftotext", troubled / "report.pdf", "-"]
    shown = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    text = " ".join(shown.replace("\u200b", "").split())
    assert "2 problems kept claims from being registered" in text
    assert "not registered /lab/missing.py" in text
    assert "not registered a.bad" in text


@pytest.mark.parametrize("stored", [{}, [1], [{"claim": None}], [{"text": "x", "claim": 3}]])
def test_foreign_problems_are_refused_by_name(tmp_path: Path, stored: object) -> None:
    store = stores.fill(tmp_path / "s", [])
    write_json(store / "problems.json", stored)
    with pytest.raises(StoreError, match=r"problems\.json"):
        model.build(store)


@pytest.mark.parametrize(
    "stored", [{}, [], {"id": "a.foreign"}, {"id": "a.foreign", "paper": {}}, stores.record("a.b")]
)
def test_a_foreign_record_is_refused_by_name(tmp_path: Path, stored: object) -> None:
    store = stores.fill(tmp_path / "s", [(stores.record("a.b"), stores.result("a.b"))])
    write_json(store / "records" / "a.foreign.json", stored)
    with pytest.raises(StoreError, match=r"foreign\.json"):
        model.build(store)


def _files(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def _fails(source: writing.Source, written: folder.Folder) -> Path:
    written.put("index.html", "half of it")
    raise RuntimeError("no memory")


def test_a_report_that_fails_half_way_leaves_nothing(
    mixed_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(writing.WRITERS, "junit", _fails)
    with pytest.raises(RuntimeError, match="no memory"):
        reports.write(mixed_store, tmp_path / "out", ("html", "junit"))
    assert not (tmp_path / "out").exists()


def test_a_report_that_fails_half_way_keeps_the_one_before(
    mixed_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    empty = stores.fill(tmp_path / "empty", [])
    reports.write(empty, out, ("html", "csv"))
    before = _files(out)
    monkeypatch.setitem(writing.WRITERS, "junit", _fails)
    with pytest.raises(RuntimeError, match="no memory"):
        reports.write(mixed_store, out, ("html", "junit"))
    assert _files(out) == before


def test_what_a_killed_report_left_is_cleared_away(mixed_store: Path, tmp_path: Path) -> None:
    left = tmp_path / folder.UNFINISHED
    left.mkdir()
    (left / "index.html").write_text("half of it")
    reports.write(mixed_store, tmp_path, ("csv",))
    assert not left.exists()
    assert (tmp_path / "claims.csv").exists()
