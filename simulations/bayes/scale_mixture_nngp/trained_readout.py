"""Networks of which only the readout is trained: not the Bayes posterior."""

from __future__ import annotations

from functools import partial

from numpy.random import Generator
from refutable.simulations.bayes.scale_mixture_nngp._networks import (
    HIDDEN,
    SCALE,
    TARGETS,
    TRAINED,
    Cdf,
    below,
    draw,
    limits,
    scales,
)
from refutable.solvers.finite_networks import readout_limit
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


def predictions(cell: Cell, rng: Generator, size: int, louder: float = 1.0) -> Columns:
    """Predictions of networks whose readout was trained until it fits three targets.

    Parameters
    ----------
    cell : Cell
        With ``width`` and ``a``.
    louder : float
        Factor of the targets; the limit law is that of the targets as they are trained on.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``z``: the prediction at the fourth input, from the location that is claimed and over the
        scale.
    """
    hidden, start = draw(rng, TRAINED, 1, cell.width, scales(rng, cell.a, size))
    y = louder * TARGETS
    law = theory.readout_law(limits(trained=True).nngp, y, cell.a, cell.a)
    return {"z": (readout_limit(hidden, start, y)[:, 0] - law.location) / law.scale}


def _prior_freedom(cell: Cell) -> partial[FloatArray]:
    return partial(below, 2 * cell.a)


def _bayes(cell: Cell) -> Cdf:
    kernel = limits(trained=True).nngp
    law = theory.readout_law(kernel, TARGETS, cell.a, cell.a)
    other = theory.posterior_law(kernel, TARGETS, cell.a, cell.a)
    return lambda z: below(other.freedom, z * law.scale / other.scale)


MARGIN = 0.04
"""Networks of width 64 are off by some 0.01, those of width 8 by 0.07; the posterior by 0.1."""

READOUT = Claim(
    id="scale_mixture_nngp.readout-trained-is-prior-dof-t",
    title="Networks with a trained readout keep the degrees of freedom of the prior",
    source="the law after training the last layer, in the notebook of the released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="When gradient flow on the squared error trains the readout alone until it fits, "
    "predictions of an ensemble of wide networks have the t law about the mean of the "
    "NNGP posterior whose shape is $b/a$ times its variance, with 2a degrees of freedom "
    "as before.",
    formula="f_oo (x_*) -> t_(2 a) (K_* K^(-1) y, b/a (K_(**) - K_* K^(-1) K_*^T))",
    scope=Scope.SCALED_DOWN,
    does_not_show="Several predictions together; training that is stopped early, or with noise.",
    assumptions=(
        HIDDEN,
        SCALE,
        "one hidden layer of erf, three targets, one prediction; within 0.04 at each width",
        "the limit of the flow is computed from each network's own features",
    ),
    cells=ByEffort(
        smoke=Cells(width=(128,), a=(1.0,)),
        standard=Cells(width=(64, 128, 256), a=(1.0, 2.0)),
        full=Cells(width=(64, 128, 256, 512), a=(1.0, 2.0, 3.0)),
    ),
    simulate=predictions,
    expect=(Distribution("z", _prior_freedom).within(MARGIN),),
    controls=(
        FalseTheory(
            "the Bayes posterior, with degrees of freedom and a scale that the targets change",
            Distribution("z", _bayes, a=1.0).within(MARGIN),
        ),
        BrokenWorld("networks of width 8", cells=Cells(width=(8,), a=(1.0,))),
        BrokenWorld(
            "networks of width 16 with targets six times as large",
            change={"louder": 6.0},
            cells=Cells(width=(16,), a=(1.0,)),
        ),
    ),
    block=512,
    cap=ByEffort(smoke=16_384, standard=32_768, full=131_072),
    figure=Axis(x="width", label="width n of the hidden layers", log=True),
)
