"""`new`: a claim file to start from."""

from __future__ import annotations

import datetime
import re
import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from refutable.cli.exits import ending
from refutable.cli.scaffolds import written
from refutable.errors import MisuseError


class Kind(StrEnum):
    """What theory says; the kinds of `SCAFFOLDS`."""

    BOUND = "bound"
    RATE = "rate"
    THRESHOLD = "threshold"
    ORDERING = "ordering"
    IDENTITY = "identity"
    PRINTED = "printed"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new")(ending(new))


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="File to write.")],
    kind: Annotated[Kind, typer.Option(help="What theory says.")] = Kind.BOUND,
) -> int:
    """Write a claim file that runs at once, to start from."""
    if file.suffix != ".py":
        raise MisuseError(f"{file} is not the name of a Python file; call it {file.stem}.py.")
    if file.exists():
        raise MisuseError(f"{file} is there already; choose another name.")
    text = written(str(kind), _key(file.stem), file.name, datetime.date.today().year)
    with file.open("x", encoding="utf-8") as opened:
        opened.write(text)
    typer.echo(f"written: {file}")
    typer.echo(f"decide it: {shlex.join(['refutable', 'run', str(file)])}")
    return 0


def _key(stem: str) -> str:
    """Return a name of a file as the key of a paper."""
    plain = re.sub(r"[^a-z0-9_]+", "_", stem.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"claim_{plain}".rstrip("_")
