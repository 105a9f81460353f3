"""The vocabulary of a claim: paper, scope, evidence, verdict, effort."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

FIELDS = (
    "experts",
    "mixtures",
    "learning",
    "generative",
    "bayes",
    "compression",
    "selection",
)
_KEY = re.compile(r"[a-z][a-z0-9_]*")
CLAIM_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9][a-z0-9_-]*")
"""A paper's key and a name, as they become the name of a file."""


class Scope(StrEnum):
    """How far an experiment reaches towards what the paper states."""

    AS_STATED = "as stated"
    SCALED_DOWN = "scaled down"
    MECHANISM_ONLY = "mechanism only"
    ARITHMETIC = "arithmetic"


class Origin(StrEnum):
    """Who says what a claim says."""

    PRINTED = "printed"  # the paper states it
    IMPLIED = "implied"  # it follows at once from what the paper states
    DERIVED = "derived"  # derived here from the paper's setting
    GUARD = "guard"  # nobody claims it; it marks what must not be read into the paper


class Basis(StrEnum):
    """What of a paper was read for a claim."""

    FULL_TEXT = "full text"
    ABSTRACT = "abstract"
    CODE = "code"
    THIRD_PARTY = "third party"  # a review, a survey, slides, a later paper
    RECALLED = "recalled"


class Evidence(StrEnum):
    """What kind of proof stands behind a verdict, strongest first."""

    SYMBOLIC = "symbolic"
    CERTIFIED = "certified"
    EXACT = "exact"
    SAMPLED_IDENTITY = "sampled identity"  # an exact relation, seen on random instances
    STATISTICAL = "statistical"


def weakest(kinds: list[Evidence]) -> Evidence:
    """Return the weakest of several kinds of evidence; a chain is no stronger than that."""
    order = list(Evidence)
    return max(kinds, key=order.index)


def when_sampled(kind: Evidence) -> Evidence:
    """Return what a kind of evidence is worth on random instances: a proof is of each alone."""
    proofs = (Evidence.SYMBOLIC, Evidence.CERTIFIED, Evidence.EXACT)
    return Evidence.SAMPLED_IDENTITY if kind in proofs else kind


class Verdict(StrEnum):
    """What is said of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    TOOTHLESS = "toothless"
    SUSPECT = "suspect"  # the data contradict what the rule needs of them
    FAILED = "failed"
    NOT_RUN = "not run"


class Effort(StrEnum):
    """How much work a run may do. It changes grids and caps, never what a claim means."""

    SMOKE = "smoke"
    STANDARD = "standard"
    FULL = "full"


@dataclass(frozen=True)
class Paper:
    """One paper, and what of it cannot be checked here.

    Parameters
    ----------
    key : str
        Short name, also the name of its modules: lower case, digits, underscores.
    field : str
        One of `FIELDS`, or any word for papers outside this repository.
    title, venue : str
        As printed.
    authors : tuple of str
        In the printed order.
    year : int
        Of the venue.
    arxiv, code : str or None
        arXiv number; public repository.
    read : str
        Which copy of the paper and of the code was read.
    not_checked : tuple of str
        Headlines that are not checked here, each with the reason.

    Raises
    ------
    ValueError
        If the key is malformed or title or authors are missing.
    """

    key: str
    field: str
    title: str
    authors: tuple[str, ...]
    year: int
    venue: str
    arxiv: str | None = None
    code: str | None = None
    read: str = ""
    not_checked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"key={self.key!r}: use lower case letters, digits and underscores")
        authors: object = self.authors
        if isinstance(authors, str):
            raise ValueError(f"authors of {self.key}: give a tuple of names, not one string")
        if not self.title or not self.authors:
            raise ValueError(f"paper {self.key}: title and authors are needed")

    @property
    def citation(self) -> str:
        """One line: authors, title, venue, arXiv number."""
        names = ", ".join(self.authors)
        arxiv = f", arXiv {self.arxiv}" if self.arxiv else ""
        year = "" if str(self.year) in self.venue else f", {self.year}"
        return f"{names}. {self.title}. {self.venue}{year}{arxiv}."

    @property
    def _venue_without_year(self) -> str:
        return self.venue.replace(str(self.year), "").strip(" ,") or self.venue

    @property
    def bibtex(self) -> str:
        """The entry to copy."""
        lines = [
            f"@inproceedings{{{self.key}{self.year},",
            f"  title = {{{self.title}}},",
            f"  author = {{{' and '.join(self.authors)}}},",
            f"  booktitle = {{{self._venue_without_year}}},",
            f"  year = {{{self.year}}},",
        ]
        if self.arxiv:
            lines += [f"  eprint = {{{self.arxiv}}},", "  archivePrefix = {arXiv},"]
        return "\n".join([*lines, "}"])
