"""Progress for people: a live table on a terminal, plain lines otherwise."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from refutable.claims.describe import counted
from refutable.claims.records import Verdict
from refutable.deciding.results import BY_LOGIC, ClaimResult
from refutable.errors import printable
from refutable.running.job import Job

STYLES = {
    "supported": "green",
    "refuted": "red",
    "undecided": "yellow",
    "toothless": "magenta",
    "suspect": "bold magenta",
    "failed": "bold red",
    "not run": "dim",
}


class Said(Text):
    """Text in which nothing is done to a terminal, whoever wrote it."""

    def __init__(self, text: str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(printable(text), *args, **kwargs)

    def append(self, text: Any, style: Any = None) -> Said:
        """Add text, which is as harmless."""
        super().append(printable(text) if isinstance(text, str) else text, style)
        return self


ROWS = 8
"""Claims shown at once on a terminal."""


def verdict_text(result: ClaimResult) -> Text:
    """Return the verdict in colour, marked when it is not the expected one."""
    mark = "" if result.as_expected else f" (expected {result.expected})"
    return Said(f"{result.graded}{mark}", STYLES.get(result.verdict, ""))


def waiting_for(job: Job) -> str:
    """Return the interval of an open check and the region it waits for."""
    check = job.trial.waits_for()
    if check is None:
        return ""
    low, high = check.interval.lower, check.interval.upper
    at = f" at {check.cell.label}" if check.cell.label else ""
    functional = check.expectation.functional.label
    return f"{functional}{at}: [{low:.4g}, {high:.4g}], wants {check.region.label}"


def controls_fate(result: ClaimResult) -> str:
    """Return how many of a claim's controls were refuted, and the names of the others.

    Empty where they were never judged: a claim that failed, or lacks its data.
    """
    if result.verdict in (Verdict.FAILED, Verdict.NOT_RUN):
        return ""
    others = [control.name for control in result.counted if control.fate != "refuted"]
    survived = f"; not refuted: {', '.join(others)}" if others else ""
    vain = [control.name for control in result.controls if control.fate == BY_LOGIC]
    by_logic = f"; by logic alone: {', '.join(vain)}" if vain else ""
    refuted = len(result.counted) - len(others)
    return f"{refuted}/{len(result.counted)} controls refuted{survived}{by_logic}{_right(result)}"


def _right(result: ClaimResult) -> str:
    """Return how many positive controls were supported, and the names of the others."""
    if not result.positive:
        return ""
    others = [control.name for control in result.positive if control.fate != "supported"]
    lacking = f"; not supported: {', '.join(others)}" if others else ""
    held = len(result.positive) - len(others)
    return f"; {held}/{len(result.positive)} positive controls supported{lacking}"


class Silent:
    """Says nothing (for `--json` and tests)."""

    def begin(self, jobs: Sequence[Job]) -> None:
        """Say nothing."""

    def advanced(self, job: Job) -> None:
        """Say nothing."""

    def finished(self, job: Job, result: ClaimResult) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


class PlainLines(Silent):
    """One line per decided claim, and a sign of life now and then.

    Parameters
    ----------
    console : Console
    every : float
        Seconds between signs of life.
    """

    def __init__(self, console: Console, every: float = 10.0) -> None:
        self.console, self.every = console, every
        self.last = time.monotonic()
        self.done = self.total = 0

    def begin(self, jobs: Sequence[Job]) -> None:
        """Say how many claims there are."""
        self.total = len(jobs)
        self.console.print(f"{counted(self.total, 'claim')} to decide")

    def advanced(self, job: Job) -> None:
        """Say what a claim waits for, at most every few seconds."""
        if time.monotonic() - self.last >= self.every:
            self.last = time.monotonic()
            many = counted(job.trial.replicates, "replicate")
            text = f"  ... {job.claim.id}: {many}; {waiting_for(job)}"
            self.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def finished(self, job: Job, result: ClaimResult) -> None:
        """Say the verdict."""
        self.done += 1
        self.last = time.monotonic()
        cost = f"{counted(result.replicates, 'replicate')}, {job.seconds:.1f} s"
        said = [verdict_text(result).plain, controls_fate(result), cost]
        text = f"[{self.done}/{self.total}] {result.claim}: {'; '.join(filter(None, said))}"
        self.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Say it."""
        said = printable(f"note: {text}")
        self.console.print(said, markup=False, highlight=False, soft_wrap=True)


class LiveTable(Silent):
    """A bar for the run and a row per claim at work."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar = Progress(
            TextColumn("claims decided"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self.task = self.bar.add_task("claims", total=None)
        self.active: dict[str, Job] = {}
        self.live = Live(console=console, get_renderable=self._render, refresh_per_second=4)

    def begin(self, jobs: Sequence[Job]) -> None:
        """Show the bar."""
        self.bar.update(self.task, total=len(jobs))
        self.live.start()

    def advanced(self, job: Job) -> None:
        """Show what the claim waits for."""
        self.active.pop(job.claim.id, None)
        self.active[job.claim.id] = job

    def finished(self, job: Job, result: ClaimResult) -> None:
        """Print the verdict above the bar; end with the last."""
        self.active.pop(job.claim.id, None)
        line = Said.assemble(
            (f"{result.claim:<48} "), verdict_text(result), f"  {controls_fate(result)}"
        )
        self.live.console.print(line)
        self.bar.advance(self.task)

    def note(self, text: str) -> None:
        """Print it above the bar."""
        self.live.console.print(Said(f"note: {text}", "dim"))

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self.live.stop()

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for claim_id, job in list(self.active.items())[-ROWS:]:
            replicates = counted(job.trial.replicates, "replicate")
            table.add_row(Said(claim_id, "bold"), replicates, Said(waiting_for(job), "dim"))
        return Group(self.bar, table)
