"""How often what a search for an onset says is wrong, if the store has the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refutable.reports import numbers
from refutable.reports.text import count, grouped

from refutable.errors import StoreError

Stored = dict[str, Any]

FILE = "onset-calibration.json"
"""Of a store: copied there from `baseline`, as the calibration of the kernels is."""

SCHEMA = 1
HEAD = ("Curve", "Outcome", "Wide as", "Wrong", "Rate at most", "Finding", "Replicates", "Endings")


def read(store: Path) -> Stored | None:
    """Return what `python -m refutable.calibration.onsets --out` wrote into a store, or None.

    Raises
    ------
    StoreError
        If it is there and cannot be read.
    """
    path = store / FILE
    if not path.exists():
        return None
    try:
        stored: Stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["schema"] != SCHEMA:
            raise ValueError(f"schema {stored['schema']}")
        table(stored)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{path} is not a table of searches for onsets: {error!r}. Move it away."
        ) from error
    return stored


def table(stored: Stored | None) -> Stored | None:
    """Return text, head and rows, all of strings; None if there is no table."""
    if stored is None:
        return None
    return {"text": _text(stored), "head": list(HEAD), "rows": [_row(r) for r in stored["onsets"]]}


def _text(stored: Stored) -> str:
    rows = stored["onsets"]
    broken = sum(row["finding"] == "broken" for row in rows)
    return (
        f"Searches on curves whose onset is known, at a nominal error of "
        f"{numbers.number(stored['alpha'])}: a search is wrong if anything that it says is, that "
        "the expectation fails at a value or that it holds at one. In "
        f"{grouped(broken) if broken else 'none'} of {count(len(rows), 'case')} searches are found "
        "to be wrong more often. The rates have intervals of error 0.001; the replicates are "
        f"means. Seed {stored['seed']}."
    )


def _row(row: Stored) -> list[str]:
    endings = sorted(row["endings"].items(), key=lambda pair: -pair[1])
    return [
        str(row["curve"]),
        str(row["outcome"]),
        numbers.number(row["tolerance"]),
        f"{grouped(row['missed'])} of {grouped(row['runs'])}",
        numbers.number(row["upper"], 2),
        str(row["finding"]),
        grouped(round(row["replicates"])),
        ", ".join(f"{grouped(many)} {ending}" for ending, many in endings),
    ]
