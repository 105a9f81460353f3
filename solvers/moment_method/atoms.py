"""The law of k atoms with given moments: Gauss quadrature, and its closed form for two atoms."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, positive

_SINGULAR = 1e-9
"""Singular values below this share of the largest count as zero: well above the 1e-16 of doubles,
and at the accuracy of moments from the semidefinite program. A law of fewer than k atoms then gets
a node more of weight zero."""

_NO_VARIANCE = 1e-12
"""Variances up to this belong to one atom: the square of a distance of 1e-6."""


def gauss_rule(moments: ArrayLike, radius: float) -> tuple[Floats, Floats]:
    """Atoms and weights of the law of k atoms on ``[-radius, radius]`` with given moments.

    The atoms are the roots of the orthogonal polynomial of degree k, clipped to the interval; the
    weights fit the moments 0 to k - 1, are cut off at 0 and sum to 1. Where the moments are those
    of a law of k atoms in the interval this returns it.

    Parameters
    ----------
    moments : array, shape (..., 2k - 1)
        The first 2k - 1 moments, such as `project_moments` returns.
    radius : float
        Above 0.

    Returns
    -------
    atoms, weights : array, shape (..., k)
        Atoms in increasing order.

    Raises
    ------
    ValueError
        For an even number of moments, or values that are not finite.
    """
    given = finite_array("moments", moments, least=1)
    positive("radius", radius)
    if given.shape[-1] % 2 == 0:
        raise ValueError(f"moments has shape {given.shape}: give an odd number along the last axis")
    k = (given.shape[-1] + 1) // 2
    # in units of the radius, so that the moments are of one size
    scaled = given / float(radius) ** np.arange(1, 2 * k)
    full = np.concatenate([np.ones((*given.shape[:-1], 1)), scaled], axis=-1)
    atoms = np.clip(_roots(full, k), -1.0, 1.0)
    return radius * atoms, _weights(atoms, full[..., :k])


def _roots(moments: Floats, k: int) -> Floats:
    """Return the real parts of the roots of the orthogonal polynomial, sorted, shape (..., k)."""
    hankel = moments[..., np.add.outer(np.arange(k), np.arange(k))]
    inverse = np.linalg.pinv(hankel, rcond=_SINGULAR, hermitian=True)
    coefficients = -(inverse @ moments[..., k:, None])[..., 0]
    companion = np.zeros((*moments.shape[:-1], k, k))
    companion[..., np.arange(1, k), np.arange(k - 1)] = 1.0
    companion[..., :, -1] = -coefficients
    return np.sort(np.linalg.eigvals(companion).real, axis=-1)


def _weights(atoms: Floats, moments: Floats) -> Floats:
    """Fit weights to the moments 0 to k - 1, cut them off at 0 and divide by their sum."""
    powers = atoms[..., None, :] ** np.arange(atoms.shape[-1])[:, None]
    inverse = np.linalg.pinv(powers, rcond=_SINGULAR)
    weights = np.maximum((inverse @ moments[..., None])[..., 0], 0.0)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def two_atoms(moments: ArrayLike, radius: float) -> tuple[Floats, Floats]:
    """Atoms and weights of the law of two atoms with given mean, second and third moment.

    With the variance v and the third central moment c, and ``R = sqrt((c / v)^2 + 4 v)``, the atoms
    are ``m_1 + (c / v -+ R) / 2``. Without a positive variance both are ``m_1``. Atoms are clipped
    to ``[-radius, radius]``: where they lie inside this is the projection on the moments of laws on
    the interval, followed by Gauss quadrature; where they do not, it is not.

    Parameters
    ----------
    moments : array, shape (..., 3)
    radius : float
        Above 0.

    Returns
    -------
    atoms, weights : array, shape (..., 2)
        Atoms in increasing order.

    Raises
    ------
    ValueError
        If there are not three moments, or one is not finite.
    """
    given = finite_array("moments", moments, least=1)
    positive("radius", radius)
    if given.shape[-1] != 3:
        raise ValueError(f"moments has shape {given.shape}: give three along the last axis")
    mean, second, third = np.moveaxis(given, -1, 0)
    variance = second - mean**2
    spread = variance > _NO_VARIANCE
    variance = np.where(spread, variance, 1.0)
    skew = (third - 3 * mean * second + 2 * mean**3) / variance
    # the far root first, then the near one from their product -v: no cancellation
    far = (np.abs(skew) + np.hypot(skew, 2 * np.sqrt(variance))) / 2
    near = variance / far
    left, right = np.where(skew > 0, near, far), np.where(skew > 0, far, near)
    steps = np.stack([-left, right], axis=-1) * spread[..., None]
    share = np.where(spread, right / (left + right), 0.5)
    atoms = np.clip(mean[..., None] + steps, -radius, radius)
    return atoms, np.stack([share, 1.0 - share], axis=-1)
