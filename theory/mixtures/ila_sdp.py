"""Semidefinite clustering: cutoff, its finite-n form, and the likelihood-adjusted objective.

Zhuang, Chen & Yang, "Likelihood Adjusted Semidefinite Programs for Clustering Heterogeneous Data"
(ICML 2023), with the cutoff of Chen & Yang, "Cutoff for exact recovery of Gaussian mixture models"
(IEEE Transactions on Information Theory, 2021, Theorem 1 and its converse).

Model: labels are parameters; ``X_i = mu_k + eps_i`` with ``eps_i ~ N(0, Sigma_k)``. Logarithms are
natural. ``separation`` is always the squared least distance between centres, ``Delta^2``.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="ila_sdp",
    field="mixtures",
    title=("Likelihood Adjusted Semidefinite Programs for Clustering Heterogeneous Data"),
    authors=("Yubo Zhuang", "Xiaohui Chen", "Yun Yang"),
    year=2023,
    venue="ICML 2023",
    arxiv="2209.15097",
    code=None,
    read=(
        "Abstract, and the public MATLAB code of two companion papers (sketch-and-lift, "
        "nonnegative low rank); the body was not readable, so the statements are derived anew."
    ),
    not_checked=(
        "The constants of the exact recovery theorem for the likelihood-adjusted program: they are "
        "not specified, so only its mechanism is tried.",
        "The paper's tables and real data: not readable.",
        "Lower error than EM in general: tried from bad starts only.",
    ),
)


def cutoff(n: int, p: int, k: int, sigma: float = 1.0) -> float:
    """Squared separation at which exact recovery becomes possible (Chen & Yang, Theorem 1).

    ``4 sigma^2 (1 + sqrt(1 + K p / (n log n))) log n`` for equal groups of common variance.

    Parameters
    ----------
    n : int
        Number of points, at least 2.
    p : int
        Dimension, at least 1.
    k : int
        Number of groups, from 1 to ``n``.
    sigma : float
        Standard deviation of the noise in each coordinate, positive.

    Returns
    -------
    float
        The cutoff for the squared distance of the closest centres.

    Raises
    ------
    ValueError
        When a parameter is out of range.
    """
    if n < 2 or p < 1 or not 1 <= k <= n or sigma <= 0:
        raise ValueError(f"need n >= 2, p >= 1, 1 <= k <= n, sigma > 0; got {(n, p, k, sigma)}")
    log = np.log(n)
    return float(4.0 * sigma**2 * (1.0 + np.sqrt(1.0 + k * p / (n * log))) * log)


def naive_cutoff(n: int, sigma: float = 1.0) -> float:
    """Return `cutoff` without its dimension, ``8 sigma^2 log n``: wrong when ``p`` is large."""
    return float(8.0 * sigma**2 * np.log(n))


def _no_point_beyond(n: int, p: int, k: int, separation: float, shift: float) -> float:
    """Return ``exp(-n (K-1) Q((D2 - shift) / (2 sqrt(D2 + 2 K p / n))))``."""
    deviation = 2.0 * np.sqrt(separation + 2.0 * k * p / n)
    return float(np.exp(-n * (k - 1) * scipy.special.ndtr(-(separation - shift) / deviation)))


def mle_probability(n: int, p: int, k: int, separation: float) -> float:
    """Chance that no single move of a point lowers the K-means cost of the true partition.

    Poisson approximation over the ``n (K - 1)`` moves, equidistant centres, equal groups, unit
    variance. ``D_ik - D_il`` has mean ``D2`` and variance ``4 (D2 + 2 K p / n)`` [derived].
    Setting the exponent to ``log n`` gives `cutoff`.

    Parameters
    ----------
    n, p, k : int
        Points, dimension, groups.
    separation : float
        Squared distance ``D2`` of the centres, in units of the variance.
    """
    return _no_point_beyond(n, p, k, separation, 0.0)


def sdp_probability(
    n: int, p: int, k: int, separation: float, dimension_term: float = 4.0
) -> float:
    """Chance that the K-means semidefinite program has the true partition as its solution.

    As `mle_probability`, but every ``D_ik - D_il`` must exceed the top eigenvalue of a group's
    scatter times ``2 K / n``, which shifts ``D2`` by ``2 + 4 sqrt(K p / n)`` [derived].

    Parameters
    ----------
    n, p, k, separation
        As in `mle_probability`.
    dimension_term : float
        The 4 in front of the root; another one is wrong.
    """
    return _no_point_beyond(n, p, k, separation, 2.0 + dimension_term * np.sqrt(k * p / n))


def likelihood_constant(n: int, p: int) -> float:
    """Return ``n p log(2 pi)``: what the adjusted objective omits of twice the log-likelihood."""
    return float(n * p * np.log(2.0 * np.pi))


def profile_log_likelihood(
    points: FloatArray, labels: NDArray[np.intp], covariances: FloatArray
) -> float:
    """Log-likelihood of labels with known covariances, every mean replaced by its group's.

    Written as the sum of Gaussian log-densities, to be compared with `adjusted_objective`.

    Parameters
    ----------
    points : ndarray, shape (n, p)
        The points.
    labels : ndarray of int, shape (n,)
        Group of each point.
    covariances : ndarray, shape (K, p, p)
        Positive definite covariances of the groups.
    """
    total = 0.0
    for group, covariance in enumerate(covariances):
        cloud = points[labels == group]
        spread = cloud - cloud.mean(axis=0)
        quadratic = np.einsum("ij,ij->", spread @ np.linalg.inv(covariance), spread)
        log_density = len(cloud) * np.linalg.slogdet(2.0 * np.pi * covariance)[1]
        total -= 0.5 * (quadratic + log_density)
    return float(total)


def adjusted_objective(
    points: FloatArray, labels: NDArray[np.intp], covariances: FloatArray
) -> float:
    """Objective ``sum_k <A_k, B_k>`` of the likelihood-adjusted program at a partition.

    ``A_k[i, j] = -|S_k^{-1/2} (x_i - x_j)|^2 / 2 - log det S_k`` and ``B_k`` averages over pairs
    of group ``k``; no centroid appears. Parameters as `profile_log_likelihood`.
    """
    total = 0.0
    for group, covariance in enumerate(covariances):
        cloud = points[labels == group]
        apart = cloud[:, None] - cloud[None]
        quadratic = np.einsum("ijp,pq,ijq->", apart, np.linalg.inv(covariance), apart)
        total -= quadratic / (2.0 * len(cloud)) + len(cloud) * np.linalg.slogdet(covariance)[1]
    return float(total)
