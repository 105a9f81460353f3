"""Figures that an earlier report left in the folder and that would be drawn the same again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from refutable.reports import pictures
from refutable.reports.figures.panels import Picture
from refutable.reports.slugs import figure_file

from refutable._version import __version__

NAME = "figures.json"
"""What the figures of a folder were drawn from."""
LIBRARIES = ("matplotlib", "numpy")
BESIDE = ("numbers.py", "pictures.py", "slugs.py", "text.py")
"""Modules outside `figures` that have a part in what a figure looks like."""


class Kept:
    """The figures of a folder, by what they were drawn from.

    A figure is taken from the folder if its picture and the code that draws are those that it was
    drawn from, and if its file is byte for byte what was written; otherwise it is drawn again.

    Parameters
    ----------
    folder : Path
        Of a report; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = _read(folder / NAME)
        self._sources: dict[str, str] = {}
        self.noted: dict[str, dict[str, str]] = {}
        """What the next report must know."""

    def find(self, picture: Picture) -> str | None:
        """Return a figure as it was drawn, or None if it must be drawn."""
        file = figure_file(picture.name)
        source = self._sources[file] = _source(picture)
        known = self._known.get(file)
        if known is None or known["source"] != source:
            return None
        try:
            data = (self._folder / file).read_bytes()
            return pictures.plain(data.decode()) if _digest(data) == known["file"] else None
        except (OSError, UnicodeDecodeError):
            return None

    def note(self, file: str, text: str) -> None:
        """Note what the file of a picture that was asked for holds now."""
        self.noted[file] = {"source": self._sources[file], "file": _digest(text.encode())}


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return the entries that are whole; none if the file is no list of figures."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {
        file: entry
        for file, entry in entries
        if isinstance(entry, dict) and {"source", "file"} <= entry.keys()
    }


def _source(picture: Picture) -> str:
    return _digest(f"{_code()} {picture!r}".encode("utf-8", "surrogatepass"))


@cache
def _code() -> str:
    """Return what the code that draws is: versions, and the text of its modules."""
    here = files("refutable.reports")
    modules = sorted((here / "figures").iterdir(), key=lambda one: one.name)
    texts = [one.read_bytes() for one in modules if one.name.endswith(".py")]
    texts += [(here / name).read_bytes() for name in BESIDE]
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    return " ".join((f"refutable {__version__}", *versions, *map(_digest, texts)))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
