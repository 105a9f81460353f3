"""Equal results give equal bytes."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import report_stores as stores
from refutable.reports import figures, model
from refutable.reports.figures import panels, picturing

from refutable import reports

CLOCK = {"costs.json", "assets/costs.js", "ro-crate-metadata.json"}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_twice_and_elsewhere(mixed_store: Path, mixed_report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another place" / "copy"
    shutil.copytree(mixed_store, copy)
    reports.write(copy, tmp_path / "x" / "y")
    assert _bytes(tmp_path / "x" / "y") == _bytes(mixed_report)
    reports.write(copy, tmp_path / "x" / "y")
    assert _bytes(tmp_path / "x" / "y") == _bytes(mixed_report)


def test_only_the_costs_know_the_clock(mixed_report: Path, tmp_path: Path) -> None:
    slow = stores.mixed(tmp_path / "slow", seconds=123.4)
    reports.write(slow, tmp_path / "out")
    ours, theirs = _bytes(tmp_path / "out"), _bytes(mixed_report)
    assert ours.keys() == theirs.keys()
    assert {name for name in ours if ours[name] != theirs[name]} <= CLOCK
    assert json.loads(ours["costs.json"])["alpha.bound"]["seconds"] == 123.4


def test_no_path_of_this_machine_is_told(mixed_store: Path, mixed_report: Path) -> None:
    for name, data in _bytes(mixed_report).items():
        assert str(mixed_store.parent).encode() not in data, name


def _picture(store: Path, claim: str) -> panels.Picture:
    (found,) = (c for c in model.build(store)["claims"] if c["id"] == claim)
    made = picturing.picture(found)
    assert made is not None
    return made


def test_a_figure_keeps_controls_apart(mixed_store: Path) -> None:
    made = _picture(mixed_store, "alpha.supported")
    (panel,) = made.panels
    assert made.axis == "ratio"
    assert [point.x for point in panel.own] == [1.4, 0.6]
    assert [point.series for point in panel.controls] == ["half the constant"]


def test_a_figure_without_an_axis_lists_its_cells(mixed_store: Path) -> None:
    made = _picture(mixed_store, "alpha.bound")
    assert made.axis == ""
    names = [panel.functional for panel in made.panels]
    assert names == ["E[loss]", "E[a] / E[b]", "P(recovered)"]


def test_agreement_with_printed_numbers_is_no_figure(mixed_store: Path) -> None:
    claims = {claim["id"]: claim for claim in model.build(mixed_store)["claims"]}
    assert picturing.picture(claims["beta.printed"]) is None
    assert picturing.picture(claims["beta.failed"]) is None


def test_figures_are_files_without_dates_and_their_text_says_the_result(
    mixed_report: Path,
) -> None:
    for path in (mixed_report / "figures").glob("*.svg"):
        assert b"<dc:date>" not in path.read_bytes()
    page = (mixed_report / "papers/alpha.html").read_text()
    shown = re.findall(r'<img src="\.\./(figures/[^"]+)" alt="([^"]+)" width="(\d+)"', page)
    assert len(shown) == 5
    for file, text, width in shown:
        assert (mixed_report / file).exists()
        assert "lies inside" in text or "lie inside" in text
        assert int(width) > 500
    texts = [text for _, text, _ in shown]
    assert any("refuted: 0 of 1 interval lies inside its acceptance region" in t for t in texts)


def test_a_figure_alone_has_unique_ids(mixed_store: Path) -> None:
    page = reports.claim_html(mixed_store, "alpha.supported")
    drawn = page.split("<figure>")[1].split("</figure>")[0].replace("xlink:href", "href")
    ids = [element.get("id") for element in ET.fromstring(drawn).iter() if element.get("id")]
    assert ids
    assert len(ids) == len(set(ids))


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    reports.write(stores.many(tmp_path / "s", 12, 12), tmp_path / "out", progress=told.append)
    assert "figures: 10 of 12" in told
    assert {"writing html", "writing pdf"} <= set(told)


def test_inline_figures_take_the_colours_of_the_page() -> None:
    whole = '<?xml version="1.0"?>\n<svg id="a"><use href="#a" style="fill: #0b57b7"/></svg>'
    shown = figures.inline(whole, "x.y", 'says "it"')
    assert shown.startswith('<svg role="img" aria-label="says &#34;it&#34;" id="x.y--a">')
    assert 'href="#x.y--a" style="fill: var(--own)"' in shown
