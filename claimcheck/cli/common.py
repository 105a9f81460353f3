"""Options and small helpers that several commands share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from claimcheck.claim import Claim
from claimcheck.registry import Registry, discover
from claimcheck.store import Store

DEFAULT_STORE = Path("runs") / "current"

StoreOption = Annotated[Path, typer.Option("--store", help="Folder of the results.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CLAIM | PAPER | FIELD | FILE.py]...",
        help="Claims by id or short name, all claims of a paper or a field, or files of your own.",
        show_default=False,
    ),
]


def echo_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2))


PIPE_WIDTH = 160
"""Columns when nobody's terminal says how many there are."""


def console() -> Console:
    """Return the console on standard output."""
    screen = Console(highlight=False)
    return screen if screen.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def split_files(names: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Separate Python files from names of claims."""
    files = [Path(name) for name in names if name.endswith(".py")]
    return files, [name for name in names if not name.endswith(".py")]


def find(names: Sequence[str]) -> tuple[Registry, list[Claim]]:
    """Return the registry and the claims meant; files alone mean their own claims only."""
    files, ids = split_files(names)
    registry = discover(files, builtin=bool(ids) or not files)
    if not names:
        return registry, list(registry.claims.values())
    chosen = {claim.id: claim for claim in registry.select(ids)}
    places = {str(path.resolve()) for path in files}
    for claim_id, source in registry.sources.items():
        if source.place in places:
            chosen[claim_id] = registry.claims[claim_id]
    return registry, list(chosen.values())


def show_problems(registry: Registry) -> None:
    """Print what could not be registered, a paragraph each, on standard error."""
    for problem in registry.problems:
        typer.echo(f"error: {problem.text}\n", err=True)


def open_store(path: Path) -> Store:
    """Return an existing store for reading."""
    return Store(path, create=False)
