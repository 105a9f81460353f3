"""Claims whose experiments do not draw from the generator that they are handed."""

import random
import time

import numpy as np

from refutable import Cells, Claim, FalseTheory, Mean, Paper, Probability, Scope

PAPER = Paper(key="rs", field="cases", title="t", authors=("A",), year=2024, venue="v")


def own_seed(cell, rng, size):
    return {"x": np.random.default_rng(0).normal(size=size)}


def own_loop(cell, rng, size):
    return {"x": np.array([np.random.default_rng(s).normal() for s in range(size)])}


def unseeded(cell, rng, size):
    return {"x": np.random.default_rng().normal(size=size)}


def legacy_seed(cell, rng, size):
    np.random.seed(0)  # noqa: NPY002
    x = np.random.normal(size=(size, 30))  # noqa: NPY002
    return {"x": (np.abs(x.mean(1)) * 30**0.5 < 1.96).astype(float)}


def python_random(cell, rng, size):
    random.seed(0)
    return {"x": rng.normal(size=size) + random.random()}


def one_data_set(cell, rng, size):
    """Mean 1; what should be drawn for every replicate is drawn once for all of a block."""
    return {"x": 1 + rng.normal() + 0.5 * rng.normal(size=size)}


def sound(cell, rng, size):
    return {"x": rng.normal(size=size)}


def sound_and_slow(cell, rng, size):
    time.sleep(0.06)
    return {"x": rng.normal(size=size)}


def claimed(name, simulate, value=0.0, margin=0.5):
    return Claim(
        id=f"rs.{name}",
        paper=PAPER,
        source="s",
        statement="s.",
        formula="x",
        scope=Scope.AS_STATED,
        does_not_show="-",
        cells=Cells(),
        simulate=simulate,
        expect=(Mean("x").near(value, margin),),
        controls=(FalseTheory("far off", Mean("x").near(9, 0.5)),),
        block=100,
        cap=20_000,
    )


CLAIMS = [
    claimed("own-seed", own_seed),
    claimed("own-loop", own_loop),
    claimed("unseeded", unseeded),
    claimed("legacy-seed", legacy_seed),
    claimed("python-random", python_random),
    claimed("one-data-set", one_data_set, 0.5, 0.3),
    claimed("sound", sound),
    claimed("sound-and-slow", sound_and_slow),
]
YES = Claim(
    id="rs.yes",
    paper=PAPER,
    source="s",
    statement="s.",
    formula="x",
    scope=Scope.AS_STATED,
    does_not_show="-",
    simulate=lambda cell, rng, size: {"ok": rng.random(size) < 0.5, "design": np.arange(size)},
    expect=(Probability("ok").near(0.5, 0.2),),
    controls=(FalseTheory("f", Probability("ok").at_least(0.9)),),
)
