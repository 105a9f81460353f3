"""A search as a claim's author, or who uses the claim, asks for it."""

from __future__ import annotations

import json

from refutable.claims.asking import resolved
from refutable.claims.cells import at_effort
from refutable.claims.claim import Claim, World
from refutable.claims.expectations import Expectation
from refutable.claims.onsets import Onset
from refutable.claims.planes import Map
from refutable.claims.records import Effort
from refutable.claims.tightness import Tightness
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.points import anywhere
from refutable.deciding.onsets.search import MOST, Search
from refutable.deciding.onsets.survey import Survey


def search_for(claim: Claim, asked: Onset, most: int = MOST) -> Search:
    """Return the search for an onset of a claim's own world.

    Raises
    ------
    MisuseError
        If it is not clear what is asked, or it cannot be (see `Onset`, `Line`).
    """
    whole = resolved(claim, asked)
    expectation = whole.holds
    if not isinstance(expectation, Expectation) or whole.budget is None:
        raise TypeError("resolved() leaves nothing open")
    own = claim.worlds(Effort.STANDARD)[0]
    low, high = whole.between
    line = Line(whole.along, low, high, whole.log, whole.width)
    return Search(
        line,
        dict(whole.at),
        anywhere(expectation, whole.along, *whole.at),
        whole.alpha,
        whole.budget,
        size_of(own, asked),
        most,
        own.computed,
        at_effort(claim.cap, Effort.STANDARD),
    )


def size_of(own: World, asked: Onset | Map | Tightness) -> int:
    """Return the replicates of a block: the claim's, unless others are asked for."""
    return own.size if asked.block is None or own.computed else asked.block


def survey_for(claim: Claim, asked: Map) -> Survey:
    """Return the survey of a plane of a claim's own world.

    Parameters
    ----------
    claim : Claim
    asked : Map
        With nothing left open (see `resolved_map`).
    """
    if not isinstance(asked.holds, Expectation) or asked.budget is None:
        raise TypeError("resolved_map() leaves nothing open")
    own = claim.worlds(Effort.STANDARD)[0]
    return Survey(
        asked.cells(),
        anywhere(asked.holds, *asked.names, *asked.at),
        asked.alpha,
        asked.budget,
        size_of(own, asked),
        own.computed,
        at_effort(claim.cap, Effort.STANDARD),
    )


def key_of(claim: Claim, search: Search) -> str:
    """Return what tells one search of a store from another: all that its statement depends on."""
    line = search.line
    regions = [check.region.label for p in search.points.values() for check in p.checks]
    said = {
        "claim": claim.id,
        "holds": [search.expectation.functional.label, *regions[:1]],
        "along": [line.name, line.low, line.high, line.log, line.tolerance],
        "at": dict(search.at),
        "draws": [search.most, search.budget, search.size],
    }
    return f"onset {json.dumps(said)}"


def map_key_of(claim: Claim, asked: Map, survey: Survey) -> str:
    """Return what tells one survey of a store from another."""
    regions = [check.region.label for p in survey.points.values() for check in p.checks]
    said = {
        "claim": claim.id,
        "holds": [survey.expectation.functional.label, *regions[:1]],
        "over": {name: list(values) for name, values in asked.over.items()},
        "at": dict(asked.at),
        "draws": [survey.budget, survey.size],
    }
    return f"map {json.dumps(said)}"
