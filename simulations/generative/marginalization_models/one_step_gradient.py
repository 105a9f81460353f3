"""Noise and bias of the one-step gradient at the optimum, where the full gradient has none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.generative.marginalization_models._draws import (
    DRAWS,
    Q,
    averaged,
    drawn,
    log_probabilities,
    one_step,
)
from refutable.theory.generative.marginalization_models import OneStep

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
    FloatArray,
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

MARGIN = 0.03
"""Of the variance."""
ROUNDING = 1e-20
"""Of a square; the logarithms of 32 coordinates leave 1e-28."""


def at(cell: Cell) -> OneStep:
    """Return the estimator that theory is about."""
    return OneStep(cell.dimension, Q, cell.indices == "one")


def gradients(
    cell: Cell,
    rng: Generator,
    size: int,
    q: float = Q,
    target: float | None = None,
    indices: str | None = None,
    baseline: bool = True,
) -> Columns:
    """Draw batches and both gradients.

    Parameters
    ----------
    q : float
        Of the model, whose coordinates are independent.
    target : float, optional
        q of the target of the full gradient; that of the model by default.
    indices : str, optional
        "one" or "independent", in place of the cell's.
    baseline : bool
        Whether the full gradient is taken less the batch's mean.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``noise``: squared distance of a coordinate of the gradient from its predicted mean, in
        cubes of D;
        ``mean``: of a coordinate; ``full``: square of a coordinate of the full gradient.
    """
    x = drawn(rng, size, cell.dimension, q)
    moved = one_step(rng, x, q, (indices or cell.indices) == "one")
    return {
        "noise": averaged(at(cell), moved) / cell.dimension**3,
        "mean": moved.mean(axis=1) / cell.dimension,
        "full": full_square(x, q, q if target is None else target, baseline),
    }


def full_square(x: NDArray[np.bool_], q: float, target: float, baseline: bool) -> FloatArray:
    """Mean square of a coordinate of grad log p (log p - log f), shape (size,).

    The target is not normalised: ``log f = logit(target) sum_k x_k``.
    """
    log_f = np.log(target / (1 - target)) * x.sum(axis=-1)
    excess = log_probabilities(x, q).sum(axis=-1) - log_f
    if baseline:
        excess -= excess.mean(axis=1, keepdims=True)
    squares = ((x - q) ** 2).mean(axis=-1)
    return np.asarray((squares * excess**2).mean(axis=1))


def noise_variance(cell: Cell) -> float:
    """Variance of a batch's noise, from the law of the gradient."""
    return _noise_variance(at(cell))


def noise_variance_of_one(cell: Cell) -> float:
    """Variance of a batch's noise with one index for both factors, whatever the cell has."""
    return _noise_variance(OneStep(cell.dimension, Q, True))


def _noise_variance(law: OneStep) -> float:
    return law.spread_moments()[1] / DRAWS / float(law.dimension**6)


def variance(cell: Cell) -> float:
    """Variance of a coordinate of the one-step gradient, in cubes of D."""
    return at(cell).variance / float(cell.dimension**3)


def mean_variance(cell: Cell) -> float:
    """Variance of a batch's mean coordinate."""
    return at(cell).variance_of_average() / DRAWS


def mean_variance_of_one(cell: Cell) -> float:
    """Variance of a batch's mean coordinate with one index for both factors."""
    return OneStep(cell.dimension, Q, True).variance_of_average() / DRAWS


def bias_margin(cell: Cell) -> float:
    """Return a tenth of the bias of one index for both factors."""
    return 0.1 * OneStep(cell.dimension, Q, True).mean


def near_noise(variance_at_most: Callable[[Cell], float]) -> Expectation:
    """Return what theory says of the noise, given what bounds the variance of its draws."""
    return Mean("noise", variance_at_most=variance_at_most).near(
        variance, lambda cell: MARGIN * variance(cell)
    )


def near_mean(variance_at_most: Callable[[Cell], float]) -> Expectation:
    """Return what theory says of a mean coordinate, given what bounds its variance."""
    return Mean("mean", variance_at_most=variance_at_most).near(lambda c: at(c).mean, bias_margin)


NOISE = Claim(
    id="marginalization_models.arm-mc-variance",
    title="At the optimum the one-step gradient is noisy where the full gradient has no noise",
    source="Figure 3: the one-step estimate has extremely high gradient variance; code of ARM-MC",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For independent coordinates at the optimum the gradient by the full likelihood, "
    "less the batch's mean, vanishes for every sample. The one by a single conditional has a "
    "variance of the order of D cubed, and a bias unless score and likelihood take indices of "
    "their own.",
    formula='"Var" = D (D-1) lambda^2 [m + (D-1) v^2], quad lambda = log q/(1-q), quad '
    "v = q (1-q), quad m = v (1 - 3 v)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The variance during training, or of networks that share parameters; what the "
    "code's division by the batch's standard deviation makes of it.",
    assumptions=(
        "the gradient is in the logits of the coordinates, one for each; squares are averaged "
        "over them",
        "the one-step likelihood is taken less log f with its mean, to which the code's mean over "
        "the batch comes near; the target itself is not normalised",
    ),
    notes=(
        "The code draws the two indices independently. With one index for both, the variance is "
        "2.10, 22.1, 201 and 1716 for 4 to 32 coordinates, and the mean of a coordinate "
        "(D-1) lambda v, 5.5 for 32, in place of 0; with independent ones it is 1.81, 15.5, 127 "
        "and 1029.",
        "At $q = 1/2$ all conditionals are alike and the one-step gradient has no noise either.",
    ),
    cells=ByEffort(
        smoke=Cells(dimension=(4, 8, 16, 32), indices=("independent", "one")),
        standard=Cells(dimension=(4, 8, 16, 32), indices=("independent", "one")),
        full=Cells(dimension=(4, 8, 16, 32, 64), indices=("independent", "one")),
    ),
    simulate=gradients,
    expect=(
        near_noise(noise_variance),
        near_mean(mean_variance),
        Exact("full", indices="independent").at_most(ROUNDING),
    ),
    controls=(
        BrokenWorld(
            "a probability of 0.69",
            change={"q": 0.69},
            at={"dimension": 32},
            judged_by="noise",
        ),
        BrokenWorld("a probability of one half", change={"q": 0.5}, judged_by="noise"),
        BrokenWorld(
            "one index in place of two",
            change={"indices": "one"},
            at={"indices": "independent", "dimension": 32},
            expect=(near_mean(mean_variance_of_one), near_noise(noise_variance_of_one)),
        ),
        BrokenWorld(
            "a target off by a billionth",
            change={"target": Q + 1e-9},
            at={"indices": "independent"},
            judged_by="full",
        ),
        BrokenWorld(
            "without the batch's mean, log Z is left in",
            change={"baseline": False},
            at={"dimension": 4, "indices": "independent"},
            judged_by="full",
        ),
    ),
    block=200,
    cap=ByEffort(smoke=4000, standard=8000, full=40_000),
    figure=Axis(x="dimension", label="coordinates D", log=True, curve=True),
)
