"""Whether the corollaries of Theorem 4.2 follow from its bound along their scalings."""

from __future__ import annotations

import numpy as np
from refutable.theory.learning import ood_unlabeled as theory
from refutable.theory.learning.ood_unlabeled import Sizes

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

ONE_DIMENSION = "d/epsilon labelled points, d = 1"
NEARLY = "d/epsilon labelled points, d = epsilon^(-0.9)"
TOO_FEW = "only m/d unlabelled points"
PREDICTED = {
    "beats labelled points alone": -0.5,
    "free of the dimension": 0.0,
    "d/epsilon labelled points": -1.0,
}
"""Exponent of the bound by corollary: in m, in d, and in 1/epsilon."""


def _sizes(scaling: str, t: float) -> Sizes:
    """Sizes along a corollary's scaling; `t` is m, d or 1/epsilon."""
    confidence = np.log(1 / 0.05)
    path = {
        "beats labelled points alone": Sizes(100, t, t**2 / 100, 100 / t),
        "free of the dimension": Sizes(t, 1000, t**3, 1 / t),
        "d/epsilon labelled points": Sizes(confidence * t, confidence * t**2, confidence * t**7),
        ONE_DIMENSION: Sizes(1, t, t**6),
        NEARLY: Sizes(t**0.9, t**1.9, t**6.9),
        TOO_FEW: Sizes(100, t, t / 100, 100 / t),
    }
    return path[scaling]


def bound_exponent(cell: Cell, scaling: str | None = None) -> Values:
    """Fit the exponent of the whole bound along a corollary's scaling, or along another one."""
    low, high = 1e8, 1e9
    used = cell.corollary if scaling is None else scaling
    values = [theory.excess_bound(_sizes(used, t)) for t in (low, high)]
    return {"exponent": float(np.log(values[1] / values[0]) / np.log(high / low))}


EXPONENTS = Claim(
    id="ood_unlabeled.bound-exponents",
    title="The three corollaries follow from the bound on the excess risk",
    source="corollaries of Theorem 4.2",
    origin=Origin.PRINTED,
    basis=Basis.THIRD_PARTY,
    statement="The bound falls like $m^(-1/2)$ for $alpha = d/m$ and $n = m^2/d$, does not depend "
    "on d for $alpha = 1/d$ and $n = d^3$, and is of order epsilon for $m = d/epsilon$, "
    "$n = d/epsilon^6$ if d is at least of order $log(1/delta)/epsilon$.",
    formula="((2 d alpha)/m + (4 d)/m sqrt((2 d)/(2 n)))^(1/4) + sqrt((2 log(1/delta))/m)",
    scope=Scope.ARITHMETIC,
    does_not_show="These are exponents of an upper bound; the true excess of the mean estimator in "
    "this model falls like $d/m$, faster than the $(d/m)^(1/2)$ it is compared with.",
    notes=(
        "Bound and corollaries were read on the authors' poster. The condition on d in the third "
        "one is derived here (fewer-labels-for-all-d).",
    ),
    cells=Cells(corollary=tuple(PREDICTED)),
    compute=bound_exponent,
    expect=(Exact("exponent").equals(lambda cell: PREDICTED[cell.corollary], 0.01),),
    controls=(
        BrokenWorld(
            "m/d unlabelled points in place of $m^2/d$",
            change={"scaling": TOO_FEW},
            at={"corollary": "beats labelled points alone"},
        ),
        BrokenWorld(
            "d/epsilon labelled points at $d = 1$",
            change={"scaling": ONE_DIMENSION},
            at={"corollary": "d/epsilon labelled points"},
        ),
    ),
)


FEWER_LABELS_ALWAYS = Claim(
    id="ood_unlabeled.fewer-labels-for-all-d",
    title="Few labelled points make the bound small in every dimension",
    source="corollary of Theorem 4.2: $m = O(d/epsilon)$",
    origin=Origin.GUARD,
    basis=Basis.THIRD_PARTY,
    statement="For every d, $d/epsilon$ labelled and $d/epsilon^6$ unlabelled points bring the "
    "bound to order epsilon.",
    formula="m = d/epsilon, n = d/epsilon^6 arrow.r.double R - R^* = O(epsilon)",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about the true risk: the term in $log(1/delta)$ belongs to the bound.",
    notes=(
        "The corollary is read for every d at fixed delta. The poster has hidden constants and "
        "prints neither.",
    ),
    cells=Cells(corollary=(ONE_DIMENSION,)),
    compute=bound_exponent,
    expect=(Exact("exponent").equals(-1, 0.01),),
    controls=(
        BrokenWorld("a dimension that nearly suffices", change={"scaling": NEARLY}),
        FalseTheory("epsilon^(2/3) or better", Exact("exponent").within(-1, -2 / 3)),
    ),
    positive=(
        RightTheory("epsilon^(1/2)", Exact("exponent").equals(-1 / 2, 0.01)),
        MendedWorld("a dimension that suffices", change={"scaling": "d/epsilon labelled points"}),
    ),
    expected=Verdict.REFUTED,
    why="The trailing $sqrt(2 log(1/delta)/m)$ needs $m >= 2 log(1/delta)/epsilon^2$; with $m = "
    "d/epsilon$ that holds only for d of order $log(1/delta)/epsilon$. At $d = 1$ the bound is "
    "of order $epsilon^(1/2)$.",
)
