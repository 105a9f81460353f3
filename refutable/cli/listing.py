"""`list`, which loads what it takes to register claims and nothing that decides them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from refutable.claims.describe import listed
from refutable.cli.common import JsonOption, Names, find_some
from refutable.cli.exits import ending
from refutable.cli.printing import echo, echo_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(ending(list_claims))


def list_claims(names: Names = None, as_json: JsonOption = False) -> int:
    """List the claims."""
    registry, claims = find_some(names or [])
    rows = [listed(claim) for claim in claims]
    if as_json:
        echo_json(rows)
    else:
        echo("\n".join(_lines(rows)))
    return 1 if registry.problems else 0


def _lines(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield a line for each claim, below a head: what is searched for stays on one line."""
    names = list(rows[0])
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    for cells in (names, ["─" * width for width in widths], *(row.values() for row in rows)):
        padded = (text.ljust(width) for text, width in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()
