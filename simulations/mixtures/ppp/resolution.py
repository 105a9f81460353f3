"""From which distance on BIC tells two of six groups apart: the limit of finding their number."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ppp._data import K
from refutable.solvers.mixture_em import Rule, fit, mixture_of_labels
from refutable.theory.mixtures import ppp as theory

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
    Origin,
    Probability,
    Scope,
)

FAR = 40.0
"""Distance of the other groups, at which no point is shared with them."""

RULE = Rule(tolerance=1e-6, iterations=200)


def one_close_pair(cell: Cell, rng: Generator, size: int, charge: float = 1.0) -> Columns:
    """Fit five and six components to six groups, two of which are close, from the true labels.

    Parameters
    ----------
    charge : float
        What is charged for a free number, in units of the charge of BIC.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``apart``: whether six components have the smaller value.
    """
    labels = np.repeat(np.arange(K), theory.MEMBERS)
    x = rng.standard_normal((size, theory.POINTS, theory.DIMENSION))
    x[..., 0] += FAR * np.maximum(labels - 1, 0)
    x[:, labels == 1, 1] += cell.ratio * theory.resolution()
    values = []
    for own in (labels, np.maximum(labels - 1, 0)):
        batch = np.broadcast_to(own, (size, 1, len(own)))
        start = mixture_of_labels(x, batch, int(own.max()) + 1, "spherical")
        found = fit(x, start, rule=RULE)
        penalty = charge * (found.bic + 2 * found.log_likelihood)
        values.append((penalty - 2 * found.log_likelihood)[:, 0])
    return {"apart": values[0] < values[1]}


RESOLUTION = Claim(
    id="ppp.resolution",
    title="BIC tells two groups apart from a predicted distance on",
    source="Derived: expected log-likelihoods of one and of two components, and the charge of BIC",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "Two groups of 50 points among 300 are two components by BIC if their distance is above "
        "the predicted one by a quarter, and one component if it is below it by a quarter."
    ),
    formula=(
        "2 m (d/2 log(1 + a^2/d) - a^2 + EE log cosh(a (a + Z))) = (d + 2)/2 log n, quad a = D/2"
    ),
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "That a search finds the better fit: both start from the true labels. Other sizes, "
        "dimensions and shapes."
    ),
    assumptions=("spherical components with free variances", "two close groups, the others far"),
    notes=(
        "At the predicted distance itself 71 % of 500 data sets have six: each of the six free "
        "numbers gains half a unit more on its own data than on the population's. With that the "
        "distance would be 0.94 of the predicted one.",
    ),
    cells=ByEffort(
        smoke=Cells(ratio=(0.75, 1.25)),
        standard=Cells(ratio=(0.75, 0.9, 1.0, 1.1, 1.25)),
        full=Cells(ratio=(0.75, 0.9, 1.0, 1.1, 1.25)),
    ),
    simulate=one_close_pair,
    expect=(
        Probability("apart", ratio=1.25).at_least(0.9),
        Probability("apart", ratio=0.75).at_most(0.2),
        Probability("apart").shown(),
    ),
    controls=(
        FalseTheory(
            "hardly ever apart a quarter below", Probability("apart", ratio=0.75).at_most(1e-3)
        ),
        BrokenWorld("half the charge of BIC", change={"charge": 0.5}, at={"ratio": 0.75}),
        BrokenWorld("twice the charge of BIC", change={"charge": 2.0}, at={"ratio": 1.25}),
    ),
    block=25,
    cap=ByEffort(smoke=500, standard=1000, full=2000),
    draw=Cells(ratio=(0.85, 0.9, 0.95, 1.0, 1.05, 1.1)),
    figure=Axis(
        x="ratio",
        label="distance / predicted resolution",
        marks=(("the resolution", 1.0),),
    ),
)
