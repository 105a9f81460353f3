"""Attention by products of Gaussians: what one head, several heads and printed scales can weigh.

Ioannides, Chadha and Elkins, "Gaussian Adaptive Attention is All You Need" (arXiv 2401.11143); a
later version calls the mechanism density adaptive attention. Two mechanisms are printed there:

- Appendix B, which is the released block: a head has K scalar offsets d_k and scales c_k. Along an
  axis with mean m and unbiased variance v (1e-8 added) it multiplies the Gaussian densities of
  ``(x - m - d_k) / sqrt(v)`` with deviations c_k, and divides by the sum, or by 1e-8 if that is
  more. Heads have parts of the axis of their own.
- Algorithm 1, of the main text: an offset and a scale for each place of the axis, the weight
  ``exp(-y^2 / (2 c))``, and no division.

The later version prints that a head's Gaussians multiply to one. What is marked [derived] is not
in the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="gaam",
    field="bayes",
    title=(
        "Gaussian Adaptive Attention is All You Need: Robust Contextual Representations Across "
        "Multiple Modalities"
    ),
    authors=("Georgios Ioannides", "Aman Chadha", "Aaron Elkins"),
    year=2024,
    venue="arXiv",
    arxiv="2401.11143",
    code="gioannides/Gaussian-Adaptive-Attention",
    read=(
        "The abstract of the first version, notes on the full text of a later version (renamed "
        "density adaptive attention) that say what is printed, and the released code (145d1bc)."
    ),
    not_checked=(
        "That the heads together, in several layers with residuals, model any distribution: no "
        "condition, theorem or proof is given, and one layer of the released block is tried here.",
        "Accuracies on speech, images and text, up to 20 points better: they need large networks.",
        "The importance factor: a mean attention weight scaled to [0, 1], which keeps its order.",
    ),
)

FLOOR = 1e-8
"""Least divisor of the released block."""

# One head


class Collapsed(NamedTuple):
    """The one Gaussian that K make.

    Attributes
    ----------
    offset, precision : ndarray, shape (...)
        Of the product, as the later version prints them.
    spread : ndarray, shape (...)
        ``sum d_k^2 / c_k^2`` less the precision times the squared offset.
    log_constant : ndarray, shape (...)
        Log of ``prod (2 pi c_k^2)^(-1/2)``.
    """

    offset: FloatArray
    precision: FloatArray
    spread: FloatArray
    log_constant: FloatArray


def collapsed(offsets: FloatArray, scales: FloatArray) -> Collapsed:
    """Return the Gaussian that a product of Gaussians is, up to its constant.

    Parameters
    ----------
    offsets, scales : ndarray, shape (..., K)
        d_k and c_k; scales positive.
    """
    each = scales**-2.0
    precision = each.sum(axis=-1)
    offset = (offsets * each).sum(axis=-1) / precision
    spread = (each * (offsets - offset[..., None]) ** 2).sum(axis=-1)
    constant = -np.log(scales).sum(axis=-1) - 0.5 * scales.shape[-1] * math.log(2 * math.pi)
    return Collapsed(offset, precision, spread, constant)


def head_weights(x: FloatArray, offsets: FloatArray, scales: FloatArray) -> FloatArray:
    """Return the weights of one head of the released block, in logs, from the collapsed Gaussian.

    They are ``raw / max(sum raw, 1e-8)`` for ``raw = A exp(-P (x - m - d)^2 / (2 v))``, P and d
    being precision and offset of the product and ``log A`` its constant less ``spread / (2 v)``.

    Parameters
    ----------
    x : ndarray, shape (..., T)
    offsets, scales : ndarray, shape (..., K)

    Returns
    -------
    ndarray, shape (..., T)
    """
    one = collapsed(offsets, scales)
    variance = x.var(axis=-1, ddof=1, keepdims=True) + 1e-8
    apart = x - x.mean(axis=-1, keepdims=True) - one.offset[..., None]
    log_raw = one.log_constant[..., None] - one.spread[..., None] / (2 * variance)
    log_raw = log_raw - one.precision[..., None] * apart**2 / (2 * variance)
    most = log_raw.max(axis=-1, keepdims=True)
    log_total = most + np.log(np.exp(log_raw - most).sum(axis=-1, keepdims=True))
    return np.asarray(np.exp(log_raw - np.maximum(log_total, math.log(FLOOR))))


def clamped_at_least(gaussians: int, length: int) -> float:
    """Bound from below how often the divisor of a fresh head is its least value [derived].

    A fresh head has offsets of 0 and standard normal log scales. No product of its Gaussians is
    above its value at the centre, so that the sum over `length` places is below 1e-8 wherever
    ``sum log c_k`` exceeds ``log(length) - K/2 log(2 pi) - log 1e-8``; its law is N(0, K).

    Parameters
    ----------
    gaussians : int
        K.
    length : int
        Places of the axis that the head has.
    """
    threshold = math.log(length / FLOOR) - 0.5 * gaussians * math.log(2 * math.pi)
    return 0.5 * math.erfc(threshold / math.sqrt(2 * gaussians))


# How near a head comes to a law


def divergence(target: FloatArray, law: FloatArray) -> float:
    """Return ``KL(target | law)`` of probabilities, in nats; those of the law are positive."""
    seen = target > 0
    return float((target[seen] * np.log(target[seen] / law[seen])).sum())


def nearest_gaussian(x: FloatArray, target: FloatArray) -> FloatArray:
    """Return the law ``exp(a x + b x^2)`` on the points x with the least ``KL(target | law)``.

    These laws are an exponential family, so that the best one, the maximum of a concave
    likelihood, has the mean and the variance of the target. Newton's method, halving its steps.

    Parameters
    ----------
    x, target : ndarray, shape (T,)
        Points, and probabilities.

    Raises
    ------
    ValueError
        If b is not negative: then no head attains it.
    """
    centre = float(target @ x)
    statistics = np.stack([x - centre, (x - centre) ** 2], axis=-1)
    wanted = target @ statistics
    natural = np.array([0.0, -0.5 / wanted[1]])

    def law_of(natural: FloatArray) -> tuple[FloatArray, float]:
        level = statistics @ natural
        law = np.exp(level - level.max())
        return law / law.sum(), float(np.log(law.sum()) + level.max() - wanted @ natural)

    for _ in range(200):
        law, loss = law_of(natural)
        slope = law @ statistics - wanted
        if np.abs(slope).max() < 1e-13:
            break
        centred = statistics - law @ statistics
        step = np.linalg.solve((centred * law[:, None]).T @ centred, slope)
        while law_of(natural - step)[1] > loss + 1e-15:
            step = step / 2
        natural = natural - step
    if natural[1] >= 0:
        raise ValueError("the nearest law has no negative curvature: no head attains it")
    return law_of(natural)[0]


def layer_divergence(parts: tuple[FloatArray, ...], targets: tuple[FloatArray, ...]) -> float:
    """Return how far the best layer stays from a law, its heads having parts of the axis [derived].

    The weights of each head sum to 1, so that a layer of H heads, divided by H, gives every part
    the mass 1 / H. By the chain rule ``KL`` is that of the masses from equal ones and, weighted by
    them, those within the parts.

    Parameters
    ----------
    parts, targets : tuple of ndarray, one for each head
        Inputs at its places, and what the law gives them.
    """
    heads, total = len(parts), 0.0
    for x, target in zip(parts, targets, strict=True):
        mass = float(target.sum())
        within = divergence(target / mass, nearest_gaussian(x, target / mass))
        total += mass * (math.log(mass * heads) + within)
    return total


# Algorithm 1


def scales_for(profile: FloatArray, standardised: FloatArray) -> FloatArray:
    """Return ``-y^2 / (2 log w)``, scales that give a profile to one input [derived].

    Parameters
    ----------
    profile : ndarray, shape (..., d)
        Wanted weights, between 0 and 1.
    standardised : ndarray, shape (..., d)
        y, nowhere 0.
    """
    return np.asarray(-(standardised**2) / (2 * np.log(profile)))


# Parameters


def head_parameters(gaussians: int) -> int:
    """Return ``2 K``, of a head of Appendix B: an offset and a scale for each Gaussian."""
    return 2 * gaussians


def wide_parameters(width: int) -> int:
    """Return ``2 d``, of a head of Algorithm 1: an offset and a scale for each place."""
    return 2 * width
