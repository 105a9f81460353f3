"""Libraries that not every installation has, and the extra that brings each."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from typing import Any

from refutable.errors import MisuseError

LIBRARIES = {
    "report": ("jinja2", "markupsafe", "matplotlib", "pikepdf", "pyarrow", "typst"),
    "suite": ("cvxpy", "numba", "pandas", "PIL", "sklearn", "sympy"),
    "dask": ("dask", "distributed"),
    "mpi": ("mpi4py",),
}
"""Extra to the libraries it brings, by the name under which they are imported."""


_SPELLED = {"pillow": "PIL", "scikit-learn": "sklearn"}
"""Distributions that are imported under another name."""


class NotInstalled(MisuseError):
    """A library is missing; the text says in one line what to install."""


class Library:
    """A library that is imported when something in it is first asked for.

    Parameters
    ----------
    name : str
        As in an import statement.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Return what the library calls so.

        Raises
        ------
        NotInstalled
            If there is no such library.
        """
        try:
            library = importlib.import_module(self._name)
        except ModuleNotFoundError as error:
            if error.name != self._name:
                raise
            raise NotInstalled(f"{self._name} is not installed: {command(self._name)}") from error
        return getattr(library, attribute)


def command(library: str) -> str:
    """Return the command that installs a library, or nothing if no extra brings it."""
    top = _SPELLED.get(library, library.partition(".")[0])
    extra = next((extra for extra, brought in LIBRARIES.items() if top in brought), None)
    return f"pip install 'refutable[{extra}]'" if extra else ""


def installed(library: str) -> bool:
    """Say whether a library can be imported, without importing it."""
    return importlib.util.find_spec(library) is not None


def require(extra: str, what: str) -> None:
    """Refuse to begin without an extra.

    Parameters
    ----------
    extra : str
    what : str
        What cannot be done without it, for the message.

    Raises
    ------
    NotInstalled
        Naming the libraries that are missing and the command that installs them.
    """
    missing = [library for library in LIBRARIES[extra] if not installed(library)]
    if missing:
        raise NotInstalled(lacking(what, missing))


def lacking(what: str, libraries: Iterable[str]) -> str:
    """Return the line `..., since numba is not installed: pip install 'refutable[suite]'`."""
    names = sorted(set(libraries))
    be = "are" if len(names) > 1 else "is"
    commands = " && ".join(dict.fromkeys(command(name) for name in names))
    return f"{what}, since {', '.join(names)} {be} not installed: {commands}"
