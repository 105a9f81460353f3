"""Modules that lie beside a claim file: of two with one name Python keeps the first it meets.

So the claims of a second file would be tried with the helper of the first, and nobody would see it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from refutable.errors import MisuseError


def beside(file: Path) -> dict[str, Path]:
    """Return the modules in the folder of a file that it imports, itself or through one another.

    Parameters
    ----------
    file : Path
        Absolute. Where it cannot be read nothing is found: to say so is for who loads it.

    Returns
    -------
    dict of str to Path
        Name to the module's file, or the package's folder.
    """
    found: dict[str, Path] = {}
    waiting = [file]
    while waiting:
        for name in _imported(waiting.pop()):
            place = _place(file.parent, name)
            if place is not None and name not in found:
                found[name] = place
                waiting += place.rglob("*.py") if place.is_dir() else [place]
    return found


def refuse_clash(file: Path, others: Iterable[Path]) -> None:
    """Refuse a claim file that would get what lies beside another.

    Raises
    ------
    MisuseError
        Naming both files and the module that lies beside each.
    """
    own = beside(file)
    for other in others if own else ():
        known = beside(other)
        for name in own.keys() & known.keys():
            if own[name] != known[name]:
                raise MisuseError(
                    f"{file} and {other} each import a {name!r} that lies beside them, and one "
                    "process keeps one module of a name. Rename one of the two, or give each "
                    "file a command of its own: they may share a store"
                )


def _imported(file: Path) -> Iterator[str]:
    """Yield the top-level names that a file imports, anywhere in it."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _place(folder: Path, name: str) -> Path | None:
    if name in sys.stdlib_module_names:
        return None  # a folder of claims comes last on the path
    places = (folder / name, folder / f"{name}.py")
    return next((place for place in places if place.exists()), None)
