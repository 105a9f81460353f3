"""Diffusion from clean to noisy speech and back: what its start and its steps cost, in closed form.

Clean speech x_0 drifts towards the noisy recording y while Gaussian noise grows (the OUVE SDE)::

    dx = gamma (y - x) dt + g(t) dw,   g(t) = s_min (s_max/s_min)^t sqrt(2 log(s_max/s_min))

for t from 0 to 1. The reverse SDE starts from ``N(y, sigma(1)^2)``, though the forward one ends at
``N(mu(1), .)``: the prior mismatch. Where x_0 given y is ``N(m, s_0^2)`` the score is linear, every
law is Gaussian, and what the mismatch leaves in the output has a closed form. SDE, kernel, start
and sampler are those of the released code; what follows from them is derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="sgmse",
    field="generative",
    title="Speech Enhancement and Dereverberation with Diffusion-based Generative Models",
    authors=(
        "Julius Richter",
        "Simon Welker",
        "Jean-Marie Lemercier",
        "Bunlong Lay",
        "Timo Gerkmann",
    ),
    year=2023,
    venue="IEEE/ACM Transactions on Audio, Speech, and Language Processing",
    arxiv="2208.05830",
    code="https://github.com/sp-uhh/sgmse",
    read="title, authors, abstract, and of the released code the SDEs, predictors, correctors and "
    "the sampler; the body was not read, so that what follows from the SDE is derived anew",
    not_checked=(
        "speech quality on WSJ0-CHiME3 and VoiceBank-DEMAND (PESQ, ESTOI, SI-SDR), and "
        "dereverberation: needs trained networks and recordings",
        "the listening test and the comparison with discriminative methods: for the same reason",
        "the complex STFT and its amplitude transformation: the score is known here, so that one "
        "real coefficient shows what all do",
    ),
)

Start = Literal["mixture", "noise", "exact"]


@dataclass(frozen=True)
class Normal:
    """Normal laws of one number each; mean and variance are arrays of one shape, or numbers."""

    mean: FloatArray
    variance: FloatArray

    @property
    def sd(self) -> FloatArray:
        """Standard deviation."""
        return np.asarray(np.sqrt(self.variance))


@dataclass(frozen=True)
class Ouve:
    """The forward SDE; the defaults are those of the code. Times t are numbers or arrays.

    Attributes
    ----------
    stiffness
        gamma, above 0: how fast the mean goes to y.
    sigma_min, sigma_max
        Noise scale at t = 0 and 1, 0 < sigma_min < sigma_max.
    """

    stiffness: float = 1.5
    sigma_min: float = 0.05
    sigma_max: float = 0.5

    @property
    def log_ratio(self) -> float:
        """``L = log(s_max / s_min)``."""
        return float(np.log(self.sigma_max / self.sigma_min))

    def diffusion(self, t: ArrayLike) -> FloatArray:
        """g(t), the factor of dw."""
        grown = np.exp(self.log_ratio * np.asarray(t))
        return np.asarray(self.sigma_min * grown * np.sqrt(2 * self.log_ratio))

    def decay(self, t: ArrayLike) -> FloatArray:
        """``e^(-gamma t)``, the weight that x_0 has left."""
        return np.asarray(np.exp(-self.stiffness * np.asarray(t)))

    def mean(self, clean: float, noisy: float, t: ArrayLike) -> FloatArray:
        """``mu(x_0, y, t) = e^(-gamma t) x_0 + (1 - e^(-gamma t)) y``."""
        return noisy + self.decay(t) * (clean - noisy)

    def variance(self, t: ArrayLike) -> FloatArray:
        """``sigma(t)^2 = s_min^2 ((s_max/s_min)^(2t) - e^(-2 gamma t)) L / (gamma + L)``."""
        rate = self.log_ratio
        grown = np.exp(2 * rate * np.asarray(t)) - self.decay(t) ** 2
        return np.asarray(self.sigma_min**2 * grown * rate / (self.stiffness + rate))


def exploding_variance(sde: Ouve, t: ArrayLike) -> FloatArray:
    """Variance without the drift, ``s_min^2 ((s_max/s_min)^(2t) - 1)``: not that of this SDE."""
    return np.asarray(sde.sigma_min**2 * np.expm1(2 * sde.log_ratio * np.asarray(t)))


@dataclass(frozen=True)
class Speech:
    """The law ``N(mean, sd^2)`` of clean speech, given the noisy recording y.

    Attributes
    ----------
    mean, noisy
        m and y.
    sd
        s_0, above 0.
    """

    mean: float = 1.0
    sd: float = 0.1
    noisy: float = 0.6


def marginal(sde: Ouve, speech: Speech, t: ArrayLike) -> Normal:
    """Law of x_t given y, whose score is ``-(x - mean) / variance``."""
    variance = sde.decay(t) ** 2 * speech.sd**2 + sde.variance(t)
    return Normal(sde.mean(speech.mean, speech.noisy, t), variance)


def start_law(sde: Ouve, speech: Speech, start: Start = "mixture") -> Normal:
    """Where sampling starts: at the recording, at zero, or where the forward SDE ends."""
    if start == "exact":
        return marginal(sde, speech, 1)
    return Normal(np.asarray(speech.noisy if start == "mixture" else 0.0), sde.variance(1))


def mismatch_divergence(sde: Ouve, clean: float, noisy: float) -> float:
    """KL divergence of the start from the end of the forward SDE, for one clean x_0.

    ``KL(N(mu(1), sigma(1)^2) || N(y, sigma(1)^2)) = e^(-2 gamma) (x_0 - y)^2 / (2 sigma(1)^2)``.
    """
    return float((sde.decay(1) * (clean - noisy)) ** 2 / (2 * sde.variance(1)))


def memory(sde: Ouve, speech: Speech, t: float = 0.0) -> float:
    """How much of a shift of x_1 the exact reverse SDE leaves in x_t: ``Cov(x_t, x_1) / Var x_1``.

    Its transition from x_1 to x_t is the law of x_t given x_1 in the forward process, which is
    Gaussian, and ``Cov(x_t, x_1) = e^(-gamma (1 - t)) Var x_t``.
    """
    here, end = marginal(sde, speech, t), marginal(sde, speech, 1)
    return float(sde.decay(1 - t) * here.variance / end.variance)


def reverse_law(sde: Ouve, speech: Speech, start: Start = "mixture", t: float = 0.0) -> Normal:
    """Law of x_t in the reverse SDE with the exact score, from `start` at time 1.

    Mean and variance miss those of the marginal by `memory`, or its square, times what the start
    misses. At t = 0 the mixture start leaves the bias ``e^(-2 gamma) s_0^2 (y - m) / Var x_1``.
    """
    begun, right = start_law(sde, speech, start), marginal(sde, speech, 1)
    here, kept = marginal(sde, speech, t), memory(sde, speech, t)
    return Normal(
        here.mean + kept * (begun.mean - right.mean),
        here.variance + kept**2 * (begun.variance - right.variance),
    )


def after_last_step(sde: Ouve, speech: Speech, law: Normal, t_end: float) -> Normal:
    """Law after the sampler's last step, of length t_end and without noise."""
    here = marginal(sde, speech, t_end)
    pull = sde.diffusion(t_end) ** 2 / here.variance
    factor = 1 + t_end * (sde.stiffness - pull)
    moved = t_end * (pull * here.mean - sde.stiffness * speech.noisy)
    return Normal(factor * law.mean + moved, factor**2 * law.variance)


