"""Samples that are scored in another order than the one that made them."""

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


def scores(
    cell: Cell,
    rng: Generator,
    size: int,
    scale: float = 1.0,
    fresh: bool = True,
    tempered: float = 1.0,
) -> Columns:
    """Divergence from the target as the code's evaluation shows it in the mean, and as it is.

    Both in squares of the cell's noise.

    Parameters
    ----------
    scale : float
        Factor on the cell's noise.
    fresh : bool
        Whether samples are scored in an order of their own, as in the code.
    tempered : float
        Power of the law to which the conditionals belong that is the target.
    """
    likelihoods, log_law = every_order(rng, size, scale * cell.noise, only_one=False)
    target = tempered * log_law
    target -= np.log(np.exp(target).sum(axis=1, keepdims=True))
    shown, true = theory.scored_divergence(likelihoods, target, fresh)
    unit = cell.noise**2
    return {"shown": shown / unit, "true": true / unit}


FRESH_ORDER = Claim(
    id="marginalization_models.fresh-order-score",
    title="Samples scored in a fresh order can show a divergence below zero",
    source="est_logp in the code of energy-based training, with its default of random orders",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="A sample made in one random order and scored in another shows, in the mean, the "
    "divergence of the model from the target less its mean divergence from the orders: for "
    "conditionals that are all off by independent noise it is negative, although the divergence "
    "is positive.",
    formula='EE_(x tilde.op m) EE_sigma log (p_sigma (x)) / (p(x)) = "KL"(m | p) - EE_sigma '
    '"KL"(m | p_sigma), quad m = EE_sigma p_sigma',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That a printed divergence is too low: how much the orders of the trained "
    "networks disagree is not known, nor whether the default was used for the table. Models with "
    "one fixed order are not concerned.",
    notes=(
        "At noise 0.3 the divergence is 0.002 to 0.009 nats, and what a fresh order shows -0.034 "
        "to -0.064; the order that made the sample shows 0.040 to 0.074.",
    ),
    cells=ByEffort(
        smoke=Cells(noise=(0.03, 0.3)),
        standard=Cells(noise=(0.03, 0.1, 0.3)),
        full=Cells(noise=(0.02, 0.03, 0.1, 0.3)),
    ),
    simulate=scores,
    expect=(
        Exact("shown").at_most(-POSITIVE),
        Exact("true").at_least(POSITIVE),
    ),
    controls=(
        BrokenWorld("conditionals of one law", change={"scale": 0.0}),
        BrokenWorld(
            "noise so small that nothing counts", change={"scale": 0.02}, at={"noise": 0.03}
        ),
        BrokenWorld(
            "scored in the order that made the sample", change={"fresh": False}, judged_by="shown"
        ),
        BrokenWorld(
            "a target at nine tenths of the inverse temperature",
            change={"tempered": 0.9},
            at={"noise": 0.03},
            judged_by="shown",
        ),
    ),
    block=25,
    cap=ByEffort(smoke=25, standard=50, full=200),
    figure=Axis(x="noise", label="noise of the conditionals", log=True),
)
