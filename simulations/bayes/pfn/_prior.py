"""Draws from a Gaussian process on a line, and the exact predictive of each query."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from refutable.theory.bayes import pfn as theory

from refutable import FloatArray

CONTEXT = 8
SCALE, NOISE = 0.3, 0.01
"""Length-scale, and variance of the noise; the process has variance 1."""

PRIOR = (
    "inputs are uniform on [0, 1]; the process has a squared exponential covariance of variance 1 "
    "and length-scale 0.3, and the noise a variance of 0.01",
    "n of at most 8 context points are seen",
)


class DataSets(NamedTuple):
    """Data sets of points on a line; the first are the context.

    Attributes
    ----------
    x, y : ndarray, shape (size, points)
    """

    x: FloatArray
    y: FloatArray


def draw(rng: Generator, size: int, points: int, scale: float = SCALE) -> DataSets:
    """Draw data sets from the prior."""
    x = rng.random((size, points))
    root = np.linalg.cholesky(theory.squared_exponential(x, scale, NOISE))
    return DataSets(x, (root @ rng.standard_normal((size, points, 1)))[..., 0])


def exact(
    sets: DataSets, seen: int, queries: int, scale: float = SCALE
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the noisy value of each query, the last points.

    Parameters
    ----------
    sets : DataSets
    seen : int
        How many of the first points are seen.
    queries : int
    scale : float
        Length-scale that is believed.

    Returns
    -------
    mean, variance : ndarray, shape (size, queries)
    """
    covariance = theory.squared_exponential(sets.x, scale, NOISE)
    cross = covariance[:, :seen, -queries:]
    # The least eigenvalue is the noise's, 0.01, at least: no jitter is needed.
    weights = np.linalg.solve(covariance[:, :seen, :seen], cross)
    mean = (weights * sets.y[:, :seen, None]).sum(axis=1)
    return mean, 1 + NOISE - (weights * cross).sum(axis=1)
