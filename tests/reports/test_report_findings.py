"""What was found, in sentences; and whose statement a verdict is about."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import report_stores as stores
from refutable.reports import findings, html, merging, model, pdf, printed_summary
from refutable.reports.standing import standing

from refutable import reports
from refutable.deciding.results import ControlResult

RIGHT = ControlResult("1.18 GB", "right theory", "supported", (stores.check(),))
ELSEWHERE = ControlResult("separated groups", "mended world", "supported", (stores.check(),))
WRONG = {"verdict": "refuted", "expected": "refuted", "checks": (stores.outside(),)}


def _built(tmp_path: Path, *entries: tuple[dict[str, Any], dict[str, Any]]) -> list[model.Model]:
    made = [
        (stores.record(f"a.c{n}", **record), stores.result(f"a.c{n}", **result))
        for n, (record, result) in enumerate(entries)
    ]
    claims: list[model.Model] = model.build(stores.fill(tmp_path / "s", made))["claims"]
    return claims


@pytest.mark.parametrize(
    ("origin", "basis", "words", "tone"),
    [
        ("printed", "full text", "refuted", "bad"),
        ("implied", "abstract", "refuted", "bad"),
        ("printed", "recalled", "refuted as recalled", "plain"),
        ("derived", "full text", "derivation refuted", "plain"),
        ("guard", "full text", "guard refuted", "plain"),
        (None, None, "refuted", "bad"),
    ],
)
def test_refuted_is_a_finding_against_a_paper_only_of_what_it_says(
    tmp_path: Path, origin: str | None, basis: str | None, words: str, tone: str
) -> None:
    (claim,) = _built(tmp_path, ({"origin": origin, "basis": basis}, WRONG))
    assert (standing(claim).words, standing(claim).tone) == (words, tone)
    reports.write(tmp_path / "s", tmp_path / "out", ("html",))
    for name in ("index.html", "claims.html", "papers/a.html"):
        page = (tmp_path / "out" / name).read_text()
        against = 'class="badge t-bad"' in page or re.search(r'class="m-cell[^"]* t-bad', page)
        assert bool(against) is (tone == "bad"), name
    listed = "Refuted in print" in (tmp_path / "out/index.html").read_text()
    assert listed is (tone == "bad")


def test_an_unexpected_refutation_of_ours_is_open_and_not_calm(tmp_path: Path) -> None:
    (claim,) = _built(tmp_path, ({"origin": "derived"}, {**WRONG, "expected": "supported"}))
    assert standing(claim).tone == "open"


def test_a_refuted_statement_stands_beside_what_is_right(tmp_path: Path) -> None:
    wrong, right, lost = _built(
        tmp_path,
        ({"title": "It is 1.27 GB"}, {**WRONG, "positive": (ELSEWHERE, RIGHT)}),
        ({"title": "It holds", "origin": "implied"}, {}),
        (
            {"title": "Gone"},
            {**WRONG, "positive": (ControlResult("x", "right theory", "refuted", ()),)},
        ),
    )
    assert findings.right_value(wrong) == "Right: 1.18 GB."
    assert findings.right_value(lost) == "", "only what the rule supported is called right"
    assert findings.of_paper([wrong, right]) == "it is 1.27 GB (refuted as the abstract reads)."
    said = findings.opening([right, wrong])
    assert said == "“It is 1.27 GB” is refuted as the abstract reads. Right: 1.18 GB."
    assert findings.card([wrong, lost]) == "2 refuted in print"
    (found,) = findings.fields({"claims": [wrong, right, lost]})
    assert findings.holding(found) == "1 of 3 printed or implied statements holds."


def test_what_was_read_comes_before_what_was_recalled(tmp_path: Path) -> None:
    recalled, read = _built(
        tmp_path,
        ({"title": "Recalled", "basis": "recalled"}, {}),
        ({"title": "Read", "origin": "implied"}, {}),
    )
    assert findings.first_supported([recalled, read]) == read
    (found,) = findings.fields({"claims": [recalled, read]})
    assert findings.beyond(found) == "Recalled, not read: 1 supported."


def test_a_supported_claim_says_where_it_was_seen_and_how_tight_it_is(tmp_path: Path) -> None:
    changes = {"functional": "E[loss]", "region": (-math.inf, 2.0), "standard_error": 0.1}
    tight = [
        stores.check(cell={"n": n}, estimate=e, **changes) for n, e in ((100, 1.0), (400, 1.5))
    ]
    loose = stores.check(cell={"n": 9}, estimate=0.001, **changes)
    first, second = _built(
        tmp_path, ({"figure": None}, {"checks": tuple(tight)}), ({}, {"checks": (loose,)})
    )
    assert findings.extent(first) == "n from 100 to 400, up to 75 % of the bound reached"
    assert findings.extent(second) == ""


def _identity(place: int, worst: float, **changes: Any) -> Any:
    made = {"functional": "gap", "evidence": "sampled identity", "cell": {"n": place}}
    made |= {"region": (-math.inf, 1e-9), "region_label": "<= 1e-09", "replicates": 20}
    return stores.check(**{**made, "interval": (0.0, worst), "estimate": worst / 2} | changes)


def _rows(tmp_path: Path, *checks: Any) -> list[model.Model]:
    (claim,) = _built(tmp_path, ({"evidence": "exact"}, {"checks": checks}))
    return merging.rows(claim["checks"])


def test_identities_are_one_row_with_the_worst_of_them(tmp_path: Path) -> None:
    checks = [_identity(n, worst) for n, worst in ((2, 6e-16), (4, 9e-16), (8, 3e-16))]
    (row,) = _rows(tmp_path, *checks)
    assert (row["said"], row["label"]) == ("at most 9×10⁻¹⁶ in 60 instances", "3 cells: n=2/4/8")
    assert len(row["members"]) == 3
    reports.write(tmp_path / "s", tmp_path / "out", ("html",))
    page = (tmp_path / "out/papers/a.html").read_text()
    assert "at most 9×10⁻¹⁶ in 60 instances" in page
    assert "Cell by cell (3)" in page
    assert ">Interval</th>" not in page.split("<details")[0], "there is none"


def test_values_that_must_be_the_predicted_ones_are_one_row(tmp_path: Path) -> None:
    def near(place: int, value: float, tolerance: float) -> Any:
        ends = {"region": (place - tolerance, place + tolerance), "interval": (place, value)}
        label = f"within {tolerance} of {place}"
        return _identity(place, 0.0, predicted=float(place), region_label=label, **ends)

    close = [near(n, n + off, 1e-6) for n, off in ((1, 0.0), (2, 3e-9), (3, 1e-9))]
    (row,) = _rows(tmp_path / "a", *close)
    assert row["said"] == "within 3×10⁻⁹ of it in 60 instances"
    assert row["region_label"] == merging.NEAR
    (exact,) = _rows(tmp_path / "b", *(near(n, n, 0.0) for n in (1, 2, 3)))
    assert exact["said"] == "equal to it in 60 instances"
    assert len(_rows(tmp_path / "c", *(near(n, n, 0.5) for n in (1, 2, 3)))) == 3


def test_what_differs_or_is_an_interval_keeps_its_row(tmp_path: Path) -> None:
    broken = _identity(8, 1.0, status="outside")
    assert len(_rows(tmp_path / "a", _identity(2, 1e-16), _identity(4, 1e-16), broken)) == 3
    sampled = [stores.check(cell={"n": n}) for n in (1, 2, 3)]
    assert len(_rows(tmp_path / "b", *sampled)) == 3


def test_a_long_table_shows_first_what_decides_against_the_claim(tmp_path: Path) -> None:
    inside = [stores.check(cell={"n": n}) for n in range(40)]
    (claim,) = _built(tmp_path, ({}, {"checks": (*inside, stores.outside(cell={"n": 99}))}))
    shown, behind = merging.shown(claim["checks"], "own")
    assert len(shown) == merging.MOST["own"]
    assert shown[0]["cell"] == {"n": 99}
    assert len(shown) + len(behind) == 41


def test_the_first_page_stays_short(tmp_path: Path) -> None:
    store = stores.many(tmp_path / "s", 300, 0)
    reports.write(store, tmp_path / "out", ("html",))
    page = (tmp_path / "out/index.html").read_text()
    assert len(page.encode()) < 600_000
    body = page.split("<body>")[1]
    assert 200 < len(re.sub(r"<[^>]+>", " ", body).split()) < 1500


def test_the_summary_has_at_most_twelve_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = model.build(stores.many(tmp_path / "s", 120, 0))
    for claim in built["claims"]:
        claim["title"] = f"{claim['name']} {'holds as it is printed ' * 3}"
    made = pdf.summary(built, {})
    assert 1 <= pdf.pages(made) <= pdf.MOST_PAGES
    whole = len(printed_summary.content(built, {}, 12)["fields"][0]["holds"])
    assert whole == 13, "twelve and how many more"
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    assert len(pdf.summary(built, {})) < len(made), "lists are shortened to fit"


def test_short_titles_and_voices() -> None:
    assert html.short_title("QMoE: Practical Compression") == "QMoE"
    assert html.short_title("Light Bridge") == "Light Bridge"
    voices = [("guard", "code"), ("derived", "code"), ("printed", "recalled"), ("printed", "code")]
    found = [html.voice({"origin": origin, "basis": basis}) for origin, basis in voices]
    assert found == ["guard", "derived", "derived", "theirs"]
