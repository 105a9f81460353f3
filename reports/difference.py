"""Two runs side by side: what changed, and what only looks as if it had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refutable.reports import checked, model
from refutable.reports.text import count, grouped, one_line

Model = dict[str, Any]
Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Moved:
    """A check whose interval is another one in the second run.

    Parameters
    ----------
    label : str
        Functional and cell.
    before, after : tuple of float or None
        Intervals.
    said : tuple of str
        Both as people read them; in words where the check is a yes or a no.
    apart : bool
        They do not overlap: with the stated error probability the functional itself changed.
    """

    label: str
    before: Ends
    after: Ends
    said: tuple[str, str]
    apart: bool


@dataclass(frozen=True)
class Row:
    """One claim in both runs; a verdict is None in a run that does not have it."""

    claim: str
    before: str | None
    after: str | None
    replicates: tuple[int | None, int | None]
    seconds: tuple[float | None, float | None]
    moved: tuple[Moved, ...]
    new_code: bool

    @property
    def kind(self) -> str:
        """What happened, in words."""
        if self.before is None or self.after is None:
            return "only in A" if self.after is None else "only in B"
        if self.before != self.after:
            return "verdict changed"
        if any(moved.apart for moved in self.moved):
            return "interval moved apart"
        return "interval changed" if self.moved else "same"


KINDS = (
    "verdict changed",
    "interval moved apart",
    "only in A",
    "only in B",
    "interval changed",
    "same",
)
"""Most telling first."""


@dataclass(frozen=True)
class Difference:
    """Two runs, claim by claim, most telling first.

    Parameters
    ----------
    names : tuple of str
        What the runs are called.
    settings : tuple of str
        Seed and effort of each.
    rows : tuple of Row
    """

    names: tuple[str, str]
    settings: tuple[str, str]
    rows: tuple[Row, ...]

    @property
    def same(self) -> bool:
        """Whether both runs found the same, to the last digit."""
        return all(row.kind == "same" for row in self.rows)

    @property
    def headline(self) -> str:
        """What changed, in a sentence."""
        found = [(kind, sum(row.kind == kind for row in self.rows)) for kind in KINDS]
        parts = ", ".join(f"{grouped(number)} {kind}" for kind, number in found if number)
        return f"{count(len(self.rows), 'claim')}: {parts or 'nothing to compare'}."


def diff(run_a: Path, run_b: Path) -> Difference:
    """Compare two stores; reads only.

    Parameters
    ----------
    run_a, run_b : Path
        Folders made by `refutable run`.

    Raises
    ------
    refutable.errors.StoreError
        If one of them is no store.
    """
    a, b = model.build(run_a), model.build(run_b)
    cost_a, cost_b = model.costs(run_a), model.costs(run_b)
    claims_a = {claim["id"]: claim for claim in a["claims"]}
    claims_b = {claim["id"]: claim for claim in b["claims"]}
    rows = [
        _row(name, claims_a.get(name), claims_b.get(name), (cost_a.get(name), cost_b.get(name)))
        for name in {**claims_a, **claims_b}
    ]
    rows.sort(key=lambda row: (KINDS.index(row.kind), row.claim))
    names = (one_line(str(run_a)), one_line(str(run_b)))
    return Difference(names, (_settings(a), _settings(b)), tuple(rows))


def _settings(built: Model) -> str:
    efforts = ", ".join(built["efforts"]) or "none"
    return f"seed {built['seed']}, effort {efforts}, {count(len(built['claims']), 'claim')}"


def _row(
    name: str, a: Model | None, b: Model | None, costs: tuple[Model | None, Model | None]
) -> Row:
    return Row(
        name,
        a["verdict"] if a else None,
        b["verdict"] if b else None,
        (a["replicates"] if a else None, b["replicates"] if b else None),
        (_seconds(costs[0]), _seconds(costs[1])),
        tuple(_moves(a, b)) if a and b else (),
        bool(a and b and a["fingerprint"] != b["fingerprint"]),
    )


def _seconds(cost: Model | None) -> float | None:
    return cost.get("seconds") if cost else None


def _moves(a: Model, b: Model) -> Iterator[Moved]:
    before, after = dict(_checks(a)), dict(_checks(b))
    for label in [name for name in before if name in after]:
        one, other = _ends(before[label]), _ends(after[label])
        if one != other:
            said = (checked.interval(before[label]), checked.interval(after[label]))
            yield Moved(label, one, other, said, _apart(one, other))


def _checks(claim: Model) -> Iterator[tuple[str, Model]]:
    for check in claim["checks"]:
        yield _label("", check), check
    for control in claim["controls"]:
        for check in control["checks"]:
            yield _label(f"control {control['name']}: ", check), check
    for control in claim["positive"]:
        for check in control["checks"]:
            yield _label(f"positive control {control['name']}: ", check), check


def _ends(check: Model) -> Ends:
    return check["interval"][0], check["interval"][1]


def _label(prefix: str, check: Model) -> str:
    at = f" at {check['label']}" if check["label"] else ""
    return f"{prefix}{check['functional']}{at}, {checked.region(check)}"


def _apart(a: Ends, b: Ends) -> bool:
    return _below(a[1], b[0]) or _below(b[1], a[0])


def _below(high: float | None, low: float | None) -> bool:
    return high is not None and low is not None and high < low
