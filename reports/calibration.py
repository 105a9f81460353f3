"""The calibration table (`refutable.calibration`), if the store has one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from refutable.reports import numbers
from refutable.reports.text import count, grouped

from refutable.errors import StoreError

SCHEMA = 1
HEAD = (
    "Expectation",
    "Decided by",
    "Law",
    "Region",
    "Nominal",
    "How",
    "Wrong",
    "Rate",
    "Finding",
)
SHORT_HEAD = ("Expectation", "Decided by", "Nominal", "Cases", "Finding", "Highest rate")
ECONOMY_HEAD = (
    "What is decided",
    "Look every",
    "Fixed n",
    "Sequential",
    "Told the truth",
    "Times fewer",
)
ECONOMY_TEXT = (
    "Replicates that the confidence sequence is expected to need, against the fixed-n test of "
    "equal error, sized before anything runs for a truth 60 % of the way to the limit; and what a "
    "sequential test would need that had been told the truth beforehand."
)

_ROLES = {
    "kernel": "",
    "approximate": " (approximate)",
    "limit": " (approximate, at its limit)",
    "fails": " (not in use, shown to fail)",
}

_FINDINGS = {
    "holds": ("errs at most as often as it says", "err at most as often as they say"),
    "open": ("is not decided", "are not decided"),
    "broken": ("errs more often", "err more often"),
}

Stored = dict[str, Any]


def read(path: Path) -> Stored | None:
    """Return what `python -m refutable.calibration --out` wrote into a store, or None.

    Raises
    ------
    StoreError
        If it is there and cannot be read.
    """
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        readable = stored["schema"] == SCHEMA and isinstance(stored["calibration"], list)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a calibration table: {error}. Move it away.") from error
    if not readable:
        raise StoreError(f"{path} has a schema that this version does not read. Move it away.")
    kept: Stored = stored
    return kept


def table(stored: Stored | None) -> Stored | None:
    """Return text, head and rows, all of strings, of the table and of what looking early saves.

    Parameters
    ----------
    stored : dict or None
        As `read` returns it.
    """
    if stored is None:
        return None
    return {
        "text": _text(stored),
        "head": list(SHORT_HEAD),
        "rows": _short(stored["calibration"]),
        "full_head": list(HEAD),
        "full": [_row(row) for row in stored["calibration"]],
        "economy_text": ECONOMY_TEXT,
        "economy_head": list(ECONOMY_HEAD),
        "economy": [_saving(saving) for saving in stored.get("economy") or ()],
    }


def _text(stored: Stored) -> str:
    rows = stored["calibration"]
    kernels, approximate = (
        [row for row in rows if row["role"] == role] for role in ("kernel", "approximate")
    )
    beside = (
        f" Of {count(len(approximate), 'case')} of the t, which no theorem covers, "
        f"{_tally(approximate)}."
        if approximate
        else ""
    )
    return (
        "How often a verdict is wrong when the truth lies exactly on the edge of the region, where "
        f"it is hardest: of {count(len(kernels), 'case')} of the kernels in use that rest on a "
        f"theorem, {_tally(kernels)}.{beside}{_broken(rows)} Methods that are known to fail stand "
        f"beside them. Sequences of {grouped(stored['horizon'])} replicates, seed "
        f"{stored['seed']}; the rates carry intervals of error 0.001."
    )


def _tally(rows: list[Stored]) -> str:
    """Return how many rows have each finding, in words."""
    found = [
        f"{grouped(number)} {one if number == 1 else several}"
        for finding, (one, several) in _FINDINGS.items()
        if (number := sum(row["finding"] == finding for row in rows))
    ]
    return ", ".join(found) or "none was tried"


def _broken(rows: list[Stored]) -> str:
    """Name the laws on which a method in use errs more often than it says."""
    used = [row for row in rows if row["role"] != "fails" and row["finding"] == "broken"]
    laws: dict[str, dict[str, None]] = {}
    for row in used:
        laws.setdefault(f"{row['expectation']} by {row['kernel']}", {})[str(row["law"])] = None
    named = (f"{method} on {', '.join(found)}" for method, found in laws.items())
    return f" What errs more often than it says: {'; '.join(named)}." if laws else ""


def _short(rows: list[Stored]) -> list[list[str]]:
    """Gather the cases (laws and regions) of each method at each nominal rate."""
    groups: dict[tuple[str, str, float], list[Stored]] = {}
    for row in rows:
        groups.setdefault((row["expectation"], _method(row), row["nominal"]), []).append(row)
    return [_gathered(*key, cases) for key, cases in groups.items()]


def _gathered(expectation: str, method: str, nominal: float, cases: list[Stored]) -> list[str]:
    worst = max(cases, key=lambda row: float(row["rate"]))
    tally = Counter(str(row["finding"]) for row in cases)
    found = ", ".join(f"{number} {finding}" for finding, number in sorted(tally.items()))
    return [
        str(expectation),
        method,
        numbers.number(nominal),
        str(len(cases)),
        found,
        f"{_rate(worst)} ({worst['law']}, {_region(worst)})",
    ]


def _method(row: Stored) -> str:
    return f"{row['kernel']}{_ROLES[row['role']]}"


def _rate(row: Stored) -> str:
    ends = numbers.interval((row["lower"], row["upper"]), 2)
    return f"{numbers.number(row['rate'], 2)} {ends}"


def _region(row: Stored) -> str:
    return str(row["region"]).replace("_", " ")


def _row(row: Stored) -> list[str]:
    wrong = f"{grouped(row['wrong'])} of {grouped(row['sequences'])}" if row["sequences"] else ""
    return [
        str(row["expectation"]),
        _method(row),
        str(row["law"]),
        _region(row),
        numbers.number(row["nominal"]),
        str(row.get("method", "simulated")),
        wrong,
        _rate(row),
        str(row["finding"]),
    ]


def _saving(saving: Stored) -> list[str]:
    return [
        str(saving["case"]),
        grouped(saving["look_every"]),
        grouped(saving["fixed"]),
        numbers.number(saving["sequential"], 3),
        numbers.number(saving["told"], 3),
        numbers.number(saving["ratio"], 3),
    ]
