"""Whether one term carries one normal law to another, through the laws that the bridge has."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers import bridge_mixture as bm
from refutable.solvers.linear_gaussian import Gaussian, flow, law_after
from refutable.theory.generative import light_sb as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

DIMENSION = 3
TOLERANCE = 1e-10
"""Rounding leaves some 1e-15 times the condition of the matrices. Integration adds nothing: mean
and covariance of these bridges are polynomials in t, of degree one and two."""


def covariances(rng: Generator, size: int, d: int = DIMENSION) -> FloatArray:
    """Draw Wishart matrices with 2 d degrees of freedom, mean 1 + 0.2, shape (size, d, d)."""
    root = rng.standard_normal((size, d, 2 * d))
    return np.asarray(root @ np.swapaxes(root, -1, -2) / (2 * d) + 0.2 * np.eye(d))


def _carried(
    potential: bm.Potential, law: Gaussian, begin: float, end: float, variance: float
) -> Gaussian:
    """Carry a law with the drift of one term, which is affine, and noise of this variance."""
    corners = np.concatenate((np.zeros((1, DIMENSION)), np.eye(DIMENSION)))

    def coefficients(time: float) -> tuple[FloatArray, FloatArray]:
        values = bm.drift(potential, corners, min(time, 1.0))
        return np.swapaxes(values[:, 1:] - values[:, :1], -1, -2), values[:, 0]

    noise = variance * np.eye(DIMENSION)
    step = flow(
        begin, end, lambda t: coefficients(t)[0], lambda t: coefficients(t)[1], lambda t: noise
    )
    return law_after(step, law)


def _apart(found: FloatArray, wanted: FloatArray) -> FloatArray:
    """Largest difference in units of the largest entry, shape (size,)."""
    axes = tuple(range(1, wanted.ndim))
    return np.asarray(np.abs(found - wanted).max(axis=axes) / np.abs(wanted).max(axis=axes))


def moments(
    cell: Cell,
    rng: Generator,
    size: int,
    spread: float = 1.0,
    prior: float = 1.0,
    noise: float = 1.0,
) -> Columns:
    """Errors of the closed form between random normal laws.

    Parameters
    ----------
    cell : Cell
        With ``epsilon``.
    rng : Generator
    size : int
        Pairs of laws.
    spread : float
        What eps I is multiplied with in the predicted covariance half-way.
    prior : float
        What epsilon is multiplied with in the whole bridge, not in the prediction.
    noise : float
        What epsilon is multiplied with in the noise of the paths alone.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``system``: of S S0 S + eps S = S1; ``middle`` and ``end``: of mean and covariance.
    """
    epsilon = cell.epsilon
    start, final = covariances(rng, size), covariances(rng, size)
    means = rng.standard_normal((2, size, DIMENSION))
    scale = theory.gaussian_scale(start, final, prior * epsilon)
    centre = means[1] - (scale @ means[0][..., None])[..., 0]
    potential = bm.Potential.of_matrices(
        prior * epsilon, np.zeros((size, 1)), centre[:, None], scale[:, None]
    )
    variance = noise * prior * epsilon
    half = _carried(potential, Gaussian(means[0], start), 0.0, 0.5, variance)
    whole = _carried(potential, half, 0.5, 1.0, variance)
    between = theory.gaussian_marginal(start, final, epsilon, 0.5, spread)
    return {
        "system": _apart(scale @ start @ scale + epsilon * scale, final),
        "middle": np.maximum(
            _apart(half.mean, means.mean(axis=0)), _apart(half.covariance, between)
        ),
        "end": np.maximum(_apart(whole.mean, means[1]), _apart(whole.covariance, final)),
    }


CLOSED_FORM = Claim(
    id="light_sb.gaussian-bridge-closed-form",
    title="Between normal laws one term is the exact bridge, half-way and at the end",
    source="the plan and the drift of the public code; closed form derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Between two normal laws a potential of one term with the matrix S below solves the "
    "Schrödinger system, and its drift carries the first law to the second, through the mean and "
    "covariance of the bridge half-way.",
    formula="S = S_0^(-1 \\/ 2) ((S_0^(1 \\/ 2) S_1 S_0^(1 \\/ 2) + epsilon^2/4 I)^(1 \\/ 2) "
    "- epsilon/2 I) S_0^(-1 \\/ 2), quad Sigma_t = (1-t)^2 S_0 + t^2 S_1 + "
    "t(1-t) (S_0 S + S S_0 + epsilon I)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Laws that are not normal, and the error of a finite number of steps: moments "
    "are integrated and not sampled.",
    assumptions=("pairs of random normal laws in three dimensions",),
    notes=(
        "The closed form is that of Bunne et al. (2023) and Janati et al. (2020), written as a "
        "potential.",
    ),
    cells=ByEffort(
        smoke=Cells(epsilon=(0.1, 1.0)),
        standard=Cells(epsilon=(0.1, 1.0, 10.0)),
        full=Cells(epsilon=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0)),
    ),
    simulate=moments,
    expect=(
        Exact("system").at_most(TOLERANCE),
        Exact("middle").at_most(TOLERANCE),
        Exact("end").at_most(TOLERANCE),
    ),
    controls=(
        BrokenWorld(
            "half-way, eps I enters with 0.999",
            change={"spread": 0.999},
            at={"epsilon": 1.0},
            judged_by="middle",
        ),
        BrokenWorld(
            "a prior whose variance is 1.001 times as large",
            change={"prior": 1.001},
            at={"epsilon": 1.0},
            judged_by="system",
        ),
        BrokenWorld(
            "noise whose variance is 1.001 times as large as the drift was made for",
            change={"noise": 1.001},
            at={"epsilon": 1.0},
            judged_by="end",
        ),
    ),
    block=16,
    cap=ByEffort(smoke=32, standard=128, full=512),
)
