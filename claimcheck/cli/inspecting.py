"""`list`, `show`, `plan` and `status`."""

from __future__ import annotations

from dataclasses import asdict
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
from claimcheck.cli.views import claim_view, plan_table
from claimcheck.describe import listed, record
from claimcheck.prospects import prospects
from claimcheck.records import Effort
from claimcheck.status import statuses


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(ending(list_claims))
    app.command("show")(ending(show))
    app.command("plan")(ending(plan))
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


def plan(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | PAPER | FILE.py")],
    effort: Annotated[Effort, typer.Option(help="Whose grid and caps.")] = Effort.SMOKE,
    seed: Annotated[int, typer.Option(help="Suite seed.")] = 0,
    as_json: JsonOption = False,
) -> int:
    """Say how much data and time a verdict will take, and what the cap could detect."""
    registry, claims = find([claim])
    show_problems(registry)
    plans = {found.id: list(prospects(found, effort, seed)) for found in claims}
    if as_json:
        echo_json({name: [asdict(p) for p in found] for name, found in plans.items()})
        return 0
    for name, found in plans.items():
        console().print(plan_table(name, found))
    return 0


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
