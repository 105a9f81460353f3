"""Grids of colours: drawn, in order of luminance, and how much smoother they are when sorted."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from refutable import FloatArray

LUMINANCE = np.array([0.3, 0.6, 0.1])
BLOBS, SPREAD, CENTRES = 8, 12.0, (25.0, 225.0)
"""Clustered colours: blobs, their standard deviation, and the range of their centres."""

UNIFORM = "colours are independent and uniform on 0 to 255 in each of three channels"


def drawn(
    rng: Generator, size: int, n: int, data: str = "uniform", channels: int = 3
) -> FloatArray:
    """Whole numbers 0 to 255, shape (size, n, n, channels), in no order."""
    shape = (size, n, n, channels)
    if data == "uniform":
        return rng.integers(0, 256, shape).astype(np.float64)
    centres = rng.uniform(*CENTRES, (size, BLOBS, channels))
    chosen = rng.integers(0, BLOBS, (size, n * n, 1))
    around = np.take_along_axis(centres, chosen, axis=1).reshape(shape)
    return np.asarray(np.clip(np.rint(around + SPREAD * rng.standard_normal(shape)), 0, 255))


def by_luminance(grids: FloatArray) -> FloatArray:
    """Fill the rows one after another in order of luminance; three channels."""
    flat = grids.reshape(len(grids), -1, grids.shape[-1])
    order = (flat @ LUMINANCE).argsort(axis=1, kind="stable")
    return np.asarray(np.take_along_axis(flat, order[..., None], axis=1).reshape(grids.shape))