def limit_law(
    sde: Ouve, speech: Speech, start: Start = "mixture", t_end: float = 0.03, snr: float = 0.0
) -> Normal:
    """Law that the sampler tends to with many steps.

    Without corrector (snr 0) the reverse SDE from 1 to t_end, then the last step. With it there are
    ever more corrector steps in any time of diffusion, so that wherever it started the law at t_end
    is that of endless ones there: `inflation` with r^2 sigma^2 / Var x_t for r^2.
    """
    if snr == 0:
        return after_last_step(sde, speech, reverse_law(sde, speech, start, t_end), t_end)
    here = marginal(sde, speech, t_end)
    rest = snr * np.sqrt(sde.variance(t_end) / here.variance)
    settled = Normal(here.mean, here.variance * inflation(float(rest)))
    return after_last_step(sde, speech, settled, t_end)


def distance(a: Normal, b: Normal) -> float:
    """Wasserstein-2 distance, ``((m_a - m_b)^2 + (sd_a - sd_b)^2)^(1/2)``."""
    return float(np.hypot(a.mean - b.mean, a.sd - b.sd))


def inflation(snr: float) -> float:
    """Variance that endless corrector steps give, in units of sigma^2: ``1 / (1 - r^2)``.

    A step is ``x <- (1 - 2 r^2) x + 2 r sigma z``, an AR(1) process, stable for r < 1.
    """
    return 1 / (1 - snr**2)
