"""Claims whose blocks take a while, for tests that kill what draws them."""

import time
from dataclasses import replace

from refutable import BrokenWorld, Cells, Claim, FalseTheory, Mean, Paper, Probability, Scope

PAPER = Paper(
    key="slow", field="games", title="On patience", authors=("A. Author",), year=2000, venue="V"
)


def toss(cell, rng, size):
    time.sleep(0.03)
    heads = rng.random(size) < cell.p
    return {"heads": heads, "value": heads + rng.standard_normal(size)}


def loaded(cell, rng, size):
    time.sleep(0.03)
    return {"heads": rng.random(size) < cell.p / 3, "value": rng.standard_normal(size)}


COIN = Claim(
    id="slow.coin",
    paper=PAPER,
    source="p. 1",
    statement="The coin is fair.",
    formula="p = 1/2",
    scope=Scope.AS_STATED,
    does_not_show="Dice.",
    cells=Cells(p=(0.4, 0.5, 0.6)),
    simulate=toss,
    expect=(
        Probability("heads").near(lambda cell: cell.p, 0.06),
        Mean("value").near(lambda cell: cell.p, 0.2),
    ),
    controls=(
        FalseTheory("nine of ten", Probability("heads").at_least(0.9)),
        BrokenWorld("loaded", simulate=loaded),
    ),
    block=32,
    cap=6400,
)
OTHER = replace(COIN, id="slow.other")
THIRD = replace(COIN, id="slow.third")
