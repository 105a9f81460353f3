"""Separated classes, and the rounds of split and merge moves that look for them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.mixture_em import kmeans_plus_plus, nearest
from refutable.solvers.split_merge import Moves, Prior, split_merge
from refutable.theory.mixtures import gpc as theory

from refutable import Axis, FloatArray

CLASSES = 10
POINTS = 60
"""Of every class."""

DIM = 8
FITTING = Prior(kappa=0.01, nu=DIM + 2.0, scale=1.0)
"""A prior on the scale of the classes: unit covariance."""

RELEASED = Prior(theory.RELEASED_KAPPA, theory.RELEASED_NU, theory.RELEASED_SCALE)

LAST = 6
"""Rounds at the end in which the number of classes should stand."""

SEPARATION = Axis(x="sep", label="scale of the distances between classes")


def classes(rng: Generator, size: int, sep: float) -> FloatArray:
    """Draw ten classes N(c, I) of 60 points, c ~ N(0, sep^2/2 I), shape (size, 600, 8)."""
    centres = sep / np.sqrt(2) * rng.standard_normal((size, CLASSES, DIM))
    noise = rng.standard_normal((size, CLASSES * POINTS, DIM))
    return np.asarray(noise + np.repeat(centres, POINTS, axis=1))


def start(rng: Generator, x: FloatArray, groups: int) -> NDArray[np.int64]:
    """Give every point to the nearest of `groups` k-means++ centres, shape (size, n)."""
    return nearest(x, kmeans_plus_plus(rng, x, groups))[:, 0]


def numbers(
    rng: Generator,
    x: FloatArray,
    labels: NDArray[np.int64],
    moves: Moves,
    prior: Prior = FITTING,
) -> NDArray[np.int64]:
    """Return the number of classes before and after every round, shape (size, rounds + 1)."""
    return split_merge(rng, x, labels, prior, moves).counts
