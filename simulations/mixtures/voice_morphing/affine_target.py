"""Whether conversion smooths a target that lies on a line above the source."""

from __future__ import annotations

import numpy as np
from refutable.simulations.mixtures.voice_morphing._frames import (
    ONE_FEATURE,
    joint,
    random_laws,
    target_given,
)
from refutable.solvers import mixture_em as em
from refutable.theory.mixtures import voice_morphing as theory
from refutable.theory.mixtures.voice_morphing import Law

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

IDENTITY = 1e-8
"""As for the identities of total_variance."""


def on_a_line(cell: Cell, offset: float = 0.0) -> Values:
    """Convert y = 1 - 1.5 x + noise, x from four components; without noise where corr is 1.

    Parameters
    ----------
    offset : float
        Added to y in the last component, which then has a line of its own.
    """
    base = random_laws(np.random.default_rng([1208, 1418]), (4,))
    mean_y = 1 - 1.5 * base.mean_x + offset * np.array([0, 0, 0, 1])
    sd_y, corr = 1.5 * base.sd_x / cell.corr, np.full(4, -cell.corr)
    law = Law(base.weights, base.mean_x, mean_y, base.sd_x, sd_y, corr)
    at, variance = theory.given_source(law), theory.target_variance(law)
    moments = em.mean_and_covariance(target_given(joint(law), at.x))
    square = at.average((moments[0][:, 0] - law.mean) ** 2)
    return {
        "ratio": float(square / variance),
        "error": float(at.average(moments[1][:, 0, 0]) / variance),
    }


ON_A_LINE = Claim(
    id="voice_morphing.no-smoothing-on-a-line",
    title="Where the source determines the target by a line, nothing is smoothed",
    source="Abstract: mapping by a Gaussian mixture over-smooths; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="If y is an affine function of x, conversion keeps all the variance of the target "
    "and has no error, whatever the mixture.",
    formula='op("Var")(Y|X) = 0 arrow.r.double op("Var") F(X) = op("Var") Y',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That features of two speakers are like this: they are not.",
    assumptions=ONE_FEATURE[:1],
    cells=Cells(corr=(1.0,)),
    compute=on_a_line,
    expect=(Exact("ratio").equals(1, IDENTITY), Exact("error").equals(0, IDENTITY)),
    controls=(
        BrokenWorld("correlation 0.9999 within components", cells=Cells(corr=(0.9999,))),
        BrokenWorld("one of the four lines is shifted by 0.01", change={"offset": 0.01}),
    ),
)


ALWAYS = Claim(
    id="voice_morphing.always-over-smooths",
    title="Conversion by a Gaussian mixture always over-smooths",
    source="Abstract: the conventional mapping results in over-smoothing",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="Whatever the joint mixture, the converted feature has less variance than the "
    "target, by one in a million at least.",
    formula='op("Var") F(X) < op("Var") Y "for every mixture"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the paper means every mixture: its abstract speaks of voices.",
    assumptions=ONE_FEATURE[:1],
    cells=Cells(corr=(0.9, 0.99, 1.0)),
    compute=on_a_line,
    expect=(Exact("ratio").at_most(1 - 1e-6),),
    controls=(
        FalseTheory(
            "a fiftieth is lost at correlation 0.99", Exact("ratio", corr=0.99).at_most(0.98)
        ),
    ),
    positive=(
        RightTheory("it does with noise", Exact("ratio", corr=(0.9, 0.99)).at_most(1 - 1e-6)),
        MendedWorld("a component with a line of its own", change={"offset": 0.5}),
    ),
    expected=Verdict.REFUTED,
    why="It needs a target that the source does not determine: on a line the ratio is 1, as "
    "no-smoothing-on-a-line finds by the same computation.",
)
