"""How fast the solvers are, beside their peers: ratios that `nox -s bench` stored as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from refutable.reports import numbers

from refutable.errors import StoreError

Model = dict[str, Any]

FOLDER = "benchmarks"
"""Of a store: copied there from `baseline/benchmarks`, as the calibration is."""

PEERS = ("Task", "Ours", "Peer", "Peer / ours", "95 % interval", "Rounds")
GROWTH = ("Task", "Grows with", "Sizes", "Exponent", "95 % interval")
STATED = ("Task", "Of", "Measured")


def read(store: Path) -> list[Model]:
    """Return the stored records, by the names of their files.

    Raises
    ------
    StoreError
        If one of them is no such record.
    """
    found = []
    for path in sorted((store / FOLDER).glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            found.append({"name": path.stem, **{key: record[key] for key in _KEYS}})
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{path} holds no benchmarks: {error!r}. Move it away.") from error
    return found


_KEYS = ("command", "date", "machine", "peers", "growth", "stated")


def runs(records: list[Model]) -> list[str]:
    """Return by which command, when and on what the ratios were measured, each said once."""
    return list(dict.fromkeys(map(_run, records)))


def _run(record: Mapping[str, Any]) -> str:
    machine = record["machine"]
    parts = (f"{name} {machine[name]}" for name in sorted(machine) if name != "cores")
    return f"{record['command']} on {record['date']}: {machine['cores']} cores, {', '.join(parts)}"


def tables(record: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], list[list[str]]]]:
    """Return the tables of a record: caption, head and rows; none that is empty."""
    peers = [_peer(row) for row in record["peers"]]
    growth = [_growth(row) for row in record["growth"]]
    stated = [[row["group"], row["of"], _values(row["values"])] for row in record["stated"]]
    every = (("Time beside peers", PEERS, peers), ("Growth", GROWTH, growth))
    return [one for one in (*every, ("Also measured", STATED, stated)) if one[2]]


def _peer(row: Mapping[str, Any]) -> list[str]:
    ratio = numbers.number(row["ratio"], 3)
    measured = (ratio, _interval(row["interval"]), str(row["rounds"]))
    return [row["group"], row["ours"], row["peer"], *measured]


def _growth(row: Mapping[str, Any]) -> list[str]:
    sizes = ", ".join(map(numbers.number, row["sizes"]))
    slope = numbers.number(row["slope"], 3)
    return [row["group"], row["parameter"], sizes, slope, _interval(row["interval"])]


def _interval(ends: list[float] | None) -> str:
    return "one round" if ends is None else numbers.interval((ends[0], ends[1]), 3)


def _values(values: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: object) -> str:
    return numbers.number(value, 3) if isinstance(value, int | float) else str(value)
