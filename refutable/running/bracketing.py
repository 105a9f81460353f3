"""Progress of a search or a survey for people: the bracket as it narrows, the cells left open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live

from refutable.errors import printable
from refutable.running.progress import Said
from refutable.running.seeking import Drawing

AnyDrawing = Drawing[Any, Any]


class Quiet:
    """Says nothing."""

    def begin(self, jobs: Sequence[AnyDrawing]) -> None:
        """Say nothing."""

    def advanced(self, job: AnyDrawing) -> None:
        """Say nothing."""

    def finished(self, job: AnyDrawing, result: object) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


class BracketLines(Quiet):
    """A line when the bracket has narrowed, at most every few seconds.

    Parameters
    ----------
    console : Console
    every : float
        Seconds between lines.
    """

    def __init__(self, console: Console, every: float = 5.0) -> None:
        self.console, self.every, self.last = console, every, time.monotonic()

    def advanced(self, job: AnyDrawing) -> None:
        """Say where it stands."""
        if time.monotonic() - self.last >= self.every:
            self.last = time.monotonic()
            self.note(job.standing)

    def note(self, text: str) -> None:
        """Say it."""
        self.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


class LiveBracket(Quiet):
    """A line on a terminal that is written over."""

    def __init__(self, console: Console) -> None:
        self.live = Live(console=console, refresh_per_second=4, transient=True)

    def begin(self, jobs: Sequence[AnyDrawing]) -> None:
        """Begin to show."""
        self.live.start()

    def advanced(self, job: AnyDrawing) -> None:
        """Show where it stands."""
        self.live.update(Said(job.standing))

    def note(self, text: str) -> None:
        """Print it above the line."""
        self.live.console.print(Said(f"note: {text}", "dim"))

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self.live.stop()
