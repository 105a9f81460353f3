"""Of which weights 1/w is the Jeffreys prior."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.simulations.bayes.gp_hm._weights import ABSTRACT, POINTS, SETTING, components
from refutable.solvers.gaussian_process import jittered_cholesky
from refutable.theory.bayes import gp_hm as theory

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
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

WEIGHTS = (0.01, 0.1, 1.0, 10.0)


def fisher(weight: float, other: float) -> FloatArray:
    """Return the information of the two weights in N(0, other K1 + weight K0), shape (2, 2)."""
    k0, k1 = components()
    precision = jittered_cholesky(weight * k0 + other * k1).precision
    first, second = precision @ k0, precision @ k1
    pairs = [[np.sum(a * b.T) for b in (first, second)] for a in (first, second)]
    return np.array(pairs) / 2


def informations(cell: Cell, other: float = 0.0) -> Values:
    """Information of one weight, in units of its own square.

    Parameters
    ----------
    cell : Cell
        With ``weight``.
    other : float
        Weight of another component, which is known.
    """
    return {"information": float(cell.weight**2 * fisher(cell.weight, other)[0, 0])}


def priors(cell: Cell, other: float = 1.0) -> Values:
    """Jeffreys priors times the weights, in units of what they are at equal weights of 1.

    Parameters
    ----------
    cell : Cell
        With ``weight``, of one component.
    other : float
        Weight of the other.
    """
    here, one = fisher(cell.weight, other), fisher(1.0, other)
    k0, k1 = components()
    ratios = scipy.linalg.eigh(k0, k1, eigvals_only=True)
    predicted = theory.mixture_information(ratios, cell.weight)
    return {
        "alone": float(cell.weight * np.sqrt(here[0, 0] / one[0, 0])),
        "together": float(cell.weight * np.sqrt(np.linalg.det(here) / np.linalg.det(one))),
        "by eigenvalues": float(here[0, 0] / predicted),
    }


SCALE = Claim(
    id="gp_hm.jeffreys-of-one-scale",
    title="The Jeffreys prior of a single scale is one over the scale",
    source=ABSTRACT + "Jeffreys prior; here for a single component",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Of n values of N(0, w K) the Fisher information of w is $n / (2 w^2)$, whatever K "
    "is: the Jeffreys prior is in proportion to $1/w$.",
    formula="w^2 I(w) = w^2/2 tr[(C^(-1) (partial C)/(partial w))^2] = n/2, quad C = w K",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Anything about weights in a mixture, see jeffreys-of-a-mixture-weight.",
    assumptions=SETTING,
    cells=Cells(weight=WEIGHTS),
    compute=informations,
    expect=(
        Exact("information").equals(
            lambda cell: cell.weight**2 * theory.scale_information(POINTS, cell.weight), 1e-6
        ),
    ),
    controls=(
        BrokenWorld("another component, of weight a billionth", change={"other": 1e-9}),
        BrokenWorld("another component, of weight 1", change={"other": 1.0}),
    ),
    figure=Axis("weight", "weight w", log=True),
)

MIXTURE = Claim(
    id="gp_hm.jeffreys-of-a-mixture-weight",
    title="One over the weight is the Jeffreys prior of weights in a mixture as well",
    source=ABSTRACT + "Jeffreys prior; read as a statement on every weight of the mixture",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="In a mixture of two components the Jeffreys prior is in proportion to $1/w$: that "
    "of one weight, the other being known, and that of both together in each of them.",
    formula="p(w) prop sqrt(det I(w)) prop product_q 1/w_q",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What the paper's own statement is: its conditions were not read. A flat prior "
    "of the logarithm of a weight has the density $1/w$, which is right.",
    assumptions=SETTING,
    cells=Cells(weight=(0.01, 0.1, 10.0)),
    compute=priors,
    expect=(Exact("alone").equals(1.0, 0.01), Exact("together").equals(1.0, 0.01)),
    controls=(
        FalseTheory("one weight, within a tenth", Exact("alone").equals(1.0, 0.1)),
        FalseTheory("both weights, within a twentieth", Exact("together").equals(1.0, 0.05)),
    ),
    positive=(
        RightTheory(
            "what the eigenvalues of one component in the other give",
            Exact("by eigenvalues").equals(1.0, 1e-5),
        ),
        MendedWorld("one component", change={"other": 0.0}, judged_by="alone"),
    ),
    expected=Verdict.REFUTED,
    why="A weight counts only in directions where its component is not drowned by the other, and "
    "their number grows with it: the information falls more slowly than $1/w^2$.",
    notes=(
        "Times the weight, the prior of one weight is 0.82, 0.86 and 1.25 of its value at 1; that "
        "of both together is 1.11, 1.09 and 1.07 times it: components whose spectra hardly overlap "
        "come near to $1/w$.",
    ),
    figure=Axis("weight", "weight w", log=True),
)
