"""What an infinite variance does to the estimate of the constant: it learns at another rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.meco._line import Normal
from refutable.solvers.unnormalized_gradients import WeightedSample, compositional_gradient
from refutable.theory.generative import meco as theory

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
    Origin,
    Scope,
    Slope,
)

SIZES = (64, 512, 4096)
BATCHES = 16


def constant_errors(cell: Cell, rng: Generator, size: int, shift: float = 0.0) -> Columns:
    """Typical error of the inner mean for the model N(0, 1) and noise N(0, s^2).

    Parameters
    ----------
    cell : Cell
        With ``variance``, s^2.
    shift : float
        Added to the variance of the noise that is run.

    Returns
    -------
    dict of ndarray, shape (size, 3)
        ``error``: median over 16 batches of each number of draws of the relative error.
    """
    noise = Normal(0.0, math.sqrt(cell.variance + shift))
    errors = [_median_error(noise, rng, (size, BATCHES, n)) for n in SIZES]
    return {"error": np.stack(errors, axis=-1)}


def _median_error(noise: Normal, rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    z = noise.deviation * rng.standard_normal(shape)
    sample = WeightedSample(z[..., None], Normal().log_density(z) - noise.log_density(z))
    still = np.zeros((*shape[:-1], 1))
    data = WeightedSample(still[..., None], still)  # the inner mean does not look at data
    log_inner = compositional_gradient(still, data, sample)[1]
    return np.asarray(np.median(np.abs(np.expm1(log_inner)), axis=-1))


def _curve(cell: Cell, sizes: FloatArray) -> FloatArray:
    return theory.error_curve(cell.variance, sizes)


def _root(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return np.asarray(sizes**-0.5)


INNER_RATE = Claim(
    id="meco.inner-rate-threshold",
    title="With noise of less than half the model's variance more draws help less",
    source="the threshold of variance-threshold",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="The typical error of the mean of n ratios falls as $n^(-1/2)$ for a noise variance "
    "$s^2$ above 1/2, and as $n^(-s^2) (log n)^(-(1 - s^2)/2)$ below, the ratio then "
    "being in the domain of a stable law of index $1/(1 - s^2)$.",
    formula='"med" abs(macron(w)_n - 1) prop n^(-1 slash 2) " for " s^2 > 1/2, quad '
    'n^(-s^2) (log n)^(-(1 - s^2) slash 2) " for " s^2 < 1/2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The descent itself; $s^2$ near 1/2, where either law sets in late.",
    assumptions=(
        "the model is N(0, 1) up to its constant, noise is $N(0, s^2)$",
        "batches of 64 to 4096 draws, the median over 16 of each",
    ),
    notes=("At $s^2 = 0.4$ and 0.6 the slopes against the curve are 0.06 and 0.04 in this range.",),
    cells=ByEffort(
        smoke=Cells(variance=(0.25, 0.75)),
        standard=Cells(variance=(0.2, 0.25, 0.3, 0.75, 1.5)),
        full=Cells(variance=(0.2, 0.25, 0.3, 0.75, 1.5, 2.0)),
    ),
    simulate=constant_errors,
    expect=(Slope("error", SIZES, curve=_curve).near(0.0, 0.1),),
    controls=(
        FalseTheory(
            "the root of n below the threshold as well",
            Slope("error", SIZES, curve=_root, variance=0.25).near(0.0, 0.1),
        ),
        BrokenWorld(
            "noise of variance 0.3 for 0.75", change={"shift": -0.45}, at={"variance": 0.75}
        ),
    ),
    block=8,
    cap=ByEffort(smoke=512, standard=1024, full=2048),
    figure=Axis(x="n", label="draws in a batch", log=True),
)
