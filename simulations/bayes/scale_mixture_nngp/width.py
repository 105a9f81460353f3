"""How far the law of untrained networks is from its limit at a finite width."""

from __future__ import annotations

import functools
import math

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.bayes.scale_mixture_nngp._networks import (
    BIAS,
    HIDDEN,
    INPUTS,
    SCALE,
    WEIGHT,
    architecture,
)
from refutable.solvers.finite_networks import features
from refutable.theory.bayes import scale_mixture_nngp as theory

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
    FloatArray,
    Mean,
    Origin,
    Scope,
)

A, CUT = 2.0, 1.0
HIGHEST = 1.0
"""Where outcomes are cut off: some 13 standard deviations, so that no mean is moved."""

POINT = INPUTS[:1]


def excess(cell: Cell, rng: Generator, size: int, weight: float = WEIGHT) -> Columns:
    """Measure what its width does to the law of a network with one hidden layer, at an input.

    Given its features the network is t, so that scale and readout are integrated out.

    Parameters
    ----------
    cell : Cell
        With ``width``.
    weight : float
        Variance of the hidden weights.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``excess``: the width times ``P(f^2 <= (b/a) K | features)`` less its limit, and less what
        is linear in the network's own kernel, whose mean is 0; cut off at 0 and 1.
    """
    net = architecture(weight=weight)
    hidden = features(net, POINT, cell.width, size, rng)
    ratio = (hidden[:, 0] ** 2).mean(axis=1) / net.at(POINT).nngp[0, 0]
    return {"excess": np.clip(cell.width * bent(ratio), 0.0, HIGHEST)}


def bent(ratio: FloatArray) -> FloatArray:
    """Return ``G(cut / r)`` less its tangent at r = 1, G being the law F(1, 2a)."""
    fdtr = scipy.special.fdtr
    log_density = A * math.log(2 * A) - scipy.special.betaln(0.5, A) - 0.5 * math.log(CUT)
    slope = -CUT * math.exp(log_density - (A + 0.5) * math.log(2 * A + CUT))
    return np.asarray(fdtr(1, 2 * A, CUT / ratio) - fdtr(1, 2 * A, CUT) - slope * (ratio - 1))


@functools.cache
def predicted() -> float:
    """Return the correction that theory gives for this input."""
    variance = WEIGHT * float((POINT**2).sum()) / POINT.shape[1] + BIAS
    return theory.width_correction(theory.fourth_moment_ratio(variance), A, CUT)


def _correction(cell: Cell) -> float:
    del cell
    return predicted()


def _larger(cell: Cell) -> float:
    del cell
    return 7 / 6 * predicted()


MARGIN = 0.005
"""Some 9 %; at width 16 the next order is 2 %."""


WIDTH = Claim(
    id="scale_mixture_nngp.prior-error-falls-with-width",
    title="The error of the Student prior falls as one over the width",
    source="the second-order expansion in the network's own kernel",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With one hidden layer of n erf units the probability that a squared output is at "
    "most (b/a) K exceeds that of the Student limit by c/n, where c is half the second derivative "
    "of G(1/r) at 1, G being the law F(1, 2a), times E u^4 / (E u^2)^2 - 1 of a unit u.",
    formula="n (P(f^2 <= b/a K) - G(1)) -> c",
    scope=Scope.SCALED_DOWN,
    does_not_show="More layers or inputs, or the distance of the whole laws.",
    assumptions=(
        HIDDEN,
        SCALE,
        "scale and readout are integrated out, and what is linear in the network's own kernel is "
        "taken away",
        "outcomes are cut off at 0 and 1, which they do not reach",
    ),
    cells=ByEffort(
        smoke=Cells(width=(16, 64)),
        standard=Cells(width=(16, 64, 256)),
        full=Cells(width=(16, 32, 64, 128, 256, 512)),
    ),
    simulate=excess,
    expect=(Mean("excess", bounds=(0.0, HIGHEST)).near(_correction, MARGIN),),
    controls=(
        FalseTheory(
            "an error larger by a sixth",
            Mean("excess", bounds=(0.0, HIGHEST)).near(_larger, MARGIN),
        ),
        BrokenWorld(
            "hidden weights of variance 1.5", change={"weight": 1.5}, at={"width": (16, 64)}
        ),
    ),
    block=1024,
    cap=ByEffort(smoke=65_536, standard=131_072, full=262_144),
    figure=Axis(x="width", label="width n of the hidden layers", log=True),
)
