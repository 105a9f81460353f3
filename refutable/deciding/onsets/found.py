"""What a search for an onset found: numbers, plain values for a file, and a sentence."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from refutable.deciding.estimating import Status
from refutable.deciding.guarantee import Grade, weakest
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.points import Point
from refutable.deciding.onsets.search import Ending, Search
from refutable.deciding.results import CheckResult, check_of, finite


@dataclass(frozen=True)
class Probe:
    """One value that was visited.

    Parameters
    ----------
    value : int or float
        Of the parameter.
    status : str
        `inside` (it holds there), `outside` (it fails) or `open`.
    replicates : int
        Drawn there.
    alpha : float
        Error probability of the status.
    checks : tuple of CheckResult
        Estimates, intervals and regions; a guard is a check of its own.
    """

    value: float
    status: str
    replicates: int
    alpha: float
    checks: tuple[CheckResult, ...]

    @classmethod
    def of(cls, value: float, point: Point) -> Probe:
        """Return what a point has seen."""
        return cls(value, str(point.status), point.replicates, point.alpha, point.results())

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Probe:
        """Return what `OnsetFound.to_json` wrote of it."""
        checks = tuple(map(check_of, stored["checks"]))
        return cls(**{**stored, "checks": checks})


@dataclass(frozen=True, kw_only=True)
class OnsetFound:
    """The onset of an expectation along a parameter.

    Parameters
    ----------
    claim : str
    functional, region : str
        Which expectation, in words.
    at : mapping
        The parameters that were held fixed.
    line : Line
        The parameter, its range, scale and tolerance.
    ending : str
        One of `Ending`.
    fails_at, holds_at : int, float or None
        With probability at least ``1 - alpha`` the expectation fails at the one and holds at the
        other; None where no such pair was found.
    alpha : float
        Of every statement together that is made here.
    most : int
        Values that might have been visited, each of which owned ``alpha / most``.
    budget, replicates : int
        That might have been drawn, and that were.
    seed : int
    block : int
        Replicates of a block.
    probes : tuple of Probe
        In the order of the parameter.
    predicted : float or None
        Where theory has it.
    fingerprint : str
        Of the code that drew.
    """

    claim: str
    functional: str
    region: str
    at: Mapping[str, Any]
    line: Line
    ending: str
    fails_at: float | None
    holds_at: float | None
    alpha: float
    most: int
    budget: int
    replicates: int
    seed: int
    block: int
    probes: tuple[Probe, ...]
    predicted: float | None = None
    fingerprint: str = ""

    @property
    def bracket(self) -> tuple[float, float] | None:
        """The two values in order, None where there is no such pair."""
        if self.fails_at is None or self.holds_at is None:
            return None
        return min(self.fails_at, self.holds_at), max(self.fails_at, self.holds_at)

    @property
    def rising(self) -> bool | None:
        """Whether it holds above the onset; None without a bracket."""
        if self.fails_at is None or self.holds_at is None:
            return None
        return self.holds_at > self.fails_at

    @property
    def grade(self) -> str:
        """The weakest ground of any statement made here."""
        return weakest(check.guarantee.grade for p in self.probes for check in p.checks)

    @property
    def ground(self) -> str:
        """The ground in words."""
        labels = [c.guarantee.label for p in self.probes for c in p.checks]
        labels = [label for label in labels if label.startswith(self.grade)]
        return labels[0] if labels else ""

    @property
    def agrees(self) -> bool | None:
        """Whether theory's value lies in the bracket; None without a bracket or a prediction."""
        if self.bracket is None or self.predicted is None:
            return None
        return self.bracket[0] <= self.predicted <= self.bracket[1]

    @property
    def sentence(self) -> str:
        """What was found, in one sentence or two."""
        return (
            f"{_SAID[Ending(self.ending)](self)}{self._chance}{self._theory}{placed(self.at, ';')}."
        )

    @property
    def _chance(self) -> str:
        if not any(p.status != Status.OPEN for p in self.probes):
            return ""
        if self.grade == Grade.COMPUTED:
            return " (computed)"
        graded = ", approximate" if self.grade == Grade.APPROXIMATE else ""
        return f" (error at most {self.alpha:g}{graded})"

    @property
    def _theory(self) -> str:
        return "" if self.predicted is None else f"; theory: {number(self.predicted)}"

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = finite(asdict(self))
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> OnsetFound:
        """Return what `to_json` wrote."""
        probes = tuple(map(Probe.from_json, stored["probes"]))
        return cls(**{**stored, "line": Line(**stored["line"]), "probes": probes})


