"""A small transformer that has seen the prior alone, beside the exact predictive."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.pfn._network import NETWORK, QUERIES, predictive, trained
from refutable.simulations.bayes.pfn._prior import (
    CONTEXT,
    NOISE,
    PRIOR,
    SCALE,
    DataSets,
    draw,
    exact,
)
from refutable.theory.bayes import pfn as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Origin,
    Probability,
    Scope,
)

MOST = 2.0
"""Nats: divergences are cut off here, and how many there are beyond is tried beside."""

LONG, SHORT = 5000, 400
CLOSE = {SHORT: 0.35, LONG: 0.06}
"""Nats that the divergence is said to stay below, by steps of training."""


def _answer(
    cell: Cell, sets: DataSets, learned: float, share: float, ignore: bool
) -> tuple[FloatArray, FloatArray]:
    if ignore:
        mean = np.zeros((len(sets.y), QUERIES))
        return mean, mean + 1 + NOISE
    return predictive(trained(round(share * cell.steps), cell.seed, learned), sets, cell.n)


def divergences(
    cell: Cell,
    rng: Generator,
    size: int,
    learned: float = SCALE,
    tested: float = SCALE,
    share: float = 1.0,
    ignore: bool = False,
) -> Columns:
    """Mean divergence, over the queries of a data set, of a network from the exact predictive.

    Parameters
    ----------
    cell : Cell
        With ``steps`` of training, its ``seed``, and ``n`` points that are seen.
    learned, tested : float
        Length-scales of the prior in training and afterwards.
    share : float
        Of the steps that are taken.
    ignore : bool
        Predict from the prior, without the context.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``divergence``, cut off at `MOST` nats, and whether it is ``beyond`` that.
    """
    sets = draw(rng, size, CONTEXT + QUERIES, tested)
    mean, variance = exact(sets, cell.n, QUERIES, tested)
    answer = _answer(cell, sets, learned, share, ignore)
    found = theory.gaussian_kl(mean, variance, *answer).mean(axis=1)
    return {"divergence": np.minimum(found, MOST), "beyond": found > MOST}


def _close(cell: Cell) -> float | None:
    return CLOSE.get(cell.steps)


EIGHT_SEEN = ByEffort(
    smoke=Cells(steps=(SHORT,), n=(8,), seed=(0,)),
    standard=Cells(steps=(SHORT, LONG), n=(8,), seed=(0,)),
    full=Cells(steps=(SHORT, LONG), n=(8,), seed=(0, 1, 2)),
)


TRANSFORMER = Claim(
    id="pfn.tiny-transformer-mimics-gp",
    title="A small transformer trained on draws from the prior predicts nearly as Bayes does",
    source="abstract: networks fitted to a prior nearly mimic Gaussian processes",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="After 5,000 steps on draws from a Gaussian process a transformer of 27,234 weights "
    "is within 0.06 nats of the exact predictive on average, with 1, 2, 4 or 8 points seen "
    "(within 0.35 after 400); at most 1 % of data sets are beyond 2 nats (10 % after 400).",
    formula='EE min("KL"(p(dot | x, D) || q_theta (dot | x, D)), 2) <= 0.06, quad '
    "n in {1, 2, 4, 8}",
    scope=Scope.SCALED_DOWN,
    does_not_show="The networks of the paper, inputs of more dimensions, contexts of hundreds of "
    "points, bar distributions for a head, or less noise, to which the divergence is sensitive. "
    "Where training had not finished, it starts again: finished blocks are kept, weights are not.",
    assumptions=(*PRIOR, *NETWORK),
    notes=(
        "The likelihood's own minimum is known here, so that the divergence is computed between "
        "two Gaussians and not from a likelihood.",
        "With 1, 2, 4 and 8 points seen it is 0.009, 0.016, 0.033 and 0.038 after 5,000 steps "
        "(0.04, 0.10, 0.15 and 0.19 after 400); a network of the same size that learned from "
        "length-scale 0.1 for 1,500 steps has 0.22, 0.41, 0.60 and 0.56.",
    ),
    cells=ByEffort(
        smoke=Cells(steps=(SHORT,), n=(1, 8), seed=(0,)),
        standard=Cells(steps=(SHORT, LONG), n=(1, 2, 4, 8), seed=(0,)),
        full=Cells(steps=(SHORT, 1500, LONG), n=(1, 2, 4, 8), seed=(0, 1, 2)),
    ),
    simulate=divergences,
    expect=(
        Mean("divergence", bounds=(0, MOST)).at_most(_close),
        Probability("beyond").at_most(lambda cell: {SHORT: 0.1, LONG: 0.01}.get(cell.steps)),
        Mean("divergence", bounds=(0, MOST)).shown(),
    ),
    controls=(
        BrokenWorld(
            "data with length-scale 0.2, of which the network has not learned",
            change={"tested": 0.2},
            at={"steps": SHORT, "n": 8, "seed": 0},
            judged_by="divergence",
        ),
        BrokenWorld(
            "a quarter of the training",
            change={"share": 0.25},
            cells=EIGHT_SEEN,
            judged_by="divergence",
        ),
        BrokenWorld(
            "a quarter of the training, and with length-scale 0.1",
            change={"share": 0.25, "learned": 0.1},
            cells=EIGHT_SEEN,
            judged_by="divergence",
        ),
        BrokenWorld(
            "the best prediction without the context",
            change={"ignore": True},
            at={"steps": SHORT, "n": 8, "seed": 0},
            judged_by="beyond",
        ),
    ),
    block=1024,
    cap=ByEffort(smoke=8192, standard=16_384, full=32_768),
    figure=Axis(x="n", label="context points seen"),
)
