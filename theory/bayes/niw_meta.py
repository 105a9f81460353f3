"""Many small tasks under one prior: what a task's posterior is, and what a learned prior costs.

Kim and Hospedales, "A Hierarchical Bayesian Model for Few-Shot Meta Learning" (ICLR 2024; as a
preprint "... for Deep Few-Shot Meta Learning"). Parameters ``theta_i`` of tasks are
``N(mu, Sigma)``; the law of ``(mu, Sigma)`` is normal-inverse-Wishart, ``mu ~ N(m0, Sigma / l0)``,
``Sigma ~ IW(V0, n0)``, and the likelihood of a task is replaced by a quadratic. The abstract speaks
of approximate closed forms for the posteriors of the tasks; their formulas were not readable and
are derived here. Regression tasks have data ``y = X theta + N(0, s^2)``: precision
``A = X'X / s^2`` and estimate ``x = theta + N(0, A^-1)``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="niw_meta",
    field="bayes",
    title="A Hierarchical Bayesian Model for Few-Shot Meta Learning",
    authors=("Minyoung Kim", "Timothy Hospedales"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2306.09702",
    code="minyoungkim21/niwmeta",
    read=(
        "The abstract (of the preprint and of the ICLR version) and the README of the repository; "
        "the formulas and the bounds of the paper were not readable."
    ),
    not_checked=(
        "Few-shot image recognition: it needs the networks and the data sets.",
        "The bound on the Hellinger distance, and the constants of the PAC-Bayes bound as the "
        "paper prints them: neither was readable.",
        "Likelihoods that are not Gaussian, for which the quadratic is an approximation.",
    ),
)

# One task


def expected_distance(
    square: FloatArray, freedom: float, kappa: float, dimension: int
) -> FloatArray:
    """Return ``E (theta - mu)' Sigma^-1 (theta - mu) = n0 a + d / l0`` [derived].

    ``Sigma^-1`` is Wishart with mean ``n0 V0^-1``; given it the distance is 1 / l0 times a
    noncentral chi-squared number with d degrees of freedom.

    Parameters
    ----------
    square : ndarray
        a, ``(theta - m0)' V0^-1 (theta - m0)``, 0 or more.
    freedom : float
        n0, above d - 1.
    kappa : float
        l0, positive.
    dimension : int
        d.
    """
    return np.asarray(freedom * np.asarray(square) + dimension / kappa)


def distance_variance(
    square: FloatArray, freedom: float, kappa: float, dimension: int
) -> FloatArray:
    """Return ``2 n0 a^2 + 4 n0 a / l0 + 2 d / l0^2``, the variance of that distance [derived].

    Given Sigma the variance is ``2 d / l0^2 + 4 s / l0`` with
    ``s = (theta - m0)' Sigma^-1 (theta - m0)``, and s is a times a chi-squared number with n0
    degrees of freedom. Arguments as in `expected_distance`.
    """
    a = np.asarray(square)
    return np.asarray(
        2 * freedom * a**2 + 4 * freedom * a / kappa + 2 * dimension / kappa**2, dtype=float
    )


def local_posterior(
    estimate: FloatArray,
    precision: FloatArray,
    centre: FloatArray,
    scale: FloatArray,
    freedom: float,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of a task's posterior under q(mu, Sigma) [derived].

    ``V = (A + n0 V0^-1)^-1`` and ``m = V (A x + n0 V0^-1 m0)``: what maximises the local bound,
    where `expected_distance` stands for the prior.

    Parameters
    ----------
    estimate, centre : ndarray, shape (..., d)
        x, where the quadratic likelihood is largest, and m0.
    precision, scale : ndarray, shape (..., d, d)
        A, curvature of the likelihood, and V0.
    freedom : float
        n0.
    """
    prior = freedom * np.linalg.inv(scale)
    covariance = np.linalg.inv(precision + prior)
    pulled = precision @ estimate[..., None] + prior @ centre[..., None]
    return np.asarray((covariance @ pulled)[..., 0]), np.asarray(covariance)


# Many tasks


def oracle_risk(covariance: FloatArray, noises: FloatArray, weights: FloatArray) -> float:
    """Return ``E tr (A + S^-1)^-1``, the squared error of a new task under the right prior.

    Parameters
    ----------
    covariance : ndarray, shape (d, d)
        S, of the tasks.
    noises : ndarray, shape (q, d, d)
        ``A^-1`` of the estimates, one for each design.
    weights : ndarray, shape (q,)
        How probable each design is.
    """
    gain = covariance @ np.linalg.inv(covariance + noises)
    left = covariance - gain @ covariance
    return float(weights @ np.trace(left, axis1=-2, axis2=-1))


