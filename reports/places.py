"""Where in its paper a claim stands, as far as its source says, so that reports list it there."""

from __future__ import annotations

import re

from refutable.reports.text import natural

Place = tuple[int, list[tuple[int, str]]]

_OURS = re.compile(
    r"derived|illustration|nowhere|bound of|a condition that is not|a strict reading"
)
"""How a source begins that names no place of the paper: what we add comes last."""

_PARTS = (
    r"title|abstract|introduction|motive|related work",
    r"section|definition|theorem|lemma|proposition|corollary|claim \d|equation|algorithm",
    r"table|figure|text|poster|slides|study|results",
    r"appendix|appendices|later version|follow-ups",
    r"code|readme|repository|notebook|\w+\.py\b|github|released",
)
"""Words that name the parts of a paper, in the order in which it and its code are read."""

_NAMED = tuple(re.compile(rf"\b(?:{words})") for words in _PARTS)
_BODY = 1
"""Where a source stands that names no part: among the sections."""


def place(source: str) -> Place:
    """Return a key that sorts the claims of one paper as they stand in it.

    Parameters
    ----------
    source : str
        What the claim gives as its source; the part that it names first decides.

    Returns
    -------
    tuple of int and list
        The part (beginning, sections and theorems, tables and figures, appendix, code, what is
        ours), then the text with its numbers as numbers.
    """
    return _part(source.lower()), natural(source)


def _part(source: str) -> int:
    if _OURS.match(source):
        return len(_PARTS)
    found = [
        (hit.start(), rank) for rank, words in enumerate(_NAMED) if (hit := words.search(source))
    ]
    return min(found)[1] if found else _BODY
