"""A table fitted to draws from the prior, beside the posterior predictive."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.pfn._table import COINS, PRIOR_A, PRIOR_B, predictive, toss
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
    Mean,
    Origin,
    Scope,
)

LEAST = 51
"""Samples from which on a cell counts: the trial of this claim asked for more than 50."""


def table_errors(
    cell: Cell,
    rng: Generator,
    size: int,
    told: float = PRIOR_B,
    tossed: float = PRIOR_B,
    foreign: float = 0.0,
) -> Columns:
    """Compare tables fitted to coins with the posterior predictive.

    Parameters
    ----------
    cell : Cell
        With ``samples``.
    told, tossed : float
        Second parameter of the prior in the predictive, and of the coins.
    foreign : float
        Share of the next tosses that are of another coin.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``square``: mean over the cells of the squared error in standard deviations, 1 where a cell
        has too few samples to count.
    """
    tosses, successes = toss(rng, size, cell.samples, tossed, foreign)
    truth = predictive(PRIOR_A, told)
    counted = np.maximum(tosses, 1)
    squares = (successes - tosses * truth) ** 2 / (counted * truth * (1 - truth))
    return {"square": np.where(tosses >= LEAST, squares, 1.0).mean(axis=1)}


def _variance(cell: Cell) -> float:
    del cell
    return theory.square_variance(predictive(), LEAST)


TABLE = Claim(
    id="pfn.tabular-pfn-is-bayes",
    title="A table fitted to draws from a prior is the posterior predictive",
    source="Corollary 1.2, for a family that holds every predictor",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="Fitted by maximum likelihood to coins from a Beta(2, 5) prior, a table that knows "
    "nothing of priors says (2 + k)/(7 + n) after k successes in n tosses: its squared errors, in "
    "units of their variance, are 1 on average to within a tenth.",
    formula="hat(q)(k, n) = (2 + k)/(7 + n) + O_P (N^(-1 slash 2)), quad "
    "EE [(hat(q) - p)^2 / (p (1 - p) slash N_(k n))] = 1",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Whether a network, whose family need not hold the predictive, gets there.",
    assumptions=COINS,
    notes=(
        "Given the samples of each cell the average is 1 exactly and its variance is known, which "
        "is what the error probability rests on.",
    ),
    cells=ByEffort(
        smoke=Cells(samples=(10_000,)),
        standard=Cells(samples=(10_000, 30_000)),
        full=Cells(samples=(10_000, 100_000, 1_000_000)),
    ),
    simulate=table_errors,
    expect=(Mean("square", variance_at_most=_variance).near(1.0, 0.1),),
    controls=(
        BrokenWorld(
            "the predictive of a Beta(2, 5.6) prior", change={"told": 5.6}, at={"samples": 10_000}
        ),
        BrokenWorld(
            "the next toss is another coin's in one case of six",
            change={"foreign": 1 / 6},
            at={"samples": 10_000},
        ),
    ),
    block=32,
    cap=ByEffort(smoke=1024, standard=1024, full=1024),
    figure=Axis(x="samples", label="coins that the table is fitted to", log=True),
)
