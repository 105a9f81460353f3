"""`list`, which loads what it takes to register claims and nothing that decides them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import typer

from refutable.claims.describe import listed
from refutable.cli.columns import in_full, table
from refutable.cli.common import JsonOption, LongOption, Names, find_some
from refutable.cli.exits import ending
from refutable.cli.printing import echo, echo_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(ending(list_claims))


def list_claims(names: Names = None, long: LongOption = False, as_json: JsonOption = False) -> int:
    """List the claims."""
    registry, claims = find_some(names or [])
    rows = [listed(claim) for claim in claims]
    if as_json:
        echo_json(rows)
    elif long or names:
        echo("\n".join(in_full(rows)))
    else:
        echo("\n".join(_papers(rows)))
    return 1 if registry.problems else 0


def _papers(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield a line for each paper."""
    papers = Counter((row["field"], row["paper"]) for row in rows)
    refuted = Counter(row["paper"] for row in rows if row["expected"] == "refuted")
    yield from table(
        ("field", "paper", "claims", "expected to be refuted"),
        [(*key, str(n), str(refuted[key[1]] or "-")) for key, n in sorted(papers.items())],
    )
    yield f"{len(rows)} claims of {len(papers)} papers; `--long`, or a paper, lists the claims"
