"""Files that a loss of power leaves whole: handed to the disk itself before the run goes on.

Off unless asked for: a block then waits for the disk, some milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

_ON: ContextVar[bool] = ContextVar("durable", default=False)


@contextmanager
def durable(on: bool = True) -> Iterator[None]:
    """Hand to the disk whatever the body appends or puts in place."""
    token = _ON.set(on)
    try:
        yield
    finally:
        _ON.reset(token)


def settle(file: IO[Any]) -> None:
    """Flush what was written to a file; where asked for, wait until the disk has it."""
    file.flush()
    if _ON.get():
        os.fsync(file.fileno())


def settle_folder(folder: Path) -> None:
    """Where asked for, wait until the disk has the names in a folder."""
    if _ON.get():
        _sync(folder)


def put_in_place(fresh: Path, path: Path) -> None:
    """Give a finished file its name: what was there before is replaced whole or not at all."""
    if _ON.get():
        _sync(fresh)  # first what the name will stand for, then the name
    fresh.replace(path)
    settle_folder(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
