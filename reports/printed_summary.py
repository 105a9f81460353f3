"""The content of the summary: findings, matrix, method and a few figures as the strings set."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from refutable.reports import findings, grounds, labels, printed, totals, wording
from refutable.reports.printed_text import breakable
from refutable.reports.standing import is_theirs, read_as, refutes_the_paper, standing
from refutable.reports.text import count, one_line

Model = dict[str, Any]

TITLE = "What was found"


def content(model: Model, figures: dict[str, str], most: int) -> Model:
    """Return what `templates/summary.typ` sets.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    figures : dict of str to str
        Claim id to where its figure lies.
    most : int
        Entries of a list, and figures; the rest is counted.
    """
    front = printed.front(model)
    return {
        **{name: front[name] for name in ("run", "judgement", "origins", "attention")},
        "title": TITLE,
        "lead": totals.papers_and_claims(model["summary"]),
        "promise": grounds.promise(model),
        "reading": labels.READING,
        "fields": [_field(found, most) for found in findings.fields(model)],
        "matrix": _matrix(model),
        "figures": _figures(model, figures, most),
        "method": [*labels.METHOD, grounds.basis(model)],
        "terms": [[name, meaning] for name, (_, meaning) in labels.VERDICTS.items()],
    }


def _field(found: Model, most: int) -> Model:
    holds = [f"{findings.titled(c)}{_seen(c)}" for c in found["holds"]]
    open_ = [f"{findings.titled(c)}: {c['graded']}. {_needs(c)}" for c in found["open"]]
    return {
        "name": (found["field"] or "other").capitalize(),
        "said": f"{findings.holding(found)} {findings.beyond(found)}",
        "wrong": _list([_wrong(claim) for claim in found["wrong"]], most),
        "holds": _list(holds, most),
        "open": _list(open_, most),
    }


def _list(items: list[str], most: int) -> list[str]:
    rest = len(items) - most
    more = [f"{count(rest, 'more statement')} in the full report"] if rest > 0 else []
    return [*map(breakable, items[:most]), *more]


def _wrong(claim: Model) -> str:
    read = read_as(claim)
    said = f"{findings.titled(claim)}{f' ({read})' if read else ''}."
    return f"{said} {findings.right_value(claim)}".strip()


def _seen(claim: Model) -> str:
    seen = findings.extent(claim)
    return f" ({seen})" if seen else ""


def _needs(claim: Model) -> str:
    undecided = claim["verdict"] == "undecided"
    return one_line(wording.what_it_takes(claim) if undecided else claim["reason"], 160)


def _matrix(model: Model) -> list[Model]:
    return [
        {
            "name": (field or "other").capitalize(),
            "papers": [
                {"key": breakable(one_line(key, 40)), "cells": [_cell(claim) for claim in members]}
                for key, members in groupby(of_field, key=lambda claim: claim["paper"])
            ],
        }
        for field, of_field in groupby(model["claims"], key=lambda claim: claim["field"])
    ]


def _cell(claim: Model) -> Model:
    stands = standing(claim)
    theirs = is_theirs(claim) or not claim["origin"]
    voice = "guard" if claim["origin"] == "guard" else "theirs" if theirs else "derived"
    return {"tone": stands.tone, "symbol": stands.symbol, "voice": voice}


def _figures(model: Model, figures: dict[str, str], most: int) -> list[Model]:
    """Return a figure of each paper that matters: refuted in print first, then held in print."""
    chosen: dict[str, Model] = {}
    for claim in sorted(_drawn(model, figures), key=_weight):
        chosen.setdefault(claim["paper"], claim)
    return [
        {
            "path": figures[claim["id"]],
            "title": breakable(findings.titled(claim)),
            "said": f"{standing(claim).words}; {claim['paper']}",
            "text": wording.figure_text(claim),
        }
        for claim in list(chosen.values())[:most]
    ]


def _drawn(model: Model, figures: dict[str, str]) -> Iterator[Model]:
    return (claim for claim in model["claims"] if claim["id"] in figures and is_theirs(claim))


def _weight(claim: Model) -> tuple[bool, bool, bool]:
    """Return a smaller value for a figure that matters more; one along an axis shows more."""
    return not refutes_the_paper(claim), claim["origin"] != "printed", claim["figure"] is None
