"""Tables of plain text: whole words, a line for each row, below 80 columns where grouped."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from refutable.claims.describe import counted

WIDTH = 80
NAMED = 4
"""So many claims of a paper are named where they need something; the rest is counted."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each row, below a head: what is searched for stays on one line."""
    cells = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in (cells[0], tuple("─" * width for width in widths), *cells[1:]):
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def in_full(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the table of records that have the same keys."""
    yield from table(tuple(rows[0]), [tuple(row.values()) for row in rows])


def by_paper(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield for each paper how many claims are in which state, and below it which need a run.

    Parameters
    ----------
    rows : sequence of mapping
        With `claim`, `state` and `why`.
    """
    papers = dict.fromkeys(_paper(row) for row in rows)
    for paper in papers:
        own = [row for row in rows if _paper(row) == paper]
        yield f"{paper}: {_counts(own)}"
        yield from _needing(own)
    whole = f"{counted(len(rows), 'claim')} of {counted(len(papers), 'paper')}"
    yield f"{whole}: {_counts(rows)}; `--long` lists them"


def _paper(row: Mapping[str, str]) -> str:
    return row["claim"].partition(".")[0]


def _counts(rows: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{n} {state}" for state, n in Counter(r["state"] for r in rows).items())


def _needing(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the claims of each reason, where some of a paper are not fresh; missing ones if few."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        whole = row["state"] == "missing" and len(rows) == sum(
            other["state"] == "missing" for other in rows
        )
        if row["state"] != "fresh" and not whole:
            reasons.setdefault(row["why"], []).append(row["claim"].partition(".")[2])
    for why, names in reasons.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield from textwrap.wrap(
            f"{', '.join(names[:NAMED])}{more}: {why}",
            WIDTH - 1,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
