"""Two runs side by side."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import report_stores as stores
from refutable.reports.difference import Row

from refutable import reports
from refutable.errors import StoreError


def _store(path: Path, **results: dict[str, object]) -> Path:
    entries = [
        (stores.record(f"a.{name}"), stores.result(f"a.{name}", **changes))
        for name, changes in results.items()
    ]
    return stores.fill(path, entries)


@pytest.fixture
def found(tmp_path: Path) -> reports.Difference:
    moved = (stores.check(interval=(0.2, 0.4), estimate=0.3),)
    nudged = (stores.check(interval=(0.85, 0.99)),)
    a = _store(
        tmp_path / "a",
        same={},
        gone={},
        verdict={},
        apart={"checks": (stores.check(),)},
        nudged={"checks": (stores.check(),)},
    )
    b = _store(
        tmp_path / "b",
        same={},
        new={},
        verdict={"verdict": "refuted", "fingerprint": "f" * 32},
        apart={"checks": moved},
        nudged={"checks": nudged},
    )
    return reports.diff(a, b)


def test_what_happened_most_telling_first(found: reports.Difference) -> None:
    assert [(row.claim, row.kind) for row in found.rows] == [
        ("a.verdict", "verdict changed"),
        ("a.apart", "interval moved apart"),
        ("a.gone", "only in A"),
        ("a.new", "only in B"),
        ("a.nudged", "interval changed"),
        ("a.same", "same"),
    ]
    assert not found.same


def test_the_text_shows_both_sides(found: reports.Difference) -> None:
    text = reports.difference_text(found, long=True)
    assert re.search(r"a\.verdict +verdict changed +supported +refuted +200 +200 +1.5 s", text)
    assert re.search(r"a\.gone +only in A +supported +\u2013 +200 +\u2013", text)
    assert "[0.86, 0.995] -> [0.2, 0.4] (apart)" in text
    assert "[0.86, 0.995] -> [0.85, 0.99] (overlap)" in text
    assert "code: not the same" in text
    assert "a.same" not in text


def test_without_long_it_fits_a_narrow_terminal(found: reports.Difference) -> None:
    text = reports.difference_text(found)
    assert max(map(len, text.partition("\n\n")[2].splitlines())) < 80
    row = "verdict changed: supported -> refuted; replicates 200 -> 200; time 1.5 s"
    assert f"a.verdict {row}" in " ".join(text.split())
    assert "only in A: supported -> \u2013" in text
    assert "[0.86, 0.995] -> [0.2, 0.4] (apart)" in " ".join(text.split())


def test_the_page_shows_both_sides(found: reports.Difference) -> None:
    page = reports.difference_html(found)
    assert "6 claims: 1 verdict changed, 1 interval moved apart" in page
    assert page.count('<span class="badge v-refuted">') == 1
    assert "http" not in page.replace("http-equiv", "")


def test_a_run_is_the_same_as_itself(tmp_path: Path) -> None:
    path = stores.mixed(tmp_path / "s")
    assert reports.diff(path, path).same


def test_a_missing_run_is_refused_by_name(tmp_path: Path) -> None:
    path = stores.mixed(tmp_path / "s")
    with pytest.raises(StoreError, match="nowhere"):
        reports.diff(path, tmp_path / "nowhere")


def test_many_claims_of_a_paper_that_one_run_alone_has_are_counted() -> None:
    alone = tuple(
        Row(f"{paper}.claim-{i}", "supported", None, (1, None), (0.1, None), (), False)
        for paper, n in (("many", 12), ("few", 2))
        for i in range(n)
    )
    found = reports.Difference(("A", "B"), ("smoke", "smoke"), alone)
    text = reports.difference_text(found)
    assert "only in A: many, 12 claims" in text
    assert "many.claim-3" not in text
    assert "few.claim-1" in text
    assert "many.claim-3" in reports.difference_text(found, long=True)
