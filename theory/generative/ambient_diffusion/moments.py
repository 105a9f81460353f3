r"""Hermite moments of a law under Gaussian noise: their covariances, and what k atoms are told by.

For X = mu + s Z the polynomials :math:`H_j = s^j He_j(X / s)` have the mean :math:`E mu^j` and

.. math:: E H_i H_j = \sum_a \binom{i}{a} \binom{j}{a} a! s^{2a} E mu^{i+j-2a}

[derived, from ``He_j(x + y) = sum_a C(j, a) He_a(x) y^(j-a)`` and orthogonality].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def atom_moments(atoms: ArrayLike, weights: ArrayLike, degree: int) -> FloatArray:
    """Return ``E mu^j`` for j = 0, ..., degree, shape (degree + 1,)."""
    at = np.asarray(atoms, dtype=float)
    return np.asarray(at ** np.arange(degree + 1)[:, None] @ np.asarray(weights, dtype=float))


def hermite_covariance(
    atoms: ArrayLike, weights: ArrayLike, noise: float, degree: int
) -> FloatArray:
    """Covariance of the unbiased estimates of the first moments from one sample.

    Parameters
    ----------
    atoms, weights : array, shape (k,)
    noise : float
        Standard deviation s, at least 0.
    degree : int
        The highest moment.

    Returns
    -------
    array, shape (degree, degree)
    """
    moments = atom_moments(atoms, weights, 2 * degree)
    products = np.array(
        [
            [_product(i, j, noise, moments) for j in range(1, degree + 1)]
            for i in range(1, degree + 1)
        ]
    )
    return products - np.outer(moments[1 : degree + 1], moments[1 : degree + 1])


def _product(i: int, j: int, noise: float, moments: FloatArray) -> float:
    return math.fsum(
        math.comb(i, a) * math.comb(j, a) * math.factorial(a)
        * noise ** (2 * a) * moments[i + j - 2 * a]
        for a in range(min(i, j) + 1)
    )  # fmt: skip


def leading_variance(j: int, noise: float) -> float:
    """Return ``j! s^(2j)``: the variance of the j-th estimate for large noise, and for mu = 0."""
    return math.factorial(j) * noise ** (2 * j)


def information_limit(atoms: ArrayLike, weights: ArrayLike) -> float:
    r"""Limit of ``s^(4k-2)`` times the least eigenvalue of the Fisher information [derived].

    For large s the information on the atoms and the first k - 1 weights is
    :math:`\sum_j \nabla m_j \nabla m_j' / (j! s^{2j})`. Its least eigenvalue belongs to the
    direction that moves the moment of degree 2k - 1 and none before, at the slowest:
    :math:`1 / ((2k-1)! |J^{-1} e_{2k-1}|^2)`, J being the derivative of the first 2k - 1 moments.

    Parameters
    ----------
    atoms, weights : array, shape (k,)
        Distinct atoms; positive weights.
    """
    at, mass = np.asarray(atoms, dtype=float), np.asarray(weights, dtype=float)
    degrees = np.arange(1, 2 * len(at))[:, None]
    by_atom = mass * degrees * at ** (degrees - 1)
    by_weight = at[:-1] ** degrees - at[-1] ** degrees
    slowest = np.linalg.solve(np.hstack([by_atom, by_weight]), np.eye(len(degrees))[-1])
    return 1.0 / (math.factorial(len(degrees)) * float(slowest @ slowest))


def score_columns(
    x: FloatArray, atoms: ArrayLike, weights: ArrayLike, noise: float
) -> tuple[FloatArray, FloatArray]:
    """Density of one sample at `x`, and the score of every parameter there.

    Parameters
    ----------
    x : array, shape (nodes,)
    atoms, weights : array, shape (k,)
    noise : float
        s, above 0.

    Returns
    -------
    density : array, shape (nodes,)
    scores : array, shape (nodes, 2k - 1)
        Of the k atoms, then of the first k - 1 weights, the last being 1 less their sum.
    """
    at, mass = np.asarray(atoms, dtype=float), np.asarray(weights, dtype=float)
    steps = (x[:, None] - at) / noise
    logs = np.log(mass) - 0.5 * steps**2
    top = logs.max(axis=1, keepdims=True)  # far out every bell is zero, but not their ratios
    shares = np.exp(logs - top)
    total = shares.sum(axis=1, keepdims=True)
    shares /= total
    density = (np.exp(top) * total)[:, 0] / (noise * math.sqrt(2 * math.pi))
    by_weight = shares / mass
    return density, np.hstack([shares * steps / noise, by_weight[:, :-1] - by_weight[:, -1:]])
