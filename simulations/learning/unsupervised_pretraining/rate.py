"""Whether the cost of the unlabelled sample falls like 1/m, or at the bound's rate 1/sqrt(m)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning.unsupervised_pretraining._factors import (
    FACTORS,
    LADDER,
    MODEL,
    pretrained_basis,
    subspace_excess,
)
from refutable.theory.learning import unsupervised_pretraining as theory

from refutable import (
    Axis,
    Basis,
    ByEffort,
    Cell,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    RightTheory,
    Scope,
    Slope,
    Verdict,
)


def subspace_ladder(cell: Cell, rng: Generator, size: int) -> Columns:
    """Give the excess risk of the estimated subspace alone at every m of the ladder.

    Returns
    -------
    dict of ndarray, shape (size, rungs)
    """
    del cell
    rungs = [subspace_excess(pretrained_basis(rng, size, m)) for m in LADDER]
    return {"subspace_excess": np.stack(rungs, axis=1)}


def _inverse(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return np.array([theory.subspace_term(MODEL, m) for m in sizes])


def _with_logarithm(cell: Cell, sizes: FloatArray) -> FloatArray:
    return _inverse(cell, sizes) * np.log(sizes)


FAST_RATE = Claim(
    id="unsupervised_pretraining.fast-rate-in-m",
    title="The cost of the unlabelled sample falls faster than the bound",
    source="factor-model instance of the main theorem; rate derived here",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="What the unlabelled sample costs falls like $1/m$, faster than the bound's "
    "$1/sqrt(m)$.",
    formula="E tilde.op C (d - r)/m",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about other models; a bound with a slower rate is not wrong. Tried is "
    "the rate of a typical run (median slope), not that of the expected excess.",
    assumptions=FACTORS,
    simulate=subspace_ladder,
    expect=(Slope("subspace_excess", LADDER, _inverse).near(0, 0.05),),
    controls=(
        FalseTheory(
            "with a logarithm, $log(m)/m$",
            Slope("subspace_excess", LADDER, _with_logarithm).near(0, 0.05),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=600, standard=2000, full=6000),
    figure=Axis(x="m", label="unlabelled points m", log=True),
)


BOUND_RATE_IS_ACTUAL = Claim(
    id="unsupervised_pretraining.square-root-rate-is-actual",
    title="The cost of the unlabelled sample falls just as fast as the bound",
    source="abstract: the upper bound $O(sqrt(C_Phi/m) + sqrt(C_Psi/n))$; that it is the actual "
    "rate is a reading, printed nowhere",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="In the factor model the excess risk falls in m at the bound's own rate $1/sqrt(m)$.",
    formula="E tilde.op m^(-1/2)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The paper claims only an upper bound, and that holds (sqrt-bound-holds). This "
    "claim guards against reading the bound's exponent as the truth. Tried is the rate of a "
    "typical run (median slope), not that of the expected excess.",
    assumptions=FACTORS,
    simulate=subspace_ladder,
    expect=(Slope("subspace_excess", LADDER, _inverse).near(0.5, 0.05),),
    controls=(
        FalseTheory(
            "between the two, $m^(-0.7)$",
            Slope("subspace_excess", LADDER, _inverse).near(0.3, 0.16),
        ),
    ),
    positive=(RightTheory("1/m", Slope("subspace_excess", LADDER, _inverse).near(0, 0.05)),),
    block=16,
    cap=ByEffort(smoke=600, standard=2000, full=6000),
    expected=Verdict.REFUTED,
    why="The squared loss is quadratic in the error of the subspace, which is of order "
    "$1/sqrt(m)$; the exponent is -1, derived and seen over $m = 2000$ to 32000.",
    figure=Axis(x="m", label="unlabelled points m", log=True),
)
