"""Whether the penalty is the squared curvature of the features, by quadrature on a line."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from refutable.theory.generative import adaptivemix as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    ExactSlope,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

HALF_WIDTHS = (0.05, 0.1, 0.2, 0.4)
CENTRE = 1.0

NODES = 12
"""Of Gauss quadrature in each point and in lambda: exact for polynomials of degree 23, and 1e-15
for a sine on so short an interval."""


@dataclass(frozen=True)
class Feature:
    """A feature on the line and its second derivative at the centre of the points."""

    value: Callable[[FloatArray], FloatArray]
    second: float


FEATURES = {
    "square": Feature(np.square, 2.0),
    "sine": Feature(np.sin, -math.sin(CENTRE)),
}


def loss_on(half_width: float, feature: Feature, alpha: float) -> float:
    """Return the loss without noise for points uniform about the centre, lambda ~ Beta(a, a)."""
    nodes, mass = np.polynomial.legendre.leggauss(NODES)
    at, share = scipy.special.roots_sh_jacobi(NODES, 2 * alpha - 1, alpha)
    points = CENTRE + half_width * nodes
    x, other, lam = points[:, None, None], points[:, None], at
    target = lam * feature.value(x) + (1 - lam) * feature.value(other)
    gap = feature.value(lam * x + (1 - lam) * other) - target
    weight = mass[:, None, None] * mass[:, None] * share / (4 * share.sum())
    return float((weight * gap**2).sum())


def curvature_ratios(cell: Cell, alpha: float = 1.0) -> Values:
    """Loss over the predicted square of the curvature.

    Parameters
    ----------
    cell : Cell
        With ``feature``.
    alpha : float
        Of the Beta law of lambda.
    """
    feature = FEATURES[cell.feature]
    ratios = np.array(
        [loss_on(h, feature, alpha) / theory.curvature_loss(feature.second, h) for h in HALF_WIDTHS]
    )
    off = np.abs(ratios - 1)
    return {"ratio": ratios[0], "off": off, "most_off": float(off.max())}


CURVATURE = Claim(
    id="adaptivemix.curvature",
    title="On close points the penalty is the squared curvature of the feature",
    source="adaptive_mix of the code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For points uniform on an interval of half width h the loss without noise is $2 "
    "F''^2 h^4 / 225$: to rounding for a quadratic feature, and for a sine with an error "
    "that falls like $h^2$.",
    formula="EE (1/2 lambda (1 - lambda) (x - x')^2 F'')^2 = 2/225 F''^2 h^4",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Features of a network, whose points are far apart.",
    assumptions=(
        "points uniform on [1 - h, 1 + h]",
        "lambda uniform, as with $alpha = 1$ in the code",
    ),
    notes=(
        "A feature that is not affine does cost more the larger it is: its loss goes with the "
        "square of its scale.",
    ),
    cells=Cells(feature=("square", "sine")),
    compute=curvature_ratios,
    expect=(
        Exact("most_off", feature="square").at_most(1e-10),
        Exact("ratio", feature="sine").near(1, 0.001),
        ExactSlope("off", HALF_WIDTHS, feature="sine").near(2, 0.05),
    ),
    controls=(
        BrokenWorld("lambda of Beta(1.01, 1.01)", change={"alpha": 1.01}),
        FalseTheory(
            "the error falls like h^1.9",
            ExactSlope("off", HALF_WIDTHS, feature="sine").near(1.9, 0.06),
        ),
    ),
)
