"""Typst math to MathML: one document for all formulas, and text where one does not compile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from refutable.reports.typesetting import DoesNotCompile, Format, compiled

_DOCUMENT = b"""#let formulas = json("formulas.json")
#for (place, source) in formulas.enumerate() {
  html.elem("section", attrs: (id: "f" + str(place)),
    math.equation(block: true, eval(source, mode: "math")))
}"""
_INLINE = b"""#set math.frac(style: "horizontal")
#for (place, source) in json("formulas.json").enumerate() {
  html.elem("section", attrs: (id: "f" + str(place)),
    math.equation(block: false, eval(source, mode: "math")))
}"""
_PAGED = b"""#for source in json("formulas.json") {
  math.equation(block: true, eval(source, mode: "math"))
}"""
_PART = re.compile(r'<section id="f(\d+)">(.*?)</section>', re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

_TAGS = frozenset(
    re.findall(
        r"\w+",
        "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover "
        "munderover mmultiscripts mprescripts mtable mtr mtd mpadded mphantom mstyle merror "
        "menclose none",
    )
)
_ATTRIBUTES = frozenset(
    re.findall(
        r"\w+",
        "display mathvariant class width height depth lspace rspace stretchy symmetric fence "
        "separator accent accentunder form minsize maxsize largeop movablelimits linethickness "
        "columnalign displaystyle scriptlevel voffset columnspan rowspan columnlines rowlines",
    )
)


@dataclass(frozen=True)
class MathML:
    """Formulas as MathML.

    Parameters
    ----------
    by_source : dict of str to str
        Typst math to one `<math>` element; sources that do not compile, or that would bring in
        anything but mathematics, are left out.
    style : str
        The style sheet that Typst wants beside it.
    inline : dict of str to str
        As `by_source`, of the mathematics inside of sentences.
    """

    by_source: dict[str, str]
    style: str
    inline: dict[str, str] = field(default_factory=dict)


def mathml(sources: Iterable[str], inline: Iterable[str] = ()) -> MathML:
    """Return MathML for Typst math.

    Parameters
    ----------
    sources : iterable of str
        Without dollar signs. Empty ones are left out.
    inline : iterable of str
        What stands inside of sentences; what cannot be set in the PDF is left out as well.
    """
    plain, style = _translated(sources, _DOCUMENT)
    inside, other = _translated(inline, _INLINE)
    kept = set(_good(sorted(inside), _PAGED, "pdf"))
    inside = {source: part for source, part in inside.items() if source in kept}
    return MathML(plain, style or other, inside)


def _translated(sources: Iterable[str], template: bytes) -> tuple[dict[str, str], str]:
    """Return the elements by source, and the style sheet that goes with them."""
    distinct = sorted({source for source in sources if source.strip()})
    good = _good(distinct, template, "html")
    document = (_compile(good, template, "html") or b"").decode() if good else ""
    parts = {good[int(place)]: part for place, part in _PART.findall(document)}
    plain = {source: part for source, part in parts.items() if is_mathml(part)}
    return plain, "".join(_STYLE.findall(document))


def _good(sources: list[str], document: bytes, format: Format) -> list[str]:
    """Return those that compile: try all in one document, and halve where that fails."""
    if not sources or _compile(sources, document, format) is not None:
        return sources
    if len(sources) == 1:
        return []
    half = len(sources) // 2
    return _good(sources[:half], document, format) + _good(sources[half:], document, format)


def _compile(sources: Sequence[str], document: bytes, format: Format) -> bytes | None:
    files = {"main.typ": document, "formulas.json": json.dumps(list(sources)).encode()}
    try:
        return compiled(files, format)
    except DoesNotCompile:
        return None


def printable(math: MathML) -> frozenset[str]:
    """Return the formulas that can be set in the PDF: those that are plain mathematics."""
    sources = sorted(math.by_source)
    return frozenset(_good(sources, _PAGED, "pdf"))


class _Judge(HTMLParser):
    """Finds anything that is not plain mathematics."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.clean = True
        self.depth = 0
        self.roots = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count roots and check names."""
        self.roots += self.depth == 0
        self.depth += 1
        known = tag in _TAGS and all(name in _ATTRIBUTES for name, _ in attrs)
        self.clean &= known and (self.depth > 1 or tag == "math")

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        del tag
        self.depth -= 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check an empty element."""
        self.handle_starttag(tag, attrs)
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        """Refuse text outside of the formula."""
        self.clean &= self.depth > 0 or not data.strip()

    def handle_comment(self, data: str) -> None:
        """Refuse comments."""
        del data
        self.clean = False

    def handle_decl(self, decl: str) -> None:
        """Refuse declarations."""
        del decl
        self.clean = False

    def handle_pi(self, data: str) -> None:
        """Refuse processing instructions."""
        del data
        self.clean = False

    def unknown_decl(self, data: str) -> None:
        """Refuse what else begins like a declaration."""
        del data
        self.clean = False


def is_mathml(fragment: str) -> bool:
    """Say whether a fragment is one `<math>` element with nothing but mathematics in it."""
    judge = _Judge()
    judge.feed(fragment)
    judge.close()
    return judge.clean and judge.roots == 1 and judge.depth == 0
