"""One claim by itself, for notebooks: its part of a paper's page, and its figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from refutable.reports import figures, formulas, html, mathtext, model, wording

Model = dict[str, Any]


def claim_svg(store: Path, claim_id: str) -> str | None:
    """Return a claim's figure as SVG, or None where tables say it better."""
    return figures.draw_all([_of(mathtext.in_unicode(model.build(store)), claim_id)], _silent).get(
        claim_id
    )


def claim_html(store: Path, claim_id: str) -> str:
    """Return a claim's part of its paper's page as HTML that needs no other file.

    Parameters
    ----------
    store : Path
    claim_id : str

    Raises
    ------
    KeyError
        If the store does not hold it.
    """
    whole = model.build(store)
    claim = _of(whole, claim_id)
    drawn = figures.draw_all([_of(mathtext.in_unicode(whole), claim_id)], _silent).get(claim_id)
    text = wording.figure_text(claim)
    pictures = {} if drawn is None else {claim_id: figures.inline(drawn, claim_id, text)}
    math = formulas.mathml([claim["formula"] or ""], mathtext.sources([claim]))
    return html.part({**whole, "claims": [claim]}, pictures, math, claim_id)


def _of(whole: Model, claim_id: str) -> Model:
    return next(claim for claim in whole["claims"] if claim["id"] == claim_id)


def _silent(text: str) -> None:
    del text
