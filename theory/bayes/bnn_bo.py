"""Bayesian networks as surrogates: the kernel of an infinite one, and what widths add to it.

Li, Rudner and Wilson, "A Study of Bayesian Neural Network Surrogates for Bayesian Optimization"
(ICLR 2024). Their I-BNN is a Gaussian process with the ReLU kernel below (read in their code; it is
Cho and Saul's, 2009, layer upon layer). The moments of networks of finite width are derived here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="bnn_bo",
    field="bayes",
    title="A Study of Bayesian Neural Network Surrogates for Bayesian Optimization",
    authors=("Yucen Lily Li", "Tim G. J. Rudner", "Andrew Gordon Wilson"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2305.20028",
    code="yucenli/bnn-bo",
    read=(
        "The abstract and the reviews of the final version, and the released code; of the tables "
        "and figures little could be read."
    ),
    not_checked=(
        "Hamiltonian Monte Carlo as the best of the fully stochastic surrogates, deep kernels as "
        "competitive, deep ensembles as poor: each fit is a training or a chain of its own.",
        "Batches of ten by expected improvement, several objectives and problems of the real "
        "world: hundreds of fits on data that is not here.",
    ),
)

# The kernel


def relu_recursion(
    inner: FloatArray,
    left: FloatArray,
    right: FloatArray,
    depth: int = 3,
    weight: float = 10.0,
    bias: float = 1.6,
) -> FloatArray:
    """Return ``k_depth`` for pairs of inputs, the recursion of the released code.

    ``k_0 = b + w x.x'/d`` and ``k_(l+1) = b + w/(2 pi) sqrt(k_l(x, x) k_l(x', x')) (sin t +
    (pi - t) cos t)``, where cos t is the correlation of layer l.

    Parameters
    ----------
    inner : ndarray
        ``x.x'/d`` of each pair.
    left, right : ndarray
        ``x.x/d`` and ``x'.x'/d``; broadcast with `inner`.
    depth : int
        Hidden layers, at least 0.
    weight, bias : float
        w (positive) and b (at least 0): var_w and var_b of the code.

    Returns
    -------
    ndarray
        In the shape of the three arrays together.
    """
    kernel, first, second = (bias + weight * each for each in (inner, left, right))
    for _ in range(depth):
        scale = np.sqrt(first * second)
        cosine = np.clip(kernel / scale, -1.0, 1.0)
        sine = np.sqrt(1.0 - cosine**2)
        kernel = bias + weight / (2 * math.pi) * scale * (
            sine + (math.pi - np.arccos(cosine)) * cosine
        )
        first, second = bias + weight / 2 * first, bias + weight / 2 * second
    return np.asarray(kernel)


# Priors on a length-scale, and distances


def gamma_penalty(length: FloatArray) -> FloatArray:
    """Return ``6 l - 2 log l``: minus the log density of Gamma(3, 6), up to a constant.

    The prior of BoTorch on length-scales until its pull request 2449 (July 2024).
    """
    return np.asarray(6 * length - 2 * np.log(length))


def gamma_mass_below(length: float) -> float:
    """Return the mass of Gamma(3, 6) below a length: ``1 - exp(-6 l) (1 + 6 l + 18 l^2)``."""
    return 1 - math.exp(-6 * length) * (1 + 6 * length + 18 * length**2)


def typical_distance(dimension: int) -> float:
    """Return ``sqrt(d / 6)``: the root mean square distance of uniform points of a unit cube."""
    return math.sqrt(dimension / 6)


# Networks of finite width


def gain_moments(width: int) -> tuple[float, float, float, float]:
    """Return the first four moments of the mean of `width` squared rectified normals [derived].

    Of one, ``max(z, 0)^2``, moment r is half the moment 2r of a normal: 1/2, 3/2, 15/2, 105/2. The
    cumulants of the mean of m are those of one over ``m^(r - 1)``.
    """
    a, b, c, d = 0.5, 1.5, 7.5, 52.5
    second = (b - a**2) / width
    third = (c - 3 * a * b + 2 * a**3) / width**2
    fourth = (d - 4 * a * c - 3 * b**2 + 12 * a**2 * b - 6 * a**4) / width**3
    return (
        a,
        second + a**2,
        third + 3 * second * a + a**3,
        fourth + 4 * third * a + 3 * second**2 + 6 * second * a**2 + a**4,
    )


def diagonal_moments(
    first: float, width: int, depth: int, weight: float, bias: float
) -> tuple[float, float, float, float]:
    """Return the first four moments of a random network's own kernel at one input [derived].

    Given a layer's kernel k, its m units are independent N(0, k), so that the next kernel is
    ``b + w k R`` with R the mean of m squared rectified normals, independent of k. The first moment
    is the infinite network's kernel exactly; the rest differ from its powers by O(1/m).

    Parameters
    ----------
    first : float
        ``k_0 = b + w x.x/d``.
    width, depth : int
        Of the hidden layers, and their number.
    weight, bias : float
        w and b.
    """
    raw = [1.0, first, first**2, first**3, first**4]
    gains = (1.0, *gain_moments(width))
    for _ in range(depth):
        grown = [weight**r * gains[r] * raw[r] for r in range(5)]
        raw = [
            sum(math.comb(r, s) * bias ** (r - s) * grown[s] for s in range(r + 1))
            for r in range(5)
        ]
    return raw[1], raw[2], raw[3], raw[4]


# A test function

_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_RATES = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_CENTRES = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6(u: FloatArray) -> FloatArray:
    """Return ``sum_i a_i exp(-sum_j A_ij (u_j - P_ij)^2)``, to be maximised; at most 3.3224.

    Parameters
    ----------
    u : ndarray, shape (..., 6)
        In the unit cube.

    Returns
    -------
    ndarray, shape (...)
    """
    squares = (u[..., None, :] - _CENTRES) ** 2
    return np.asarray(np.exp(-(_RATES * squares).sum(axis=-1)) @ _HEIGHTS)
