"""One pass of stepwise EM, the steps that are tried in it, and the error of its centres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.mixtures.agmm._mixture import THREE_CLASSES, centres
from refutable.solvers.mixture_em import Mixture, decaying_steps, fit_stepwise

from refutable import FloatArray

BATCH, DECAY = 50, 0.6
ONE_PASS = (*THREE_CLASSES, "starts are the true centres + N(0, I)", "batches of 50 pixels")

Steps = Callable[[int], FloatArray]


def slow_decay(count: int) -> FloatArray:
    """Return steps t^-0.6: their sum is infinite, that of their squares is not."""
    return decaying_steps(count, DECAY)


def constant(count: int) -> FloatArray:
    """Return steps of 0.3: the sum of their squares is infinite."""
    return np.full(count, 0.3)


def fast_decay(count: int) -> FloatArray:
    """Return steps t^-2: their sum is finite."""
    return decaying_steps(count, 2.0)


def mean_square_error(mixture: Mixture) -> FloatArray:
    """Mean squared error over the coordinates of the centres, shape (size,)."""
    return np.asarray(((mixture.means - centres()) ** 2).mean(axis=(-1, -2)))


def one_pass(
    x: FloatArray, start: Mixture, steps: Steps = slow_decay, batch: int = BATCH
) -> Mixture:
    """Pass over pixels (size, n, 4) once, in batches, from starts of batch (size,)."""
    gains = steps(-(-x.shape[1] // batch))
    return fit_stepwise(x, start, batch=batch, steps=gains).mixture
