"""Where in its author's code an error arose."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from types import FrameType

from refutable.errors import printable, text_of
from refutable.extras import command

FILE_MODULE = "refutable_file_"
"""The modules of single files are named so, and a mark of the path."""

_LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))


def located(error: BaseException, module: str) -> str:
    """Return an error in words, with file and line in its author's code.

    Parameters
    ----------
    error : BaseException
        As caught.
    module : str
        Name of the author's module; where the error never passed through it, the last line
        outside of libraries is named.
    """
    place = _place(error, module)
    return f"{_words(error)} ({printable(place)})" if place else _words(error)


def _words(error: BaseException) -> str:
    if type(error) is SystemExit:
        code = error.code if isinstance(error.code, int | str | None) else "..."
        return printable(f"sys.exit({code!r}) was called")
    of_syntax = type(error) is SyntaxError or type(error) is IndentationError
    said = printable(str(error.msg)) if of_syntax else text_of(error)  # type: ignore[attr-defined]
    mend = command(error.name or "") if type(error) is ModuleNotFoundError else ""
    return f"{printable(type(error).__name__)}: {said}" + (f"; {mend}" if mend else "")


def _place(error: BaseException, module: str) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    lines = list(traceback.walk_tb(error.__traceback__))
    own = [(f, line) for f, line in lines if f.f_globals.get("__name__") == module]
    outside = [(f, line) for f, line in lines if not _of_a_library(f)]
    chosen = own or outside
    return f"{_file(chosen[-1][0])}:{chosen[-1][1]}" if chosen else ""


def _of_a_library(frame: FrameType) -> bool:
    file, name = frame.f_code.co_filename, str(frame.f_globals.get("__name__"))
    ours = name.split(".")[0] == "refutable"
    return ours or file.startswith(("<", *_LIBRARIES))


def _file(frame: FrameType) -> str:
    """Return a path that is the same on every machine for a module of a package."""
    path, name = Path(frame.f_code.co_filename), str(frame.f_globals.get("__name__"))
    if name.startswith(FILE_MODULE):
        return str(path)
    depth = name.count(".") + 1 + (path.name == "__init__.py")
    return "/".join(path.parts[-depth:])
