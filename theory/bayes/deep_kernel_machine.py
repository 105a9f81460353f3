"""Deep kernel machines: the Gram matrices that a deep Gaussian process of infinite width learns.

Yang et al., "A theory of representation learning gives a deep generalisation of kernel methods"
(ICML 2023). Layers ``F_l``, one row to an input, have columns ``N(0, K(G_(l-1)))`` with
``G_l = F_l F_l' / N_l``; outputs are ``N(0, K(G_L) + s2 I)``. Where widths and outputs grow
together, ``N_l = nu_l N``, the posterior of the Grams concentrates at the maximiser of

    log P(Y | G_L) - sum_l nu_l KL(N(0, G_l) || N(0, K(G_(l-1)))).

The body of the paper was not readable: the objective is as a follow-up's reviews quote it, the
rest is recalled or derived and marked so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="deep_kernel_machine",
    field="bayes",
    title="A theory of representation learning gives a deep generalisation of kernel methods",
    authors=(
        "Adam X. Yang",
        "Maxime Robeyns",
        "Edward Milsom",
        "Ben Anson",
        "Nandi Schoots",
        "Laurence Aitchison",
    ),
    year=2023,
    venue="ICML 2023",
    arxiv="2108.13097",
    read=(
        "The abstract, the abstract of a talk, and reviews of a follow-up that quote the "
        "objective; the paper's body and its appendices were not readable."
    ),
    not_checked=(
        "Regression on UCI data with trained deep kernel machines: the tables were not readable.",
        "Langevin samples of wide networks with several hidden layers: the posterior of the Gram "
        "of one hidden layer is known up to a constant, and weighted draws are taken from it.",
        "Inducing points and the sparse scheme, whose statements were not readable.",
    ),
)

# Kernels of a Gram


def linear_kernel(gram: FloatArray) -> FloatArray:
    """Return the Gram itself, shape (..., P, P)."""
    return np.asarray(gram)


def squared_exponential_kernel(gram: FloatArray) -> FloatArray:
    """Return ``exp(-(G_ii + G_jj - 2 G_ij) / 2)``, shape (..., P, P)."""
    diagonal = np.diagonal(gram, axis1=-2, axis2=-1)
    return np.asarray(np.exp(gram - (diagonal[..., :, None] + diagonal[..., None, :]) / 2.0))


# Features


def excess_kurtosis(width: float, mean: FloatArray, square: FloatArray) -> FloatArray:
    """Return ``3 N / (N + 2) E G_ii^2 / (E G_ii)^2 - 3``, of an entry of row i of F [derived].

    Outputs see F through ``G = F F' / N`` alone, so that given G the rows of F turn freely: an
    entry of row i is ``sqrt(N G_ii)`` times a coordinate of a uniform point of the sphere in N
    dimensions, whose fourth moment is ``3 / (N (N + 2))``.

    Parameters
    ----------
    width : float
        N.
    mean, square : array
        ``E G_ii`` and ``E G_ii^2``.
    """
    return np.asarray(3.0 * width / (width + 2.0) * square / mean**2 - 3.0)


# Optima


def _power(matrix: FloatArray, exponent: float) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values[..., None, :] ** exponent) @ vectors.swapaxes(-1, -2))


def geometric_interpolation(first: FloatArray, last: FloatArray, share: float) -> FloatArray:
    """Return ``(B A^-1)^share A``, the deep linear optimum for layers of equal width [derived].

    With ``share = l / (L + 1)`` it is the Gram of layer l between the input's A and the output's B.
    Setting the derivative in G_l to zero gives ``G_l G_(l-1)^-1 = G_(l+1) G_l^-1``: the ratio of
    neighbours is one matrix.

    Parameters
    ----------
    first, last : array, shape (..., P, P)
        Positive definite.
    share : float
        In [0, 1].
    """
    root, inverse = _power(first, 0.5), _power(first, -0.5)
    return np.asarray(root @ _power(inverse @ last @ inverse, share) @ root)


def one_layer_optimum(first: FloatArray, last: FloatArray, ratio: float) -> FloatArray:
    """Return the deep linear optimum with one hidden layer of any width [derived].

    It solves ``nu_1 (A^-1 - G^-1) + nu_2 (G^-1 - G^-1 B G^-1) = 0``; in coordinates where A is the
    identity its eigenvalues h solve ``h^2 + (r - 1) h - r b = 0`` with b those of B.

    Parameters
    ----------
    first, last : array, shape (..., P, P)
        A and B, positive definite.
    ratio : float
        r, of the number of outputs to the width: nu_2 / nu_1, positive.
    """
    root, inverse = _power(first, 0.5), _power(first, -0.5)
    values, vectors = np.linalg.eigh(inverse @ last @ inverse)
    half = (1.0 - ratio) / 2.0
    solved = half + np.sqrt(half**2 + ratio * values)
    return np.asarray(root @ ((vectors * solved[..., None, :]) @ vectors.swapaxes(-1, -2)) @ root)
