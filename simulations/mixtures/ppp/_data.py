"""Six normal groups in four dimensions: what every statistical claim draws."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.theory.mixtures import ppp as theory

from refutable import Axis, FloatArray

K = theory.CLUSTERS

APART = 4.0
"""Least distance of the centres where groups are to be separated: above `theory.resolution`, 2.3,
by more than half of it, and met by about half of the data sets at separation 10."""

SEPARATION = Axis(x="sep", label="root mean square distance of two centres")


def centres(rng: Generator, size: int, sep: float, apart: float = 0.0) -> FloatArray:
    """Draw normal centres, shape (size, K, d), again and again until all pairs are `apart`.

    Parameters
    ----------
    sep : float
        Root mean square distance of two centres.
    apart : float
        Least distance of two centres; 0 accepts every draw.
    """
    shape, scale = (K, theory.DIMENSION), theory.centre_deviation(sep)
    found = np.empty((size, *shape))
    missing = np.arange(size)
    while missing.size:
        found[missing] = scale * rng.standard_normal((missing.size, *shape))
        missing = missing[least_distance(found[missing]) < apart]
    return found


def least_distance(centre: FloatArray) -> FloatArray:
    """Return the distance of the closest two of the centres (size, K, d): (size,)."""
    first, second = np.triu_indices(centre.shape[1], 1)
    apart = np.linalg.norm(centre[:, first] - centre[:, second], axis=-1)
    return np.asarray(apart.min(axis=1))


def groups(rng: Generator, size: int, sep: float, apart: float = 0.0) -> FloatArray:
    """Draw data sets, shape (size, n, d): 50 points around each centre, with unit noise."""
    at = np.repeat(centres(rng, size, sep, apart), theory.MEMBERS, axis=1)
    return np.asarray(at + rng.standard_normal(at.shape))
