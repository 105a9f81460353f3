"""Sparse Bayesian learning with Kronecker structure: derivatives of the cost, and a rate.

He and Joseph, "Bayesian Algorithms for Kronecker-structured Sparse Vector Recovery With Application
to IRS-MIMO Channel Estimation" (IEEE Transactions on Signal Processing 2024), model
``y = (A_1 (x) A_2 (x) A_3) x + n`` with ``x ~ N(0, diag(gamma))``, ``gamma = g_1 (x) g_2 (x) g_3``,
and minimise ``L = log det C + y' C^{-1} y``, C being the covariance of y, by EM. The M-step either
alternates between the factors (AM) or takes singular vectors (SVD). The theorems were not readable;
what follows is derived.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="kro_sbl",
    field="bayes",
    title="Bayesian Algorithms for Kronecker-structured Sparse Vector Recovery With Application to "
    "IRS-MIMO Channel Estimation",
    authors=("Yanbin He", "Geethu Joseph"),
    year=2024,
    venue="IEEE Transactions on Signal Processing",
    arxiv="2307.14719",
    code="YanbinHe/JournalKroSBL",
    read=(
        "The abstract, and the public code with its configuration files; the theorems were not "
        "readable."
    ),
    not_checked=(
        "The bound on the number of local minima, which was not readable; counts by many starts "
        "are unreliable, as EM crosses plateaus.",
        "Channel estimation with intelligent reflecting surfaces; a noise variance that is learnt.",
    ),
)


def second_moments(gamma: FloatArray, slope: FloatArray) -> FloatArray:
    """Return ``E x^2 = gamma - gamma^2 slope`` under the posterior [derived].

    With ``q = a' C^{-1} y`` and ``s = a' C^{-1} a`` the mean is ``gamma q`` and the variance
    ``gamma - gamma^2 s``. So ``(1 - E x^2 / gamma) / gamma`` is the slope of the cost, and where a
    variance vanishes ``1 - E x^2 / gamma`` does, whatever the slope is.

    Parameters
    ----------
    gamma : ndarray
        Prior variances.
    slope : ndarray
        ``dL / d gamma = s - q^2``, of the same shape.
    """
    return np.asarray(gamma - gamma**2 * slope)


def factor_slopes(slope: FloatArray, scales: Sequence[FloatArray]) -> list[FloatArray]:
    """Return ``dL / dg_i``, for each of three factors: the slopes, weighted by the other two.

    Parameters
    ----------
    slope : ndarray, shape (R, n_1, n_2, n_3)
        ``dL / d gamma``.
    scales : sequence of ndarray, shapes (R, n_i)
        The g_i.
    """
    a, b, c = scales
    return [
        np.asarray(np.einsum("rabc,rb,rc->ra", slope, b, c, optimize=True)),
        np.asarray(np.einsum("rabc,ra,rc->rb", slope, a, c, optimize=True)),
        np.asarray(np.einsum("rabc,ra,rb->rc", slope, a, b, optimize=True)),
    ]


def largest_log_slope(slopes: Sequence[FloatArray], scales: Sequence[FloatArray]) -> FloatArray:
    """Return ``max |dL / d log g_i|`` over all entries of all factors, shape (R,).

    It is 0 at every stationary point, and where the entries with a slope are 0, too.
    """
    each = [np.abs(g * slope).max(axis=1) for g, slope in zip(scales, slopes, strict=True)]
    return np.asarray(np.max(each, axis=0))


def least_slope(slopes: Sequence[FloatArray], scales: Sequence[FloatArray]) -> FloatArray:
    """Return the least ``dL / dg_i`` times the largest entry of g_i, shape (R,).

    A stationary point with a scale of 0 has no negative slope there: the cost would fall if the
    scale grew. The factor makes it free of units.
    """
    each = [
        (g.max(axis=1, keepdims=True) * s).min(axis=1) for g, s in zip(scales, slopes, strict=True)
    ]
    return np.asarray(np.min(each, axis=0))


def log_slope_curve(iterations: FloatArray) -> FloatArray:
    """Return ``1 / t``, to which EM's log gradient is proportional in the end [derived].

    Where g goes to 0 at a positive slope, ``E x^2 / g = 1 - g c`` makes EM ``g <- g (1 - g c)``,
    so that g nears ``1 / (c t)``, and the log gradient is proportional to g.
    """
    return np.asarray(1.0 / iterations)
