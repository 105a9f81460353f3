"""Mathematics inside of sentences in every format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import report_stores as stores
from refutable.reports import formulas, mathtext
from refutable.reports.html import environment
from refutable.reports.text import one_line
from refutable.reports.writing import write

SENTENCE = 'Falls like $n^(-1/2)$ & "more", not $nowhere(x)$; costs $5 to $6.'


@pytest.fixture(scope="module")
def math() -> formulas.MathML:
    return formulas.mathml(["x^2"], mathtext.sources([_claim()]))


def _claim() -> dict[str, object]:
    texts = dict.fromkeys(mathtext.TEXTS, "")
    controls = [{"name": "the rate n^2", "words": "the rate $n^2$"}]
    return {**texts, "statement": SENTENCE, "assumptions": [], "notes": ["$n^2$"]} | {
        "controls": controls,
        "positive": [],
    }


def test_what_compiles_is_kept(math: formulas.MathML) -> None:
    assert sorted(math.inline) == ["n^(-1/2)", "n^2"]
    assert 'display="block"' not in math.inline["n^2"]


def test_a_template_writes_markup_and_everything_else_reads_unicode(
    math: formulas.MathML,
) -> None:
    (claim,) = mathtext.dressed({"claims": [_claim()]}, math)["claims"]
    said = claim["statement"]
    assert str(said) == 'Falls like n⁻¹ᐟ² & "more", not $nowhere(x)$; costs $5 to $6.'
    template = environment().from_string(
        '<p title="{{ s | one_line(200) }}">{{ s }}</p>{{ s ~ "!" }}{{ c.name }}'
    )
    page = template.render(s=said, c=claim["controls"][0])
    assert page.count("<math") == 2
    assert "&amp; &#34;more&#34;" in page
    assert not re.search(r'="[^"]*<math', page)
    assert "n⁻¹ᐟ² &amp; &#34;more&#34;, not $nowhere(x)$; costs $5 to $6.!" in page


def test_hostile_text_around_mathematics_stays_text(math: formulas.MathML) -> None:
    claim = {**_claim(), "statement": "<script>alert(1)</script> $n^2$ </bdi>"}
    (dressed,) = mathtext.dressed({"claims": [claim]}, math)["claims"]
    page = environment().from_string("{{ s }}").render(s=dressed["statement"])
    assert "<script" not in page
    assert page.startswith("&lt;script&gt;")


def test_the_pdf_has_marks_that_are_never_cut_in_two(math: formulas.MathML) -> None:
    (claim,) = mathtext.marked({"claims": [_claim()]}, math)["claims"]
    marked = claim["statement"]
    assert f"{mathtext.OPEN}n^(-1/2){mathtext.CLOSE}" in marked
    assert "$nowhere(x)$" in marked
    for limit in range(3, len(marked)):
        cut = one_line(marked, limit)
        assert cut.count(mathtext.OPEN) == cut.count(mathtext.CLOSE)


def test_every_format_of_a_report_has_it(tmp_path: Path) -> None:
    store = stores.fill(
        tmp_path / "store",
        [(stores.record("a.b", statement="Falls like $n^(-1/2)$."), stores.result("a.b"))],
    )
    write(store, tmp_path / "out", ("html", "pdf", "csv", "json"))
    pages = "".join(page.read_text() for page in (tmp_path / "out" / "papers").glob("*.html"))
    assert re.search(r"Falls like <math>.*?<msup>", pages)
    assert "Falls like n⁻¹ᐟ²." in (tmp_path / "out" / "claims.csv").read_text()
    assert "$n^(-1/2)$" in (tmp_path / "out" / "report.json").read_text()
