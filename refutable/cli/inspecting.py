"""`show`, `explain`, `plan` and `status`."""

from __future__ import annotations

import shlex
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from refutable.claims.claim import Claim
from refutable.claims.describe import record
from refutable.claims.records import Effort
from refutable.cli.columns import by_paper, in_full
from refutable.cli.common import (
    DEFAULT_STORE,
    JsonOption,
    LongOption,
    Names,
    StoreOption,
    find_some,
    open_store,
)
from refutable.cli.exits import ending
from refutable.cli.printing import console, echo, echo_json
from refutable.deciding.prospects import Prospect, prospects
from refutable.errors import NeedsData, RefutableError
from refutable.interface.explaining import explained
from refutable.interface.views import claim_view, not_yet, plan_table, repeats
from refutable.running.interrupt import by_the_user
from refutable.running.registry import Source
from refutable.running.tasks import said
from refutable.storing.onsets import latest_maps, latest_onsets
from refutable.storing.status import statuses
from refutable.storing.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("show")(ending(show))
    app.command("explain")(ending(explain))
    app.command("plan")(ending(plan))
    app.command("status")(ending(status))


def show(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | FILE.py")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> int:
    """Show a claim: statement, prediction, data, intervals, controls, verdict and why."""
    registry, claims = find_some([claim])
    opened = open_store(store) if (store / "store.json").exists() else None
    known = opened.results() if opened else {}
    shown = []
    for found in claims:
        source, result = registry.sources[found.id], known.get(found.id)
        described, blocks = record(found, source.place), _blocks(opened, found)
        asked = _asked(opened, found)
        row = {**described, "result": result and result.to_json(), "blocks_stored": blocks}
        shown.append({**row, "onsets": asked})
        if not as_json:
            console().print(claim_view(described, result))
            lacking = [not_yet(blocks, _run_command(found, source, store))]
            echo("\n".join([*asked, *(repeats(result) if result else lacking)]))
    if as_json:
        echo_json(shown)
    return 0


def explain(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | PAPER | FILE.py")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> int:
    """Say in words what would change the verdict of a claim."""
    _, claims = find_some([claim])
    known = open_store(store).results() if (store / "store.json").exists() else {}
    said = {found.id: explained(found, known.get(found.id)) for found in claims}
    if as_json:
        echo_json(said)
        return 0
    echo("\n\n".join("\n".join(map(_wrapped, lines)) for lines in said.values()))
    return 0


def _wrapped(line: str) -> str:
    return textwrap.fill(line, 79, subsequent_indent="  ", break_on_hyphens=False)


def _blocks(store: Store | None, claim: Claim) -> int:
    return sum(1 for _ in store.scan_blocks(claim.id)) if store else 0


def _asked(store: Store | None, claim: Claim) -> list[str]:
    """Return what is stored of where a claim starts to hold, in sentences."""
    if store is None:
        return []
    onsets = [f"Onset: {one.sentence}" for one in latest_onsets(store, claim.id)]
    return onsets + [f"Map: {one.sentence}" for one in latest_maps(store, claim.id)]


def _run_command(claim: Claim, source: Source, store: Path) -> str:
    name = source.place if source.kind == "file" else claim.id
    where = [] if store == DEFAULT_STORE else ["--store", str(store)]
    return shlex.join(["refutable", "run", name, *where])


def plan(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | PAPER | FILE.py")],
    effort: Annotated[Effort, typer.Option(help="Whose grid and caps.")] = Effort.SMOKE,
    seed: Annotated[int, typer.Option(help="Suite seed.")] = 0,
    as_json: JsonOption = False,
) -> int:
    """Say how much data and time a verdict will take, and what the cap could detect."""
    registry, claims = find_some([claim])
    plans = {c.id: _planned(c, registry.sources[c.id], effort, seed) for c in claims}
    if as_json:
        echo_json({name: [asdict(p) for p in found] for name, found in plans.items()})
        return 0
    for name, found in plans.items():
        console().print(plan_table(name, found))
    return 0


def _planned(claim: Claim, source: Source, effort: Effort, seed: int) -> list[Prospect]:
    """Return what to expect of a claim, whose author's code draws the pilot."""
    try:
        return list(prospects(claim, effort, seed))
    except NeedsData as missing:
        raise RefutableError(f"Claim {claim.id!r} needs data: {missing}") from missing
    except BaseException as error:
        if by_the_user(error):
            raise
        why = said(error, source)
        raise RefutableError(f"Claim {claim.id!r} cannot be planned: {why}") from error


def status(
    names: Names = None,
    store: StoreOption = DEFAULT_STORE,
    effort: Annotated[Effort, typer.Option(help="Which effort is asked about.")] = Effort.SMOKE,
    long: LongOption = False,
    as_json: JsonOption = False,
) -> int:
    """Say which results are fresh, stale (and why) or missing."""
    _, claims = find_some(names or [])
    rows = statuses(open_store(store), claims, effort)
    if as_json:
        echo_json(rows)
        return 0
    echo("\n".join(in_full(rows) if long else by_paper(rows)))
    return 0
