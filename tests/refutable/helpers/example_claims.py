"""Claims of a single file, good and bad, as a user might write them."""

import os
import signal
import time
from dataclasses import replace

import numpy as np

from refutable import BrokenWorld, Cells, Claim, FalseTheory, NeedsData, Paper, Probability, Scope

PAPER = Paper(
    key="example", field="games", title="On coins", authors=("A. Author",), year=2000, venue="V"
)


def toss(cell, rng, size):
    return {"heads": rng.random(size) < cell.p}


def loaded(cell, rng, size):
    return {"heads": rng.random(size) < cell.p / 3}


COIN = Claim(
    id="example.coin",
    paper=PAPER,
    source="p. 1",
    statement="The coin is fair.",
    formula="p = 1/2",
    scope=Scope.AS_STATED,
    does_not_show="Dice.",
    cells=Cells(p=(0.5,)),
    simulate=toss,
    expect=(Probability("heads").near(0.5, 0.1),),
    controls=(
        FalseTheory("nearly six of ten", Probability("heads").at_least(0.58)),
        BrokenWorld("loaded", simulate=loaded),
    ),
    block=64,
    cap=4096,
)


def wrong_shape(cell, rng, size):
    return {"heads": np.zeros(3, bool)}


def nan(cell, rng, size):
    return {"heads": np.full(size, np.nan)}


def no_rows(cell, rng, size):
    return {}


def raises(cell, rng, size):
    return {"heads": 1 / 0}


def missing_column(cell, rng, size):
    return {"tails": rng.random(size) < cell.p}


def needs_data(cell, rng, size):
    raise NeedsData("download it from the authors' page and set EXAMPLE_DATA")


def kills(cell, rng, size):
    os.kill(os.getpid(), signal.SIGKILL)


def eats_memory(cell, rng, size):
    return {"heads": np.ones(size * 2**33, bool)[:size]}


def hangs(cell, rng, size):
    time.sleep(3600)


def _variant(name, simulate):
    return replace(COIN, id=f"example.{name}", simulate=simulate)


WRONG_SHAPE = _variant("wrong-shape", wrong_shape)
NAN = _variant("nan", nan)
NO_ROWS = _variant("no-rows", no_rows)
RAISES = _variant("raises", raises)
MISSING = _variant("missing-column", missing_column)
NEEDS = _variant("needs-data", needs_data)
KILLS = _variant("kills", kills)
EATS = _variant("eats-memory", eats_memory)
HANGS = _variant("hangs", hangs)
BAD_REGION = replace(
    COIN,
    id="example.bad-region",
    expect=(Probability("heads").within(lambda cell: 0.9, lambda cell: 0.1),),
)
