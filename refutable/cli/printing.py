"""How commands print."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

import typer

from refutable.errors import printable

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160
"""Columns when nobody's terminal says how many there are."""


def console() -> Console:
    """Return the console on standard output."""
    from rich.console import Console  # half of what help would cost

    screen = Console(highlight=False)
    return screen if screen.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


@contextmanager
def apart(wanted: bool) -> Iterator[None]:
    """Send to standard error what anybody prints in the body, but for `echo_json`.

    A claim may print whatever it likes, and so may its library in C and its child processes. In a
    process of its own this holds to its end: what C keeps back is written when the process ends.
    """
    if not wanted:
        yield
        return
    out, err = sys.stdout, sys.stderr
    with _aside(out) as kept, redirect_stdout(err):
        _ours.append(kept)
        try:
            yield
        finally:
            _ours.pop()


_ours: list[TextIO] = []


@contextmanager
def _aside(out: TextIO) -> Iterator[TextIO]:
    """Yield a file for what is ours; the process's own output goes to standard error."""
    try:
        place, aside = out.fileno(), sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        yield out  # nobody's terminal: a notebook, a test
        return
    out.flush()
    with os.fdopen(os.dup(place), "w", encoding=out.encoding, errors=out.errors) as kept:
        os.dup2(aside, place)
        yield kept


def echo(text: str, err: bool = False) -> None:
    """Print text that does nothing to a terminal."""
    typer.echo(printable(text), err=err)


def echo_json(value: Any) -> None:
    """Print a value as JSON; what is not known, or infinite, is null."""
    typer.echo(
        json.dumps(_plain(value), indent=2, allow_nan=False), file=_ours[-1] if _ours else None
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
