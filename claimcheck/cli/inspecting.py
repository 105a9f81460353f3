"""`list`, `show` and `status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from claimcheck.cli.common import (
    DEFAULT_STORE,
    JsonOption,
    Names,
    StoreOption,
    console,
    echo_json,
    find,
    open_store,
    show_problems,
)
from claimcheck.cli.exits import ending
from claimcheck.cli.views import claim_view
from claimcheck.describe import listed, record
from claimcheck.records import Effort
from claimcheck.status import statuses


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(ending(list_claims))
    app.command("show")(ending(show))
    app.command("status")(ending(status))


def list_claims(names: Names = None, as_json: JsonOption = False) -> int:
    """List the claims."""
    registry, claims = find(names or [])
    show_problems(registry)
    rows = [listed(claim) for claim in claims]
    if as_json:
        echo_json(rows)
    else:
        console().print(_table(rows))
    return 1 if registry.problems else 0


def _table(rows: list[dict[str, str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0] if rows else ("id",):
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row.values()))
    return table


def show(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | FILE.py")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> int:
    """Show a claim: statement, prediction, data, intervals, controls, verdict and why."""
    registry, claims = find([claim])
    show_problems(registry)
    known = open_store(store).results() if _exists(store) else {}
    views = [(record(c, registry.sources[c.id].place), known.get(c.id)) for c in claims]
    if as_json:
        echo_json([{**r, "result": x.to_json() if x else None} for r, x in views])
        return 0
    for described, result in views:
        console().print(claim_view(described, result))
    return 0


def _exists(store: Path) -> bool:
    return (store / "store.json").exists()


def status(
    names: Names = None,
    store: StoreOption = DEFAULT_STORE,
    effort: Annotated[Effort, typer.Option(help="Which effort is asked about.")] = Effort.SMOKE,
    as_json: JsonOption = False,
) -> int:
    """Say which results are fresh, stale (and why) or missing."""
    registry, claims = find(names or [])
    show_problems(registry)
    rows = statuses(open_store(store), claims, effort)
    if as_json:
        echo_json(rows)
        return 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("claim", "state", "why"):
        table.add_column(name, no_wrap=name == "claim", overflow="fold")
    for row in rows:
        table.add_row(Text(row["claim"]), row["state"], Text(row["why"]))
    console().print(table)
    return 0
