"""Claims of the model: the record as its author wrote it, and what came out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refutable.reports import numbers
from refutable.reports.ratios import tightness
from refutable.reports.reasons import reason

from refutable.claims.records import Verdict
from refutable.deciding.distances import distance
from refutable.deciding.quoting import quoted
from refutable.deciding.results import BY_LOGIC, CheckResult, ClaimResult, ControlResult

Model = dict[str, Any]

_RECORD = (
    "name",
    "title",
    "origin",
    "basis",
    "source",
    "statement",
    "formula",
    "scope",
    "evidence",
    "does_not_show",
    "assumptions",
    "why",
    "untouched_because",
    "weak",
    "weight",
    "deterministic",
    "block",
    "place",
)


def claim(name: str, record: Model | None, result: ClaimResult | None) -> Model:
    """Return a claim of the model; its record or its result may be missing in the store."""
    record = quoted(record or {}, result, numbers.number)
    paper = record.get("paper") or {}
    return {
        "id": name,
        "paper": paper.get("key") or name.split(".")[0],
        "field": paper.get("field") or "",
        **{key: record.get(key) for key in _RECORD},
        "name": record.get("name") or name.split(".", 1)[-1],
        "assumptions": record.get("assumptions") or [],
        "notes": record.get("notes") or [],
        "figure": _figure(record.get("figure")),
        "curves": record.get("curves") or [],
        "boundary": record.get("boundary") or [],
        "cap": (record.get("caps") or {}).get(result.effort) if result else None,
        "recorded": bool(record),
        **_finding(result, record),
        "command": _command(name, record, result),
    }


def _figure(stored: Model | None) -> Model | None:
    """Return how a figure is drawn; what former versions did not store is as by default."""
    return {"marks": [], "y": "", **stored} if stored else None


def _finding(result: ClaimResult | None, record: Model) -> Model:
    if result is None:
        return _no_finding(record)
    return {
        "verdict": result.verdict,
        "graded": result.graded,
        "expected": result.expected,
        "as_expected": result.as_expected,
        "reason": reason(result),
        "seed": result.seed,
        "effort": result.effort,
        "fingerprint": result.fingerprint,
        "replicates": result.replicates,
        "alpha": _spent(result),
        "checks": [_check(check) for check in result.checks],
        "drawn": [_check(check) for check in result.drawn],
        "controls": [_control(control, record) for control in result.controls],
        "positive": [_control(control, record) for control in result.positive],
        "failures": [dict(vars(failure)) for failure in result.failures],
    }


def beside(claim: Model) -> list[Model]:
    """Return the controls of a claim of the model, then its positive controls."""
    return [*claim["controls"], *claim["positive"]]


def counted(controls: Iterable[Model]) -> list[Model]:
    """Return controls of the model without those that logic alone refutes."""
    return [control for control in controls if control["fate"] != BY_LOGIC]


def _words(name: str, record: Model) -> str:
    """Return a control's name as its author wrote it, with its mathematics."""
    stored = [*(record.get("controls") or ()), *(record.get("positive") or ())]
    return next((str(c["words"]) for c in stored if c["name"] == name and c.get("words")), name)


def _control(control: ControlResult, record: Model) -> Model:
    checks = [_check(check) for check in control.checks]
    distances = {"half_widths": control.half_widths, "margins": control.margins}
    named = {"name": control.name, "words": _words(control.name, record)}
    plain = {**named, "kind": control.kind, "fate": control.fate, **distances}
    return {**plain, "distance": distance(control), "checks": checks}


def _no_finding(record: Model) -> Model:
    return {
        "verdict": str(Verdict.NOT_RUN),
        "graded": str(Verdict.NOT_RUN),
        "expected": record.get("expected") or str(Verdict.SUPPORTED),
        "as_expected": False,
        "reason": "no result is stored",
        "seed": None,
        "effort": None,
        "fingerprint": "",
        "replicates": 0,
        "alpha": 0.0,
        "checks": [],
        "drawn": [],
        "controls": _not_run(record, "controls"),
        "positive": _not_run(record, "positive"),
        "failures": [],
    }


def _not_run(record: Model, kind: str) -> list[Model]:
    known = record.get(kind) or ()
    return [_control(ControlResult(c["name"], c["kind"], "not run", ()), record) for c in known]


def _spent(result: ClaimResult) -> float:
    """Return what a claim owns; of a result of a former version, the sum over its checks."""
    if result.alpha is not None:
        return result.alpha
    every = [*result.checks, *(check for control in result.beside for check in control.checks)]
    return sum(check.alpha for check in every if check.status != "shown")


def _check(check: CheckResult) -> Model:
    plain = {**vars(check), "region": _ends(check.region), "interval": _ends(check.interval)}
    plain["ladder"] = [dict(vars(rung)) for rung in check.ladder]
    plain["guarantee"] = {**vars(check.guarantee), "label": check.guarantee.label}
    return {**plain, "label": numbers.cell(check.cell), **_reading(check)}


def _reading(check: CheckResult) -> Model:
    return {"yes_or_no": check.yes_or_no, "tightness": tightness(check)}


def _ends(ends: Iterable[float]) -> list[float | None]:
    return [end if abs(end) != float("inf") else None for end in ends]


def _command(name: str, record: Model, result: ClaimResult | None) -> str:
    place = record.get("place") or ""
    what = _quoted(place) if place.endswith(".py") else name
    run = f" --effort {result.effort} --seed {result.seed}" if result else ""
    return f"refutable run {what}{run}"


def _quoted(path: str) -> str:
    plain = all(character.isalnum() or character in "/._-" for character in path)
    return path if plain else "'" + path.replace("'", "'\\''") + "'"
