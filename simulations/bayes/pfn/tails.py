"""Where the training loss of bars with half-normal tails is finite."""

from __future__ import annotations

import itertools

import numpy as np
import scipy
from refutable.simulations.bayes.pfn._bars import integrals
from refutable.solvers.bar_distribution import fit_bars
from refutable.theory.bayes import pfn as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

CUTS = (1e4, 1e5, 1e6)
"""So far out that the tail of the density is a power, and borders are at 0, to 1 in 1,000."""

PIECES = 200
"""Per decade; each is shorter than 1.2 % of where it is."""


def tail_costs(cell: Cell, lighter: float = 0.0) -> Values:
    """Growth of the loss with the cut, for bars fitted to a Student law.

    Parameters
    ----------
    cell : Cell
        With ``freedom``, and ``bars`` on [-3, 3].
    lighter : float
        Degrees of freedom that the law has beyond what is said.

    Returns
    -------
    dict of float
        ``growth``: exponent of the cost of a decade beyond 10,000 in where it begins.
    """
    freedom = cell.freedom + lighter
    borders = np.linspace(-3.0, 3.0, cell.bars + 1)
    bars = fit_bars(borders, scipy.special.stdtr(freedom, borders), tails=True)
    constant = scipy.special.gammaln((freedom + 1) / 2) - scipy.special.gammaln(freedom / 2)
    constant -= 0.5 * np.log(freedom * np.pi)

    def loss(u: FloatArray) -> FloatArray:
        """Density times loss, over the logarithm u of x."""
        x = np.exp(u)
        log_density = constant - (freedom + 1) / 2 * np.log1p(x * x / freedom)
        return np.asarray(np.exp(log_density + u) * -bars.log_density(x))

    decades = [
        float(integrals(loss, np.linspace(np.log(low), np.log(high), PIECES + 1)).sum())
        for low, high in itertools.pairwise(CUTS)
    ]
    return {"growth": float(np.log10(decades[1] / decades[0]))}


def _growth(cell: Cell) -> float:
    return theory.tail_growth(cell.freedom)


def _earlier(cell: Cell) -> float:
    return theory.tail_growth(cell.freedom) - 0.015


TAILS = Claim(
    id="pfn.tails-need-a-variance",
    title="With half-normal tails the loss is finite only if the predictive has a variance",
    source="the direction of Theorem 1, KL(q, p), beside that of the loss in Corollary 1.1",
    origin=Origin.GUARD,
    basis=Basis.FULL_TEXT,
    statement="For a Student predictive with r degrees of freedom each decade of its tail adds to "
    "the loss $10^(2 - r)$ times what the one before does, with ten bars as with a "
    "thousand: the loss is finite just for r above 2, seen a twentieth on either side.",
    formula="integral_10^4^10^5 p log 1/q : integral_10^5^10^6 p log 1/q = 1 : 10^(2 - r)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the paper says otherwise: its theorem is of the other direction, in which "
    "bars come near a Cauchy law, too; a Gaussian process with known parameters has a variance.",
    assumptions=(
        "bars on [-3, 3], fitted in the direction of the loss",
        "tails as in the released code: half of a half-normal law within the outer bar",
    ),
    cells=Cells(freedom=(1.0, 1.5, 1.9, 2.1, 2.5, 3.0), bars=(10, 1000)),
    compute=tail_costs,
    expect=(Exact("growth").near(_growth, 0.01),),
    controls=(
        BrokenWorld(
            "a law with a twentieth of a degree of freedom more",
            change={"lighter": 0.05},
            at={"freedom": (1.9, 2.1)},
        ),
        FalseTheory(
            "finite from 1.985 degrees of freedom on", Exact("growth").near(_earlier, 0.01)
        ),
    ),
    figure=Axis(x="freedom", label="degrees of freedom of the predictive", curve=True),
)
