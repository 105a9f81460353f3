"""Improving the Accuracy-Robustness Trade-Off of Classifiers via Adaptive Smoothing: radii.

Bai, Anderson, Kim and Sojoudi mix an accurate classifier g and a robust one h,
``(1 - alpha) g + alpha h`` in probabilities. If h's margin over every class exceeds
``(1 - alpha)/alpha`` on a ball, the mixture's answer is constant there, whatever g does.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="adaptive_smoothing",
    field="learning",
    title="Improving the Accuracy-Robustness Trade-Off of Classifiers via Adaptive Smoothing",
    authors=("Yatong Bai", "Brendon G. Anderson", "Aerin Kim", "Somayeh Sojoudi"),
    year=2024,
    venue="SIAM Journal on Mathematics of Data Science",
    arxiv="2301.12554",
    code="https://github.com/Bai-YT/AdaptiveSmoothing",
    read="The composite model and the certified radii in the authors' code.",
    not_checked=(
        "CIFAR-10 and CIFAR-100 accuracies (RobustBench 95.23/68.06, 85.21/38.72, 80.18/35.15): "
        "they need the authors' networks and AutoAttack.",
        "The adaptive mixing network; alpha is fixed here.",
    ),
)

_CLIP = 1e-15
"""Probabilities closer to 0 or 1 than this are moved there, against the certificate."""


def margin_needed(alpha: ArrayLike) -> FloatArray:
    """Margin ``(1 - alpha)/alpha`` above which h decides; out of reach for alpha below 1/2."""
    a = np.asarray(alpha, dtype=float)
    return np.asarray((1 - a) / a)


def lipschitz_constant(sigma: float) -> float:
    """Lipschitz constant ``sqrt(2/pi)/sigma`` of the code for a smoothed classifier."""
    return float(np.sqrt(2 / np.pi) / sigma)


def sharp_lipschitz_constant(sigma: float) -> float:
    """Sharp constant ``1/(sigma sqrt(2 pi))`` for probabilities: the slope of Phi(x/sigma) at 0."""
    return float(1 / (sigma * np.sqrt(2 * np.pi)))


def smoothed_half_line(x: ArrayLike, sigma: float) -> FloatArray:
    """Probability ``Phi(x/sigma)`` of the half-line above 0, the steepest smoothed classifier."""
    return np.asarray(scipy.special.ndtr(np.asarray(x, dtype=float) / sigma))


def lipschitz_radius(h_y: ArrayLike, h_i: ArrayLike, alpha: float, sigma: float) -> FloatArray:
    """Radius from the Lipschitz constant, at least 0.

    Parameters
    ----------
    h_y, h_i : array_like
        Probabilities of the top class and the runner-up.
    alpha : float
        Weight of h, in (0, 1].
    sigma : float
        Standard deviation of the smoothing.

    Returns
    -------
    ndarray
        ``max(0, alpha (h_y - h_i) + alpha - 1) / (2 alpha L)``.
    """
    surplus = alpha * (np.asarray(h_y) - np.asarray(h_i)) + alpha - 1
    return np.asarray(np.maximum(surplus, 0) / (2 * alpha * lipschitz_constant(sigma)))


def smoothing_radius(h_y: ArrayLike, h_i: ArrayLike, alpha: float, sigma: float) -> FloatArray:
    """Radius from Gaussian quantiles, at least 0; arguments as in `lipschitz_radius`.

    Returns
    -------
    ndarray
        ``(sigma/2) (Phi^-1(alpha h_y) - Phi^-1(alpha h_i + 1 - alpha))``.
    """
    top = scipy.special.ndtri(_clipped(alpha * np.asarray(h_y)))
    other = scipy.special.ndtri(_clipped(alpha * np.asarray(h_i) + 1 - alpha))
    return np.asarray(np.maximum(sigma / 2 * (top - other), 0))


def direct_radius(h_y: ArrayLike, h_i: ArrayLike, alpha: float, sigma: float) -> FloatArray:
    """Radius from solving the margin condition itself; arguments as in `lipschitz_radius`.

    Under a shift of length t h_y falls at most to ``Phi(Phi^-1(h_y) - t/sigma)`` and h_i rises at
    most to ``Phi(Phi^-1(h_i) + t/sigma)``; the radius is where their difference reaches
    ``(1 - alpha)/alpha``.

    Returns
    -------
    ndarray
        ``sigma t`` by bisection on [0, 10], 0 if the condition fails at once.
    """
    ndtr, ndtri = scipy.special.ndtr, scipy.special.ndtri
    top, other = ndtri(_clipped(h_y)), ndtri(_clipped(h_i))
    need = margin_needed(alpha)
    low = np.zeros(np.broadcast(top, other).shape)
    high = np.full_like(low, 10.0)
    for _ in range(60):
        middle = (low + high) / 2
        holds = ndtr(top - middle) - ndtr(other + middle) > need
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return np.asarray(sigma * low)


def largest_smoothing_radius(alpha: float, sigma: float) -> float:
    """Return the smoothing radius at ``h_y = 1, h_i = 0``: ``sigma Phi^-1(alpha)``."""
    return float(sigma * scipy.special.ndtri(alpha))


def largest_lipschitz_radius(alpha: float, sigma: float) -> float:
    """Return the Lipschitz radius at ``h_y = 1, h_i = 0``."""
    return float((2 * alpha - 1) * sigma * np.sqrt(np.pi / 2) / (2 * alpha))


def clean_accuracy(right: float, wrong_below: float) -> float:
    """Clean accuracy of the mixture when g is right and certain.

    Parameters
    ----------
    right : float
        Clean accuracy of h.
    wrong_below : float
        Share of the clean points that h gets wrong whose margin is below ``(1 - alpha)/alpha``.

    Returns
    -------
    float
        ``right + (1 - right) wrong_below``.
    """
    return right + (1 - right) * wrong_below


def robust_accuracy(right: float, correct_below: float) -> float:
    """Attacked accuracy of the mixture when g is wrong and certain under attack.

    Parameters
    ----------
    right : float
        Attacked accuracy of h.
    correct_below : float
        Share of the attacked points that h gets right whose margin is below ``(1 - alpha)/alpha``.

    Returns
    -------
    float
        ``right (1 - correct_below)``.
    """
    return right * (1 - correct_below)


def _clipped(probability: ArrayLike) -> FloatArray:
    return np.asarray(np.clip(np.asarray(probability, dtype=float), _CLIP, 1 - _CLIP))
