"""The baseline: what was found before, as text for git, and what changed for the worse since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refutable.claims.records import Evidence, Verdict
from refutable.deciding.results import CheckResult, ClaimResult
from refutable.errors import MisuseError
from refutable.storing.sealed import write_plain

RELATIVE = 1e-6
"""Deterministic numbers that moved by less than this are the same number."""

FINE, WORSE, INSUFFICIENT = 0, 1, 3


@dataclass(frozen=True)
class Change:
    """Something that differs from the baseline.

    Parameters
    ----------
    claim : str
    code : int
        0 worth a note, 1 worse, 3 evidence insufficient.
    text : str
        What changed.
    """

    claim: str
    code: int
    text: str


def entry(result: ClaimResult, cost: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Return what the baseline keeps of a result."""
    plain = result.to_json()
    return {
        "claim": result.claim,
        "verdict": result.verdict,
        "expected": result.expected,
        "replicates": result.replicates,
        "seconds": round(float(cost.get("seconds", 0.0)), 1),
        "checks": [_kept(check) for check in plain["checks"]],
        "controls": {c.name: c.fate for c in result.beside},
        "reason": reason,
    }


def _kept(check: Mapping[str, Any]) -> dict[str, Any]:
    names = ("functional", "cell", "region", "interval", "status", "replicates", "evidence")
    return {name: check[name] for name in names}


def folder(root: Path, effort: str) -> Path:
    """Where the baseline of an effort lies."""
    return root / effort


def read(root: Path, effort: str) -> dict[str, dict[str, Any]]:
    """Return the baseline of an effort, by claim id.

    Raises
    ------
    MisuseError
        If there is none, or a file cannot be read.
    """
    paths = sorted(folder(root, effort).glob("*.json"))
    if not paths:
        raise MisuseError(
            f"There is no baseline for effort {effort} in {root}. "
            "Make one with `refutable accept --reason '...'`."
        )
    return {path.stem: _read_one(path) for path in paths}


def _read_one(path: Path) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise MisuseError(f"{path} is not a baseline file: {error}") from error
    return stored


def accept(
    root: Path, results: Iterable[tuple[ClaimResult, Mapping[str, Any]]], reason: str
) -> list[Path]:
    """Write results as the new baseline.

    Raises
    ------
    MisuseError
        If no reason is given.
    """
    if not reason.strip():
        raise MisuseError("A baseline is accepted for a reason: give it with --reason '...'.")
    written = []
    for result, cost in results:
        path = folder(root, result.effort) / f"{result.claim}.json"
        write_plain(path, entry(result, cost, reason.strip()))
        written.append(path)
    return written


def forget(root: Path, effort: str, claims: Iterable[str]) -> None:
    """Remove claims from the baseline (they were removed or renamed on purpose)."""
    for claim in claims:
        (folder(root, effort) / f"{claim}.json").unlink(missing_ok=True)


def compare(
    before: Mapping[str, Mapping[str, Any]], now: Mapping[str, ClaimResult]
) -> list[Change]:
    """Return every difference that a maintainer should know of."""
    changes = [
        Change(name, WORSE, "is in the baseline but has no result: it vanished or was not run")
        for name in sorted(before.keys() - now.keys())
    ]
    for name, result in sorted(now.items()):
        if name in before:
            changes += _differences(before[name], result)
        else:
            changes.append(Change(name, FINE, "is new; accept it to guard it"))
    return changes


def code(changes: Iterable[Change]) -> int:
    """Return the exit code: 1 if anything is worse, else 3 if evidence is insufficient, else 0."""
    codes = {change.code for change in changes}
    return WORSE if WORSE in codes else max(codes, default=FINE)


def _differences(old: Mapping[str, Any], result: ClaimResult) -> list[Change]:
    changes = []
    was, badness = old["verdict"], _badness(result.verdict, result.expected)
    if result.verdict != was:
        text = f"was {was}, is {result.verdict}: {result.reason}"
        changes.append(Change(result.claim, _code(_badness(was, old["expected"]), badness), text))
    fates = {control.name: control.fate for control in result.beside}
    changes += [
        Change(result.claim, WORSE, f"the control {name!r} is gone")
        for name in old["controls"]
        if name not in fates
    ]
    known = {_key(check): check for check in old["checks"]}
    for check in result.checks:
        earlier = known.get(_key_of(check))
        if earlier is not None and _moved(check, earlier["interval"]):
            text = (
                f"{check.functional} at {check.cell}: the interval {_show(check.interval)} does "
                f"not meet the baseline's {_show(earlier['interval'])}"
            )
            changes.append(Change(result.claim, WORSE, text))
    return changes


def _badness(verdict: str, expected: str) -> int:
    if verdict in (expected, Verdict.NOT_RUN):
        return 0
    return 1 if verdict == Verdict.UNDECIDED else 2


def _code(before: int, now: int) -> int:
    if now <= before:
        return FINE
    return INSUFFICIENT if now == 1 else WORSE


def _key(check: Mapping[str, Any]) -> tuple[str, str]:
    return check["functional"], json.dumps(check["cell"], sort_keys=True)


def _key_of(check: CheckResult) -> tuple[str, str]:
    return check.functional, json.dumps(check.cell, sort_keys=True)


def _moved(check: CheckResult, earlier: list[float | None]) -> bool:
    low, high = check.interval
    old_low = float("-inf") if earlier[0] is None else earlier[0]
    old_high = float("inf") if earlier[1] is None else earlier[1]
    if check.evidence == Evidence.STATISTICAL:
        slack = 0.0
    else:
        slack = RELATIVE * max(1.0, abs(low), abs(high))
    return low > old_high + slack or high < old_low - slack


def _show(interval: Iterable[float | None]) -> str:
    low, high = interval
    return (
        f"[{'-inf' if low is None else f'{low:.6g}'}, {'inf' if high is None else f'{high:.6g}'}]"
    )
