"""Conversion by a Gaussian mixture: what over-smoothing is, and what undoing it costs.

Source and target features (x, y), one of each, follow a joint Gaussian mixture, and the converted
feature is ``F(x) = sum_k p_k(x) [mu_k^y + Sigma_k^yx / Sigma_k^xx (x - mu_k^x)] = E[Y|X = x]``. By
the law of total variance ``Var F(X) = Var Y - E Var(Y|X)``. Own derivations; integrals over x are
sums over an even grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="voice_morphing",
    field="mixtures",
    title="Analysis of a Modern Voice Morphing Approach using Gaussian Mixture Models for "
    "Laryngectomees",
    authors=("Aman Chadha", "Bharatraaj Savardekar", "Jay Padhya"),
    year=2012,
    venue="International Journal of Computer Applications",
    arxiv="1208.1418",
    code=None,
    read="title, authors and abstract; the venue is recalled; the body was not read, so the "
    "formulas are derived anew",
    not_checked=(
        "glottal waveform separation and the prediction of excitations: no formula was read",
        "the subjective and objective evaluation of voices: needs recordings and listeners",
        "what the abstract says of the quality of the synthesised speech: it states no number",
    ),
)

REACH = 10.0
"""Standard deviations that the grid goes beyond every mean: the density there is below 1e-21."""

POINTS = 2001
"""Of the grid. Its error falls exponentially (the integrands are analytic), and is below 1e-12 for
the laws that are tried; see the tests."""


@dataclass(frozen=True)
class Law:
    """Joint Gaussian mixtures of a source and a target feature, arrays of one shape (..., K).

    Attributes
    ----------
    weights
        At least 0, sum 1.
    mean_x, mean_y, sd_x, sd_y
        Of the components; standard deviations above 0.
    corr
        Correlation within the components, from -1 to 1.
    """

    weights: FloatArray
    mean_x: FloatArray
    mean_y: FloatArray
    sd_x: FloatArray
    sd_y: FloatArray
    corr: FloatArray

    @property
    def noise(self) -> FloatArray:
        """Variance of y given x within a component, ``(s_k^y)^2 (1 - r_k^2)``."""
        return self.sd_y**2 * (1 - self.corr**2)

    @property
    def mean(self) -> FloatArray:
        """Mean of y, shape (...)."""
        return np.asarray((self.weights * self.mean_y).sum(axis=-1))


def target_variance(law: Law) -> FloatArray:
    """Variance of the target, ``sum_k w_k [(s_k^y)^2 + (mu_k^y - E Y)^2]``."""
    apart = law.mean_y - law.mean[..., None]
    return np.asarray((law.weights * (law.sd_y**2 + apart**2)).sum(axis=-1))


def target_kurtosis(law: Law) -> FloatArray:
    """``E(Y - E Y)^4 / (Var Y)^2``."""
    apart, s = law.mean_y - law.mean[..., None], law.sd_y
    fourth = (law.weights * (apart**4 + 6 * apart**2 * s**2 + 3 * s**4)).sum(axis=-1)
    return np.asarray(fourth / target_variance(law) ** 2)


def squared_correlation(law: Law) -> FloatArray:
    """Squared correlation of x and y: the global variance ratio of the best line."""
    x = law.mean_x - (law.weights * law.mean_x).sum(axis=-1, keepdims=True)
    y = law.mean_y - law.mean[..., None]
    cross = (law.weights * (law.corr * law.sd_x * law.sd_y + x * y)).sum(axis=-1)
    source = (law.weights * (law.sd_x**2 + x**2)).sum(axis=-1)
    return np.asarray(cross**2 / (source * target_variance(law)))


def most_global_variance(law: Law) -> FloatArray:
    """Upper bound on the ratio, ``1 - sum_k w_k (s_k^y)^2 (1 - r_k^2) / Var Y``.

    Knowing the component as well leaves the noise within it: ``E Var(Y|X) >= E Var(Y|X, k)``.
    """
    return np.asarray(1 - (law.weights * law.noise).sum(axis=-1) / target_variance(law))


@dataclass(frozen=True)
class Given:
    """Grid of x, its probabilities, and central moments of y given x; shape (..., POINTS) each."""

    x: FloatArray
    mass: FloatArray
    mean: FloatArray  # F(x)
    second: FloatArray
    third: FloatArray
    fourth: FloatArray

    def average(self, values: FloatArray) -> FloatArray:
        """Return the expectation over x of values on the grid."""
        return np.asarray((self.mass * values).sum(axis=-1))


def given_source(law: Law) -> Given:
    """Return the conditional law of y on a grid of x, by its first four moments.

    With d_k the distance of the component's regression from F and v_k its noise, the central
    moments are sums of ``p_k (v_k + d_k^2)``, ``p_k (3 v_k d_k + d_k^3)`` and ``p_k (3 v_k^2 +
    6 v_k d_k^2 + d_k^4)``.
    """
    low = (law.mean_x - REACH * law.sd_x).min(axis=-1)
    high = (law.mean_x + REACH * law.sd_x).max(axis=-1)
    x = np.linspace(low, high, POINTS, axis=-1)
    z = (x[..., None] - law.mean_x[..., None, :]) / law.sd_x[..., None, :]
    log = np.log(law.weights / law.sd_x)[..., None, :] - 0.5 * (z**2 + np.log(2 * np.pi))
    most = log.max(axis=-1, keepdims=True)
    joint = np.exp(log - most)
    p = joint / joint.sum(axis=-1, keepdims=True)
    step = (high - low) / (POINTS - 1)
    mass = np.exp(most[..., 0]) * joint.sum(axis=-1) * step[..., None]
    lines = law.mean_y[..., None, :] + (law.corr * law.sd_y)[..., None, :] * z
    mean = (p * lines).sum(axis=-1)
    d, v = lines - mean[..., None], law.noise[..., None, :]
    central = (v + d**2, 3 * v * d + d**3, 3 * v**2 + 6 * v * d**2 + d**4)
    return Given(x, mass, mean, *((p * moment).sum(axis=-1) for moment in central))


@dataclass(frozen=True)
class Prediction:
    """Expectation of a frame's outcome, and its variance from frame to frame; shape (...)."""

    mean: FloatArray
    variance: FloatArray


