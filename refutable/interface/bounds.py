"""How tight a bound is, from Python."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from refutable.claims.cells import Cell, Scalar
from refutable.claims.onsets import ERROR, Holds
from refutable.claims.tightness import REPLICATES, Q, Tightness
from refutable.deciding.onsets.gauging import GaugesFound
from refutable.interface.checking import Named
from refutable.interface.frames import pd
from refutable.interface.onsets import drawn_of_one
from refutable.running.progress import Said
from refutable.running.seeking import Measuring

COLUMNS = (
    *("bound", "ratio", "lower", "upper", "constant_lower", "constant_upper", "replicates"),
    "guarantee",
)
"""Of `TightnessResult.to_frame`, after the cell's parameters."""


@dataclass(frozen=True, repr=False, eq=False)
class TightnessResult:
    """How tight a bound was found to be.

    Parameters
    ----------
    found : GaugesFound
    store : Path
    """

    found: GaugesFound
    store: Path
    _folder: Any = field(default=None)  # keeps a temporary store for as long as this lives

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        return self.found.sentence

    def growth(self, along: str) -> tuple[float, float]:
        """Return an interval of the exponent with which the ratio grows along a parameter."""
        return self.found.growth(along)

    def __repr__(self) -> str:
        """Return the sentence and the table."""
        return f"{self.sentence}\n{self.to_frame().to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Return the sentence and the table."""
        return f"<p>{html.escape(self.sentence)}</p>{self.to_frame().to_html(index=False)}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell (columns: its parameters, then `COLUMNS`)."""
        names = list(dict.fromkeys(name for one in self.found.cells for name in one.cell))
        rows = [
            (
                *(one.cell.get(name) for name in names),
                *(one.bound, one.ratio, *one.interval, *(one.constant or (None, None))),
                *(one.replicates, one.guarantee),
            )
            for one in self.found.cells
        ]
        return pd.DataFrame(rows, columns=[*names, *COLUMNS])


def gauge_table(found: GaugesFound) -> Table:
    """Return what was found in each cell."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("cell", "bound", "ratio", "interval", "constant that suffices"):
        table.add_column(name, overflow="fold")
    table.add_column("replicates", justify="right")
    for one in found.cells:
        ratio = "-" if one.ratio is None else f"{one.ratio:.3g}"
        constant = "-" if one.constant is None else _interval(one.constant)
        row = (Cell(one.cell).label, f"{one.bound:.4g}", ratio, _interval(one.interval), constant)
        table.add_row(*map(Said, row), f"{one.replicates:,}")
    return table


def _interval(ends: tuple[float, float]) -> str:
    return f"[{ends[0]:.3g}, {ends[1]:.3g}]"


def tightness(
    claim: Named,
    holds: Holds = None,
    over: Mapping[str, Sequence[Scalar]] | None = None,
    at: Mapping[str, Scalar] | None = None,
    q: float = Q,
    replicates: int = REPLICATES,
    alpha: float = ERROR,
    block: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    store: str | Path | None = None,
    progress: bool | None = None,
) -> TightnessResult:
    """Measure how tight a bound is: its ratio to what it bounds, and the constant that suffices.

    Parameters
    ----------
    claim : Claim, str or Path
        As in `check`.
    holds, over, at, q, replicates, alpha, block
        As in `Tightness`.
    seed, workers, store, progress
        As in `check`.

    Returns
    -------
    TightnessResult

    Raises
    ------
    MisuseError
        If it is not clear what is meant, or it is no bound.
    RefutableError
        If a block could not be drawn.
    """
    grid = {name: tuple(values) for name, values in (over or {}).items()}
    asked = Tightness(
        holds=holds, over=grid, at=at or {}, q=q, replicates=replicates, alpha=alpha, block=block
    )
    _, found, path, folder = drawn_of_one(Measuring, claim, asked, seed, workers, store, progress)
    return TightnessResult(found, path, folder)
