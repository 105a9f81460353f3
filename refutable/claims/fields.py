"""Numbers in prose that are taken from stored results, so that they cannot disagree with them.

`why`, `does_not_show` and `notes` may quote checks of their own claim:

    "R^2 ranged from {lowest of r_squared} to {highest of r_squared}"
    "{estimate of P(recovered) at ratio=1.4} of {replicates of P(recovered) at ratio=1.4} runs"

What follows `of` is a functional, as `refutable show` names it; `at` narrows the cells, and
` to 3 digits` at the end rounds. Such a text is checked with its claim and filled in when read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from refutable.claims.claim import Claim
from refutable.claims.records import Effort

SINGLE = ("estimate", "interval", "predicted", "replicates")
"""Quantities of one check."""
OVER_CELLS = ("lowest", "highest")
"""Quantities of all checks that fit: of computed values the extremes, else of the estimates."""
TEXTS = ("why", "does_not_show")
"""Fields of a claim that may quote; each of its notes may, too."""
DIGITS = 4
_FIELD = re.compile(r"\{(\w+) of ([^{}]+?)(?: at ([^{}]+?))?(?: to (\d+) digits)?\}")
_PAIR = re.compile(r"\s*(\w+)=([^,]+?)\s*(?:,|$)")


@dataclass(frozen=True)
class Field:
    """What a text quotes.

    Parameters
    ----------
    quantity : str
        One of `SINGLE` or `OVER_CELLS`.
    functional : str
        Its label.
    at : mapping of str to str
        Parameters of the cells, as they are written.
    digits : int
        Significant ones.
    text : str
        As it stands in the prose.
    """

    quantity: str
    functional: str
    at: Mapping[str, str]
    digits: int
    text: str

    def fits(self, functional: str, cell: Mapping[str, Any]) -> bool:
        """Say whether a functional in a cell is meant."""
        named = all(name in cell and str(cell[name]) == value for name, value in self.at.items())
        return named and functional == self.functional


def fields(text: str) -> list[Field]:
    """Return what a text quotes, in its order."""
    return [_field(found) for found in _FIELD.finditer(text)]


def _field(found: re.Match[str]) -> Field:
    at = dict(_PAIR.findall(found[3] or ""))
    return Field(found[1], found[2], at, int(found[4] or DIGITS), found[0])


def filled(text: str, value: Callable[[Field], str]) -> str:
    """Return a text with every field replaced by its value in words."""
    return _FIELD.sub(lambda found: value(_field(found)), text)


def problems(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield (problem, mend) for every field that quotes no check, or more than it may."""
    for text in (*(getattr(claim, name) for name in TEXTS), *claim.notes):
        for field in fields(text):
            yield from _problem(claim, field)


def _problem(claim: Claim, field: Field) -> Iterator[tuple[str, str]]:
    if field.quantity not in (*SINGLE, *OVER_CELLS):
        known = ", ".join((*SINGLE, *OVER_CELLS))
        yield f"its prose quotes {field.text}, which is no quantity.", f"Use one of: {known}."
        return
    for effort in Effort:
        quoted = list(_quotable(claim, effort))
        fitting = sum(field.fits(*one) for one in quoted)
        if fitting == 0 or (fitting > 1 and field.quantity in SINGLE):
            labels = ", ".join(dict.fromkeys(label for label, _ in quoted))
            yield (
                f"its prose quotes {field.text}, which fits {fitting} checks at effort {effort}.",
                f"Name one functional, and narrow it by `at name=value`; there are: {labels}.",
            )
            return


def _quotable(claim: Claim, effort: Effort) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield functional and cell of every check of a claim's own."""
    cells = claim.worlds(effort)[0].cells
    for part in (part for expectation in claim.expect for part in expectation.parts):
        for cell in filter(part.speaks_of, cells):
            yield part.functional.label, cell
