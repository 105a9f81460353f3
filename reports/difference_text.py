"""Two runs side by side for a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from refutable.reports import numbers
from refutable.reports.difference import Difference, Row
from refutable.reports.text import count, grouped, one_line

HEAD = (
    "claim",
    "what happened",
    "A",
    "B",
    "replicates A",
    "replicates B",
    "time A",
    "time B",
)
NONE = "\u2013"
SIDES = ("", "replicates ", "time ")
WIDTH = 79

FEW = 3
"""So many claims of a paper that only one run has are named; more are counted."""


def difference_text(found: Difference, most: int = 8, long: bool = False) -> str:
    """Return plain text, with at most so many intervals per claim, within 80 columns.

    Claims that are the same in both runs are only counted, and so are those that one run alone has
    where a paper has many of them. With `long` they are named, in one wide table.
    """
    lines = [f"A  {found.names[0]} ({found.settings[0]})"]
    lines += [
        f"B  {found.names[1]} ({found.settings[1]})",
        "",
        textwrap.fill(found.headline, WIDTH),
    ]
    rows = [row for row in found.rows if row.kind != "same"]
    many = {} if long else _many(rows)
    rows = [row for row in rows if _group(row) not in many]
    if rows:
        lines += ["", *(_table(rows, most) if long else _stacked(rows, most))]
    if many:
        told = (f"{kind}: {paper}, {count(n, 'claim')}" for (kind, paper), n in many.items())
        lines += ["", *told, "`--long` names them"]
    return "\n".join(lines) + "\n"


def _group(row: Row) -> tuple[str, str]:
    return row.kind, row.claim.partition(".")[0]


def _many(rows: list[Row]) -> dict[tuple[str, str], int]:
    """Return how many claims each paper has in one run alone, where they are more than a few."""
    groups = Counter(_group(row) for row in rows if row.kind.startswith("only in"))
    return {group: n for group, n in groups.items() if n > FEW}


def _stacked(rows: list[Row], most: int) -> Iterator[str]:
    """Yield each claim on a line of its own, and what happened to it below."""
    for row in rows:
        yield one_line(row.claim, WIDTH)
        _, kind, *sides = _cells(row)
        pairs = zip(SIDES, sides[::2], sides[1::2], strict=True)
        yield from _wrapped(f"{kind}: " + "; ".join(f"{s}{a} -> {b}" for s, a, b in pairs))
        for line in _below(row, most):
            yield from _wrapped(line.strip())


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: list[Row], most: int) -> Iterator[str]:
    cells = [HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    yield _line(HEAD, widths)
    for row, texts in zip(rows, cells[1:], strict=True):
        yield _line(texts, widths)
        yield from _below(row, most)


def _line(texts: tuple[str, ...], widths: list[int]) -> str:
    padded = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    return (
        one_line(row.claim, 60),
        row.kind,
        row.before or NONE,
        row.after or NONE,
        *(NONE if number is None else grouped(number) for number in row.replicates),
        *map(numbers.seconds, row.seconds),
    )


def _below(row: Row, most: int) -> Iterator[str]:
    if row.new_code:
        yield "    code: not the same (`refutable status` says what)"
    ordered = sorted(row.moved, key=lambda moved: not moved.apart)
    for moved in ordered[:most]:
        mark = "apart" if moved.apart else "overlap"
        before, after = map(one_line, moved.said)
        yield f"    {one_line(moved.label, 80)}: {before} -> {after} ({mark})"
    if len(ordered) > most:
        yield f"    and {count(len(ordered) - most, 'further interval')}"
