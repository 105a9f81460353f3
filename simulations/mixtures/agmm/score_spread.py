"""How much the score of a pixel by its own class still varies, by the number of channels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.agmm._scores import (
    CHANNELS,
    SCORE,
    Noise,
    common_part,
    gaussian,
    own_scores,
)
from refutable.theory.mixtures import agmm as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

TOGETHER = 32
"""Pixels whose scores are compared, so that they have a deviation."""


def deviation_ladder(cell: Cell, rng: Generator, size: int, law: Noise = gaussian) -> Columns:
    """Sample deviation of the own-class scores of 32 pixels, for every number of channels.

    Returns
    -------
    dict of ndarray, shape (size, 4)
    """
    rungs = [own_scores(rng, (size, TOGETHER, channels), cell.noise, law) for channels in CHANNELS]
    return {"deviation": np.stack([scores.std(axis=1, ddof=1) for scores in rungs], axis=1)}


def _deviations(cell: Cell, sizes: FloatArray) -> FloatArray:
    return np.array([theory.score_deviation(int(c), cell.noise) for c in sizes])


SPREAD = Claim(
    id="agmm.score-spread",
    title="Own-class scores typically vary like the inverse root of the number of channels",
    source="GMM in model/tools.py of the public code; the law is derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The deviation of the own-class scores of 32 pixels typically falls like $C^(-1/2)$ "
    "from 2 to 2048 channels, and as the closed form says. Typical is the median slope.",
    formula='"sd"(e^(-D^2)) = sqrt(EE_t w((sqrt(2) s t)/C)^C - (EE_t w((s t)/C)^C)^2) <= '
    "s sqrt(2/(e C))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Channels of a network share noise: a correlation of 0.05 stops the fall.",
    assumptions=SCORE,
    notes=("At $s = 1$ the closed form has 0.279, 0.122, 0.0317 and 0.0112, a slope of -0.466.",),
    cells=ByEffort(
        smoke=Cells(noise=(1.0,)),
        standard=Cells(noise=(0.25, 1.0)),
        full=Cells(noise=(0.25, 0.5, 1.0, 2.0)),
    ),
    simulate=deviation_ladder,
    expect=(
        Slope("deviation", CHANNELS, noise=1.0).near(-0.5, 0.1),
        Slope("deviation", CHANNELS, _deviations).near(0, 0.03),
    ),
    controls=(
        FalseTheory("C^(-5/8)", Slope("deviation", CHANNELS, noise=1.0).near(-0.625, 0.1)),
        FalseTheory("C^(-1/3)", Slope("deviation", CHANNELS, noise=1.0).near(-1 / 3, 0.1)),
        BrokenWorld(
            "channels with a correlation of 0.05", change={"law": common_part}, at={"noise": 1.0}
        ),
    ),
    block=16,
    cap=ByEffort(smoke=512, standard=1024, full=2048),
    figure=Axis(x="C", label="channels C", log=True),
)
