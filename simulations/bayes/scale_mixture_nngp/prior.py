"""The law of networks before training, and how fast it comes as they grow wide."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.bayes.scale_mixture_nngp._networks import (
    HIDDEN,
    INPUTS,
    SCALE,
    Cdf,
    architecture,
    below,
    draw,
    limits,
    readouts,
    scales,
)
from refutable.solvers.finite_networks import features

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Distribution,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
)

POINTS = len(INPUTS)


def outputs(cell: Cell, rng: Generator, size: int, scaled: str = "network") -> Columns:
    """Compare outputs of untrained networks at three inputs with the limit.

    Parameters
    ----------
    cell : Cell
        With ``depth``, ``width`` and ``a``.
    scaled : {"network", "first layer", "each weight"}
        What has a random scale: the network's last layer as one, its first layer as one, or every
        weight of the last layer with an own one.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``first``: the output at the first input over its scale. ``square``: a third of the
        quadratic form of the three, with the inverse shape.
    """
    sigma = scales(rng, cell.a, size)
    if scaled == "network":
        _, f = draw(rng, INPUTS, cell.depth, cell.width, sigma)
    else:
        gain = sigma if scaled == "first layer" else 1.0
        hidden = features(architecture(cell.depth), INPUTS, cell.width, size, rng, gain)
        if scaled == "each weight":
            hidden = hidden * scales(rng, cell.a, (size, 1, cell.width))
        f = readouts(rng, hidden)
    shape = limits(cell.depth).nngp
    square = (f * np.linalg.solve(shape, f.T).T).sum(axis=1) / POINTS
    return {"first": f[:, 0] / math.sqrt(shape[0, 0]), "square": square}


def student(cell: Cell, share: float = 1.0) -> partial[FloatArray]:
    """Return the t law with ``2a`` times `share` degrees of freedom."""
    return partial(below, share * 2 * cell.a)


def fisher(cell: Cell, share: float = 1.0) -> partial[FloatArray]:
    """Return the F law with 3 and ``2a`` times `share` degrees of freedom."""
    return partial(scipy.special.fdtr, POINTS, share * 2 * cell.a)


def half_student(cell: Cell) -> partial[FloatArray]:
    """Return the t law with a degrees of freedom."""
    return student(cell, 0.5)


def half_fisher(cell: Cell) -> partial[FloatArray]:
    """Return the F law with a in place of ``2a``."""
    return fisher(cell, 0.5)


def gaussian(cell: Cell) -> Cdf:
    """Return the normal law with the variance of the t law, which is ``a / (a - 1)``."""
    spread = math.sqrt(cell.a / (cell.a - 1))
    return lambda x: scipy.special.ndtr(x / spread)


MARGIN = 0.03
"""Networks of width 64 are off by 0.007, those of width 4 by 0.08."""

PRIOR = Claim(
    id="scale_mixture_nngp.prior-is-student-t",
    title="Wide networks with an inverse gamma scale have a Student prior",
    source="the prior in the released code: 2a degrees of freedom and the shape $(b/a) K$",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="With one squared scale to a network, inverse gamma with a and b, outputs at several "
    "inputs tend to a multivariate t law with 2a degrees of freedom and the shape $b/a$ "
    "times the NNGP kernel: the one at an input to t, their quadratic form over their "
    "number to F(P, 2a).",
    formula='f(x_1), ..., f(x_P) -> "MVT"_(2 a) (0, b/a K)',
    scope=Scope.SCALED_DOWN,
    does_not_show="Other activations and convolutions; more than three inputs.",
    assumptions=(HIDDEN, SCALE, "one or two hidden layers of erf", "within 0.03 at each width"),
    cells=ByEffort(
        smoke=Cells(depth=(1, 2), width=(64,), a=(2.0,)),
        standard=Cells(depth=(1, 2), width=(64, 128), a=(2.0,)),
        full=Cells(depth=(1, 2, 3), width=(64, 128, 256), a=(1.5, 2.0)),
    ),
    simulate=outputs,
    expect=(
        Distribution("first", student).within(MARGIN),
        Distribution("square", fisher).within(MARGIN),
    ),
    controls=(
        FalseTheory(
            "half the degrees of freedom", Distribution("square", half_fisher).within(MARGIN)
        ),
        FalseTheory(
            "a normal law of the same variance",
            Distribution("first", gaussian, a=2.0).within(MARGIN),
        ),
        BrokenWorld(
            "the scale on the first layer", change={"scaled": "first layer"}, at={"depth": 1}
        ),
        BrokenWorld(
            "a scale of its own for each weight of the last layer",
            change={"scaled": "each weight"},
            at={"depth": 1},
        ),
        BrokenWorld("networks of width 4", cells=Cells(depth=(1,), width=(4,), a=(2.0,))),
    ),
    block=1024,
    cap=ByEffort(smoke=32_768, standard=65_536, full=131_072),
    figure=Axis(x="width", label="width n of the hidden layers", log=True),
)
