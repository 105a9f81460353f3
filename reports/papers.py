"""The papers of a report, each with its claims and what of it is not checked."""

from __future__ import annotations

from collections import Counter
from typing import Any

Model = dict[str, Any]
_FIELDS = ("title", "venue", "year", "arxiv", "code", "read", "citation", "bibtex")


def collect(claims: list[Model], records: dict[str, Model]) -> list[Model]:
    """Return one entry per paper, in the order of the claims."""
    grouped: dict[str, list[Model]] = {}
    for claim in claims:
        grouped.setdefault(claim["paper"], []).append(claim)
    return [_paper(key, members, records) for key, members in grouped.items()]


def _paper(key: str, claims: list[Model], records: dict[str, Model]) -> Model:
    recorded = (records.get(claim["id"], {}).get("paper") for claim in claims)
    known: Model = next((paper for paper in recorded if paper), {})
    verdicts = Counter(claim["verdict"] for claim in claims)
    return {
        "key": key,
        "field": known.get("field") or "",
        **{name: known.get(name) for name in _FIELDS},
        "title": known.get("title") or key,
        "authors": list(known.get("authors") or ()),
        "not_checked": list(known.get("not_checked") or ()),
        "claims": [claim["id"] for claim in claims],
        "verdicts": dict(sorted(verdicts.items())),
        "unexpected": sum(not claim["as_expected"] for claim in claims),
    }
