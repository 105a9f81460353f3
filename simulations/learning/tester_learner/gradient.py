"""Monte Carlo of the ramp surrogate's gradient under a Gaussian marginal."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning._tester_samples import FloatArray
from refutable.solvers.halfspace import flipped, halfspace_labels
from scipy.special import ndtr, ndtri

from refutable import Cell

DRAWS = 1000
"""Points of a replicate; all of them lie in the band."""


def pull(cell: Cell, rng: Generator, size: int) -> dict[str, FloatArray]:
    """Estimate the gradient's pull towards w* in the plane of w and w*.

    The margin t is drawn from N(0, 1) given ``|t| <= sigma/2``; that event's probability is exact.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``pull``: the mean of ``y <u, x> 1{|t| <= sigma/2} / sigma`` over 1000 points.
    """
    shape = (size, DRAWS)
    low = ndtr(-cell.sigma / 2)
    mass = 1 - 2 * low
    t = ndtri(low + mass * rng.random(shape))
    z = rng.standard_normal(shape)
    plane = np.stack([t.ravel(), z.ravel()], axis=1)
    w_star = np.array([np.cos(cell.theta), np.sin(cell.theta)])
    rates = np.full(len(plane), cell.eta)
    y = flipped(halfspace_labels(plane, w_star), rates, rng).reshape(shape)
    return {"pull": mass / cell.sigma * (y * z).mean(axis=1)}
