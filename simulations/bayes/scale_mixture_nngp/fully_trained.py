"""Networks of which all layers are trained, by gradient descent on every one of them."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.scale_mixture_nngp._networks import (
    HIDDEN,
    SCALE,
    TARGETS,
    TRAINED,
    Cdf,
    architecture,
    below,
    limits,
    scales,
)
from refutable.solvers.finite_networks import ErfNetworks
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
    Distribution,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
)

A = 2.0
STEPS = 25
"""Leave a median residual of 3e-4 of the first one, and 6 % in one network of a hundred."""

CAUTION = 0.9
"""Share of the learning rate that is the fastest for the limit of the NTK; a network's own NTK may
be larger."""


def predictions(
    cell: Cell, rng: Generator, size: int, louder: float = 1.0, steps: int = STEPS
) -> Columns:
    """Predictions of networks all of whose layers were trained on three targets.

    Parameters
    ----------
    cell : Cell
        With ``width``.
    louder : float
        Factor of the targets; the limit law is that of the targets as they are trained on.
    steps : int
        Of gradient descent.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``z``: the prediction at the fourth input, from the location that is claimed and over the
        scale.
    """
    sigma, y = scales(rng, A, size), louder * TARGETS
    kernels = limits(trained=True)
    eigenvalues = np.linalg.eigvalsh(kernels.ntk[:-1, :-1])
    rate = CAUTION * 2 / (eigenvalues[0] + eigenvalues[-1]) / sigma**2
    start = ErfNetworks.draw(architecture(), TRAINED.shape[1], cell.width, sigma, rng)
    end = start.descend(TRAINED[:-1], y, rate, steps)
    law = theory.fully_trained_law(kernels.nngp, kernels.ntk, y, A, A)
    return {"z": (end.outputs(TRAINED[-1:])[:, 0] - law.location) / law.scale}


def _claimed(cell: Cell) -> partial[FloatArray]:
    del cell
    return partial(below, 2 * A)


def _against(other: theory.TLaw) -> Cdf:
    """Return the distribution function that `other` gives to the outcome."""
    kernels = limits(trained=True)
    law = theory.fully_trained_law(kernels.nngp, kernels.ntk, TARGETS, A, A)
    away = law.location - other.location
    return lambda z: below(other.freedom, (away + z * law.scale) / other.scale)


def _readout(cell: Cell) -> Cdf:
    del cell
    return _against(theory.readout_law(limits(trained=True).nngp, TARGETS, A, A))


def _bayes(cell: Cell) -> Cdf:
    del cell
    return _against(theory.posterior_law(limits(trained=True).nngp, TARGETS, A, A))


MARGIN = 0.08
"""Networks of width 64 are off by some 0.02, and the few that can be trained leave 0.03 open."""

FULL = Claim(
    id="scale_mixture_nngp.fully-trained-is-t",
    title="Wide networks that are trained in all layers are Student about the NTK's prediction",
    source="the law after training all layers, in the notebook of the released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="When gradient descent trains all layers until they fit, predictions of an ensemble "
    "of wide networks have the t law with 2a degrees of freedom about W y, $W = T^* "
    "T^(-1)$ with the NTK T, and the shape $b/a$ times the NNGP variance of f(x*) - W "
    "f(X).",
    formula="f_oo (x_*) -> t_(2 a) (W y, b/a (K_(**) + W K W^T - W K_*^T - K_* W^T))",
    scope=Scope.SCALED_DOWN,
    does_not_show="Several predictions together; deeper networks; targets that are large for the "
    "width, which change the features.",
    assumptions=(
        HIDDEN,
        SCALE,
        "one hidden layer of erf, three targets, one prediction; within 0.08 at each width",
        "25 steps on the squared error, each network with its own learning rate: a constant over "
        "the squared scale",
    ),
    cells=ByEffort(
        smoke=Cells(width=(64,)), standard=Cells(width=(64, 256)), full=Cells(width=(64, 128, 256))
    ),
    simulate=predictions,
    expect=(Distribution("z", _claimed).within(MARGIN),),
    controls=(
        FalseTheory("only the readout trained", Distribution("z", _readout).within(MARGIN)),
        FalseTheory("the Bayes posterior", Distribution("z", _bayes).within(MARGIN)),
        BrokenWorld(
            "networks of width 32 with targets six times as large, to which features adapt",
            change={"louder": 6.0},
            cells=Cells(width=(32,)),
        ),
        BrokenWorld("training stopped after a step", change={"steps": 1}, at={"width": 64}),
    ),
    notes=(
        "At width 64 the distance is 0.02 and at width 128 it is 0.01, in 20,000 networks each, "
        "with 25 steps as with 40.",
    ),
    block=128,
    cap=ByEffort(smoke=8192, standard=16_384, full=32_768),
    figure=Axis(x="width", label="width n of the hidden layers", log=True),
)
