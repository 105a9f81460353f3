"""What a decided claim leaves behind: plain records that become JSON and back."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from refutable.claims.records import Effort, Verdict
from refutable.deciding.guarantee import UNGRADED, Grade, Guarantee, weakest
from refutable.deciding.ladder import Rung

SCHEMA = 1
"""Version of the stored result; readers refuse others by name."""


@dataclass(frozen=True)
class CheckResult:
    """One expectation in one cell.

    Parameters
    ----------
    functional, region_label, evidence, detail : str
        For people.
    cell : dict
        Parameters.
    region, interval : tuple of float
        Closed, possibly infinite.
    predicted, estimate, standard_error : float or None
    status : str
        `inside`, `outside`, `open`, or `shown` where there is no region.
    replicates : int
        Used by this check.
    alpha : float
        The error probability of what it says: of `inside`, or else of `outside`.
    ladder : tuple of Rung
        The losses behind a slope; empty for everything else.
    guarantee : Guarantee
        The ground on which `alpha` stands.
    """

    functional: str
    evidence: str
    cell: dict[str, Any]
    region: tuple[float, float]
    region_label: str
    predicted: float | None
    estimate: float | None
    standard_error: float | None
    interval: tuple[float, float]
    status: str
    detail: str
    replicates: int
    alpha: float
    ladder: tuple[Rung, ...] = ()
    guarantee: Guarantee = UNGRADED

    @property
    def yes_or_no(self) -> bool:
        """Whether it is agreement with a printed number or an identity, not a number."""
        return " reproduces " in self.functional or self.functional.startswith("identity ")


BY_LOGIC = "refuted by logic"
"""Fate of a control that says no more than that the claim's own check is inside; not counted."""


@dataclass(frozen=True)
class ControlResult:
    """A control and its fate: `refuted`, `survived`, `undecided` or `refuted by logic`.

    A positive control is `supported` where it should be.

    Parameters
    ----------
    name, kind, fate : str
    checks : tuple of CheckResult
    half_widths, margins : float or None
        How far it lies from its region (`refutable.deciding.distances`).
    """

    name: str
    kind: str
    fate: str
    checks: tuple[CheckResult, ...]
    half_widths: float | None = None
    margins: float | None = None


@dataclass(frozen=True)
class Failure:
    """A block that raised, with what it takes to see it again."""

    world: str
    cell: dict[str, Any]
    block: int
    error: str
    command: str


@dataclass(frozen=True)
class ClaimResult:
    """A claim's verdict and everything it rests on; equal for equal seeds, bit for bit.

    Parameters
    ----------
    claim : str
        Its id.
    verdict, expected : str
        As decided, and as the claim's author holds right.
    reason : str
        Why this verdict, in a sentence.
    seed : int
        Of the suite.
    effort : str
    fingerprint : str
        Of what the code means.
    replicates : int
        Used over all cells and worlds.
    checks : tuple of CheckResult
    controls : tuple of ControlResult
    failures : tuple of Failure
    alpha : float or None
        The error probability that the claim owns; None in results of former versions.
    positive : tuple of ControlResult
        What is right beside it and must be supported.
    drawn : tuple of CheckResult
        Cells that are for the figure alone.
    """

    claim: str
    verdict: str
    expected: str
    reason: str
    seed: int
    effort: str
    fingerprint: str
    replicates: int
    checks: tuple[CheckResult, ...] = ()
    controls: tuple[ControlResult, ...] = ()
    failures: tuple[Failure, ...] = ()
    alpha: float | None = None
    positive: tuple[ControlResult, ...] = ()
    drawn: tuple[CheckResult, ...] = ()

    @property
    def beside(self) -> tuple[ControlResult, ...]:
        """Its controls, then its positive controls."""
        return self.controls + self.positive

    @property
    def counted(self) -> tuple[ControlResult, ...]:
        """Its controls without those that logic alone refutes."""
        return tuple(control for control in self.controls if control.fate != BY_LOGIC)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the right one; a claim without its data is no failure."""
        return self.verdict in (self.expected, str(Verdict.NOT_RUN))

    @property
    def grade(self) -> str:
        """The weakest grade of its own checks that decide; see `guarantee.Grade`."""
        return weakest(c.guarantee.grade for c in self.checks if c.status != "shown")

    @property
    def graded(self) -> str:
        """The verdict, with the grade where its error probability is only approximate."""
        decided = self.verdict in (Verdict.SUPPORTED, Verdict.REFUTED)
        weak = decided and self.grade == Grade.APPROXIMATE
        return f"{self.verdict} ({self.grade})" if weak else self.verdict

    def to_json(self) -> dict[str, Any]:
        """Return plain values; infinities become null."""
        plain: dict[str, Any] = finite({"schema": SCHEMA, **asdict(self)})
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> ClaimResult:
        """Return the record that `to_json` wrote.

        Raises
        ------
        ValueError
            If it was written with another schema.
        """
        if stored.get("schema") != SCHEMA:
            raise ValueError(f"result schema {stored.get('schema')!r} is not {SCHEMA}")
        Verdict(stored["verdict"]), Effort(stored["effort"])  # unknown words are refused
        fields = {k: v for k, v in stored.items() if k != "schema"}
        for name in ("checks", "drawn"):
            fields[name] = tuple(check_of(c) for c in stored.get(name, ()))
        for name in ("controls", "positive"):
            fields[name] = tuple(_control(c) for c in stored.get(name, ()))
        fields["failures"] = tuple(Failure(**f) for f in stored["failures"])
        return cls(**fields)


def _control(stored: dict[str, Any]) -> ControlResult:
    return ControlResult(**{**stored, "checks": tuple(check_of(x) for x in stored["checks"])})


def check_of(stored: dict[str, Any]) -> CheckResult:
    """Return a check from its plain values."""
    ends = {name: _infinite(stored[name]) for name in ("region", "interval")}
    ladder = tuple(Rung(**rung) for rung in stored.get("ladder", ()))
    guarantee = Guarantee(**stored.get("guarantee", {}))
    return CheckResult(**{**stored, **ends, "ladder": ladder, "guarantee": guarantee})


def _infinite(ends: list[float | None]) -> tuple[float, float]:
    low, high = ends
    return (-math.inf if low is None else low, math.inf if high is None else high)


def finite(value: Any) -> Any:
    """Return plain values in which infinities have become None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
