r"""Score priors in variational denoising: their bias, and the noise posterior, in closed form.

Cheng, Liu and Tan (ICCV 2023). An image has the variational posterior :math:`N(m,s^2)`, and the
gradient of :math:`E_q\log p` is replaced by :math:`(D_s(x)-x)/s^2` at samples x, D_s being a
denoiser for noise of level s. Real noise is a mixture of zero-mean Gaussians whose precisions have
a Gamma and whose weights a Dirichlet posterior. The paper's text was not readable: what follows is
its public code, or derived.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from refutable import FloatArray, Paper

PAPER = Paper(
    key="score_dvi",
    field="generative",
    title=(
        "Score Priors Guided Deep Variational Inference for Unsupervised Real-World Single Image "
        "Denoising"
    ),
    authors=("Jun Cheng", "Tao Liu", "Shan Tan"),
    year=2023,
    venue="ICCV 2023, pp. 12937-12948",
    arxiv="2308.04682",
    code="https://github.com/alwaysuu/ScoreDVI",
    read="The abstract, and ScoreDVI.py of the public code (commit d17218e); not the paper's text.",
    not_checked=(
        "Denoising of real images: needs the data sets, the networks and the trained denoisers.",
        "The noise-aware assignment of priors: in the code a rule of thumb with two thresholds.",
        "The blind denoisers: they estimate the noise level themselves; here it is known.",
    ),
)


# --- the score prior -----------------------------------------------------------------------------


@dataclass(frozen=True)
class LogDerivatives:
    """First three derivatives of a log density at some points."""

    first: FloatArray
    second: FloatArray
    third: FloatArray

    @property
    def bias_at_samples(self) -> FloatArray:
        r"""Limit of bias / s^2 of the score at samples, :math:`(l'''+2l'l'')/2` [derived].

        By Tweedie's identity it is the score of p convolved with N(0, s^2), and
        :math:`\log p_s=l+s^2(l''+l'^2)/2+O(s^4)`, as p_s solves the heat equation.
        """
        return 0.5 * (self.third + 2 * self.first * self.second)

    @property
    def bias_at_mean(self) -> FloatArray:
        r"""Limit of bias / s^2 of the score at the mean alone, :math:`l'l''` [derived].

        The true gradient :math:`E_ql'=l'+s^2l'''/2+O(s^4)` is then not averaged along.
        """
        return self.first * self.second


def log_derivatives(
    x: ArrayLike, weights: ArrayLike, means: ArrayLike, variances: ArrayLike
) -> LogDerivatives:
    """Return derivatives of the log density of a mixture of Gaussians on the line.

    Parameters
    ----------
    x : array_like, shape (n,)
    weights, means, variances : array_like, shape (K,)
        Variances are positive.
    """
    deviations = np.sqrt(np.asarray(variances, dtype=np.float64))
    z = (np.asarray(x, dtype=np.float64)[:, None] - np.asarray(means)) / deviations
    logs = np.log(weights) - np.log(deviations) - 0.5 * z**2
    share = scipy.special.softmax(logs, axis=-1)
    # The j-th derivative of a Gaussian density is (-1)^j He_j(z) / deviation^j times itself.
    hermite = (-z, z**2 - 1, 3 * z - z**3)
    q1, q2, q3 = ((share * he / deviations ** (j + 1)).sum(axis=-1) for j, he in enumerate(hermite))
    return LogDerivatives(q1, q2 - q1**2, q3 - 3 * q1 * q2 + 2 * q1**3)


# --- divergences of the noise posterior, as the code has them (its equations 14 and 16) ----------


def precision_divergence(
    alpha: ArrayLike, beta: ArrayLike, alpha_0: ArrayLike, beta_0: ArrayLike
) -> FloatArray:
    """Return KL of two Gamma laws (shape, rate), equation 14 of the code; positive arguments."""
    a, b, a0, b0 = (np.asarray(v, dtype=np.float64) for v in (alpha, beta, alpha_0, beta_0))
    gammaln = scipy.special.gammaln
    value = (a - a0) * scipy.special.digamma(a) + gammaln(a0) - gammaln(a)
    return np.asarray(value + a0 * (np.log(b) - np.log(b0)) + b0 * a / b - a)


def weight_divergence(d: ArrayLike, d_0: ArrayLike) -> FloatArray:
    """Return KL of two Dirichlet laws, equation 16 of the code.

    Parameters
    ----------
    d, d_0 : array_like, shape (..., K)
        Positive.
    """
    d, d_0 = np.asarray(d, dtype=np.float64), np.asarray(d_0, dtype=np.float64)
    gammaln, digamma = scipy.special.gammaln, scipy.special.digamma
    total = d.sum(axis=-1, keepdims=True)
    own = gammaln(total[..., 0]) - gammaln(d).sum(axis=-1)
    prior = gammaln(d_0.sum(axis=-1)) - gammaln(d_0).sum(axis=-1)
    return np.asarray(own - prior + ((d - d_0) * (digamma(d) - digamma(total))).sum(axis=-1))


# --- where variational Bayes for the noise ends --------------------------------------------------

_STEP, _END = 0.004, 9.0
"""Grid of |y|: half a tenth of the least deviation in use, so that the trapezoidal rule errs by
less than 1e-12, and as far as nine times the largest."""
_SWEEPS = 2000
"""Two components with deviations 0.1 and 1 need 150 to settle to twelve digits."""


def known_label_deviation(n: float, deviation: float, shape: float, rate: float) -> float:
    """Return (E tau)^-1/2 after n values of a known component whose mean square is the true one."""
    return float(np.sqrt((rate + 0.5 * n * deviation**2) / (shape + 0.5 * n)))


def settled_scales(
    n: int,
    weights: ArrayLike,
    deviations: ArrayLike,
    shape: float = 1.0,
    rate: float = 1.0,
    concentration: float = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """Return deviations and weights at which variational Bayes stays still for typical data.

    Its sweep with sums over n values replaced by n times their expectations [derived], so that
    the pull of the prior and of the variational approximation is there and sampling error is not.

    Parameters
    ----------
    n : int
    weights, deviations : array_like, shape (K,)
        True ones; deviations from 0.1 to 1.
    shape, rate, concentration : float
        Of the prior.

    Returns
    -------
    deviations, weights : ndarray, shape (K,)
    """
    truth = np.asarray(deviations, dtype=np.float64)
    squares = np.arange(0, _END, _STEP)[:, None] ** 2
    mass = np.asarray(weights) / truth * np.exp(-0.5 * squares / truth**2)
    mass[0] *= 0.5  # half of the line alone is summed, and 0 belongs to both halves
    mass = n * mass.sum(axis=1) / mass.sum()
    digamma = scipy.special.digamma
    tau, log_tau, log_pi = truth**-2, np.log(truth**-2), np.log(weights)
    for _ in range(_SWEEPS):
        share = scipy.special.softmax(log_pi + 0.5 * (log_tau - tau * squares), axis=1)
        count, energy = mass @ share, mass @ (share * squares)
        a, b, alpha = shape + count / 2, rate + energy / 2, concentration + count
        if np.allclose(a / b, tau, rtol=1e-12, atol=0):
            break
        tau, log_tau, log_pi = a / b, digamma(a) - np.log(b), digamma(alpha) - digamma(alpha.sum())
    return np.sqrt(b / a), alpha / alpha.sum()
