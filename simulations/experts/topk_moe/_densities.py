"""How far two densities under top-K gates differ."""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import Gate, log_density
from refutable.theory.experts.softmax_gmoe.atoms import Atoms


def density_change(truth: Atoms, kept: int, other: Atoms, other_kept: int) -> float:
    """Return the largest difference of two densities at 50,000 fixed points.

    In units of the larger of the two: between 0 and 1.
    """
    rng = np.random.default_rng(23)
    x, y = rng.uniform(-1, 1, 50_000), 0.5 + 1.5 * rng.standard_normal(50_000)
    base = log_density(parameters(truth), Gate(top_k=kept), x, y)
    moved = log_density(parameters(other), Gate(top_k=other_kept), x, y)
    return float(-np.expm1(-np.abs(moved - base)).min())
