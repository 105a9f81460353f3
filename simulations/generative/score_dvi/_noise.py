"""Noise that is quiet seven times of ten and loud the other three, and where fits begin."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from refutable import FloatArray

WEIGHTS, DEVIATIONS = (0.7, 0.3), (0.1, 1.0)

SETTING = (
    "noise of deviation 0.1 with probability 0.7 and of deviation 1 else",
    "priors: Gamma(1, 1) for precisions, Dirichlet(1) for weights",
    "responsibilities begin as uniform draws from the simplex",
)


def noise(rng: Generator, size: int, n: int) -> FloatArray:
    """Draw data sets of noise, shape (size, n)."""
    loud = rng.random((size, n)) < WEIGHTS[1]
    return np.asarray(rng.standard_normal((size, n)) * np.where(loud, *reversed(DEVIATIONS)))


def starts(rng: Generator, size: int, n: int, components: int) -> FloatArray:
    """Draw responsibilities, shape (size, n, components)."""
    return rng.dirichlet(np.ones(components), (size, n))
