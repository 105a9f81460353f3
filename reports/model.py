"""The one model that every format is made from: a store, as plain JSON values.

Nothing here depends on the clock, the machine or where the store lies; what a run cost is kept
apart (`costs`). The layout is described in docs/report-schema.md and checked against
`reports/report-schema.json`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from refutable.reports import (
    benchmarks,
    calibration,
    environment,
    onsets,
    papers,
    searches,
    troubles,
)
from refutable.reports.claims import claim, counted
from refutable.reports.places import Place, place
from refutable.reports.text import clean

from refutable import __version__
from refutable.claims.records import FIELDS, Basis, Origin, Verdict
from refutable.deciding import ledger
from refutable.storing.lines import families, lines
from refutable.storing.store import Store

SCHEMA = 1
"""Version of `report.json`; raised when a field changes its meaning or goes away."""

Model = dict[str, Any]


def build(store_path: Path) -> Model:
    """Return the model of a store; reads only, runs nothing.

    Parameters
    ----------
    store_path : Path
        A folder made by `refutable run`.

    Returns
    -------
    dict
        JSON values only.

    Raises
    ------
    refutable.errors.StoreError
        If it is no store or holds what this version cannot read, which is then named.
    """
    store = Store(store_path, create=False)
    records, results = store.records(), store.results()
    troubles.refuse_foreign_records(records, store.record_file)
    claims = [claim(name, records.get(name), results.get(name)) for name in {*records, *results}]
    claims.sort(key=_place)
    onsets.attach(store, claims)
    prints = {claim["id"]: store.read_print(claim["id"]) for claim in claims}
    model = {
        "schema": SCHEMA,
        "generator": {"name": "refutable", "version": __version__},
        "seed": store.seed,
        "suite_error": ledger.SUITE_ERROR * store.share,
        "ledger": _ledger(store),
        "efforts": sorted({claim["effort"] for claim in claims if claim["effort"]}),
        "summary": _summary(claims),
        "papers": papers.collect(claims, records),
        "claims": claims,
        "unfinished": _unfinished(store, {claim["id"] for claim in claims}),
        "problems": troubles.problems(store.problems(), store.problems_file),
        "environment": environment.collect(prints, store.machines()),
        "calibration": calibration.read(store.calibration_file),
        "benchmarks": benchmarks.read(store_path),
    }
    if (tried := searches.read(store_path)) is not None:
        model["searches"] = tried
    cleaned: Model = clean(model)
    return cleaned


def costs(store_path: Path) -> dict[str, dict[str, Any]]:
    """Return what each claim cost, by id; the only part of a report that the clock moves."""
    store = Store(store_path, create=False)
    stored = {name: store.cost(name) for name in store.decided()}
    cleaned: dict[str, dict[str, Any]] = clean({k: v for k, v in stored.items() if v})
    return cleaned


def _place(claim: Model) -> tuple[int, str, str, Place, str]:
    """Return where a claim stands: by field and paper, then as in its paper."""
    field = claim["field"]
    known = FIELDS.index(field) if field in FIELDS else len(FIELDS)
    return known, field, claim["paper"], place(claim["source"] or ""), claim["id"]


def _summary(claims: list[Model]) -> Model:
    verdicts = Counter(claim["verdict"] for claim in claims)
    weak = Counter(c["verdict"] for c in claims if c["graded"] != c["verdict"])
    ran = [claim for claim in claims if claim["verdict"] != Verdict.NOT_RUN]
    controls = [control for claim in ran for control in counted(claim["controls"])]
    positive = [control for claim in ran for control in claim["positive"]]
    return {
        "claims": len(claims),
        "papers": len({claim["paper"] for claim in claims}),
        "verdicts": {str(verdict): verdicts[str(verdict)] for verdict in Verdict},
        "approximate": {verdict: weak[verdict] for verdict in sorted(weak)},
        "origins": _origins(claims),
        "unexpected": sum(not claim["as_expected"] for claim in claims),
        "checks": sum(len(claim["checks"]) for claim in claims),
        "controls": len(controls),
        "controls_refuted": sum(control["fate"] == "refuted" for control in controls),
        "positive": len(positive),
        "positive_supported": sum(control["fate"] == "supported" for control in positive),
        "replicates": sum(claim["replicates"] for claim in claims),
    }


def _origins(claims: list[Model]) -> dict[str, Model]:
    """Return the verdicts of each origin apart; claims that name none come last."""
    found = {}
    for origin in (*Origin, ""):
        said = [claim for claim in claims if (claim["origin"] or "") == origin]
        verdicts = Counter(claim["verdict"] for claim in said)
        weak = Counter(c["verdict"] for c in said if c["graded"] != c["verdict"])
        if said:
            found[str(origin) or "unstated"] = {
                "claims": len(said),
                "recalled": sum(claim["basis"] == Basis.RECALLED for claim in said),
                "verdicts": dict(sorted(verdicts.items())),
                "approximate": dict(sorted(weak.items())),
            }
    return found


def _ledger(store: Store) -> Model:
    weights, brought = lines(store), families(store)
    each = ledger.SUITE_ERROR * store.share
    sums = ledger.by_family(weights, brought)
    counts = Counter(brought.get(name, "") for name in weights)
    others = [
        {"name": name, "claims": counts[name], "owned": each * float(sums[name])}
        for name in sorted(sums)
        if name
    ]
    owned = each * float(sum(weights.values()))
    made: Model = {
        "claims": len(weights),
        "owned": owned,
        "families": others,
        "together": each * max(len(sums), 1),
    }
    if sought := onsets.ledger(store):
        made["sought"] = sought
    return made


def _unfinished(store: Store, concluded: set[str]) -> list[Model]:
    """Return claims without a verdict that were begun, or asked for in the last run."""
    begun = store.begun()
    names = sorted({*begun, *store.asked()} - concluded)
    return [{"claim": name, "blocks": begun.get(name, 0)} for name in names]
