"""Sentences with mathematics in them: as MathML, marked for the PDF, and in Unicode.

In HTML a sentence is a string that reads as plain Unicode, and only where a template writes it as
it is, becomes markup: what cuts it, joins it or puts it into an attribute needs to know nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from markupsafe import Markup, escape
from refutable.reports.formulas import MathML

from refutable.claims import mathematics

Model = dict[str, Any]

TEXTS = ("title", "source", "statement", "does_not_show", "why", "untouched_because")
LISTS = ("assumptions", "notes")
CONTROLS = ("controls", "positive")

OPEN, CLOSE = "\ue000", "\ue001"
"""Marks of the PDF, of private use: `templates/report.typ` sets what stands between them."""


class Sentence(str):
    """A sentence in Unicode that knows its markup."""

    markup: Markup

    @classmethod
    def of(cls, text: str, markup: Markup) -> Sentence:
        """Return the sentence of a text with such markup."""
        made = cls(text)
        made.markup = markup
        return made


def finalised(value: Any) -> Any:
    """Return what a template writes for a value: the markup of a sentence."""
    return value.markup if isinstance(value, Sentence) else value


def sources(claims: Iterable[Model], papers: Iterable[Model] = ()) -> Iterator[str]:
    """Yield the mathematics in the sentences of claims and of papers of the model."""
    for claim in claims:
        for text in _texts(claim):
            yield from mathematics.sources(text)
    for paper in papers:
        for text in paper["not_checked"]:
            yield from mathematics.sources(text)


def _texts(claim: Model) -> Iterator[str]:
    yield from (claim[name] for name in TEXTS if claim[name])
    yield from (text for name in LISTS for text in claim[name])
    yield from (control["words"] for kind in CONTROLS for control in claim[kind])


def dressed(model: Model, math: MathML) -> Model:
    """Return the model with sentences that templates write with MathML."""
    return _mapped(model, lambda text: _sentence(text, math))


def _sentence(text: str, math: MathML) -> str:
    parts = [
        Markup(math.inline[piece]) if is_math and piece in math.inline else escape(piece)
        for is_math, piece in _known(text, math)
    ]
    return Sentence.of(_unicode(text, math), Markup("").join(parts))


def _known(text: str, math: MathML) -> Iterator[tuple[bool, str]]:
    """Yield the pieces of a sentence; what does not compile is text, dollar signs included."""
    for is_math, piece in mathematics.pieces(text):
        known = is_math and piece in math.inline
        yield known, piece if known or not is_math else f"${piece}$"


def _unicode(text: str, math: MathML) -> str:
    return "".join(
        mathematics.unicode(piece) if is_math else piece for is_math, piece in _known(text, math)
    )


def marked(model: Model, math: MathML) -> Model:
    """Return the model with the marks of the PDF around what compiles."""

    def mark(text: str) -> str:
        pieces = _known(text, math)
        return "".join(f"{OPEN}{piece}{CLOSE}" if is_math else piece for is_math, piece in pieces)

    return _mapped(model, mark)


def in_unicode(model: Model) -> Model:
    """Return the model with its sentences in Unicode, for files of plain text."""
    return _mapped(model, mathematics.plain)


def _mapped(model: Model, change: Callable[[str], str]) -> Model:
    papers = [
        {**paper, "not_checked": [change(text) for text in paper["not_checked"]]}
        for paper in model.get("papers", ())
    ]
    claims = [_claim(claim, change) for claim in model["claims"]]
    return {**model, "papers": papers, "claims": claims}


def _claim(claim: Model, change: Callable[[str], str]) -> Model:
    if not any("$" in text for text in _texts(claim)):
        return claim
    texts = {name: change(claim[name]) for name in TEXTS if claim[name]}
    lists = {name: [change(text) for text in claim[name]] for name in LISTS}
    beside = {
        kind: [{**control, "name": change(control["words"])} for control in claim[kind]]
        for kind in CONTROLS
    }
    return {**claim, **texts, **lists, **beside}
