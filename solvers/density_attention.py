"""Attention by densities: places of an axis are weighed by how far they are from its mean.

Offsets and scales are learned; no place is compared with another. Two forms: K scalar Gaussians
that are multiplied and divided by their sum, and an offset and a scale for every place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    bounded_array,
    finite_array,
    nonnegative,
    positive,
    positive_array,
    refuse,
)

__all__ = ["gaussian_factors", "normalised", "place_weights", "standardised"]


def gaussian_factors(
    x: ArrayLike, offsets: ArrayLike, scales: ArrayLike, addition: float = 1e-8
) -> Floats:
    """Return the K Gaussian densities of a head at each place.

    Parameters
    ----------
    x : array_like, shape (..., T)
        Two places at least.
    offsets, scales : array_like, shape (..., K)
        Leading axes broadcast with those of `x`; scales positive.
    addition : float
        Added to the unbiased variance, at least 0.

    Returns
    -------
    ndarray, shape (..., K, T)
        Of ``(x - mean - offset) / sqrt(variance)``, with the deviation `scale`.

    Raises
    ------
    ValueError
        If an argument is out of range or shapes do not go together.
    """
    given = _axis(x)
    offset = finite_array("offsets", offsets, least=1)
    scale = positive_array("scales", scales, shape=offset.shape)
    try:
        np.broadcast_shapes(given.shape[:-1], offset.shape[:-1])
    except ValueError:
        refuse("offsets", offset, f"leading axes that broadcast with those of x, {given.shape}")
    variance = given.var(axis=-1, ddof=1)[..., None, None] + nonnegative("addition", addition)
    centre = given.mean(axis=-1)[..., None, None] + offset[..., None]
    y = (given[..., None, :] - centre) / np.sqrt(variance)
    wide = scale[..., None]
    return np.asarray(np.exp(-(y**2) / (2 * wide**2)) / np.sqrt(2 * np.pi * wide**2))


def normalised(raw: ArrayLike, floor: float) -> Floats:
    """Divide by the sum along the last axis, or by `floor` where that is more.

    Parameters
    ----------
    raw : array_like, shape (..., T)
        At least 0.
    floor : float
        Above 0.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    given = bounded_array("raw", raw, 0, least=1)
    total = given.sum(axis=-1, keepdims=True)
    return np.asarray(given / np.maximum(total, positive("floor", floor)))


def standardised(x: ArrayLike, offsets: ArrayLike, addition: float = 1e-8 + 1e-5) -> Floats:
    """Return ``(x - mean - offset) / sqrt(variance)`` along the last axis.

    Parameters
    ----------
    x : array_like, shape (..., T)
        Two places at least.
    offsets : array_like, shape (T,)
    addition : float
        Added to the biased variance, at least 0: as printed, 1e-8 and then 1e-5.

    Raises
    ------
    ValueError
        If an argument is out of range or shapes do not go together.
    """
    given = _axis(x)
    offset = finite_array("offsets", offsets, shape=given.shape[-1:])
    spread = np.sqrt(given.var(axis=-1, keepdims=True) + nonnegative("addition", addition))
    return np.asarray((given - given.mean(axis=-1, keepdims=True) - offset) / spread)


def place_weights(y: ArrayLike, scales: ArrayLike) -> Floats:
    """Return ``exp(-y^2 / (2 c))`` with a scale c for every place: no sum is divided by.

    Parameters
    ----------
    y : array_like, shape (..., T)
    scales : array_like, of a shape that broadcasts with it
        Positive.

    Raises
    ------
    ValueError
        If an argument is out of range or shapes do not go together.
    """
    given = finite_array("y", y, least=1)
    scale = positive_array("scales", scales)
    try:
        np.broadcast_shapes(given.shape, scale.shape)
    except ValueError:
        refuse("scales", scale, f"a shape that broadcasts with that of y, {given.shape}")
    return np.asarray(np.exp(-(given**2) / (2 * scale)))


def _axis(x: ArrayLike) -> Floats:
    given = finite_array("x", x, least=1)
    if given.shape[-1] < 2:
        refuse("x", given, "two places at least along the last axis")
    return given
