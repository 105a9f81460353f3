"""Orders that disagree: how far the mean log-likelihood lies below that of the mean."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.marginalization_models._orders import (
    POSITIVE,
    every_order,
)
from refutable.theory.generative import marginalization_models as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Origin,
    Scope,
)


def gaps(
    cell: Cell, rng: Generator, size: int, scale: float = 1.0, only_one: bool = False
) -> Columns:
    """Gap between the mean likelihood over orders and the mean logarithm, over all assignments.

    Parameters
    ----------
    scale : float
        Factor on the cell's noise.
    only_one : bool
        See `every_order`.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``least``, ``largest`` gap, in squares of the cell's noise; ``furthest``: from half the
        variance over orders, relative.
    """
    likelihoods, _ = every_order(rng, size, scale * cell.noise, only_one)
    gap = theory.order_gap(likelihoods)
    half = np.maximum(theory.half_variance(likelihoods), np.finfo(float).tiny)
    return {
        "least": gap.min(axis=1) / cell.noise**2,
        "largest": gap.max(axis=1) / cell.noise**2,
        "furthest": np.abs(gap / half - 1).max(axis=1),
    }


def furthest(cell: Cell) -> float:
    """Bound the relative distance from half the variance: of the order of the noise."""
    return float(cell.noise)


ORDER_GAP = Claim(
    id="marginalization_models.order-averaged-kl-gap",
    title="Orders that disagree make the averaged log-likelihood a strict lower bound",
    source="Any-order training averages the log-likelihood over orders; Jensen's inequality",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="Where the conditionals belong to no single law, the mean over orders of the "
    "log-likelihood lies below the logarithm of the mean likelihood at every assignment, by about "
    "half the variance over orders.",
    formula="log EE_sigma p(x | sigma) - EE_sigma log p(x | sigma) > 0, quad "
    'tilde.op 1/2 "Var"_sigma log p(x | sigma)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How much the orders of a trained network disagree.",
    notes=(
        "At noise 0.3 the gaps of six coordinates lie between 0.011 and 0.21 nats in fifty laws; "
        "they shrink with the square of the noise, in which the figures count them.",
    ),
    cells=ByEffort(
        smoke=Cells(noise=(0.03, 0.3)),
        standard=Cells(noise=(0.03, 0.1, 0.3)),
        full=Cells(noise=(0.01, 0.03, 0.1, 0.3)),
    ),
    simulate=gaps,
    expect=(
        Exact("least").at_least(POSITIVE),
        Exact("furthest").at_most(furthest),
        Exact("largest").shown(),
    ),
    controls=(
        BrokenWorld("conditionals of one law", change={"scale": 0.0}, judged_by="least"),
        BrokenWorld("one conditional alone is off", change={"only_one": True}, judged_by="least"),
        BrokenWorld(
            "noise so small that the gap counts as none",
            change={"scale": 0.02},
            at={"noise": 0.03},
            judged_by="least",
        ),
        BrokenWorld(
            "half the variance, ten times the noise",
            change={"scale": 10.0},
            at={"noise": 0.03},
            judged_by="furthest",
        ),
    ),
    block=25,
    cap=ByEffort(smoke=25, standard=50, full=200),
    figure=Axis(x="noise", label="noise of the conditionals", log=True),
)
