r"""McQuic: bits per pixel, what a joint prior saves, vector quantisers, straight-through gradients.

Zhu, Song, Gao, Zheng and Shen, 2022. Images become vectors that m codebooks of k words quantise, on
three levels. Symbols: :math:`\rho` a correlation, l logits, p = softmax(l), :math:`\tau` the
temperature, :math:`\Sigma` a covariance, f a loss of a choice among n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

PAPER = Paper(
    key="mcquic",
    field="compression",
    title="Unified Multivariate Gaussian Mixture for Efficient Neural Image Compression",
    authors=("Xiaosu Zhu", "Jingkuan Song", "Lianli Gao", "Feng Zheng", "Heng Tao Shen"),
    year=2022,
    venue="CVPR 2022",
    arxiv="2203.10897",
    code="https://github.com/xiaosu-zhu/McQuic",
    read=(
        "the abstract, and of the public repository the README, the quantiser and the compressor; "
        "the paper's body was not available"
    ),
    not_checked=(
        "rate-distortion curves on images: they need the trained models",
        "the 3.18x speed-up of the abstract and the printed throughputs: they need the GPU",
    ),
)

Array = NDArray[np.float64]

# --- bits per pixel --------------------------------------------------------------------------


@dataclass(frozen=True)
class Levels:
    """Codebooks m, words of each level's codebooks, and pixels of a side of a level's cell."""

    codebooks: int
    words: tuple[int, ...]
    strides: tuple[int, ...]


REFERENCE = Levels(codebooks=2, words=(8192, 2048, 512), strides=(16, 32, 64))
"""Model 2 of the README; the strides are those of the released compressor."""
REPORTED = "0.1277"
"""Its average bits per pixel, as the README prints it."""


def bits_per_pixel(levels: Levels) -> Fraction:
    """Return ``m sum_l log2(k_l) / stride_l^2``, exactly; the numbers of words are powers of 2.

    Raises
    ------
    ValueError
        If a number of words is no power of 2.
    """
    if any(k < 2 or k & (k - 1) for k in levels.words):
        raise ValueError(f"words={levels.words}: give powers of 2")
    pairs = zip(levels.words, levels.strides, strict=True)
    return levels.codebooks * sum(
        (Fraction(k.bit_length() - 1, stride**2) for k, stride in pairs), Fraction(0)
    )


# --- what a joint prior saves ----------------------------------------------------------------


def gaussian_gain(covariance: Array) -> float:
    """Return ``(sum_i log2 S_ii - log2 det S) / 2``, the multi-information in bits a vector.

    The best factorised prior, which is the product of the marginal laws, costs so much more than
    the joint law. (Without the factor 1 / 2 it is twice that.)

    Parameters
    ----------
    covariance : ndarray, shape (d, d)
        Positive definite.
    """
    _, log_determinant = np.linalg.slogdet(covariance)
    return float(np.log(np.diag(covariance)).sum() - log_determinant) / (2 * math.log(2))


def gaussian_gain_variance(covariance: Array) -> float:
    r"""Variance, in bits squared, of ``log2 p(x) / prod_i p_i(x_i)`` for a Gaussian x.

    With the correlations R it is :math:`x^\top (I - R^{-1}) x / 2` up to a constant and a factor,
    a quadratic form whose variance is :math:`\|R - I\|_F^2 / 2`.
    """
    deviations = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(deviations, deviations)
    off = correlations - np.eye(len(covariance))
    return float((off**2).sum()) / (2 * math.log(2) ** 2)


def label_information(distance: float) -> float:
    """Bits that a number from N(z m, 1) tells of its sign z, either being as likely.

    ``1 - E log2(1 + exp(-2 m (m + G)))`` for a standard normal G, m being the distance.
    """
    noise = np.linspace(-10.0, 10.0, 2001)
    weights = np.exp(-(noise**2) / 2) / math.sqrt(2 * math.pi) * 0.01
    lost = np.logaddexp(0.0, -2 * distance * (distance + noise))
    return 1.0 - float(weights @ lost) / math.log(2)


def two_component_gain(distance: float) -> float:
    r"""Bits that a joint prior saves on two equal components with independent coordinates.

    Given the component z the coordinates are independent, so that
    :math:`I(x_1;x_2)=I(x_1;z)+I(x_2;z)-I(x_1,x_2;z)`, and both tell of z what their sum does, which
    lies :math:`\sqrt 2` times as far.

    Parameters
    ----------
    distance : float
        Of each component from the centre, in both coordinates, in standard deviations.
    """
    return 2 * label_information(distance) - label_information(math.sqrt(2) * distance)


# --- vector and product quantisers -----------------------------------------------------------

PANTER_DITE = math.sqrt(3) * math.pi / 2
"""k^2 times the error of the best scalar quantiser of a standard normal, for many words k."""
ZADOR = 5 / (36 * math.sqrt(3)) * 8 * math.pi
"""K times the error a coordinate of the best quantiser of two, for many words K, unit determinant.

The first factor is the normalised second moment of the hexagon, the rest the integral
``(int sqrt(p))^2`` of the Gaussian density p.
"""


def high_rate_ratio(rho: float) -> float:
    r"""Error of k^2 words over that of two codebooks of k words, for large k.

    :math:`0.7407 \sqrt{1 - \rho^2}`: the plane's hexagons give the first factor, and Zador's
    constant of a Gaussian law is proportional to the root of its determinant.
    """
    return ZADOR / PANTER_DITE * normalised_ratio(rho)


def normalised_ratio(rho: float) -> float:
    r"""Return that ratio over the same without correlation, :math:`\sqrt{1 - \rho^2}`."""
    return math.sqrt(1 - rho**2)


# --- choices and their gradients -------------------------------------------------------------


def softmax(logits: Array) -> Array:
    """Return probabilities in proportion to e^l, shape (n,)."""
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


def exact_gradient(logits: Array, losses: Array) -> Array:
    """Return ``p_i (f_i - sum_j p_j f_j)``, the gradient of E f in the logits, shape (n,)."""
    p = softmax(logits)
    return np.asarray(p * (losses - p @ losses))


def cold_gradient(logits: Array, slopes: Array) -> Array:
    r"""Limit of the mean straight-through gradient as the temperature falls to 0 [derived].

    Only draws count whose two largest perturbed logits tie; those of c and k tie with density
    :math:`p_c p_k`, and either is the hard choice in half of them. So the limit is
    :math:`\sum_k p_c p_k \tfrac12 (\nabla f(e_c) + \nabla f(e_k)) \cdot (e_c - e_k)`: the
    trapezoidal rule in place of :math:`f_c - f_k`, which is exact for linear and quadratic losses
    and not for others.

    Parameters
    ----------
    logits : ndarray, shape (n,)
    slopes : ndarray, shape (n, n)
        Row i is the gradient at the hard choice i.
    """
    p = softmax(logits)
    own = np.diag(slopes)
    rise = (own[:, None] - slopes) + (slopes.T - own[None, :])
    return np.asarray(p * (rise @ p) / 2)


def cold_variance(logits: Array, slopes: Array) -> Array:
    r"""Limit of the variance times the temperature [derived], shape (n,).

    Near a tie the soft choice is logistic in the gap over :math:`\tau`, and
    :math:`\int y^2 (1 - y)^2 \, dr = 1/6`: it is :math:`\sum_k p_c p_k \tfrac1{12}` times the
    squares of both slopes along :math:`e_c - e_k`.
    """
    p = softmax(logits)
    own = np.diag(slopes)
    squares = (own[:, None] - slopes) ** 2 + (slopes.T - own[None, :]) ** 2
    return np.asarray(p * (squares @ p) / 12)
