"""Random instances of the update: unit features in eight dimensions, and graphs on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.affinity import (
    gaussian_affinity,
    neighbour_affinity,
    with_least_eigenvalue,
)
from refutable.solvers.gaussian_mixture import random_directions
from refutable.theory.mixtures import lame as theory

from refutable import FloatArray

DIM = 8
NEIGHBOURS = 5
"""The largest of the code's choices 1, 3, 5, and its default."""

RANK = 2
"""The code takes the third smallest distance of a row; the first is the point's own zero."""

STEPS = 100
"""The code's limit."""

ROUNDING = 1e-9
"""Relative rise that counts as none; rounding gives about 1e-15."""

Graph = Callable[[Generator, FloatArray], FloatArray]
"""Draws W, shape (size, n, n), for features of shape (size, n, DIM)."""


def _transposed(matrices: FloatArray) -> FloatArray:
    return np.swapaxes(matrices, -1, -2)


def linear(rng: Generator, features: FloatArray) -> FloatArray:
    """Inner products: positive semidefinite."""
    del rng
    return features @ _transposed(features)


def gaussian(rng: Generator, features: FloatArray) -> FloatArray:
    """Gaussian affinities of the code: positive definite."""
    del rng
    return gaussian_affinity(features, RANK)


def neighbours(rng: Generator, features: FloatArray) -> FloatArray:
    """Give the code's nearest-neighbour graph as it is: not symmetric."""
    del rng
    return neighbour_affinity(features, NEIGHBOURS)


def symmetric_neighbours(rng: Generator, features: FloatArray) -> FloatArray:
    """Mean of that graph and its transpose: symmetric and indefinite."""
    graph = neighbours(rng, features)
    return (graph + _transposed(graph)) / 2


def lifted_neighbours(rng: Generator, features: FloatArray) -> FloatArray:
    """Lift the symmetric graph by a multiple of the identity until it is semidefinite."""
    return with_least_eigenvalue(symmetric_neighbours(rng, features), 0.0)


def random_symmetric(rng: Generator, features: FloatArray) -> FloatArray:
    """Symmetric part of standard normal numbers: indefinite, no geometry."""
    size, n, _ = features.shape
    weights = rng.standard_normal((size, n, n))
    return (weights + _transposed(weights)) / 2


GRAPHS: dict[str, Graph] = {
    "linear": linear,
    "Gaussian": gaussian,
    "neighbours": neighbours,
    "symmetric neighbours": symmetric_neighbours,
    "lifted neighbours": lifted_neighbours,
    "random": random_symmetric,
}


def instances(
    rng: Generator, size: int, n: int, k: int, graph: str
) -> tuple[FloatArray, FloatArray]:
    """Draw log q, shape (size, n, k), from logits 2 N(0, 1), and W, shape (size, n, n)."""
    probabilities = scipy.special.softmax(2 * rng.standard_normal((size, n, k)), axis=-1)
    features = random_directions(rng, size * n, DIM).reshape(size, n, DIM)
    return theory.log_prior(probabilities), GRAPHS[graph](rng, features)


def largest_rise(values: FloatArray) -> FloatArray:
    """Largest relative rise from one step to the next: (steps, size) -> (size,)."""
    scale = np.maximum(np.abs(values[:-1]), 1)
    return np.asarray((np.diff(values, axis=0) / scale).max(axis=0))
