"""Where a claim starts to hold, from Python."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rich import box
from rich.console import Console
from rich.table import Table

from refutable.claims.cells import Scalar
from refutable.claims.claim import Claim
from refutable.claims.onsets import ERROR, Holds, Onset
from refutable.deciding.onsets.found import OnsetFound, Probe, number
from refutable.errors import StoreError
from refutable.interface.checking import Folder, Named, found_one
from refutable.interface.frames import pd
from refutable.interface.showing import as_text
from refutable.running.backends import Backend, choose
from refutable.running.bracketing import BracketLines, LiveBracket, Quiet
from refutable.running.progress import Said
from refutable.running.registry import Source
from refutable.running.runner import Runner
from refutable.running.seeking import Drawing, Seeking
from refutable.storing.fresh import place_of
from refutable.storing.store import Store

A = TypeVar("A")
D = TypeVar("D", bound=Drawing[Any, Any])
F = TypeVar("F")

COLUMNS = (
    *("value", "status", "functional", "estimate", "lower", "upper", "region_lower"),
    *("region_upper", "replicates", "alpha", "guarantee"),
)
"""Of `OnsetResult.to_frame`."""


@dataclass(frozen=True, repr=False, eq=False)
class OnsetResult:
    """An onset that was sought: it says itself, and gives its numbers.

    Parameters
    ----------
    found : OnsetFound
        As it is stored.
    store : Path
        Where blocks and onset lie.
    """

    found: OnsetFound
    store: Path
    _folder: Any = field(default=None)  # keeps a temporary store for as long as this lives

    @property
    def bracket(self) -> tuple[float, float] | None:
        """The two values in order between which the onset lies, None where there is no pair."""
        return self.found.bracket

    @property
    def fails_at(self) -> float | None:
        """Where it fails, with probability at least ``1 - alpha``."""
        return self.found.fails_at

    @property
    def holds_at(self) -> float | None:
        """Where it holds, with probability at least ``1 - alpha``, jointly."""
        return self.found.holds_at

    @property
    def ending(self) -> str:
        """`found`, `wide`, `always`, `never`, `not monotone`, `open` or `no budget`."""
        return self.found.ending

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every value that was visited, in order."""
        return self.found.probes

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        return self.found.sentence

    def __repr__(self) -> str:
        """Return the sentence, and what was seen at each value."""
        found = self.found
        tail = f"{found.replicates:,} replicates at {len(found.probes)} values; {found.ground}"
        return f"{found.sentence}\n{as_text(probe_table(found)).strip()}\n{tail}"

    def _repr_html_(self) -> str:
        """Return the sentence and a table."""
        table = self.to_frame().to_html(index=False)
        return f"<p>{html.escape(self.sentence)}</p>{table}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check at each value (columns: `COLUMNS`)."""
        rows = [
            (
                *(probe.value, check.status, check.functional, check.estimate),
                *(*check.interval, *check.region, check.replicates, check.alpha),
                check.guarantee.label,
            )
            for probe in self.probes
            for check in probe.checks
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def onset(
    claim: Named,
    along: str,
    between: tuple[float, float],
    holds: Holds = None,
    at: Mapping[str, Scalar] | None = None,
    scale: str = "",
    tolerance: float | None = None,
    predicted: float | None = None,
    budget: int | None = None,
    alpha: float = ERROR,
    block: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    store: str | Path | None = None,
    progress: bool | None = None,
) -> OnsetResult:
    """Find from which value of a parameter on an expectation holds, or up to which.

    The answer is a pair of values: with probability at least ``1 - alpha`` the expectation fails
    at one and holds at the other. That the onset lies between them assumes that it changes once
    along the parameter; probes outside try this, and a case in which it does not is told.

    Parameters
    ----------
    claim : Claim, str or Path
        As in `check`.
    along, between, holds, at, scale, tolerance, predicted, budget, alpha, block
        As in `Onset`.
    seed, workers, store, progress
        As in `check`.

    Returns
    -------
    OnsetResult

    Raises
    ------
    MisuseError
        If it is not clear what is asked, or it cannot be.
    RefutableError
        If a block could not be drawn.
    """
    asked = Onset(
        along=along,
        between=between,
        holds=holds,
        at=at or {},
        scale=scale,
        tolerance=tolerance,
        predicted=predicted,
        budget=budget,
        alpha=alpha,
        block=block,
    )
    _, found, path, folder = drawn_of_one(Seeking, claim, asked, seed, workers, store, progress)
    return OnsetResult(found, path, folder)


def drawn_of_one(
    kind: Callable[[Claim, Source, A, int], D],
    claim: Named,
    asked: A,
    seed: int | None,
    workers: int,
    store: str | Path | None,
    progress: bool | None,
) -> tuple[D, Any, Path, Folder]:
    """Draw what is asked of one claim; return it, what it found, and where that is kept."""
    backend = choose("auto", workers)
    registry, chosen = found_one(claim, backend.workers > 1)
    folder = Folder.at(store)
    path, share = (folder.path, 1.0) if seed is None else place_of(folder.path, seed)
    with Store(path, seed, share=share) as opened, bracket_here(progress) as told:
        job = kind(chosen, registry.sources[chosen.id], asked, opened.seed)
        found = drawn(opened, [job], backend, told)
    if not found:
        raise KeyboardInterrupt
    return job, found[0], path, folder


def drawn(
    store: Store,
    jobs: Iterable[Drawing[Any, F]],
    backend: Backend,
    told: Quiet,
    block_seconds: float = 900.0,
) -> list[F]:
    """Return what each finds, one after the other, fewer where somebody stopped it.

    Raises
    ------
    StoreError
        If the blocks that a claim has in the store cannot be read.
    """
    found: list[F] = []
    for job in jobs:
        runner: Runner[Drawing[Any, F], F] = Runner(store, backend, told, block_seconds)
        ended = runner.run([job])
        if ended.problems:
            raise StoreError(ended.problems[0].text)
        found += ended.results
        if ended.left:
            break
    return found


@contextmanager
def bracket_here(wanted: bool | None) -> Iterator[Quiet]:
    """Yield what is told of a search, as `progress_here` does of a run."""
    console = Console(highlight=False)
    seen = console.is_terminal or console.is_jupyter
    if not (seen if wanted is None else wanted):
        yield Quiet()
    elif not seen:
        yield BracketLines(console)
    else:
        live = LiveBracket(console)
        try:
            yield live
        finally:
            live.stop()


def probe_table(found: OnsetFound) -> Table:
    """Return what was seen at each value."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(found.line.name, justify="right")
    for name in ("estimate", "interval", "region", "status"):
        table.add_column(name, overflow="fold")
    table.add_column("replicates", justify="right")
    for probe in found.probes:
        for check in probe.checks:
            estimate = "-" if check.estimate is None else f"{check.estimate:.4g}"
            interval = f"[{check.interval[0]:.4g}, {check.interval[1]:.4g}]"
            row = (number(probe.value), estimate, interval, check.region_label, check.status)
            table.add_row(*map(Said, row), f"{check.replicates:,}")
    return table
