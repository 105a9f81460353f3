"""Schroedinger bridges with a Gaussian mixture as adjusted potential: plan, drift, paths and fit.

Between two laws, with a Wiener process of variance epsilon as prior, the entropic transport plan of
the cost |x0 - x1|^2 / 2 has the density exp(x0 . x1 / epsilon) v(x1) / c(x0) given x0. A mixture v
makes the plan given x0 a mixture, its normaliser c a sum, and the drift of the bridge explicit.
Leading axes are independent bridges.
"""

from refutable.solvers.bridge_mixture.dynamics import bridge_states, drift
from refutable.solvers.bridge_mixture.fitting import fit_minibatches, fit_weighted, loss_gradient
from refutable.solvers.bridge_mixture.potential import (
    Potential,
    draw_ends,
    log_normaliser,
    log_potential,
    plan,
)

__all__ = [
    "Potential",
    "bridge_states",
    "draw_ends",
    "drift",
    "fit_minibatches",
    "fit_weighted",
    "log_normaliser",
    "log_potential",
    "loss_gradient",
    "plan",
]
