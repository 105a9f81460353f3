"""The gain in squared W2 on drawn data sets, the mean term in closed form."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import by_law
from refutable.theory.generative.slight_corruption.denoiser import Extra, rank_one
from refutable.theory.generative.slight_corruption.transport import Setting

from refutable import FloatArray


def covariance_distance(covariance: FloatArray) -> FloatArray:
    """``tr C - 2 tr C^(1/2)``, shape (...): distance from the identity, squared, less d."""
    values = np.linalg.eigvalsh(covariance)
    return np.asarray((values - 2 * np.sqrt(np.maximum(values, 0.0))).sum(axis=-1))


def gains(rng: Generator, size: int, setting: Setting, extra: Extra = rank_one) -> FloatArray:
    """Return the expected mean term plus the covariance term of `size` data sets, shape (size,).

    The mean term's own scatter, of no interest, would be several times that of the other.
    """
    mean, covariance = by_law(rng, size, setting.d, setting.n, setting.norm)
    noisy = covariance + extra(mean, setting.gamma)
    terms = covariance_distance(covariance) - covariance_distance(noisy)
    return np.asarray(setting.mean_term + terms)