def global_variance(law: Law, given: Given | None = None) -> Prediction:
    """``(F(X) - E Y)^2 / Var Y``: the global variance ratio of the conversion, eta^2."""
    at = given or given_source(law)
    return _of(at, (at.mean - law.mean[..., None]) ** 2, None, law)


def conversion_error(law: Law, given: Given | None = None) -> Prediction:
    """``(Y - F(X))^2 / Var Y``, on average ``E Var(Y|X) / Var Y = 1 - eta^2``."""
    at = given or given_source(law)
    return _of(at, at.second, at.fourth, law)


def redrawn_variance(law: Law) -> Prediction:
    """``(Z - E Y)^2 / Var Y`` for Z drawn from p(y|x): 1, with the kurtosis of Y less 1."""
    return Prediction(np.ones_like(law.mean), target_kurtosis(law) - 1)


def redrawn_error(law: Law, given: Given | None = None) -> Prediction:
    """``(Z - Y)^2 / E Var(Y|X)`` for Z drawn from p(y|x): 2, twice the least error.

    Given x both are independent and alike, so the fourth moment of the difference is
    ``2 m_4 + 6 m_2^2``.
    """
    at = given or given_source(law)
    square = 2 * at.fourth + 6 * at.second**2
    raw = _of(at, 2 * at.second, square, law)
    least = conversion_error(law, at).mean
    return Prediction(raw.mean / least, raw.variance / least**2)


def rescaled_error(law: Law, given: Given | None = None) -> Prediction:
    """``(E Y + (F(X) - E Y)/eta - Y)^2 / Var Y``, on average ``2 (1 - eta)``.

    The least error of any output with the variance of Y that depends on Y through x alone: its
    covariance with Y is that with F(X), at most ``eta Var Y`` by Cauchy and Schwarz.
    """
    at = given or given_source(law)
    eta = np.sqrt(global_variance(law, at).mean)
    a = (at.mean - law.mean[..., None]) * (1 / eta - 1)[..., None]
    square = a**4 + 6 * a**2 * at.second - 4 * a * at.third + at.fourth
    return _of(at, a**2 + at.second, square, law)


def rescaled_variance(law: Law, given: Given | None = None) -> Prediction:
    """``((F(X) - E Y)/eta)^2 / Var Y``, on average 1."""
    ratio = global_variance(law, given)
    return Prediction(np.ones_like(law.mean), ratio.variance / ratio.mean**2)


def redrawn_extra(law: Law, given: Given | None = None) -> Prediction:
    """``[(Z - Y)^2 - (F(X) - Y)^2] / Var Y`` for Z drawn from p(y|x), on average ``1 - eta^2``.

    Given x it is ``z^2 - 2 z e`` for independent z and e with the conditional moments.
    """
    at = given or given_source(law)
    return _of(at, at.second, at.fourth + 4 * at.second**2, law)


def rescaled_extra(law: Law, given: Given | None = None) -> Prediction:
    """Error of the rescaled output less that of F, over Var Y: on average ``(1 - eta)^2``."""
    at = given or given_source(law)
    eta = np.sqrt(global_variance(law, at).mean)
    square = ((at.mean - law.mean[..., None]) * (1 / eta - 1)[..., None]) ** 2
    return _of(at, square, square**2 + 4 * square * at.second, law)


def _of(at: Given, value: FloatArray, square: FloatArray | None, law: Law) -> Prediction:
    """Return mean and variance of an outcome over Var Y, from its first two moments given x."""
    scale = target_variance(law)
    mean = at.average(value)
    spread = at.average(value**2 if square is None else square) - mean**2
    return Prediction(mean / scale, spread / scale**2)
