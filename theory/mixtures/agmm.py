"""Distance scores, labels by the nearest centre, and stepwise EM: what AGMM rests on.

Wu et al., "Modeling the Label Distributions for Weakly-Supervised Semantic Segmentation" (IEEE
TPAMI 2025). A pixel with features ``x`` and a class with prototype ``v`` have the score

    exp(-D^2),    D = (1/C) sum_c |x_c - v_c|

(``GMM`` in ``model/tools.py``; the variance in the exponent is commented out). The abstract names a
Gaussian mixture by the distances to the centres and an online EM; their formulas were not readable,
so that everything below is derived from the score, or for a mixture of spherical Gaussians.
"""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="agmm",
    field="mixtures",
    title="Modeling the Label Distributions for Weakly-Supervised Semantic Segmentation",
    authors=(
        "Linshan Wu",
        "Zhun Zhong",
        "Jiayi Ma",
        "Yunchao Wei",
        "Hao Chen",
        "Leyuan Fang",
        "Shutao Li",
    ),
    year=2025,
    venue="IEEE TPAMI 2025",
    arxiv="2403.13225",
    code="https://github.com/Luffy03/AGMM-SASS",
    read=(
        "The abstract, and the public code of the CVPR 2023 predecessor (commit 6a60ea0, "
        "model/tools.py); the repository never held code of this paper's online EM."
    ),
    not_checked=(
        "Segmentation accuracy: needs the data sets and the networks.",
        "The online EM and the maximisation loss of the paper: their formulas were not readable.",
        "The separation loss of the predecessor.",
    ),
)

_HERMITE = 150
"""Nodes of the quadrature over t: error 1e-8 at k s^2 = 8 in one channel, where it is largest."""
_LEGENDRE = 32
"""Nodes in the angle and in the radius: 1e-8 against three times as many; 1e-13 for even d."""
OCTILES = 8


def score_limit(noise: float) -> float:
    """Score of a pixel of the class in infinitely many channels, ``exp(-2 s^2 / pi)`` [derived].

    Parameters
    ----------
    noise : float
        Standard deviation ``s`` of every feature about the prototype, at least 0.
    """
    return math.exp(-2.0 * noise**2 / math.pi)


def noise_at_limit(level: float) -> float:
    """Noise at which `score_limit` is `level`, in (0, 1]: ``sqrt(pi log(1 / level) / 2)``."""
    return math.sqrt(-0.5 * math.pi * math.log(level))


def mean_square_distance(channels: int, noise: float) -> float:
    """Return ``E D^2 = s^2 (2 / pi + (1 - 2 / pi) / C)``: the variance that is commented out."""
    return noise**2 * (2.0 / math.pi + (1.0 - 2.0 / math.pi) / channels)


def score_power(channels: int, noise: float, power: float = 1.0) -> float:
    """Mean of ``exp(-power D^2)`` for ``x ~ N(v, s^2 I_C)`` [derived].

    ``exp(-k D^2) = E exp(i t sqrt(2 k) D)`` for a standard normal t, and the characteristic
    function of ``|N(0, 1)|`` at u is the Faddeeva function ``w(u / sqrt 2)``. So the mean over x is
    ``E_t w(t s sqrt(k) / C)^C``, one integral whatever C is.

    Parameters
    ----------
    channels : int
        C, at least 1.
    noise : float
        s, from 0 to 2.
    power : float
        k; 1 for the mean of the score, 2 for its second moment.

    Raises
    ------
    ValueError
        If `channels` or `noise` is out of range.
    """
    if channels < 1 or not 0 <= noise <= 2:
        raise ValueError(f"need channels >= 1 and 0 <= noise <= 2; got {channels}, {noise}")
    t, weights = np.polynomial.hermite_e.hermegauss(_HERMITE)
    values = scipy.special.wofz(t * noise * math.sqrt(power) / channels) ** channels
    return float(np.dot(weights, np.real(values)) / math.sqrt(2.0 * math.pi))


def score_deviation(channels: int, noise: float) -> float:
    """Return the standard deviation of an own-class score; arguments as `score_power`."""
    square = score_power(channels, noise, 2.0)
    return math.sqrt(square - score_power(channels, noise) ** 2)


def score_deviation_at_most(channels: int, noise: float) -> float:
    """Bound ``s sqrt(2 / (e C))`` on `score_deviation`, by the Gaussian Poincare inequality.

    The gradient of the score has the squared norm ``4 D^2 exp(-2 D^2) / C <= 2 / (e C)``.
    """
    return noise * math.sqrt(2.0 / (math.e * channels))


