"""A search as a claim's author, or who uses the claim, asks for it."""

from __future__ import annotations

from refutable.claims.cells import at_effort
from refutable.claims.claim import Claim
from refutable.claims.expectations import Expectation
from refutable.claims.onsets import Onset, resolved
from refutable.claims.records import Effort
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.points import anywhere
from refutable.deciding.onsets.search import MOST, Search


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
        own.size,
        most,
        own.computed,
        at_effort(claim.cap, Effort.STANDARD),
    )


def key_of(claim: Claim, search: Search) -> str:
    """Return what tells one search of a store from another: all that its statement depends on."""
    line, where = search.line, ",".join(f"{k}={v}" for k, v in search.at.items())
    region = (
        search.expectation.region.at(next(iter(search.points.values())).cell).label
        if (search.points)
        else ""
    )
    return (
        f"{claim.id}|{search.expectation.functional.label} {region}|{line.name} {line.low}.."
        f"{line.high} {'log' if line.log else 'linear'} {line.tolerance:.6g}|{where}|"
        f"{search.most} of {search.budget}"
    )
