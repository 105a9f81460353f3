"""Small claims for the tests of the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refutable import (
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Mean,
    Paper,
    Probability,
    Scope,
)

PAPER = Paper(
    key="coins", field="games", title="On coins", authors=("J. Bernoulli",), year=1713, venue="Ars"
)


def toss(cell, rng, size):
    """Toss a coin of probability `cell.p`; its value is 1 plus noise."""
    heads = rng.random(size) < cell.p
    return {"heads": heads, "value": heads + 0.1 * rng.standard_normal(size)}


def toss_biased(cell, rng, size):
    """Toss a coin that is not what it says."""
    heads = rng.random(size) < cell.p / 4
    return {"heads": heads, "value": heads + 0.1 * rng.standard_normal(size)}


def coin(**changes: Any) -> Claim:
    """Return a well-formed statistical claim."""
    return replace(COIN, **changes)


COIN = Claim(
    id="coins.fair",
    paper=PAPER,
    source="Theorem 1",
    statement="The coin is fair.",
    formula="P(H) = p",
    scope=Scope.AS_STATED,
    does_not_show="Anything about dice.",
    cells=ByEffort(smoke=Cells(p=(0.5,)), standard=Cells(p=(0.5, 0.6)), full=Cells(p=(0.5, 0.6))),
    simulate=toss,
    expect=(
        Probability("heads").near(lambda cell: cell.p, 0.1),
        Mean("value").near(lambda cell: cell.p, 0.2),
    ),
    controls=(
        FalseTheory("nine of ten", Probability("heads").at_least(0.9)),
        BrokenWorld("a loaded coin", simulate=toss_biased),
    ),
    block=64,
    cap=ByEffort(smoke=4096, standard=8192, full=16384),
)

ARITHMETIC = Claim(
    id="coins.two-sides",
    paper=PAPER,
    source="Section 1",
    statement="A coin has two sides.",
    formula="1 + 1 = 2",
    scope=Scope.ARITHMETIC,
    does_not_show="Edges.",
    compute=lambda cell: {"sides": 1 + 1},
    expect=(Exact("sides").equals(2),),
    controls=(FalseTheory("three sides", Exact("sides").equals(3)),),
)