class NearestCentre:
    """Accuracy of labels by the nearest centre, as a function of the distance to it [derived].

    Three classes of equal weight, ``N(m_k, I_d)``, with centres ``separation`` apart. By symmetry a
    pixel is nearest to the first centre. Let y be its deviation from there in the plane of the
    centres, and w_2, w_3 the directions to the two others: it is nearest to the first where
    ``y . w_j <= separation / 2``, class j is ``exp(separation (y . w_j - separation / 2))`` times
    as likely there as the first, and the rest of its squared distance is chi square with ``d - 2``
    degrees of freedom.

    Parameters
    ----------
    separation : float
        Distance of two centres in units of the standard deviation, positive.
    d : int
        Dimension, at least 4.
    """

    def __init__(self, separation: float, d: int) -> None:
        if not separation > 0 or d < 4:
            raise ValueError(f"need separation > 0 and d >= 4; got {separation}, {d}")
        self.separation, self.d = separation, d
        self.reach = math.sqrt(d) + 10.0
        nodes, weights = np.polynomial.legendre.leggauss(_LEGENDRE)
        self._unit, self._weights = 0.5 * (nodes + 1.0), 0.5 * weights

    def within(self, radius: float) -> tuple[float, float]:
        """Chance that a pixel is this near to its centre and labelled rightly; and that it is near.

        Parameters
        ----------
        radius : float
            At least 0.
        """
        if radius < 0:
            raise ValueError(f"need radius >= 0; got {radius}")
        kinks = self._kinks(radius)
        parts = [self._sector(radius, low, high) for low, high in itertools.pairwise(kinks)]
        right, total = np.sum(parts, axis=0)
        return float(right), float(total)

    def _sector(self, radius: float, low: float, high: float) -> tuple[float, float]:
        """Both chances for a range of angles, in units of the half plane's."""
        # Angles are from the bisector of w_2 and w_3, which lie 30 degrees to either side. Half of
        # the plane is enough; there w_2 is nearer than w_3 and sets the border.
        half, angle = 0.5 * self.separation, (low + (high - low) * self._unit)[:, None]
        towards = np.cos(angle - math.pi / 6.0)
        ahead = towards > 0
        edge = np.where(ahead, half / np.where(ahead, towards, 1.0), np.inf)
        top = np.minimum(edge, radius)
        y = top * self._unit
        odds = np.exp(self.separation * (y * towards - half))
        odds = odds + np.exp(self.separation * (y * np.cos(angle + math.pi / 6.0) - half))
        rest = scipy.special.gammainc(0.5 * (self.d - 2), 0.5 * (radius**2 - y**2))
        density = y * np.exp(-0.5 * y**2) / math.pi
        mass = (high - low) * self._weights[:, None] * self._weights * top * density * rest
        return float(mass.sum()), float((mass * (1.0 + odds)).sum())

    def _kinks(self, radius: float) -> list[float]:
        """Angles in [0, pi] between which the integrand is smooth."""
        half = 0.5 * self.separation
        turn = math.acos(half / radius) if radius > half else 0.0
        inner = (math.pi / 6.0 - turn, math.pi / 6.0 + turn)
        return [0.0, *sorted({a for a in inner if 0 < a < math.pi}), math.pi]

    @functools.cached_property
    def borders(self) -> FloatArray:
        """Distances that part the pixels into octiles, 0 and a far one included, shape (9,)."""
        shares = np.arange(1, OCTILES) / OCTILES
        inner = [
            scipy.optimize.brentq(lambda r, q=q: self.within(r)[1] - q, 1e-9, self.reach)
            for q in shares
        ]
        return np.array([0.0, *inner, self.reach])

    @functools.cached_property
    def octile_accuracy(self) -> FloatArray:
        """Share of right labels in each octile of the distance, nearest first, shape (8,)."""
        right, total = np.array([self.within(r) for r in self.borders]).T
        return np.asarray(np.diff(right) / np.diff(total))


def stepwise_error(
    steps: ArrayLike, batch: int, weights: ArrayLike, variance: float = 1.0
) -> float:
    """Mean squared error of a coordinate of the centres by stepwise EM, small steps [derived].

    Near the truth a batch of B moves the parameter by ``g (I_c^-1 score - I_c^-1 I_o error)``, I_c
    and I_o being the Fisher information of pixels with and without their labels. For a small step
    the covariance ``g/(2 B) I_c^-1`` solves the Lyapunov equation of this recursion whatever I_o
    is (Cappe and Moulines 2009 give the general theorem): as if labels were known. With known
    labels a centre is a mean of the batches, batch t having the weight ``g_t prod_(s>t) (1-g_s)``,
    and the variance of a batch's centre is ``variance / (B weight)``.

    Parameters
    ----------
    steps : array_like, shape (T,)
        ``g_t`` in [0, 1], of which enough are large to forget the start.
    batch : int
        Pixels in a batch, B.
    weights : array_like, shape (K,)
        Of the components, positive.
    variance : float
        Of every feature.
    """
    gains = np.asarray(steps, dtype=np.float64)
    kept = np.append(np.cumprod(1.0 - gains[:0:-1])[::-1], 1.0)
    own = variance / batch * np.mean(1.0 / np.asarray(weights))
    return float(((gains * kept) ** 2).sum() * own)
