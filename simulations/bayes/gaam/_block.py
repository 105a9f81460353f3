"""The released block: heads with parts of an axis of their own, and what is drawn for them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.density_attention import gaussian_factors, normalised
from refutable.theory.bayes import gaam as theory

from refutable import FloatArray

LENGTH = 64
"""Places that a head has, as in the trial of these claims."""


def head(
    x: FloatArray,
    offsets: FloatArray,
    scales: FloatArray,
    floor: float = theory.FLOOR,
    added: float = 0.0,
    addition: float = 1e-8,
) -> FloatArray:
    """Return the weights of a head of the released block, shape (..., T).

    Parameters
    ----------
    x : ndarray, shape (..., T)
    offsets, scales : ndarray, shape (..., K)
    floor : float
        Least divisor.
    added : float
        Share of the Gaussians' sum that is mixed into their product.
    addition : float
        To the variance.
    """
    factors = gaussian_factors(x, offsets, scales, addition)
    raw = (1 - added) * factors.prod(axis=-2) + added * factors.sum(axis=-2)
    return normalised(raw, floor)


def fresh_scales(rng: Generator, size: int, gaussians: int) -> FloatArray:
    """Draw scales as the released block begins: ``exp(N(0, 1))``, shape (size, K)."""
    return np.exp(rng.standard_normal((size, gaussians)))
