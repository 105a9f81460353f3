"""Where in a plane of two parameters a claim holds, from Python."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refutable.claims.cells import Scalar
from refutable.claims.onsets import ERROR, Holds
from refutable.claims.planes import Map, Predicted
from refutable.deciding.onsets.mapped import MapFound
from refutable.interface.checking import Named
from refutable.interface.frames import pd
from refutable.interface.onsets import drawn_of_one
from refutable.interface.planes import drawing
from refutable.running.seeking import Surveying

COLUMNS = (
    *("status", "predicted", "agrees", "functional", "estimate", "lower", "upper"),
    *("region_lower", "region_upper", "replicates", "alpha", "guarantee"),
)
"""Of `MapResult.to_frame`, after the two parameters."""


@dataclass(frozen=True, repr=False, eq=False)
class MapResult:
    """A map that was surveyed.

    Parameters
    ----------
    found : MapFound
        As it is stored.
    asked : Map
        What was asked; it knows theory's boundary.
    store : Path
    """

    found: MapFound
    asked: Map
    store: Path
    _folder: Any = field(default=None)  # keeps a temporary store for as long as this lives

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        return self.found.sentence

    @property
    def agreement(self) -> tuple[float, float, float] | None:
        """Shares of the cells where theory and finding agree, disagree, and where one is open."""
        return self.found.agreement

    def __repr__(self) -> str:
        """Return the sentence and the map in letters."""
        return f"{self.sentence}\n{letters(self.found)}"

    def _repr_html_(self) -> str:
        """Return the sentence and the figure."""
        file = io.StringIO()
        self.figure().savefig(file, format="svg")
        svg = file.getvalue()
        return f"<p>{html.escape(self.sentence)}</p>{svg[svg.index('<svg') :]}"

    def figure(self) -> Any:
        """Return a Matplotlib figure, theory's boundary drawn over it."""
        return drawing(self.found, self.asked.theory())

    def savefig(self, path: str | Path) -> Path:
        """Write the figure; the name's end says in which format."""
        self.figure().savefig(path)
        return Path(path)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check in each cell (columns: the two parameters, then `COLUMNS`)."""
        rows = [
            (
                *(one.x, one.y, check.status, one.predicted, one.agrees, check.functional),
                *(check.estimate, *check.interval, *check.region, check.replicates, check.alpha),
                check.guarantee.label,
            )
            for one in self.found.fields
            for check in one.checks
        ]
        return pd.DataFrame(rows, columns=[self.found.x, self.found.y, *COLUMNS])


def letters(found: MapFound) -> str:
    """Return a map in letters: `#` where it holds, `.` where it fails, `?` where it is open.

    The vertical parameter grows upwards.
    """
    signs = {"inside": "#", "outside": ".", "open": "?"}
    rows: dict[float, str] = {}
    for one in found.fields:
        rows[one.y] = rows.get(one.y, "") + signs[one.status]
    width = max(len(f"{value:g}") for value in rows)
    lines = [f"{value:>{width}g} {row}" for value, row in reversed(rows.items())]
    first, last = found.fields[0].x, found.fields[-1].x
    return "\n".join([*lines, f"{found.x} from {first:g} to {last:g}; {found.y} upwards"])


def map_over(
    claim: Named,
    over: Mapping[str, Sequence[float]],
    holds: Holds = None,
    at: Mapping[str, Scalar] | None = None,
    predicted: Predicted = None,
    budget: int | None = None,
    alpha: float = ERROR,
    block: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    store: str | Path | None = None,
    progress: bool | None = None,
) -> MapResult:
    """Decide in which cells of a plane an expectation holds.

    With probability at least ``1 - alpha`` no cell of the whole map is wrongly said to hold or to
    fail. What is drawn goes where the boundary is.

    Parameters
    ----------
    claim : Claim, str or Path
        As in `check`.
    over : mapping of two names to ascending values
        The horizontal parameter first.
    holds, at, predicted, budget, alpha, block
        As in `Map`.
    seed, workers, store, progress
        As in `check`.

    Returns
    -------
    MapResult

    Raises
    ------
    MisuseError
        If it is not clear what is asked, or it cannot be.
    RefutableError
        If a block could not be drawn.
    """
    axes = {name: tuple(values) for name, values in over.items()}
    asked = Map(
        over=axes,
        holds=holds,
        at=at or {},
        predicted=predicted,
        budget=budget,
        alpha=alpha,
        block=block,
    )
    job, found, path, folder = drawn_of_one(Surveying, claim, asked, seed, workers, store, progress)
    return MapResult(found, job.asked, path, folder)
