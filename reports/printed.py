"""The content of the PDF: the model's values as the strings that are set."""

from __future__ import annotations

from typing import Any

from refutable.reports import (
    calibration,
    grounds,
    labels,
    printed_papers,
    searches,
    totals,
    troubles,
    wording,
)
from refutable.reports.attention import attention
from refutable.reports.printed_text import badge, breakable
from refutable.reports.text import count, grouped, one_line

Model = dict[str, Any]

TITLE = "What the papers claim, and what came out: full appendix"
MOST_ATTENTION = 40


def content(model: Model, figures: dict[str, str], compiles: frozenset[str]) -> Model:
    """Return what `templates/report.typ` sets.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    figures : dict of str to str
        Claim id to where its figure lies.
    compiles : frozenset of str
        Formulas that can be set as mathematics.
    """
    by_id = {claim["id"]: claim for claim in model["claims"]}
    anchors = {name: f"claim-{place}" for place, name in enumerate(by_id)}
    papers = [
        printed_papers.paper(paper, place, by_id, anchors, figures, compiles)
        for place, paper in enumerate(model["papers"], start=1)
    ]
    made: Model = {**front(model), "papers": papers, "rows": _rows(model, by_id, anchors)}
    return {**made, **_back(model)}


def front(model: Model) -> Model:
    """Return the first page: what ran, the verdicts in a sentence, what needs attention."""
    summary = model["summary"]
    tool = f"refutable {model['generator']['version']}"
    efforts = f", effort {', '.join(model['efforts'])}" if model["efforts"] else ""
    unexpected = attention(model["claims"])
    return {
        "title": TITLE,
        "run": one_line(f"{tool}, seed {model['seed']}{efforts}", 60),
        "headline": totals.headline(summary),
        "judgement": totals.judgement(summary, model["unfinished"], model["problems"]),
        "basis": grounds.basis(model),
        "origins": totals.origins(summary),
        "attention": [
            *map(_attention, unexpected[:MOST_ATTENTION]),
            *_more(len(unexpected) - MOST_ATTENTION),
            *map(_unfinished, model["unfinished"][:MOST_ATTENTION]),
            *_more(len(model["unfinished"]) - MOST_ATTENTION),
            *(
                _trouble("not registered", troubles.name(one), one["text"])
                for one in model["problems"]
            ),
        ],
    }


def _attention(claim: Model) -> Model:
    note = wording.expectation_note(claim)
    text = f"({note}): {one_line(claim['reason'], 400)}"
    return {
        **badge(claim),
        "id": breakable(claim["id"]),
        "text": breakable(text),
    }


def _more(rest: int) -> list[Model]:
    return [_trouble("more", "", count(rest, "further claim"))] if rest > 0 else []


def _trouble(verdict: str, name: str, text: str) -> Model:
    return {"verdict": verdict, "tone": "open", "id": breakable(name), "text": breakable(text)}


def _unfinished(one: Model) -> Model:
    return _trouble("unfinished", one["claim"], totals.begun(one["blocks"]))


def _rows(model: Model, by_id: dict[str, Model], anchors: dict[str, str]) -> list[Model]:
    return [
        _row(by_id[name], anchors[name], paper["title"], name == paper["claims"][0])
        for paper in model["papers"]
        for name in paper["claims"]
    ]


def _row(claim: Model, label: str, paper: str, first: bool) -> Model:
    return {
        "first": first,
        "paper": breakable(one_line(paper, 110)),
        "label": label,
        "name": breakable(claim["title"] or claim["name"]),
        **badge(claim),
        "note": wording.expectation_note(claim),
        "origin": one_line(claim["origin"] or "\u2013", 24),
        "scope": one_line(claim["scope"] or "\u2013", 24),
        "controls": wording.controls_note(claim),
        "replicates": grouped(claim["replicates"]),
    }


def _back(model: Model) -> Model:
    verdicts = [(name, meaning) for name, (_, meaning) in labels.VERDICTS.items()]
    terms = [*verdicts, *labels.KERNELS, *labels.SCOPES.items(), *labels.EVIDENCE.items()]
    found = model["environment"]
    return {
        "method": [*labels.METHOD, grounds.ledger(model)],
        "terms": [list(term) for term in terms],
        "calibration": calibration.table(model["calibration"]),
        "searches": searches.table(model.get("searches")),
        "environment": {
            "text": grounds.environment(found),
            "rows": [
                [library["name"], one["version"], str(len(one["claims"]))]
                for library in found["libraries"]
                for one in library["versions"]
            ],
        },
    }
