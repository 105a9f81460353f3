"""Where a person looks on: progress, and what reporters can draw."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from rich.console import Console

from refutable.errors import MisuseError
from refutable.extras import require
from refutable.running.progress import LiveTable, PlainLines, Silent


@contextmanager
def progress_here(wanted: bool | None) -> Iterator[Silent]:
    """Yield what is told of a run: a live table where there is one to look at, or nothing.

    Parameters
    ----------
    wanted : bool or None
        None: where somebody looks on, a terminal or a notebook.
    """
    console = Console(highlight=False)
    seen = console.is_terminal or console.is_jupyter
    if not (seen if wanted is None else wanted):
        yield Silent()
    elif not seen or (console.is_jupyter and not importlib.util.find_spec("ipywidgets")):
        yield PlainLines(console)  # rich moves what it has shown in a notebook by a widget alone
    else:
        live = LiveTable(console)
        try:
            yield live
        finally:
            live.stop()


def as_text(shown: Any, width: int = 100) -> str:
    """Return what rich would print, without colours."""
    file = StringIO()
    plain = Console(file=file, width=width, highlight=False, color_system=None, force_jupyter=False)
    plain.print(shown)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()).rstrip()


def reporters() -> Any:
    """Return the installed module that writes reports and shows claims.

    It has `write`, `claim_html`, `claim_svg`, `diff`, `difference_text` and `difference_html`.

    Raises
    ------
    NotInstalled
        If there is not what it takes.
    MisuseError
        If no reporter is installed.
    """
    require("report", "Reports cannot be written")
    points = list(importlib.metadata.entry_points(group="refutable.reporters"))
    if not points:
        raise MisuseError("No reporter is installed; install the whole project.")
    return points[0].load()
