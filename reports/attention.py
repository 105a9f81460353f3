"""What a reader must look at first."""

from __future__ import annotations

from typing import Any

WORST_FIRST = ("failed", "suspect", "refuted", "toothless", "undecided", "not run", "supported")


def attention(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the claims whose verdict is not the expected one, worst first."""
    rank = {verdict: place for place, verdict in enumerate(WORST_FIRST)}
    unexpected = [claim for claim in claims if not claim["as_expected"]]
    return sorted(unexpected, key=lambda claim: (rank.get(claim["verdict"], 0), claim["id"]))
