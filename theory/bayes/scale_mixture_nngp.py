r"""Wide networks whose last layer has a random scale: Student-t laws, before and after training.

Lee, Yun, Yang and Lee, "Scale Mixtures of Neural Network Gaussian Processes" (ICLR 2022). A network
is :math:`f(x)=\sigma\,v\cdot\varphi(x)/\sqrt n` with v standard normal, no bias in the last layer,
and one :math:`\sigma^2\sim\mathrm{InvGamma}(a,b)` for the whole network. K and T are its NNGP and
NTK kernels at :math:`\sigma=1`; the squared scale of a t law is a shape and not a variance. What is
marked [derived] is not in the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy

from refutable import FloatArray, Paper

PAPER = Paper(
    key="scale_mixture_nngp",
    field="bayes",
    title="Scale Mixtures of Neural Network Gaussian Processes",
    authors=("Hyungi Lee", "Eunggu Yun", "Hongseok Yang", "Juho Lee"),
    year=2022,
    venue="ICLR 2022",
    arxiv="2107.01408",
    code="Hyungi-Lee/Scale-Mixtures-of-Neural-Network-Gaussian-Processes",
    read=(
        "The released code and notebook, in which the laws stand with their parameters, and a "
        "summary of the paper that confirms their kind; the theorems were not read."
    ),
    not_checked=(
        "Convolutional and residual networks: their kernels want another library.",
        "Regression on UCI data and ensembles of classifiers, of which the code tells the set-up "
        "and no table was read.",
        "Priors on the scale other than the inverse gamma, and their importance sampling.",
    ),
)


class TLaw(NamedTuple):
    """A t law on the line.

    Attributes
    ----------
    freedom, location, scale : float
        The scale is the root of the (squared) shape.
    """

    freedom: float
    location: float
    scale: float

    def log_density(self, x: FloatArray) -> FloatArray:
        """Return the log density at x."""
        half = self.freedom / 2
        constant = scipy.special.gammaln(half + 0.5) - scipy.special.gammaln(half)
        constant -= 0.5 * math.log(math.pi * self.freedom) + math.log(self.scale)
        z = (np.asarray(x) - self.location) / self.scale
        return np.asarray(constant - (half + 0.5) * np.log1p(z**2 / self.freedom))


def conditional(kernel: FloatArray, y: FloatArray) -> tuple[float, float, float]:
    """Return mean and variance of a Gaussian's last value given the others, and ``y' K^-1 y``.

    Parameters
    ----------
    kernel : ndarray, shape (n + 1, n + 1)
    y : ndarray, shape (n,)
    """
    seen, cross = kernel[:-1, :-1], kernel[-1, :-1]
    weights = np.linalg.solve(seen, cross)
    square = float(y @ np.linalg.solve(seen, y))
    return float(weights @ y), float(kernel[-1, -1] - weights @ cross), square


def readout_law(kernel: FloatArray, y: FloatArray, a: float, b: float) -> TLaw:
    """Return the law at the last point when the readout is trained on y until it fits.

    ``t_2a(K* K^-1 y, (b/a)(K** - K* K^-1 K*'))``, as the notebook has it: training leaves the
    degrees of freedom of the prior.

    Parameters
    ----------
    kernel : ndarray, shape (n + 1, n + 1)
        K, the last point being the one that is predicted.
    y : ndarray, shape (n,)
    a, b : float
        Of the inverse gamma law.
    """
    mean, variance, _ = conditional(kernel, y)
    return TLaw(2 * a, mean, math.sqrt(b / a * variance))


def fully_trained_law(
    kernel: FloatArray, ntk: FloatArray, y: FloatArray, a: float, b: float
) -> TLaw:
    """Return the law at the last point when all layers are trained on y until they fit.

    ``t_2a(W y, (b/a)(K** + W K W' - W K*' - K* W'))`` with ``W = T* T^-1``, which does not depend
    on the scale because all of T has the factor ``sigma^2``: there is no bias in the last layer.

    Parameters
    ----------
    kernel, ntk : ndarray, shape (n + 1, n + 1)
        K and T.
    y : ndarray, shape (n,)
    a, b : float
    """
    weights = np.linalg.solve(ntk[:-1, :-1], ntk[-1, :-1])
    contrast = np.append(-weights, 1.0)
    return TLaw(2 * a, float(weights @ y), math.sqrt(b / a * (contrast @ kernel @ contrast)))


def posterior_law(kernel: FloatArray, y: FloatArray, a: float, b: float) -> TLaw:
    """Return the Bayes posterior at the last point, of which y is the values at the others.

    ``t_(2a+n)(K* K^-1 y, (2b + q)/(2a + n) (K** - K* K^-1 K*'))`` with ``q = y' K^-1 y``; the code
    has it with the shape ``(b/a) K`` of the prior.

    Parameters
    ----------
    kernel : ndarray, shape (n + 1, n + 1)
    y : ndarray, shape (n,)
    a, b : float
    """
    mean, variance, square = conditional(kernel, y)
    freedom = 2 * a + len(y)
    return TLaw(freedom, mean, math.sqrt((2 * b + square) / freedom * variance))


def counted_twice(kernel: FloatArray, y: FloatArray, a: float, b: float) -> TLaw:
    """Return the posterior with n counted twice, as where the notebook draws a sine.

    Degrees of freedom ``2a + 2n`` and the squared scale ``(b/a)(2a + n + q)/(2a + 2n)`` times the
    conditional variance; there a = b.
    """
    mean, variance, square = conditional(kernel, y)
    once = 2 * a + len(y)
    twice = once + len(y)
    return TLaw(twice, mean, math.sqrt(b / a * (once + square) / twice * variance))


# Widths


def fourth_moment_ratio(variance: float) -> float:
    """Return ``E u^4 / (E u^2)^2 - 1`` for ``u = erf(h)``, h normal with this variance.

    By Gauss-Hermite quadrature. It is the width times the variance of ``u_1^2 + ... + u_n^2``
    relative to its squared mean.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    squares = scipy.special.erf(math.sqrt(variance) * nodes) ** 2
    mean = weights @ squares / weights.sum()
    return float(weights @ squares**2 / weights.sum() / mean**2 - 1)


def width_correction(ratio: float, a: float, cut: float) -> float:
    """Return the width times what ``P(f^2 <= cut (b/a) K)`` exceeds its limit by [derived].

    Given its features a network with one hidden layer is t with ``rK`` in place of K, r having the
    mean 1 and the variance `ratio` over the width. With G and g the distribution function and the
    density of F(1, 2a), ``G(cut/r)`` has at r = 1 the second derivative ``2 cut g + cut^2 g'``.

    Parameters
    ----------
    ratio : float
        See `fourth_moment_ratio`.
    a, cut : float
    """
    log_density = a * math.log(2 * a) - scipy.special.betaln(0.5, a)
    log_density -= 0.5 * math.log(cut) + (a + 0.5) * math.log(2 * a + cut)
    bend = 1.5 - cut * (a + 0.5) / (2 * a + cut)
    return float(ratio / 2 * cut * math.exp(log_density) * bend)


# Two outputs


def log_square_correlation(a: float) -> float:
    """Return the correlation of ``log f_1^2`` and ``log f_2^2`` at one input [derived].

    ``psi_1(a) / (psi_1(1/2) + psi_1(a))`` with the trigamma function: ``log f_i^2`` is the log of
    the scale, which both share, plus that of an own chi-squared variable.
    """
    shared = float(scipy.special.polygamma(1, a))
    return shared / (shared + math.pi**2 / 2)


def contrast_variance(a: float, rho: float) -> float:
    """Return the variance of ``xy - rho (x^2 + y^2)/2`` [derived].

    x and y are differences of ``log f_1^2`` and of ``log f_2^2`` between two networks, over the
    root of 2: a shared and an own variable, symmetric, of variances ``psi_1`` and fourth cumulants
    ``psi_3 / 2`` at a and at 1/2.
    """
    shared, own = (float(scipy.special.polygamma(1, at)) for at in (a, 0.5))
    shared4, own4 = (float(scipy.special.polygamma(3, at)) / 2 for at in (a, 0.5))
    both = shared + own
    x4 = shared4 + own4 + 3 * both**2
    x3y = shared4 + 3 * both * shared
    x2y2 = shared4 + both**2 + 2 * shared**2
    second = x2y2 - 2 * rho * x3y + rho**2 / 2 * (x4 + x2y2)
    return second - (shared - rho * both) ** 2
