"""Random precision matrices of models, and how near they are to one another."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from refutable import FloatArray


def draw_precisions(
    rng: Generator, size: int, models: int, dimension: int, alike: float = 0.0
) -> FloatArray:
    """Draw positive definite matrices, shape (size, models, p, p).

    Each is ``D (A A' / p + I / 10) D`` with a standard normal A and scales D of ``exp(N(0, 1/4))``.

    Parameters
    ----------
    rng : Generator
    size, models, dimension : int
    alike : float
        Share of the first model's matrix in that of each: 1 makes them equal.
    """
    a = rng.standard_normal((size, models, dimension, dimension))
    scales = np.exp(0.5 * rng.standard_normal((size, models, dimension)))
    inner = a @ np.swapaxes(a, -1, -2) / dimension + 0.1 * np.eye(dimension)
    own = scales[..., :, None] * inner * scales[..., None, :]
    return np.asarray((1 - alike) * own + alike * own[:, :1])


def diagonals(precisions: FloatArray) -> FloatArray:
    """Return the diagonals, shape (..., p)."""
    return np.ascontiguousarray(np.diagonal(precisions, axis1=-2, axis2=-1))
