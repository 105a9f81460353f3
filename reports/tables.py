"""Every number as CSV and Parquet: one row per claim, one row per check."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from refutable.reports.claims import beside, counted

Model = dict[str, Any]
Rows = list[dict[str, Any]]

_TEXT, _REAL, _WHOLE, _BOOL = "text", "real", "whole", "bool"
CLAIM_COLUMNS = {
    "claim": _TEXT,
    "paper": _TEXT,
    "field": _TEXT,
    "verdict": _TEXT,
    "expected": _TEXT,
    "as_expected": _BOOL,
    "scope": _TEXT,
    "evidence": _TEXT,
    "weak": _BOOL,
    "checks": _WHOLE,
    "controls": _WHOLE,
    "controls_refuted": _WHOLE,
    "positive": _WHOLE,
    "positive_supported": _WHOLE,
    "replicates": _WHOLE,
    "alpha": _REAL,
    "seed": _WHOLE,
    "effort": _TEXT,
    "fingerprint": _TEXT,
    "reason": _TEXT,
    "statement": _TEXT,
}
CHECK_COLUMNS = {
    "claim": _TEXT,
    "control": _TEXT,
    "kind": _TEXT,
    "fate": _TEXT,
    "functional": _TEXT,
    "evidence": _TEXT,
    "cell": _TEXT,
    "predicted": _REAL,
    "estimate": _REAL,
    "standard_error": _REAL,
    "interval_low": _REAL,
    "interval_high": _REAL,
    "region_low": _REAL,
    "region_high": _REAL,
    "status": _TEXT,
    "tightness": _REAL,
    "tightness_standard_error": _REAL,
    "replicates": _WHOLE,
    "alpha": _REAL,
    "detail": _TEXT,
}
LADDER_COLUMNS = {
    "claim": _TEXT,
    "control": _TEXT,
    "functional": _TEXT,
    "cell": _TEXT,
    "size": _REAL,
    "loss": _REAL,
    "relative_error": _REAL,
    "curve": _REAL,
}
_FORMULA = ("=", "+", "-", "@", "\t")


def claim_rows(model: Model) -> Rows:
    """Return one row per claim (`CLAIM_COLUMNS`)."""
    return [_claim(claim) for claim in model["claims"]]


def _claim(claim: Model) -> dict[str, Any]:
    controls = counted(claim["controls"])
    numbers = {
        "claim": claim["id"],
        "checks": len(claim["checks"]),
        "controls": len(controls),
        "controls_refuted": sum(control["fate"] == "refuted" for control in controls),
        "positive": len(claim["positive"]),
        "positive_supported": sum(c["fate"] == "supported" for c in claim["positive"]),
    }
    return {**{name: claim.get(name) for name in CLAIM_COLUMNS}, **numbers}


def ladder_rows(model: Model) -> Rows:
    """Return one row per size of every slope (`LADDER_COLUMNS`)."""
    return [
        {**{name: row[name] for name in LADDER_COLUMNS if name in row}, **rung}
        for claim in model["claims"]
        for row, check in zip(_checks(claim), _models(claim), strict=True)
        for rung in check["ladder"]
    ]


def _models(claim: Model) -> Rows:
    return [*claim["checks"], *(check for c in beside(claim) for check in c["checks"])]


def check_rows(model: Model) -> Rows:
    """Return one row per check of a claim or of a control (`CHECK_COLUMNS`)."""
    return [row for claim in model["claims"] for row in _checks(claim)]


def _checks(claim: Model) -> Iterator[dict[str, Any]]:
    for check in claim["checks"]:
        yield _check(claim["id"], None, check)
    for control in beside(claim):
        for check in control["checks"]:
            yield _check(claim["id"], control, check)


def _check(claim: str, control: Model | None, check: Model) -> dict[str, Any]:
    found = control or {"name": "", "kind": "claim", "fate": ""}
    tight = check["tightness"] or {"ratio": None, "standard_error": None}
    return {
        **{name: check.get(name) for name in CHECK_COLUMNS},
        "claim": claim,
        "control": found["name"],
        "kind": found["kind"],
        "fate": found["fate"],
        "cell": json.dumps(check["cell"], sort_keys=True, ensure_ascii=False),
        "interval_low": check["interval"][0],
        "interval_high": check["interval"][1],
        "region_low": check["region"][0],
        "region_high": check["region"][1],
        "tightness": tight["ratio"],
        "tightness_standard_error": tight["standard_error"],
    }


def to_csv(rows: Rows, columns: dict[str, str]) -> str:
    """Return CSV; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name], kind) for name, kind in columns.items()])
    return file.getvalue()


def _cell(value: Any, kind: str) -> Any:
    if value is None:
        return ""
    if kind == _TEXT:
        text = str(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    if kind == _BOOL:
        return "true" if value else "false"
    return repr(float(value)) if kind == _REAL else value


def to_parquet(rows: Rows, columns: dict[str, str]) -> bytes:
    """Return Parquet with the columns' own types; empty values are null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {_TEXT: pa.string(), _REAL: pa.float64(), _WHOLE: pa.int64(), _BOOL: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    data = {name: [_typed(row[name], kind) for row in rows] for name, kind in columns.items()}
    file = io.BytesIO()
    pq.write_table(pa.table(data, schema=schema), file, compression="zstd")
    return file.getvalue()


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return {_TEXT: str, _REAL: float, _WHOLE: int, _BOOL: bool}[kind](value)
