"""What a decided claim hands back: it shows itself, gives its numbers, and can be required."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refutable.claims.claim import Claim
from refutable.claims.describe import record
from refutable.deciding.results import CheckResult, ClaimResult, ControlResult
from refutable.extras import NotInstalled
from refutable.interface.frames import pd
from refutable.interface.showing import as_text, reporters
from refutable.interface.views import check_table, claim_view
from refutable.running.progress import controls_fate
from refutable.storing.store import Store
from refutable.storing.tables import make_waiting

COLUMNS = (
    *("control", "kind", "fate", "functional", "cell", "estimate", "lower", "upper"),
    *("region_lower", "region_upper", "predicted", "status", "replicates", "alpha", "guarantee"),
)
"""Of `Result.to_frame`."""


class RequirementError(AssertionError):
    """A claim whose verdict is not the expected one; the text says which and why."""


@dataclass(frozen=True)
class Figure:
    """A claim's figure, which a notebook shows."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write it as an SVG file; return where."""
        Path(path).write_text(self.svg, encoding="utf-8")
        return Path(path)


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """A decided claim.

    Parameters
    ----------
    claim : Claim
    found : ClaimResult
        As it is stored.
    store : Path
        Where blocks, record and result lie.
    """

    claim: Claim
    found: ClaimResult
    store: Path
    _folder: Any = field(default=None)  # keeps a temporary store for as long as this lives

    @property
    def verdict(self) -> str:
        """`supported`, `refuted`, `undecided`, `toothless`, `suspect`, `failed` or `not run`."""
        return self.found.verdict

    @property
    def graded(self) -> str:
        """The verdict, with its grade where its error probability is only approximate."""
        return self.found.graded

    @property
    def reason(self) -> str:
        """Why this verdict, in a sentence."""
        return self.found.reason

    @property
    def as_expected(self) -> bool:
        """Whether it is the verdict that the claim's author holds right."""
        return self.found.as_expected

    @property
    def met(self) -> bool:
        """Whether it has been decided so; unlike `as_expected`, not without its data."""
        return self.found.verdict == self.found.expected

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """Every expectation in every cell."""
        return self.found.checks

    @property
    def controls(self) -> tuple[ControlResult, ...]:
        """The controls and their fates."""
        return self.found.controls

    @property
    def positive(self) -> tuple[ControlResult, ...]:
        """The positive controls and their fates."""
        return self.found.positive

    @property
    def replicates_used(self) -> int:
        """Replicates that the verdict rests on, over all cells and worlds."""
        return self.found.replicates

    def __repr__(self) -> str:
        """Return the verdict, why, and the claim's own checks; `show` says everything."""
        found = self.found
        head = f"{found.claim}: {found.graded}"
        mark = "" if found.as_expected else f" (expected {found.expected})"
        tail = "; ".join(filter(None, (controls_fate(found), f"{found.replicates} replicates")))
        table = as_text(check_table(found.checks, ""))
        return f"{head}{mark}. {found.reason}.\n{table.strip()}\n{tail}"

    def show(self) -> str:
        """Return what `refutable show` prints: statement, checks, grounds, controls."""
        return as_text(claim_view(record(self.claim, ""), self.found))

    def _repr_html_(self) -> str | None:
        """Return the claim's part of the report's page, in a frame that keeps its style apart.

        Without what draws it there is none, and the text is shown.
        """
        try:
            page = html.escape(str(reporters().claim_html(self.store, self.claim.id)))
        except NotInstalled:
            return None
        grow = "this.style.height = this.contentDocument.body.scrollHeight + 30 + 'px'"
        style = "width: 100%; height: 40em; border: 0"
        title = html.escape(self.claim.id)
        return f'<iframe title="{title}" srcdoc="{page}" onload="{grow}" style="{style}"></iframe>'

    def require(self) -> Result:
        """Return itself, or raise unless the verdict is the expected one.

        Raises
        ------
        RequirementError
            Saying what was expected, what was found and why.
        """
        if self.met:
            return self
        raise RequirementError(f"{self.complaint()}\n\n{self.show()}")

    def complaint(self) -> str:
        """Return in a line what was found where something else was expected."""
        return f"{self.claim.id} is {self.graded}, expected {self.found.expected}: {self.reason}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check, the claim's own first (columns: `COLUMNS`)."""
        own = ControlResult("", "claim", "", self.checks)
        groups = (own, *self.found.beside)
        rows = [_row(group, check) for group in groups for check in group.checks]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def replicates(self) -> pd.DataFrame:
        """Return one row per replicate that the verdict rests on: world, cell, outcomes."""
        store = Store(self.store, create=False)
        make_waiting(store)
        path = store.table_file(self.claim.id)
        return pd.read_parquet(path) if path.exists() else pd.DataFrame()

    def figure(self) -> Figure | None:
        """Return the figure of the report, or None where tables say it better."""
        svg = reporters().claim_svg(self.store, self.claim.id)
        return None if svg is None else Figure(svg)


def _row(group: ControlResult, check: CheckResult) -> tuple[Any, ...]:
    cell = ", ".join(f"{name}={value}" for name, value in check.cell.items())
    return (
        *(group.name, group.kind, group.fate, check.functional, cell, check.estimate),
        *(*check.interval, *check.region, check.predicted, check.status, check.replicates),
        *(check.alpha, check.guarantee.label),
    )
