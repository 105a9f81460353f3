"""Write the list of papers in README.md: a line for each, made of what its claims say.

`python docs/papers.py` rewrites the lines between the two marks; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import refutable
from refutable import Basis, Claim, Origin, Verdict

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- papers: written by docs/papers.py -->\n", "<!-- end of papers -->\n"
THEIRS = (Origin.PRINTED, Origin.IMPLIED)
"""Who says a claim that may count for or against a paper."""
WIDTH = 120
REFUTED = {
    Basis.FULL_TEXT: "refuted",
    Basis.ABSTRACT: "refuted as the abstract reads",
    Basis.CODE: "refuted of the released code",
    Basis.THIRD_PARTY: "refuted as read at third hand",
    Basis.RECALLED: "refuted as recalled",
}
"""A refutation is of what was read."""


def listed(claims: Iterable[Claim]) -> str:
    """Return the list, by field and paper."""
    ordered = sorted(claims, key=lambda c: (c.paper.field, c.paper.title.lower()))
    lines = []
    for field, of_field in groupby(ordered, key=lambda c: c.paper.field):
        lines.append(f"\n**{field.capitalize()}**\n\n")
        for _, of_paper in groupby(of_field, key=lambda c: c.paper.key):
            lines.append(_wrapped(line(tuple(of_paper))))
    return "".join(lines) + "\n"


def line(claims: Sequence[Claim]) -> str:
    """Return a paper's line: who, how many claims, and what was found."""
    paper = claims[0].paper
    names = [author.split()[-1] for author in paper.authors]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    count = f"{len(claims)} claim{'s' * (len(claims) != 1)}"
    return f"- *{paper.title}* ({who} {paper.year}, `{paper.key}`, {count}): {finding(claims)}"


def finding(claims: Sequence[Claim]) -> str:
    """Return what of the paper's own statements is refuted, or else what is supported first."""
    told = [_lower(c.title) + _refuted(c) for c in headlines(claims)]
    return "; ".join(told) + "."


def headlines(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims that the finding is made of."""
    wrong = [c for c in claims if c.expected is Verdict.REFUTED and c.origin in THEIRS]
    right = [c for c in claims if c.expected is Verdict.SUPPORTED]
    return wrong or [min(right, key=lambda c: list(Origin).index(c.origin))]


def _refuted(claim: Claim) -> str:
    return f" ({REFUTED[claim.basis]})" if claim.expected is Verdict.REFUTED else ""


def _lower(title: str) -> str:
    first, _, rest = title.partition(" ")
    return title if any(letter.isupper() for letter in first[1:]) else f"{first.lower()} {rest}"


def _wrapped(text: str) -> str:
    rows, row = [], ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > WIDTH:
            rows.append(row)
            row = f"  {word}"
        else:
            row = f"{row} {word}" if row else word
    return "\n".join([*rows, row]) + "\n"


def written(readme: str, claims: Iterable[Claim]) -> str:
    """Return the text of the README with the list in its place."""
    head, _, rest = readme.partition(BEGIN)
    return f"{head}{BEGIN}{listed(claims)}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8"), refutable.find()), "utf-8")
