r"""Kernels of a lag r, with their derivatives in it: Matern-5/2, squared exponential, times cosine.

A process with covariance k(x - x') has :math:`\mathrm{cov}(f^{(i)}(x),f^{(j)}(x'))=(-1)^jk^{(i+j)}
(x-x')`. Matern-5/2 has four derivatives at 0 and a jump in the fifth; the odd ones are 0 there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    positive_array,
    refuse,
    whole_number,
)

HIGHEST = 4
"""Order to which Matern-5/2 has derivatives everywhere; all that covariances of second derivatives
ask for."""


def squared_exponential(lag: ArrayLike, length: ArrayLike, highest: int = 0) -> Floats:
    """Return ``exp(-r^2 / (2 l^2))`` and its derivatives in r.

    Parameters
    ----------
    lag : array_like
        r, of either sign.
    length : array_like
        l, positive; broadcasts with `lag`.
    highest : int
        Order of the last derivative, 0 to 4.

    Returns
    -------
    array, shape (highest + 1, ...)
        Derivatives of order 0, 1, ...
    """
    z, scale, count = _scaled(lag, length, highest)
    hermite = (np.ones_like(z), z, z**2 - 1, z**3 - 3 * z, z**4 - 6 * z**2 + 3)
    bell = np.exp(-(z**2) / 2)
    return np.stack([(-1 / scale) ** m * hermite[m] * bell for m in range(count)])


def matern52(lag: ArrayLike, length: ArrayLike, highest: int = 0) -> Floats:
    """Return ``(1 + t + t^2/3) exp(-t)``, ``t = sqrt(5) |r| / l``, and its derivatives in r.

    Parameters and result as for `squared_exponential`.
    """
    z, scale, count = _scaled(lag, length, highest)
    t, sign, rate = math.sqrt(5.0) * np.abs(z), np.sign(z), math.sqrt(5.0) / scale
    polynomials = (
        1 + t + t**2 / 3,
        -sign * t * (1 + t) / 3,
        (t**2 - t - 1) / 3,
        sign * t * (3 - t) / 3,
        (t**2 - 5 * t + 3) / 3,
    )
    fall = np.exp(-t)
    return np.stack([rate**m * polynomials[m] * fall for m in range(count)])


def times_cosine(derivatives: ArrayLike, lag: ArrayLike, frequency: ArrayLike) -> Floats:
    """Return the derivatives of ``k(r) cos(2 pi f r)`` from those of k, by Leibniz' rule.

    Parameters
    ----------
    derivatives : array_like, shape (m, ...)
        Of k at `lag`, from order 0 on.
    lag : array_like
        r; broadcasts with one derivative.
    frequency : array_like
        f, in cycles; broadcasts likewise.

    Returns
    -------
    array, shape (m, ...)
    """
    k = finite_array("derivatives", derivatives, least=1)
    r, cycles = finite_array("lag", lag), finite_array("frequency", frequency)
    try:
        np.broadcast_shapes(k.shape[1:], r.shape, cycles.shape)
    except ValueError:
        refuse("derivatives", k, f"what broadcasts with lags {r.shape}, {cycles.shape} frequencies")
    angular = 2 * np.pi * cycles
    waves = [angular**m * np.cos(angular * r + m * np.pi / 2) for m in range(len(k))]
    orders = range(len(k))
    terms = [[math.comb(m, i) * k[i] * waves[m - i] for i in range(m + 1)] for m in orders]
    return np.stack([np.sum(each, axis=0) for each in terms])


def _scaled(lag: ArrayLike, length: ArrayLike, highest: int) -> tuple[Floats, Floats, int]:
    """Return ``r / l`` and l in one shape, and the number of derivatives."""
    r, scale = finite_array("lag", lag), positive_array("length", length)
    count = whole_number("highest", highest, 0, HIGHEST) + 1
    try:
        z = r / scale
    except ValueError:
        refuse("length", scale, f"what broadcasts with lags of shape {r.shape}")
    return z, np.broadcast_to(scale, z.shape), count
