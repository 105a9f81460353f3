"""Merging models by their Fisher information: what a merge costs, in full, diagonal and averaged.

Matena and Raffel, "Merging Models with Fisher-Weighted Averaging" (NeurIPS 2022): models of one
architecture and initialisation are merged by the parameters of the highest joint likelihood under
Gaussian approximations of their posteriors. Isotropic ones give the plain average, and the Laplace
approximation gives precisions that are Fisher informations; the released code takes diagonals.

Derived here, for estimates ``theta_i ~ N(theta, F_i^(-1))`` that are independent: a merge
``sum W_i theta_i`` with ``sum W_i = I`` has the covariance ``sum W_i F_i^(-1) W_i'``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="fisher_merging",
    field="bayes",
    title="Merging Models with Fisher-Weighted Averaging",
    authors=("Michael Matena", "Colin Raffel"),
    year=2022,
    venue="NeurIPS 2022",
    arxiv="2111.09832",
    code="mmatena/model_merging",
    read="The abstract and the released code (46802f9); the body of the paper was not readable.",
    not_checked=(
        "Merged BERT and RoBERTa models: ensembles, robust fine-tuning, intermediate tasks and "
        "domains. They need the networks and the data sets.",
        "The choice of coefficients. The released script takes the best on the set that it "
        "evaluates on; here all models count the same.",
        "Models of different tasks, whose optima lie far apart: all models here estimate the same "
        "parameters.",
    ),
)

# Shares of the models in a merge


def full_shares(precisions: FloatArray) -> FloatArray:
    """Return ``W_i = (sum F)^(-1) F_i``.

    Parameters
    ----------
    precisions : ndarray, shape (..., m, p, p)
        F_i, with a regular sum.

    Returns
    -------
    ndarray, shape (..., m, p, p)
    """
    total = precisions.sum(axis=-3, keepdims=True)
    return np.asarray(np.linalg.solve(np.broadcast_to(total, precisions.shape), precisions))


def diagonal_shares(precisions: FloatArray) -> FloatArray:
    """Return ``W_i = (sum diag F)^(-1) diag F_i``, in the shape of `precisions`."""
    diagonal = np.diagonal(precisions, axis1=-2, axis2=-1)
    shares = diagonal / diagonal.sum(axis=-2, keepdims=True)
    return np.asarray(shares[..., None] * np.eye(precisions.shape[-1]))


def plain_shares(precisions: FloatArray) -> FloatArray:
    """Return ``W_i = I / m``, in the shape of `precisions`."""
    return np.broadcast_to(np.eye(precisions.shape[-1]) / precisions.shape[-3], precisions.shape)


# What a merge costs


def merge_covariance(shares: FloatArray, precisions: FloatArray) -> FloatArray:
    """Return ``sum W_i F_i^(-1) W_i'``, shape (..., p, p) [derived].

    With full shares it is ``(sum F)^(-1)``, which no other shares undercut in any direction: it is
    that of the best linear unbiased estimate (Gauss and Markov, Aitken 1935).

    Parameters
    ----------
    shares, precisions : ndarray, shape (..., m, p, p)
    """
    spread = np.linalg.solve(precisions, np.swapaxes(shares, -1, -2))
    return np.asarray((shares @ spread).sum(axis=-3))


def risk(curvature: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return ``tr(H C)``: the mean of ``e' H e`` for an error e ~ N(0, C) [derived]."""
    return np.asarray(np.einsum("...ij,...ji->...", curvature, covariance))


def risk_variance(curvature: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return ``2 tr(H C H C)``: the variance of ``e' H e`` for e ~ N(0, C) [derived]."""
    product = curvature @ covariance
    return np.asarray(2 * np.einsum("...ij,...ji->...", product, product))


def least_ratio(covariance: FloatArray, other: FloatArray) -> FloatArray:
    """Return the least ratio of variances, over directions, of one merge to another [derived].

    It is the least eigenvalue of ``L' C L`` with ``L L' = B^(-1)``. Where B is of full shares it is
    at least 1, whatever the merge of C.

    Parameters
    ----------
    covariance, other : ndarray, shape (..., p, p)
        C and B.
    """
    root = np.linalg.cholesky(np.linalg.inv(other))
    return np.asarray(np.linalg.eigvalsh(np.swapaxes(root, -1, -2) @ covariance @ root)[..., 0])


# Pairs of models for which a diagonal does not help


def correlated(correlation: float) -> FloatArray:
    """Return the correlation matrix of two coordinates."""
    return np.array([[1.0, correlation], [correlation, 1.0]])


PAIRS = {
    "lopsided": np.array([[[1.844, -0.411], [-0.411, 1.062]], [[14.20, 11.35], [11.35, 9.10]]]),
    "one of them": np.stack([50 * correlated(0.95), np.diag([50.0, 5.0])]),
    "mirrored": np.stack([50 * correlated(0.95), 50 * correlated(-0.95)]),
}
"""Precisions of two models each. The second of the first pair is nearly singular: risks are those
of the numbers as they stand."""


def pair_curvature(pair: str) -> FloatArray:
    """Return H of a pair: the sum of its precisions; for ``one of them`` the identity."""
    return np.eye(2) if pair == "one of them" else np.asarray(PAIRS[pair].sum(axis=0))
