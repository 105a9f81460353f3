"""What a verdict says of whom: the same word is a finding about a paper, or about nobody.

Refuted of what a paper states is a finding against the paper; refuted of a guard, of something
derived here or of a statement that was only recalled is not, and must neither read nor look so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refutable.reports import labels

from refutable.claims.records import Basis, Origin, Verdict

Model = dict[str, Any]

THEIRS = (Origin.PRINTED, Origin.IMPLIED)
"""Who says a claim that may count for or against a paper."""
REFUTED_AS = {
    Basis.FULL_TEXT: "refuted",
    Basis.ABSTRACT: "refuted as the abstract reads",
    Basis.CODE: "refuted of the released code",
    Basis.THIRD_PARTY: "refuted as read at third hand",
    Basis.RECALLED: "refuted as recalled",
}
"""A refutation is of what was read."""
TONES = {
    Verdict.SUPPORTED: "good",
    Verdict.REFUTED: "bad",
    Verdict.FAILED: "bad",
    Verdict.SUSPECT: "bad",
    Verdict.UNDECIDED: "open",
    Verdict.TOOTHLESS: "open",
    Verdict.NOT_RUN: "plain",
}


@dataclass(frozen=True)
class Standing:
    """How a verdict is shown.

    Parameters
    ----------
    words : str
        The verdict in words, with its grade, and with whose statement it is where that matters.
    tone : str
        `good`, `bad`, `open` or `plain`; `bad` of a refutation only where a paper is refuted.
    symbol : str
        So that it can be read without colour.
    """

    words: str
    tone: str
    symbol: str


def is_theirs(claim: Model) -> bool:
    """Say whether a paper says it, and what says so was read."""
    return claim["origin"] in THEIRS and claim["basis"] != Basis.RECALLED


def refutes_the_paper(claim: Model) -> bool:
    """Say whether a claim's verdict is one against its paper; of unknown origin, it is."""
    known = claim["origin"] in tuple(Origin)
    return claim["verdict"] == Verdict.REFUTED and (is_theirs(claim) or not known)


def standing(claim: Model) -> Standing:
    """Return how the verdict of a claim of the model is shown."""
    verdict = claim["verdict"]
    symbol = labels.VERDICTS.get(verdict, ("?", ""))[0]
    if verdict == Verdict.REFUTED and not refutes_the_paper(claim):
        words = claim["graded"].replace("refuted", _not_theirs(claim), 1)
        return Standing(words, "plain" if claim["as_expected"] else "open", symbol)
    tone = TONES.get(verdict, "plain")
    quiet = verdict == Verdict.SUPPORTED and claim["origin"] == Origin.GUARD
    return Standing(claim["graded"], "plain" if quiet else tone, symbol)


def _not_theirs(claim: Model) -> str:
    if claim["origin"] == Origin.GUARD:
        return "guard refuted"
    return "derivation refuted" if claim["origin"] == Origin.DERIVED else "refuted as recalled"


def refuted_as(claim: Model) -> str:
    """Return of what a refuted statement of a paper is refuted."""
    return REFUTED_AS.get(claim["basis"], "refuted")


def read_as(claim: Model) -> str:
    """Return what of a paper a refutation is of; empty where the paper itself was read."""
    return refuted_as(claim).removeprefix("refuted").strip()
