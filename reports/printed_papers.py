"""The papers of the PDF: records, claims, checks as the strings that are set."""

from __future__ import annotations

from typing import Any

from refutable.reports import checked, findings, labels, merging, numbers, onsets, wording
from refutable.reports.printed_text import badge, breakable, narrow, tone
from refutable.reports.text import count, one_line

Model = dict[str, Any]

MOST_CHECKS = 24


def paper(
    record: Model,
    place: int,
    by_id: dict[str, Model],
    labels: dict[str, str],
    figures: dict[str, str],
    compiles: frozenset[str],
) -> Model:
    """Return a paper and its claims.

    Parameters
    ----------
    record : dict
        Of the model.
    place : int
        Its number among the references.
    by_id : dict of str to dict
        Claims of the model.
    anchors : dict of str to str
        Claim id to what links lead to.
    figures : dict of str to str
        Claim id to where its figure lies.
    compiles : frozenset of str
        Formulas that can be set as mathematics.
    """
    claims = [by_id[name] for name in record["claims"]]
    return {
        "finding": breakable(findings.opening(claims)),
        "shares": findings.shares(claims),
        "title": breakable(one_line(record["title"], 300)),
        "authors": breakable(", ".join(record["authors"])),
        "reference": f"paper-{place}",
        "number": place,
        "citation": breakable(record["citation"] or record["title"]),
        "read": breakable(record["read"] or ""),
        "not_checked": [breakable(item) for item in record["not_checked"]],
        "claims": [_claim(one, labels[one["id"]], figures, compiles) for one in claims],
    }


def _claim(claim: Model, label: str, figures: dict[str, str], compiles: frozenset[str]) -> Model:
    formula = claim["formula"] or ""
    undecided = claim["verdict"] == "undecided"
    return {
        "label": label,
        "name": breakable(claim["title"] or claim["name"]),
        **badge(claim),
        "expected": claim["expected"],
        "note": wording.expectation_note(claim),
        "labels": " \u00b7 ".join(filter(None, (*_words(claim), _weak(claim)))),
        "statement": breakable(claim["statement"] or ""),
        "formula": (formula if formula in compiles else breakable(formula)) or None,
        "compiles": formula in compiles,
        "source": breakable(claim["source"] or ""),
        "reason": breakable(claim["reason"]),
        "why": breakable(claim["why"] or ""),
        "needs": breakable(wording.what_it_takes(claim)) if undecided else "",
        "onsets": [breakable(one["sentence"]) for one in claim.get("onsets") or ()],
        "maps": [
            {"figure": figures[name], "caption": caption}
            for name, _, caption in onsets.printed(claim)
            if name in figures
        ],
        "figure": figures.get(claim["id"]),
        "figure_text": wording.figure_text(claim),
        **_checks(claim["checks"]),
        "controls": [_control(control) for control in claim["controls"]],
        "positive": [_control(control, "supported") for control in claim["positive"]],
        "assumptions": breakable("; ".join(claim["assumptions"])),
        "does_not_show": breakable(claim["does_not_show"] or ""),
        "measured": breakable(" ".join(claim["notes"])),
        "failures": [breakable(f"{f['error']}\n{f['command']}") for f in claim["failures"][:5]],
        "facts": _facts(claim),
        "command": breakable(claim["command"]),
    }


def _words(claim: Model) -> tuple[str | None, ...]:
    basis = claim["basis"] and f"basis: {claim['basis']}"
    return claim["origin"], basis, claim["scope"], claim["evidence"]


def _weak(claim: Model) -> str:
    return "weak: an upper bound that practically cannot fail" if claim["weak"] else ""


def _facts(claim: Model) -> str:
    parts = [count(claim["replicates"], "replicate")]
    if claim["seed"] is not None:
        parts.append(f"seed {claim['seed']}, effort {claim['effort']}")
    if claim["fingerprint"]:
        parts.append(f"fingerprint {claim['fingerprint']}")
    return "; ".join(parts) + "."


def _control(control: Model, wanted: str = "refuted") -> Model:
    good = control["fate"] == wanted
    return {
        "name": breakable(control["name"]),
        "fate": f"{control['fate']}, as it must be" if good else control["fate"],
        "tone": "plain" if good else tone(control["fate"]),
        "kind": ", ".join(filter(None, (control["kind"], control["distance"]))),
        **_checks(control["checks"]),
    }


def _checks(checks: list[Model]) -> Model:
    rows = merging.rows(checks)
    rest = len(rows) - MOST_CHECKS
    return {
        "checks": [_check(check) for check in rows[:MOST_CHECKS]],
        "omitted": f"and {count(rest, 'check')} more in checks.csv" if rest > 0 else "",
    }


def _check(check: Model) -> Model:
    error = check["standard_error"]
    plus = "" if error is None else f" ± {numbers.number(error, 2)}"
    return {
        "functional": narrow(check["functional"]),
        "cell": breakable(check["label"]),
        "predicted": numbers.number(check["predicted"]),
        "estimate": numbers.number(check["estimate"]) + plus,
        "interval": breakable(check["said"] or checked.interval(check)),
        "region": checked.region(check),
        "status": labels.STATUS.get(check["status"], check["status"]),
    }
