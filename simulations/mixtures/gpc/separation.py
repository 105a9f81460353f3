"""Where the split score of two planted halves changes its sign."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.normal_inverse_wishart import (
    GroupStatistics,
    NormalInverseWishart,
    log_split_ratio,
)
from refutable.theory.mixtures import gpc as theory

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
    Probability,
    Quantile,
    Scope,
)

PLANTED = (0.01, 3.0, 1.0)
"""kappa, nu and Psi for the planted halves."""

HALF = 50
"""Points of each half."""


def _scores(halves: FloatArray, sep: FloatArray, sizes: bool, alpha: float) -> FloatArray:
    """Return log H_s of halves (2, size, N, 1) set `sep`, (size,), apart: shape (size,)."""
    kappa, nu, scale = PLANTED
    first, second = (GroupStatistics.of(half) for half in halves)
    moved = GroupStatistics(second.count, second.mean + sep[:, None], second.scatter)
    prior = NormalInverseWishart(
        first.merged(moved).mean, np.asarray(kappa), np.asarray(nu), np.array([[scale]])
    )
    score = log_split_ratio(prior, first, moved, alpha)
    n = halves.shape[2]
    with_sizes = theory.log_split_score((n, n), (0.0, 0.0, 0.0))
    return score if sizes else score - with_sizes


def planted(
    cell: Cell,
    rng: Generator,
    size: int,
    closer: float = 0.0,
    alpha: float = 1.0,
    step: float = 1.0,
    sizes: bool = True,
) -> Columns:
    """Score the split of two planted halves of N(0, 1) on a line, `cell.sep` apart.

    Parameters
    ----------
    closer : float
        The halves are so much nearer than they should be.
    alpha : float
        Concentration.
    step : float
        By how much they are moved apart for ``rising``.
    sizes : bool
        Whether the score has its terms in the sizes.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``score``; ``split``: above 0; ``rising``: larger when they are moved apart.
    """
    halves = rng.standard_normal((2, size, HALF, 1))
    sep = np.full(size, cell.sep - closer)
    score = _scores(halves, sep, sizes, alpha)
    more = _scores(halves, sep + step, sizes, alpha)
    return {"score": score, "split": score > 0, "rising": more > score}


def _predicted(cell: Cell) -> float:
    return theory.planted_split_score(cell.sep, HALF, *PLANTED)


def _rising(cell: Cell) -> float:
    return theory.rising_probability(cell.sep, 1.0, HALF)


TOGETHER, APART = (0.0, 1.0, 2.0), (6.0, 8.0)

SEPARATION = Claim(
    id="gpc.split-needs-separation",
    title="The score speaks for a split only where the halves are well apart",
    source="split score of the released code, on two planted halves",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "For two halves of 50 normal points the split score is negative at up to 2 standard "
        "deviations, positive from 6 on, is what the population's scatter predicts, and grows with "
        "the distance of the halves' means."
    ),
    formula='log H_s < 0 "at" s <= 2, quad log H_s > 0 "at" s >= 6',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Planted halves: a split proposed by 2-means cuts one normal cloud where it is thinnest, "
        "and its score is another. One dimension, one prior (kappa 0.01, nu 3, Psi 1)."
    ),
    notes=(
        "Predicted $log H_s$ at separations 0, 1, 2, 3, 4, 6, 8: -74.6, -63.1, -38.8, -13.7, 8.5, "
        "44.3, 71.6; a single draw gave -75.2, -65.2, -40.4, -14.5, 8.3, 44.8, 72.6.",
        "The median is compared with the predicted mean, which may differ by some tenths.",
    ),
    cells=Cells(sep=(*TOGETHER, 3.0, 4.0, *APART)),
    simulate=planted,
    expect=(
        Probability("split", sep=TOGETHER).at_most(0.01),
        Probability("split", sep=APART).at_least(0.99),
        Probability("rising").near(_rising, 0.01),
        Quantile("score", 0.5).near(_predicted, 1.5),
    ),
    controls=(
        FalseTheory(
            "the score speaks for a split at every separation",
            Probability("split", sep=3.0).at_least(0.5),
        ),
        BrokenWorld("halves nearer by 2.5", change={"closer": 2.5}, at={"sep": 6.0}),
        BrokenWorld("moved apart by a tenth", change={"step": 0.1}, at={"sep": 0.0}),
        BrokenWorld("concentration 10", change={"alpha": 10.0}, judged_by="score"),
    ),
    block=500,
    cap=ByEffort(smoke=10_000, standard=20_000, full=100_000),
    figure=Axis(x="sep", label="distance of the halves", curve=True),
)


def flipping(
    cell: Cell, rng: Generator, size: int, sizes: bool = True, spread: float = 1.0
) -> Columns:
    """Find the separation at which the score of planted halves changes sign, by bisection.

    Parameters
    ----------
    sizes : bool
        Whether the score has its terms in the sizes.
    spread : float
        Standard deviation of the points.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``flip``, at most 20.
    """
    halves = spread * rng.standard_normal((2, size, cell.half, 1))
    low, high = np.zeros(size), np.full(size, 20.0)
    for _ in range(21):  # to 1e-5
        middle = (low + high) / 2
        below = _scores(halves, middle, sizes, 1.0) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return {"flip": (low + high) / 2}


def _flip(cell: Cell) -> float:
    return theory.flip_separation(cell.half, *PLANTED)


FLIP = Claim(
    id="gpc.split-flip",
    title="The separation at which a split begins to pay is predicted by the scatter",
    source="split score of the released code, on two planted halves",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "The separation at which the split score of two planted halves changes sign lies, in the "
        "median, where the score at the population's scatter does: between 3 and 4 standard "
        "deviations for halves of 50 points."
    ),
    formula='log H_s (s^*) = 0, quad "med" s^* = s_0 (N)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Planted halves on a line, one prior.",
    notes=("The terms log Gamma(N) are what holds splits back: without them the flip is below 1.",),
    cells=ByEffort(
        smoke=Cells(half=(50, 200)),
        standard=Cells(half=(20, 50, 200)),
        full=Cells(half=(20, 50, 200, 1000)),
    ),
    simulate=flipping,
    expect=(
        Quantile("flip", 0.5).near(_flip, 0.1),
        Quantile("flip", 0.5, half=50).within(3.0, 4.0),
    ),
    controls=(
        FalseTheory(
            "a tenth further apart", Quantile("flip", 0.5).near(lambda c: _flip(c) + 0.15, 0.1)
        ),
        BrokenWorld("without the terms in the sizes", change={"sizes": False}, at={"half": 50}),
        BrokenWorld("points spread by 1.1", change={"spread": 1.1}, at={"half": 200}),
    ),
    block=200,
    cap=ByEffort(smoke=6_000, standard=20_000, full=40_000),
    figure=Axis(x="half", label="points of each half", log=True, curve=True),
)
