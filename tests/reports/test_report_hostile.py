"""Text of claims is data in every format."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import report_stores as stores
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.reports import formulas, markdown, slugs, text
from refutable.reports.difference import Difference
from refutable.reports.figures import draw_all
from refutable.reports.html import address

from refutable import reports

SCRIPT = "<script>document.title='owned'</script>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.images, self.handlers, self.text = [], 0, 0, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ours = str(dict(attrs).get("src")).startswith("../figures/")
        self.images += tag == "img" and not ours
        self.handlers += sum(name.startswith("on") for name, _ in attrs)
        if tag == "script":
            self.scripts.append(dict(attrs).get("src"))

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(path: Path) -> _Tags:
    parser = _Tags()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


def test_no_page_gains_an_element(hostile_report: Path) -> None:
    pages = list(hostile_report.rglob("*.html"))
    assert len(pages) == 7
    for path in pages:
        found = _parsed(path)
        assert (found.images, found.handlers) == (0, 0)
        assert all(src and "assets/" in src for src in found.scripts)


def test_the_text_is_all_there(hostile_report: Path) -> None:
    (page,) = (hostile_report / "papers").glob("*.html")
    shown = _parsed(page).text
    for part in (SCRIPT, "{{ 7 * 7 }} {% raw %}", '#panic("typst") $x^2$ @label <label>', "]]>"):
        assert shown.count(part) > 5


def test_junit_holds_the_text(hostile_report: Path) -> None:
    root = ET.parse(hostile_report / "junit.xml").getroot()
    assert any(SCRIPT in (error.text or "") for error in root.iter("error"))
    assert not list(root.iter("script"))


def test_the_summary_has_no_markup_of_a_claim(hostile_report: Path) -> None:
    shown = (hostile_report / "summary.md").read_text()
    for mark in ("<script", "<img", "](javascript", "`tick`", "@label", "*bold*", "| pipe"):
        assert mark not in shown
    rows = [line for line in shown.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1


def test_annotations_stay_on_their_lines(hostile_report: Path) -> None:
    lines = (hostile_report / "annotations.txt").read_text().splitlines()
    assert lines
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)


def test_tables_hold_the_text(hostile_report: Path) -> None:
    with (hostile_report / "checks.csv").open(newline="") as file:
        details = [row["detail"] for row in csv.DictReader(file)]
    typed = pq.read_table(hostile_report / "checks.parquet").column("detail").to_pylist()
    assert any(SCRIPT in detail for detail in details)
    assert details == typed


def test_spreadsheets_run_nothing(tmp_path: Path) -> None:
    store = stores.hostile(tmp_path / "s", "=HYPERLINK(1)")
    reports.write(store, tmp_path / "out", ("csv",))
    with (tmp_path / "out/checks.csv").open(newline="") as file:
        assert not any(v.startswith("=") for row in csv.reader(file) for v in row)


def test_figures_hold_no_markup(hostile_report: Path) -> None:
    figures = list((hostile_report / "figures").glob("*.svg"))
    assert figures
    for path in figures:
        elements = list(ET.parse(path).getroot().iter())
        tags = {element.tag.split("}")[-1] for element in elements}
        drawn = {"svg", "defs", "style", "g", "path", "use", "clipPath", "rect", "pattern"}
        assert tags <= {*drawn, "text"}
        assert not any(name.startswith("on") for element in elements for name in element.attrib)
        assert not any(list(one) for one in elements if one.tag.endswith("}text"))


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path) -> None:
    name = "../../../outside"
    known = stores.record("a.b", paper={"key": name})
    store = stores.fill(tmp_path / "s", [(known, stores.result("a.b"))])
    reports.write(store, tmp_path / "deep/er/out", ("html",))
    assert not [path for path in tmp_path.rglob("*outside*") if "deep" not in path.parts]
    assert len(list((tmp_path / "deep/er/out/papers").iterdir())) == 1


@pytest.mark.parametrize(
    "long", [stores.LONG, "word " * 2000, "$" * 3000, "\u202e" * 500 + "x" * 3000]
)
def test_long_text_is_written_whole(tmp_path: Path, long: str) -> None:
    known = stores.record("a.b", statement=long)
    store = stores.fill(tmp_path / "s", [(known, stores.result("a.b", reason=long))])
    reports.write(store, tmp_path / "out")
    shown = long.strip().replace("\u202e", "")  # marks that turn the direction are left out
    assert shown in _parsed(tmp_path / "out/papers/a.html").text
    assert (tmp_path / "out/report.pdf").stat().st_size > 1000


def test_terminals_are_not_commanded(hostile_store: Path, mixed_store: Path) -> None:
    shown = reports.difference_text(reports.diff(hostile_store, mixed_store))
    assert "\x1b" not in shown
    assert isinstance(reports.diff(hostile_store, hostile_store), Difference)
    page = reports.difference_html(reports.diff(hostile_store, mixed_store))
    assert SCRIPT not in page


@pytest.mark.parametrize(
    "formula",
    [
        '#html.elem("script")[alert(1)]',
        '#html.elem("mi", attrs: (onclick: "alert(1)"))[x]',
        '#html.elem("a", attrs: (href: "javascript:alert(1)"))[x]',
        '#read("/etc/hostname")',
        "#panic()",
        "$ x $",
        '] #image("x.svg") [',
        "unknown(variable",
        "#while true {}",
        SCRIPT,
    ],
)
def test_formulas_bring_in_mathematics_only(formula: str) -> None:
    made = formulas.mathml([formula, "a/b"])
    assert "<mfrac>" in made.by_source["a/b"]
    shown = made.by_source.get(formula, "")
    assert formulas.is_mathml(shown) or not shown
    for mark in ("<script", "onclick", "href", "javascript:"):
        assert mark not in shown


@pytest.mark.parametrize(
    ("text_", "prefix", "expected"),
    [
        ("2401.00001", "https://arxiv.org/abs/", "https://arxiv.org/abs/2401.00001"),
        ("https://github.com/a/b", "", "https://github.com/a/b"),
        ("javascript:alert(1)", "", ""),
        ('https://x"onclick="alert(1)', "", ""),
        ("<script>", "https://arxiv.org/abs/", ""),
        (None, "", ""),
    ],
)
def test_only_plain_addresses_become_links(text_: str | None, prefix: str, expected: str) -> None:
    assert address(text_, prefix) == expected


@pytest.mark.parametrize(
    "fragment",
    [
        "<math><script></script></math>",
        "<math><mi onclick='x'>x</mi></math>",
        "<math></math><math></math>",
        "text<math></math>",
        "<math><!-- x --></math>",
        "<p></p>",
        "<math>",
        "",
    ],
)
def test_only_mathematics_is_mathml(fragment: str) -> None:
    assert not formulas.is_mathml(fragment)


@given(st.text())
def test_clean_text_can_be_written_to_anything(raw: str) -> None:
    cleaned = text.clean(raw)
    assert text.clean(cleaned) == cleaned
    ET.fromstring(f"<x>{cleaned.replace('&', '&amp;').replace('<', '&lt;')}</x>".encode())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", cleaned)
    json.dumps(cleaned).encode()


@given(st.text(max_size=200))
def test_slugs_are_safe_and_tell_names_apart(name: str) -> None:
    made = slugs.slug(name)
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", made)
    assert ".." not in made.split("/")
    assert slugs.slug(name + "x") != made


@given(st.text(max_size=300))
def test_markdown_never_gains_a_line_or_a_column(raw: str) -> None:
    shown = markdown.escaped(text.clean(raw))
    assert "\n" not in shown
    assert not set(shown) & set("|<>`*[]")


def _drawn_claim(label: str, axis: float | str, values: list[float]) -> dict[str, Any]:
    low, middle, high = sorted(values)
    check = {
        "functional": label,
        "yes_or_no": False,
        "status": "inside",
        "estimate": middle,
        "predicted": low,
        "interval": [low, high],
        "region": [middle, None],
        "label": label,
    }
    rung = {"size": abs(high) + 1.0, "loss": abs(middle), "relative_error": abs(low)}
    check["ladder"] = [{**rung, "curve": abs(high)}, {**rung, "size": 1.0, "curve": None}]
    figure = {"x": "n", "label": label, "log": True, "y": "", "marks": [{"name": label, "x": 1.0}]}
    claim = {"id": "a.b", "evidence": "statistical", "figure": figure}
    checks = [{**check, "cell": {"n": axis}}, {**check, "cell": {"n": 2}}]
    apart = {"drawn": checks[1:], "curves": [], "boundary": []}
    controls = [{"name": label, "checks": checks[:1]}]
    return {**claim, **apart, "checks": checks, "controls": controls}


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=8)
@given(
    label=st.text(min_size=1, max_size=60),
    axis=NUMBERS | st.text(max_size=5) | st.integers(),
    values=st.lists(NUMBERS, min_size=3, max_size=3),
)
def test_anything_can_be_drawn_or_is_left_to_the_tables(
    label: str, axis: float | str, values: list[float]
) -> None:
    for drawn in draw_all(
        [_drawn_claim(text.clean(label), text.clean(axis), values)], lambda said: None
    ).values():
        ET.fromstring(drawn.encode())
