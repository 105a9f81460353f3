"""Formulas are written once, in Typst math; here they are only checked."""

from __future__ import annotations

import json
from collections.abc import Iterable

from refutable.claims import mathematics
from refutable.claims.claim import Claim


def broken_formulas(claims: Iterable[Claim]) -> dict[str, str]:
    """Return, by claim id, why a formula does not compile.

    All formulas are compiled in one document; only if that fails, each alone.
    """
    claims = list(claims)
    if not claims or _error([source for claim in claims for source in _all(claim)]) is None:
        return {}
    errors = {claim.id: _error(_all(claim)) for claim in claims}
    return {
        claim_id: f"its mathematics does not compile as Typst math: {error}"
        for claim_id, error in errors.items()
        if error is not None
    }


def _all(claim: Claim) -> list[str]:
    """Return a claim's formula and the mathematics in its sentences."""
    texts = (claim.title, claim.source, claim.statement, claim.does_not_show, claim.why)
    lists = (*claim.assumptions, *claim.notes, *claim.paper.not_checked)
    names = (control.words for control in claim.beside)
    sentences = (*texts, claim.untouched_because, *lists, *names)
    return [claim.formula, *(found for text in sentences for found in mathematics.sources(text))]


_DOCUMENT = b"""
#for formula in json(bytes(sys.inputs.formulas)) {
  math.equation(block: true, eval(formula, mode: "math"))
}
"""


def _error(formulas: list[str]) -> str | None:
    import typst  # loads a compiler; only needed here

    try:
        typst.compile(_DOCUMENT, format="svg", sys_inputs={"formulas": json.dumps(formulas)})
    except typst.TypstError as error:
        return str(error.message)
    return None
