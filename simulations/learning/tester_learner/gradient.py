"""Whether the ramp surrogate's gradient pulls towards the truth as strongly as its closed form.

Gollakota, Klivans, Stavropoulos and Vasilyan (ICLR 2024), structural lemma on stationary points;
the identity is derived here, under a Gaussian marginal.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.halfspace import flipped, halfspace_labels
from refutable.theory.learning import tester_learner as theory

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
    Mean,
    Origin,
    Scope,
)

DRAWS = 1000
"""Points of a replicate; all of them lie in the band."""


def pull(cell: Cell, rng: Generator, size: int, more_noise: float = 0.0) -> Columns:
    """Estimate the gradient's pull towards w* in the plane of w and w*.

    The margin t is drawn from N(0, 1) given ``|t| <= sigma/2``; that event's probability is exact.
    The labels are flipped at the cell's rate with `more_noise` added.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``pull``: the mean of ``y <u, x> 1{|t| <= sigma/2} / sigma`` over 1000 points.
    """
    shape = (size, DRAWS)
    low = scipy.special.ndtr(-cell.sigma / 2)
    mass = 1 - 2 * low
    t = scipy.special.ndtri(low + mass * rng.random(shape))
    z = rng.standard_normal(shape)
    plane = np.stack([t.ravel(), z.ravel()], axis=1)
    w_star = np.array([np.cos(cell.theta), np.sin(cell.theta)])
    rates = np.full(len(plane), cell.eta + more_noise)
    y = flipped(halfspace_labels(plane, w_star), rates, rng).reshape(shape)
    return {"pull": mass / cell.sigma * (y * z).mean(axis=1)}


def _predicted_pull(cell: Cell) -> float:
    return theory.gradient_towards_truth(cell.sigma, cell.theta, cell.eta)


def _pull_at_no_width(cell: Cell) -> float:
    return float((1 - 2 * cell.eta) / np.pi)


def _pull_with_angle(cell: Cell) -> float:
    return theory.gradient_from_sine(cell.sigma, cell.theta, cell.eta)


def _variance(cell: Cell) -> float:
    return theory.pull_variance_at_most(cell.sigma, DRAWS)


GRADIENT = Claim(
    id="tester_learner.stationary-gradient",
    title="The gradient pulls towards the truth as strongly as a closed form says",
    source="Structural lemma on stationary points; the identity is derived here",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Under N(0, I) and a constant noise rate the gradient of the ramp surrogate pulls "
    "towards w* with a closed-form strength that is at least about (1 - 2 eta)/pi for small sigma, "
    "so that only w* and -w* are stationary.",
    formula="-chevron.l nabla L_sigma (w), u chevron.r = (1 - 2 eta) sqrt(2/pi) (sin theta)/sigma "
    "(2 Phi(sigma/(2 sin theta)) - 1)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Gaussian marginal, constant rate and the plain ramp only; the smoothed ramp of "
    "the learner differs by a bounded factor.",
    cells=Cells.of(
        {"sigma": 0.02, "theta": 0.02, "eta": 0.2},
        {"sigma": 0.1, "theta": 0.05, "eta": 0.2},
        {"sigma": 0.1, "theta": 0.3, "eta": 0.2},
        {"sigma": 0.5, "theta": 0.3, "eta": 0.1},
        {"sigma": 0.5, "theta": 1.5, "eta": 0.2},
        {"sigma": 2.0, "theta": 1.2, "eta": 0.2},
    ),
    simulate=pull,
    expect=(Mean("pull", variance_at_most=_variance).near(_predicted_pull, 0.004),),
    controls=(
        FalseTheory(
            "the limit of a narrow band is reached at a bandwidth as wide as the angle",
            Mean("pull", variance_at_most=_variance, theta=0.02).near(_pull_at_no_width, 0.004),
        ),
        FalseTheory(
            "theta in place of sin theta",
            Mean("pull", variance_at_most=_variance, theta=1.2).near(_pull_with_angle, 0.0075),
        ),
        BrokenWorld(
            "one label in a hundred more is flipped", change={"more_noise": 0.01}, at={"theta": 0.3}
        ),
    ),
    block=256,
    cap=ByEffort(smoke=4096, standard=8192, full=16_384),
    figure=Axis(x="theta", label="angle θ to the truth", curve=True),
)
