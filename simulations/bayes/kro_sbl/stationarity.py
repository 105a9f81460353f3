"""Whether the alternating algorithm comes to a stationary point, also at scales that go to 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.kro_sbl._data import SMALL, TINY, draw
from refutable.solvers.kronecker import Posterior
from refutable.solvers.sparse_bayes import Alternating, Moments, fit
from refutable.theory.bayes import kro_sbl as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Origin,
    Probability,
    Scope,
    Slope,
)

SHAPES = {5: TINY, 8: SMALL}
LADDER = (10, 30, 100, 300)
FALLING = 1.0
"""Slope below 0, times the largest scale of its factor, from which on the cost would still fall:
what stays below 0 at a scale that was cut is in the thousands, rounding below 1e-6."""

Scales = Sequence[FloatArray]


def slopes(
    cell: Cell,
    rng: Generator,
    size: int,
    weight: float = 1.0,
    prune: float = 0.0,
) -> Columns:
    """Differentiate the cost along the path of EM.

    Parameters
    ----------
    cell : Cell
        With ``n``.
    weight : float
        What the posterior variance counts for.
    prune : float
        Share of the largest scale from which on scales are kept.

    Returns
    -------
    dict of ndarray, shape (size, 4) and (size,)
        ``log_slope``: largest slope in the logarithm of a scale, at each of `LADDER`;
        ``no_descent``: whether at the end no scale, 0 or not, has a slope below ``-FALLING``.
    """
    sample = draw(rng, size, SHAPES[cell.n], 2, 20, "product")
    seen: list[tuple[FloatArray, FloatArray]] = []

    def observe(iteration: int, known: Moments, scales: Scales) -> None:
        if iteration in LADDER:
            found = theory.factor_slopes(cast(Posterior, known).slope, scales)
            largest = theory.largest_log_slope(found, scales)
            seen.append((largest, theory.least_slope(found, scales)))

    fit(sample.model, Alternating(), LADDER[-1], prune, variance_weight=weight, observe=observe)
    return {
        "log_slope": np.stack([largest for largest, _ in seen], axis=1),
        "no_descent": seen[-1][1] > -FALLING,
    }


def _curve(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return theory.log_slope_curve(sizes)


STATIONARITY = Claim(
    id="kro_sbl.am-stationarity",
    title="The alternating algorithm comes to a stationary point, slowly",
    source="the abstract: the alternating algorithm converges to a stationary point of the cost; "
    "the rate is derived",
    origin=Origin.PRINTED,
    basis=Basis.ABSTRACT,
    statement="Without pruning the largest slope of the cost in the logarithm of a scale falls "
    "as one over the number of iterations, to within 0.2 in the exponent. That slope vanishes "
    "with a scale whatever the cost does there, so that it is not enough; but neither is the "
    "slope in a scale that goes to 0 negative in the end, as it must not be at a stationary point.",
    formula="max_(i j) abs((partial cal(L))/(partial log g_(i j))) = O(1/t), "
    "liminf_(t -> oo) (partial cal(L))/(partial g_(i j)) >= 0",
    scope=Scope.SCALED_DOWN,
    does_not_show="That the stationary point is a minimum, or the sparsest. Convergence of the "
    "algorithm with pruning: see pruning-stops-short.",
    assumptions=(
        "x is a product of three vectors with two entries each that are not 0; signal over noise "
        "is 20 dB, and the variance of the noise is known",
        "matrices 4 x 5, 4 x 5 and 5 x 5, or 5 x 8, 6 x 8 and 8 x 8; no pruning, 300 iterations",
    ),
    notes=(
        "With 8 columns the largest log slope has a median of 25, 2.2, 0.32 and 0.08 after 10, "
        "100, 1000 and 3000 iterations.",
    ),
    cells=ByEffort(smoke=Cells(n=(5,)), standard=Cells(n=(5, 8)), full=Cells(n=(5, 8))),
    simulate=slopes,
    expect=(
        Slope("log_slope", LADDER, curve=_curve).near(0.0, 0.2),
        Probability("no_descent").at_least(0.5),
    ),
    controls=(
        BrokenWorld(
            "the posterior variance counted 1.05 times",
            change={"weight": 1.05},
            judged_by="log_slope",
            at={"n": 5},
        ),
        BrokenWorld(
            "scales below a hundredth of the largest cut",
            change={"prune": 0.01},
            judged_by="no_descent",
            at={"n": 5},
        ),
    ),
    block=32,
    cap=ByEffort(smoke=128, standard=128, full=512),
    figure=Axis(x="iterations", label="iterations t", log=True),
)


def pruned_ends(cell: Cell, rng: Generator, size: int) -> Columns:
    """Run the algorithm as it is released, and see whether the cost would fall from there.

    Parameters
    ----------
    cell : Cell
        With ``n`` and ``prune``.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``descends``: whether some scale, 0 or not, has a slope below ``-FALLING``.
    """
    sample = draw(rng, size, SHAPES[cell.n], 2, 20, "product")
    ends = fit(sample.model, Alternating(), prune=cell.prune)
    slope = sample.model.posterior(ends.scales).slope
    found = theory.factor_slopes(slope, ends.scales)
    return {"descends": theory.least_slope(found, ends.scales) < -FALLING}


PRUNED = Claim(
    id="kro_sbl.pruning-stops-short",
    title="As released, with pruning, the algorithm does not end at a stationary point",
    source="the released code: scales below a hundredth of the largest are cut, and the loop ends "
    "where variances move by less than 1e-4, or after 150 iterations",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="Where the algorithm ends, in most data sets the cost would fall if a scale that "
    "was cut grew again: the slope there is negative. EM cannot find that out, as 0 stays 0, and "
    "the slope in the logarithm is 0.",
    formula="g_(i j) = 0, quad (partial cal(L))/(partial g_(i j)) < 0",
    scope=Scope.SCALED_DOWN,
    does_not_show="A slip of the paper: its statement is on the algorithm without pruning, as far "
    "as can be told from the abstract. That the estimate suffers: what is cut is weak.",
    assumptions=(
        "x is a product of three vectors with two entries each that are not 0; signal over noise "
        "is 20 dB, and the variance of the noise is known",
        "matrices 4 x 5, 4 x 5 and 5 x 5, or 5 x 8, 6 x 8 and 8 x 8",
    ),
    notes=("Cut below a thousandth, the cost would fall in a third of the data sets (a control).",),
    cells=ByEffort(
        smoke=Cells(n=(5,), prune=(0.01,)),
        standard=Cells(n=(5, 8), prune=(0.01,)),
        full=Cells(n=(5, 8), prune=(0.01,)),
    ),
    simulate=pruned_ends,
    expect=(Probability("descends").at_least(0.5),),
    controls=(
        BrokenWorld("scales cut below a thousandth", cells=Cells(n=(5,), prune=(0.001,))),
        BrokenWorld("no pruning", cells=Cells(n=(5,), prune=(0.0,))),
    ),
    block=32,
    cap=ByEffort(smoke=512, standard=512, full=1024),
)
