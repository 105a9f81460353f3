"""A claim's record as plain values, so that a store can be read without the claim's code."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Any

from refutable.claims.cells import at_effort
from refutable.claims.claim import Claim
from refutable.claims.records import Effort


def listed(claim: Claim) -> dict[str, str]:
    """Return the short record of `refutable list --json`."""
    return {
        "id": claim.id,
        "paper": claim.paper.key,
        "field": claim.paper.field,
        "scope": str(claim.scope),
        "evidence": str(claim.evidence),
        "expected": str(claim.expected),
    }


def counted(number: int, noun: str) -> str:
    """Return `1 claim` or `2 claims`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _word(choice: StrEnum | None) -> str | None:
    return None if choice is None else str(choice)


def record(claim: Claim, place: str) -> dict[str, Any]:
    """Return everything of a claim that people read.

    Parameters
    ----------
    claim : Claim
        Valid.
    place : str
        The module or file that holds it.
    """
    paper = claim.paper
    return {
        **listed(claim),
        "name": claim.name,
        "title": claim.title,
        "origin": _word(claim.origin),
        "basis": _word(claim.basis),
        "paper": {**asdict(paper), "citation": paper.citation, "bibtex": paper.bibtex},
        "place": place,
        "source": claim.source,
        "statement": claim.statement,
        "formula": claim.formula,
        "does_not_show": claim.does_not_show,
        "assumptions": list(claim.assumptions),
        "notes": list(claim.notes),
        "why": claim.why,
        "untouched_because": claim.untouched_because,
        "weak": claim.weak,
        "weight": str(claim.weight),
        "deterministic": claim.deterministic,
        "block": claim.block,
        "caps": {str(effort): at_effort(claim.cap, effort) for effort in Effort},
        "figure": claim.figure.plain if claim.figure else None,
        "controls": [{"name": c.name, "kind": c.kind, "words": c.words} for c in claim.controls],
        "positive": [{"name": c.name, "kind": c.kind, "words": c.words} for c in claim.positive],
    }
