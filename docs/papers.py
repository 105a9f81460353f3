"""Write the list of papers in README.md: a line for each, made of what its claims say.

`python docs/papers.py` rewrites the lines between the two marks; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from refutable.reports import findings

import refutable
from refutable import Claim
from refutable.claims import mathematics
from refutable.claims.describe import record

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- papers: written by docs/papers.py -->\n", "<!-- end of papers -->\n"
WIDTH = 120


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
    """Return the finding of a paper if every verdict is the expected one."""
    return findings.of_paper(as_expected(claims))


def headlines(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims that the finding is made of."""
    known = {claim.id: claim for claim in claims}
    return [known[str(found["id"])] for found in findings.headlines(as_expected(claims))]


def as_expected(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Return the records of claims, in plain text, with the verdicts that are expected."""
    records = [{**record(c, ""), "verdict": c.expected} for c in claims]
    return [{**one, "title": mathematics.plain(one["title"])} for one in records]


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
