"""JSON files that know what they are and whether they are whole.

A file of a store holds ``{"of": ..., "crc32": ..., "holds": ...}``: its own name, so that a file
put in the place of another is noticed, and a checksum over the name and what it holds. What does
not fit is refused by name and left as it is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from refutable.errors import StoreError, text_of
from refutable.storing.durable import put_in_place

FOLDERS = ("blocks", "records", "prints", "results", "costs", "tables")
LEFT = "It was left as it is; move it away and run the claim again."


def name_of(path: Path) -> str:
    """Return how a file is called within its store: ``results/a.b.json``, ``asked.json``."""
    return f"{path.parent.name}/{path.name}" if path.parent.name in FOLDERS else path.name


def write_json(path: Path, value: object) -> None:
    """Write a sealed JSON file whole or not at all."""
    name = name_of(path)
    write_plain(path, {"of": name, "crc32": _checksum(name, value), "holds": value})


def write_plain(path: Path, value: object) -> None:
    """Write a JSON file that people may edit, whole or not at all."""
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        put_in_place(fresh, path)


def read_json(path: Path, kind: type) -> Any:
    """Return what a sealed JSON file holds.

    Raises
    ------
    StoreError
        Naming the file, if it cannot be read, is damaged, is another file's content, or holds
        something else than a `kind`.
    """
    with refused(path):
        file = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(file, dict) or file.keys() != {"of", "crc32", "holds"}:
            raise ValueError("it is not a file of this version's store")
        if file["crc32"] != _checksum(file["of"], file["holds"]):
            raise ValueError("its checksum does not fit what it holds")
        if file["of"] != name_of(path):
            raise ValueError(f"it was written as {file['of']}")
        if not isinstance(file["holds"], kind):
            raise ValueError("it does not hold what it should")
        return file["holds"]


def _checksum(name: str, value: object) -> int:
    return zlib.crc32(json.dumps([name, value], allow_nan=False).encode())


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with what a file holds into a `StoreError` that names it."""
    try:
        yield
    except (
        *(OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError),
        AttributeError,
    ) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else text_of(error)
        raise StoreError(f"{path} cannot be read: {said}. {LEFT}") from error


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn trouble with writing a file into a `StoreError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} could not be written: {error.strerror or error}. What was stored before is "
            "safe; make room and run the same command again."
        ) from error
