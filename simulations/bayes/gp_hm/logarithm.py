"""What taking the logarithm of a weight does to its estimate."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.bayes.gp_hm._weights import (
    ABSTRACT,
    POINTS,
    SETTING,
    components,
    most_probable,
    stationary,
)
from refutable.theory.bayes import gp_hm as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    RightTheory,
    Scope,
)


def estimates(cell: Cell, rng: Generator, size: int, prior: float = 0.0) -> Columns:
    """Weights found as logarithms, in units of those of maximum likelihood found otherwise.

    Parameters
    ----------
    cell : Cell
        With ``model``, "one scale" or "mixture".
    rng : Generator
    size : int
    prior : float
        Multiple of the log density ``-log w`` that is added to the log likelihood.
    """
    k0, k1 = components()
    fixed = k1 if cell.model == "mixture" else np.zeros_like(k1)
    root = np.linalg.cholesky(fixed + k0)
    u = (root @ rng.standard_normal((size, POINTS, 1)))[..., 0]

    def found_otherwise(priors: float) -> FloatArray:
        if cell.model == "mixture":
            return stationary(u, fixed, k0, priors)
        energy = (scipy.linalg.cho_solve((root, True), u.T).T * u).sum(axis=1)
        return theory.scale_estimate(energy, POINTS, priors)

    return {
        "ratio": most_probable(u, fixed, k0, prior) / found_otherwise(0.0),
        "penalised": most_probable(u, fixed, k0, 1.0) / found_otherwise(1.0),
    }


LOGARITHM = Claim(
    id="gp_hm.log-domain-adds-no-prior",
    title="Estimating a weight by its logarithm is maximum likelihood and adds no prior",
    source=ABSTRACT + "Jeffreys prior; read as a statement on the estimate",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="The weight whose logarithm maximises the likelihood is the weight that maximises "
    "it, for one scale and in a mixture: no prior enters. With the density $1/w$ "
    "multiplied in, the mode in w of one scale is smaller by $n / (n + 2)$.",
    formula='exp("arg max"_x L(e^x)) = "arg max"_w L(w) eq.not "arg max"_w [L(w) - log w]',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the paper says otherwise: with the flat prior of the logarithm, which is "
    "$1/w$, the mode in the logarithm is this same estimate. Nor whether weights "
    "become sparse: they may by maximum likelihood alone.",
    assumptions=SETTING,
    cells=Cells(model=("one scale", "mixture")),
    simulate=estimates,
    expect=(Exact("ratio").equals(1.0, 1e-4),),
    controls=(
        BrokenWorld("the prior multiplied in", change={"prior": 1.0}, judged_by="ratio"),
        BrokenWorld(
            "a hundredth of the prior multiplied in", change={"prior": 0.01}, judged_by="ratio"
        ),
    ),
    positive=(
        RightTheory(
            "with the prior, the mode in the weight is found as well",
            Exact("penalised").equals(1.0, 1e-4),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=8, standard=160, full=640),
)
