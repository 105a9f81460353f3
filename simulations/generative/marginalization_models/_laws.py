"""Random laws of a few discrete coordinates, their conditionals, and conditionals that are off."""

from __future__ import annotations

import functools

import numpy as np
from numpy.random import Generator
from refutable.solvers import marginal_lattice

from refutable import FloatArray

FLOOR = 1e-4
"""Added to every cell of a Dirichlet(1/2) law, so that each marginal has a logarithm."""


@functools.lru_cache(maxsize=8)
def lattice(dimension: int, values: int) -> marginal_lattice.Steps:
    """Return the steps between the partial assignments."""
    return marginal_lattice.steps(dimension, values)


def random_laws(rng: Generator, size: int, cells: int) -> FloatArray:
    """Draw laws, shape (size, cells), most of whose mass lies on some of the cells."""
    law = rng.dirichlet(np.full(cells, 0.5), size) + FLOOR
    return np.asarray(law / law.sum(axis=1, keepdims=True))


def shaken(conditionals: FloatArray, noise: FloatArray) -> FloatArray:
    """Add noise, shape (..., D, M, K - 1), to the logits of all values but the first."""
    logits = conditionals.copy()
    logits[..., 1:] += noise
    top = logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))
