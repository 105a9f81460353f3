"""Whether the loss differs from the divergence of the plan by a number that no fit changes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.light_sb._finite_laws import UNIFORM_ON_TRIANGLES, finite_laws
from refutable.simulations.generative.light_sb.gaussian_bridge import DIMENSION, covariances
from refutable.solvers import bridge_mixture as bm
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

NORMAL, FINITE = "normal laws", "finite laws"
TERMS = 3


def _sigma_points(mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return 2 d points of equal weight with these moments: quadratics have exact means on them."""
    d = mean.shape[-1]
    turned = np.sqrt(d) * np.swapaxes(np.linalg.cholesky(covariance), -1, -2)
    return np.concatenate((mean[:, None] + turned, mean[:, None] - turned), axis=1)


def _loss(
    potential: bm.Potential, x0: FloatArray, x1: FloatArray, p0: FloatArray, p1: FloatArray,
    normalised: bool,
) -> FloatArray:  # fmt: skip
    log_c = bm.log_normaliser(potential, x0) if normalised else np.zeros(x0.shape[-2])
    return np.asarray(log_c @ p0 - bm.log_potential(potential, x1) @ p1)


def _normal(
    rng: Generator, size: int, epsilon: float, normalised: bool, reverse: bool
) -> tuple[FloatArray, FloatArray]:
    """Divergence in closed form, and the gap of the loss, for one random term each."""
    start, final, s = (covariances(rng, size) for _ in range(3))
    mean0, mean1, r = rng.standard_normal((3, size, DIMENSION))
    best_s = theory.gaussian_scale(start, final, epsilon)
    best = (mean1 - (best_s @ mean0[..., None])[..., 0], best_s)
    x0, x1 = _sigma_points(mean0, start), _sigma_points(mean1, final)
    equal = np.full(2 * DIMENSION, 0.5 / DIMENSION)

    def loss(centre: FloatArray, scale: FloatArray) -> FloatArray:
        one = bm.Potential.of_matrices(
            epsilon, np.zeros((size, 1)), centre[:, None], scale[:, None]
        )
        return _loss(one, x0, x1, equal, equal, normalised)

    own, other = ((r, s), best) if reverse else (best, (r, s))
    return theory.plan_divergence(own, other, mean0, start, epsilon), loss(r, s) - loss(*best)


def _finite(
    rng: Generator, size: int, epsilon: float, normalised: bool, sweeps: int
) -> tuple[FloatArray, FloatArray]:
    """Divergence summed over Sinkhorn's plan, and the gap of the loss, for three random terms."""
    laws = finite_laws()
    found = laws.plan(epsilon, sweeps)
    level, r = rng.standard_normal((size, TERMS)), rng.standard_normal((size, TERMS, 1))
    scales = rng.uniform(0.05, 1.0, (size, TERMS, 1)) / max(epsilon, 1.0)
    potential = bm.Potential(epsilon, level, r, scales)
    loss = _loss(potential, laws.x0, laws.x1, laws.p0, laws.p1, normalised)
    log_c, log_v = bm.log_normaliser(potential, laws.x0), bm.log_potential(potential, laws.x1)
    return laws.divergence(found, epsilon, log_c, log_v), loss - laws.least_loss(found)


def gaps(
    cell: Cell, rng: Generator, size: int, normalised: bool = True, reverse: bool = False,
    sweeps: int = 10_000,
) -> Columns:  # fmt: skip
    """Difference of the divergence and the gap of the loss, for random potentials.

    Parameters
    ----------
    cell : Cell
        With ``laws`` and ``epsilon``.
    rng : Generator
    size : int
        Potentials.
    normalised : bool
        Keep log c in the loss.
    reverse : bool
        Between normal laws, the divergence of the potential's plan from the true one.
    sweeps : int
        Between finite laws, the most sweeps that the true plan is given.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``mismatch``, relative to the divergence; ``divergence``.
    """
    if cell.laws == NORMAL:
        divergence, gap = _normal(rng, size, cell.epsilon, normalised, reverse)
    else:
        divergence, gap = _finite(rng, size, cell.epsilon, normalised, sweeps)
    return {"mismatch": np.abs(gap / divergence - 1), "divergence": divergence}


LOSS_GAP = Claim(
    id="light_sb.kl-equals-loss-gap",
    title="What the loss lacks to its minimum is the divergence of the true plan from the fit",
    source="the loss of the public code, whose paper was not at hand",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="For every potential the loss E log c(X0) - E log v(X1) exceeds its least value by "
    "the Kullback-Leibler divergence of the true plan from the potential's, though the loss sees "
    "the two ends apart and no pairs.",
    formula='"KL"(pi^* || pi_theta) = L(theta) - L^*, quad '
    "L(theta) = EE_(p_0) log c_theta (X_0) - EE_(p_1) log v_theta (X_1)",
    scope=Scope.SCALED_DOWN,
    does_not_show="Losses on samples, which estimate L and not L* or the divergence.",
    assumptions=(
        "normal laws in three dimensions with one random term, or finite laws with three",
        *UNIFORM_ON_TRIANGLES,
    ),
    notes=(
        "The divergence is a closed form between normal laws, and a sum over the pairs of the plan "
        "between finite ones; L* is the loss of the true potential.",
    ),
    cells=ByEffort(
        smoke=Cells(laws=(NORMAL, FINITE), epsilon=(0.1, 1.0)),
        standard=Cells(laws=(NORMAL, FINITE), epsilon=(0.1, 0.3, 1.0, 3.0)),
        full=Cells(laws=(NORMAL, FINITE), epsilon=(0.1, 0.3, 1.0, 3.0, 10.0)),
    ),
    simulate=gaps,
    expect=(Exact("mismatch").at_most(1e-8),),
    controls=(
        BrokenWorld(
            "the loss without log c, a fit of the density of the ends",
            change={"normalised": False},
            at={"epsilon": 1.0},
        ),
        BrokenWorld(
            "the divergence the other way round",
            change={"reverse": True},
            at={"laws": NORMAL, "epsilon": 1.0},
        ),
        BrokenWorld(
            "a plan of three sweeps, whose starts are not quite p0",
            change={"sweeps": 3},
            at={"laws": FINITE, "epsilon": 1.0},
        ),
    ),
    block=32,
    cap=ByEffort(smoke=64, standard=256, full=1024),
)
