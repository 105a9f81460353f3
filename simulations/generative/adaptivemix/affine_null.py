"""Whether the penalty sees the scale of affine features."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.theory.generative import adaptivemix as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

MIXES, INPUTS, COORDINATES = 1000, 3, 8
"""A replicate is the mean loss of so many mixes, of points in R^3, features being in R^8."""

EXPECTED = theory.affine_loss()
MARGIN = 0.01 * EXPECTED
VARIANCE = 1.5 * theory.affine_loss_variance(MIXES, COORDINATES)
"""Exact for affine features but for the factor, which leaves room for those that are bent a little:
their squared gap adds 2 % to the loss, and 3 % to 20 % to its variance."""

NOTHING = 1e-24
"""Of a squared gap: features of the size 50 are rounded to 1e-14."""


def mixed_losses(cell: Cell, rng: Generator, size: int, curvature: float = 0.0) -> Columns:
    """Mean loss per coordinate of random affine features, with the target's noise and without.

    Parameters
    ----------
    cell : Cell
        With ``scale``, which multiplies the features.
    curvature : float
        Coefficient of the squares of the inputs that are added to the features.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``loss`` and ``plain``.
    """
    slope = rng.standard_normal((size, INPUTS, COORDINATES))
    offset = rng.standard_normal((size, 1, COORDINATES))
    x, other = rng.standard_normal((2, size, MIXES, INPUTS))
    lam = rng.random((size, MIXES, 1))

    def features(at: FloatArray) -> FloatArray:
        return np.asarray(cell.scale * ((at + curvature * at**2) @ slope + offset))

    gap = features(lam * x + (1 - lam) * other) - lam * features(x) - (1 - lam) * features(other)
    noisy = gap - theory.NOISE * rng.standard_normal(gap.shape)
    return {"loss": (noisy**2).mean(axis=(1, 2)), "plain": (gap**2).mean(axis=(1, 2))}


AFFINE = Claim(
    id="adaptivemix.affine-null",
    title="The penalty on mixed features is blind to affine features of any scale",
    source="adaptive_mix in models.py of the classification code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For affine features, large or small, the expected loss per coordinate is the "
    "variance of the target's noise, 0.0025, and it is zero without the noise. So the loss by "
    "itself does not shrink features: it takes the bends out of them.",
    formula="EE (F(lambda x + (1 - lambda) x') - lambda F(x) - (1 - lambda) F(x') - epsilon)^2 = "
    "sigma^2, quad F(x) = A x + b",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What the loss does beside a fitting loss, or on features that are normalised.",
    assumptions=(
        "1000 mixes of standard normal points of $R^3$, eight random affine features",
        "the loss without the normalisation that the classification code puts before it",
    ),
    cells=ByEffort(
        smoke=Cells(scale=(1.0, 10.0)),
        standard=Cells(scale=(0.1, 1.0, 10.0)),
        full=Cells(scale=(0.01, 0.1, 1.0, 10.0)),
    ),
    simulate=mixed_losses,
    expect=(
        Mean("loss", variance_at_most=VARIANCE).near(EXPECTED, MARGIN),
        Exact("plain").at_most(NOTHING),
    ),
    controls=(
        FalseTheory(
            "ten times the features cost 0.6 % more",
            Mean("loss", variance_at_most=VARIANCE, scale=10.0).at_least(1.006 * EXPECTED),
        ),
        BrokenWorld(
            "features that are bent a little",
            change={"curvature": 0.0065},
            at={"scale": 1.0},
            judged_by="loss",
        ),
        BrokenWorld(
            "features that are bent by a hundred-millionth",
            change={"curvature": 1e-8},
            at={"scale": 1.0},
            judged_by="plain",
        ),
    ),
    block=50,
    cap=ByEffort(smoke=1000, standard=2000, full=4000),
    figure=Axis(x="scale", label="scale of the features", log=True),
)