def found_by(
    search: Search,
    claim: str,
    seed: int,
    predicted: float | None = None,
    fingerprint: str = "",
) -> OnsetFound:
    """Return what a search has found so far."""
    pair = search.bracket()
    monotone = search.ending is not Ending.NOT_MONOTONE
    value = search.value_of
    points = sorted(search.points.items())
    regions = {check.region.label for _, point in points for check in point.checks[:1]}
    return OnsetFound(
        claim=claim,
        functional=search.expectation.functional.label,
        region=regions.pop() if len(regions) == 1 else "in its region",
        at=dict(search.at),
        line=search.line,
        ending=str(search.ending or Ending.STOPPED),
        fails_at=value(pair[0]) if pair and monotone else None,
        holds_at=value(pair[1]) if pair and monotone else None,
        alpha=search.alpha,
        most=search.most,
        budget=search.budget,
        replicates=search.replicates,
        seed=seed,
        block=search.size,
        probes=tuple(Probe.of(at, point) for at, point in points),
        predicted=predicted,
        fingerprint=fingerprint,
    )


def placed(at: Mapping[str, Any], mark: str = "") -> str:
    """Return where the other parameters were held, after a mark; empty if there are none."""
    held = ", ".join(f"{name} = {value}" for name, value in at.items())
    return f"{mark} at {held}" if held else ""


def number(value: float) -> str:
    """Return a value of the parameter as people write it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _what(found: OnsetFound) -> str:
    return f"{found.functional} {found.region}"


def _range(found: OnsetFound) -> str:
    line = found.line
    return f"{line.name} from {number(line.low)} to {number(line.high)}"


def _bracketed(found: OnsetFound) -> str:
    low, high = found.bracket or (found.line.low, found.line.high)
    where = f"{found.line.name} in [{number(low)}, {number(high)}]"
    return f"{_what(found)} holds {'from' if found.rising else 'up to'} {where}" + (
        " on" if found.rising else ""
    )


def _wide(found: OnsetFound) -> str:
    why = (
        "its budget is spent"
        if found.budget - found.replicates < found.block
        else ("all values that might be visited were, or what is left is undecided")
    )
    return f"{_bracketed(found)}, wider than asked for: {why}"


def _everywhere(found: OnsetFound) -> str:
    how = "holds" if found.ending == Ending.ALWAYS else "fails"
    more = "there is no onset in this range"
    return f"{_what(found)} {how} at both ends of {_range(found)} and wherever it was tried: {more}"


def _not_monotone(found: OnsetFound) -> str:
    decided = [p for p in found.probes if p.status != Status.OPEN]
    runs = [
        decided[0],
        *(b for a, b in itertools.pairwise(decided) if a.status != b.status),
    ]
    words = {"inside": "holds", "outside": "fails"}
    seen = ", ".join(f"{words[p.status]} at {number(p.value)}" for p in runs)
    return f"{_what(found)} is not monotone in {_range(found)}: it {seen}; there is no single onset"


def _open(found: OnsetFound) -> str:
    ends = [p for p in found.probes if p.value in (found.line.low, found.line.high)]
    waiting = [number(p.value) for p in ends if p.status == Status.OPEN]
    return (
        f"{_what(found)} is not decided at {found.line.name} = {' and '.join(waiting)} within its "
        f"share of the budget of {found.budget:,} replicates: the range has no end to start from"
    )


def _no_budget(found: OnsetFound) -> str:
    return (
        f"Nothing was drawn: the budget of {found.budget:,} replicates has no room for a block of "
        f"{found.block:,}"
    )


def _stopped(found: OnsetFound) -> str:
    return f"The search for {_what(found)} along {_range(found)} was stopped; it can be taken up"


_SAID = {
    Ending.FOUND: _bracketed,
    Ending.WIDE: _wide,
    Ending.ALWAYS: _everywhere,
    Ending.NEVER: _everywhere,
    Ending.NOT_MONOTONE: _not_monotone,
    Ending.OPEN: _open,
    Ending.NO_BUDGET: _no_budget,
    Ending.STOPPED: _stopped,
}