def prior_risk(
    believed: FloatArray, covariance: FloatArray, noises: FloatArray, weights: FloatArray
) -> float:
    """Return the squared error of a new task under a prior with another covariance [derived].

    The gain ``K = S' (S' + A^-1)^-1`` leaves ``(I - K) S (I - K)' + K A^-1 K'``; `believed` is S',
    the rest as in `oracle_risk`.
    """
    gain = believed @ np.linalg.inv(believed + noises)
    lost = np.eye(len(covariance)) - gain
    left = lost @ covariance @ lost.swapaxes(-1, -2) + gain @ noises @ gain.swapaxes(-1, -2)
    return float(weights @ np.trace(left, axis1=-2, axis2=-1))


def excess_constant(covariance: FloatArray, noises: FloatArray, weights: FloatArray) -> float:
    """Return the limit of T times the excess risk of a prior learned from T tasks [derived].

    The excess is ``E |m_learned - m_oracle|^2``, as the oracle's error is orthogonal to all that
    is a function of the data. With ``C = S + A^-1`` the estimates are ``N(m0, C)``, whose
    information is ``E C^-1`` in m0 and ``E tr(C^-1 E_j C^-1 E_k) / 2`` in S; with
    ``B = A^-1 C^-1`` the posterior mean moves by ``B dm0 + B dS C^-1 (x - m0)``. The constant is
    the trace of the inverse information times ``E B'B``, and times
    ``E tr(B'B E_j C^-1 E_k)``. Arguments as in `oracle_risk`.
    """
    inverse = np.asarray(np.linalg.inv(covariance + noises), dtype=np.float64)
    moved = noises @ inverse
    sizes = np.asarray(moved.swapaxes(-1, -2) @ moved)
    units = _symmetric_units(len(covariance))
    of_mean = np.linalg.solve(_average(inverse, weights), _average(sizes, weights))

    def form(left: FloatArray) -> FloatArray:
        terms = (weights, left, units, inverse, units)
        return np.asarray(np.einsum("q,qab,jbc,qcd,kda->jk", *terms, optimize=True))

    of_spread = np.linalg.solve(form(inverse) / 2, form(sizes))
    return float(np.trace(of_mean) + np.trace(of_spread))


def _average(matrices: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.tensordot(weights, matrices, axes=1))


def _symmetric_units(dimension: int) -> FloatArray:
    """Return a basis of the symmetric matrices, shape (d (d + 1) / 2, d, d)."""
    rows, columns = np.tril_indices(dimension)
    units = np.zeros((len(rows), dimension, dimension))
    places = np.arange(len(rows))
    units[places, rows, columns] = units[places, columns, rows] = 1.0
    return units


def pooled_risk(covariance: FloatArray, estimate_risk: float, tasks: int) -> float:
    """Return ``(1 + 1/T) tr S + r / T``: error of the mean of T tasks' estimates of risk r."""
    return float((1 + 1 / tasks) * np.trace(covariance) + estimate_risk / tasks)


def least_squares_risk(noise: float, shots: int, dimension: int) -> float:
    """Return ``s^2 d / (n - d - 1)``, of least squares on n standard normal inputs.

    ``(X'X)^-1`` is inverse-Wishart, whose mean is infinite for ``n <= d + 1``; the square of the
    error has no mean for ``n <= d + 3``.

    Parameters
    ----------
    noise : float
        s^2.
    shots, dimension : int
        n and d.
    """
    return noise * dimension / (shots - dimension - 1) if shots > dimension + 1 else math.inf


# A bound


def pac_bayes_bound(
    empirical: FloatArray, divergence: FloatArray, samples: int, trade: float, delta: float
) -> FloatArray:
    """Return ``E Rhat / (1 - t/2) + (KL + log(2 sqrt(n) / delta)) / (n t (1 - t/2))``.

    With probability ``1 - delta`` it holds for all posteriors and all t in (0, 2) at once, for
    losses in [0, 1] (Thiemann, Igel, Wintenberger and Seldin, ALT 2017; as recalled).

    Parameters
    ----------
    empirical, divergence : ndarray
        Mean loss on the sample under the posterior, and its KL divergence from the prior.
    samples : int
        n.
    trade : float
        t, in (0, 2).
    delta : float
        In (0, 1).
    """
    less = 1 - trade / 2
    paid = divergence + math.log(2 * math.sqrt(samples) / delta)
    return np.asarray(empirical / less + paid / (samples * trade * less))
