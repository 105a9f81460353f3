"""Estimating a Gaussian mean without the constant: curvatures, steps, and what the noise costs.

Jiang et al., "Learning Unnormalized Statistical Models via Compositional Optimization" (ICML
2023), minimise ``-E log p_theta + log E_q (p_theta / q)``, p_theta being the model without its
constant and q the law of the noise. The abstract compares that with noise-contrastive
estimation (NCE) on the mean of a Gaussian on the line. The theorems were not readable, so that what
follows is derived:

- data N(R, 1); for NCE the model ``phi(x) exp(b x - c)`` and noise N(0, 1), as in Liu, Rosenfeld,
  Ravikumar and Risteski (ICLR 2022), so that ``T = (x, -1)`` and the optimum is ``(R, R^2 / 2)``;
- for the composition the model ``exp(-x^2 / 2 + theta x)`` and noise ``N(m, s^2)``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="meco",
    field="generative",
    title="Learning Unnormalized Statistical Models via Compositional Optimization",
    authors=(
        "Wei Jiang",
        "Jiayu Qin",
        "Lingyu Wu",
        "Changyou Chen",
        "Tianbao Yang",
        "Lijun Zhang",
    ),
    year=2023,
    venue="ICML 2023",
    arxiv="2306.07485",
    read=(
        "The abstract (both the arXiv and the OpenReview wording) and a third-party pseudo-code of "
        "the algorithm; the theorems were not readable, and no official repository was found."
    ),
    not_checked=(
        "The convergence rates for models that are not convex: their statements were not readable.",
        "Density estimation, out-of-distribution detection and image generation: they need the "
        "networks and the data sets.",
    ),
)

# Landscapes


def flattest_limit(distance: float) -> float:
    """Return ``2 pi^3 / sqrt(2 pi) R^-5 exp(-R^2 / 8)``, the least eigenvalue's limit [derived].

    The Hessian of NCE at the optimum is ``1/2 E_p*[q / (p* + q) T T']``. With ``y = x - R / 2`` the
    weight is ``exp(-R^2/8) exp(-y^2/2) / (4 sqrt(2 pi) cosh(R y / 2))``; let m_k be its moments
    in y. For large R ``m_0`` nears ``sqrt(2 pi) / (4 R) exp(-R^2/8)``, ``m_2`` nears
    ``pi^2 m_0 / R^2``, and the least eigenvalue ``4 m_2 / R^2``.

    Parameters
    ----------
    distance : float
        R, between data and noise, positive.
    """
    constant = 2.0 * math.pi**3 / math.sqrt(2.0 * math.pi)
    return constant * distance**-5 * math.exp(-(distance**2) / 8.0)


def steepest_limit(distance: float) -> float:
    """Return ``sqrt(2 pi) / 16 R exp(-R^2 / 8)``, which the largest eigenvalue nears [derived]."""
    return math.sqrt(2.0 * math.pi) / 16.0 * distance * math.exp(-(distance**2) / 8.0)


def flattest_bounds(distance: float) -> tuple[float, float]:
    """Bounds on the least eigenvalue of the Hessian of NCE at the optimum [derived].

    Above: the quotient of the direction ``(1, R/2)``, along which T is y, is ``m_2 / (1 + R^2/4)``,
    and ``m_2`` is at most what it is without ``exp(-y^2/2)``. Below: an eigenvalue is at least the
    determinant ``m_0 m_2`` over the trace ``m_0 (1 + R^2/4) + m_2``; ``exp(-y^2/2) >= 1 - y^2/2``
    and the moments ``pi^3/4`` and ``5 pi^5/16`` of ``sech`` give
    ``m_2 >= (1 - 5 pi^2 / (2 R^2))`` times that, and ``m_2 / m_0 <= pi^2 / R^2``, the variance of
    ``sech(R y / 2)``, which the factor ``exp(-y^2/2)`` makes smaller.

    Returns
    -------
    low, high : float
        `low` is 0 below R = 4.97, where the bound says nothing.
    """
    square = distance**2
    limit = flattest_limit(distance)
    low = (1.0 - 2.5 * math.pi**2 / square) / (1.0 + 4.0 / square + 4.0 * math.pi**2 / square**2)
    return limit * max(low, 0.0), limit / (1.0 + 4.0 / square)


def smoothness(distance: float, mean: float = 0.0, deviation: float = 1.0) -> float:
    """Bound on the eigenvalues of the Hessian of NCE at every parameter.

    The slope of the logistic function is 1/4 at most, so that it is the largest eigenvalue of
    ``1/8 (E_p* + E_q) T T'``. It is attained where the model is the noise.

    Parameters
    ----------
    distance : float
        R.
    mean, deviation : float
        Of the Gaussian noise.
    """
    corner = 1.0 + distance**2 + mean**2 + deviation**2
    matrix = np.array([[corner, -(distance + mean)], [-(distance + mean), 2.0]]) / 8.0
    return float(np.linalg.eigvalsh(matrix)[-1])


def likelihood_steps(step: float, share: float) -> int:
    """Return the steps of gradient descent on the likelihood to `share` of the first error.

    Its curvature is 1, so that the error is ``(1 - step)^t`` of the first: no R.
    """
    return math.ceil(math.log(share) / math.log1p(-step))


# What the noise costs


def second_moment(gap: float, variance: float = 1.0) -> float:
    """Return ``E w^2 / (E w)^2`` of ``w = p_theta / q`` [derived]; 1 more than the variance.

    It is ``s^2 / sqrt(2 s^2 - 1) exp(gap^2 / (2 s^2 - 1))`` for ``s^2 > 1/2``, else infinite; for
    ``s = 1`` this is ``exp(gap^2)``.

    Parameters
    ----------
    gap : float
        ``theta - m``.
    variance : float
        s^2 of the noise, positive.
    """
    excess = 2.0 * variance - 1.0
    if excess <= 0:
        return math.inf
    return variance / math.sqrt(excess) * math.exp(gap**2 / excess)


def square_variance(gap: float) -> float:
    """Variance of ``(w / E w)^2`` for noise of unit variance: ``exp(6 g^2) - exp(2 g^2)``.

    ``(w / E w)^k`` has the mean ``exp(k (k - 1) g^2 / 2)``, as ``log w / E w`` is
    ``g z - g^2 / 2`` for a standard normal z.
    """
    return math.exp(6.0 * gap**2) - math.exp(2.0 * gap**2)


def cut_growth(variance: float, model_variance: float = 1.0) -> float:
    """Growth of ``log E w^2 1(|z| < A)`` in A^2: ``max(0, 1/(2 s^2) - 1/v)`` [derived].

    The integrand is ``p^2 / q``, of order ``exp(x^2 (1/(2 s^2) - 1/v))``.
    """
    return max(0.0, 0.5 / variance - 1.0 / model_variance)


def error_curve(variance: float, sizes: FloatArray) -> FloatArray:
    """Typical error of a mean of n weights, up to a constant, for a gap of 0 [derived].

    ``w = s exp(z^2 (1 - s^2) / (2 s^2))`` exceeds t with a probability of order
    ``t^-a (log t)^(-1/2)``, ``a = 1 / (1 - s^2)``. Above ``s^2 = 1/2`` that is more than 2 and the
    error falls as ``n^(-1/2)``; below, it is that of a stable law of index a,
    ``n^(1/a - 1) (log n)^(-1/(2a)) = n^(-s^2) (log n)^(-(1 - s^2)/2)``.

    Parameters
    ----------
    variance : float
        s^2, positive, not 1/2.
    sizes : ndarray
        n, at least 2.
    """
    if variance > 0.5:
        return np.asarray(sizes**-0.5)
    return np.asarray(sizes**-variance * np.log(sizes) ** (-(1.0 - variance) / 2.0))
