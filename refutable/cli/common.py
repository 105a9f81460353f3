"""Options and small helpers that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refutable.claims.claim import Claim
from refutable.cli.exits import NothingLeft
from refutable.cli.printing import echo
from refutable.errors import UnknownClaim
from refutable.running.machine import mixture
from refutable.running.registry import BUILTIN, Problem, Registry, discover

if TYPE_CHECKING:
    from refutable.storing.store import Store

DEFAULT_STORE = Path("runs") / "current"

StoreOption = Annotated[Path, typer.Option("--store", help="Folder of the results.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
WorkersOption = Annotated[int, typer.Option(help="Worker processes.")]
BackendOption = Annotated[str, typer.Option(help="auto, serial, processes, dask or mpi.")]
SchedulerOption = Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")]
LimitOption = Annotated[float, typer.Option(help="Time limit of one block; 0: no limit.")]
LongOption = Annotated[bool, typer.Option("--long", help="A line for every claim.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CLAIM | PAPER | FIELD | FILE.py",
        help="Claims by id or short name, all claims of a paper or a field, or files of your own.",
        show_default=False,
    ),
]


def split_files(names: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Separate Python files from names of claims."""
    files = [Path(name) for name in names if name.endswith(".py")]
    return files, [name for name in names if not name.endswith(".py")]


def find(names: Sequence[str]) -> tuple[Registry, list[Claim]]:
    """Return the registry and the claims meant; files alone mean their own claims only."""
    files, ids = split_files(names)
    places = {str(path.resolve()) for path in files}  # before one changes the folder
    registry = discover(files, builtin=bool(ids) or not files)
    if not names:
        return registry, list(registry.claims.values())
    chosen = {claim.id: claim for claim in _selected(registry, ids)}
    for claim_id, source in registry.sources.items():
        if source.place in places:
            chosen[claim_id] = registry.claims[claim_id]
    return registry, list(chosen.values())


def _selected(registry: Registry, ids: Sequence[str]) -> list[Claim]:
    try:
        return registry.select(ids)
    except UnknownClaim:
        show_problems(registry.problems)  # the claim may be in what could not be imported
        raise


def find_some(names: Sequence[str]) -> tuple[Registry, list[Claim]]:
    """Return what `find` does, and print the problems met on the way.

    Raises
    ------
    NothingLeft
        If there is no claim.
    """
    registry, claims = find(names)
    show_problems(registry.problems)
    if not claims:
        raise nothing_left(registry.problems)
    return registry, claims


def foreign(registry: Registry, claims: Sequence[Claim]) -> bool:
    """Say whether a claim is not of the suite: such a one is kept apart from this process."""
    return any(not registry.sources[claim.id].within(BUILTIN) for claim in claims)


def nothing_left(problems: Sequence[Problem], **details: Any) -> NothingLeft:
    """Return the error of having no claim to work on."""
    text = "No claims were found. Is the package `refutable.simulations` installed?"
    if problems:
        text = "No claim is left; see the problems."
    return NothingLeft(text, problems=[asdict(problem) for problem in problems], **details)


def show_problems(problems: Sequence[Problem]) -> None:
    """Print what could not be registered, a paragraph each, on standard error."""
    for problem in problems:
        echo(f"error: {problem.text}\n", err=True)


def open_store(path: Path) -> Store:
    """Return an existing store for reading."""
    from refutable.storing.store import Store  # whoever lists claims needs none

    store = Store(path, create=False)
    for stray in store.strays():
        echo(f"note: {stray} has not the name of a claim's file and is passed over", err=True)
    if len(machines := store.machines()) > 1:
        echo(f"note: {mixture(machines)}", err=True)
    return store
