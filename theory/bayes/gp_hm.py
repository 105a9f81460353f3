r"""Gaussian processes for differential equations whose solutions oscillate fast.

Fang, Cooley, Long, Li, Kirby and Zhe, "Solving High Frequency and Multi-Scale PDEs with Gaussian
Processes" (ICLR 2024). The spectrum of the solution is a mixture of Student t or Gaussian laws, so
that the kernel is a sum of Matern or squared exponential functions times cosines; weights are
estimated as logarithms; collocation points lie on a grid. The abstract and the released code were
read, the body was not: theorems have no numbers here. What is marked [derived] is not from there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="gp_hm",
    field="bayes",
    title="Solving High Frequency and Multi-Scale PDEs with Gaussian Processes",
    authors=(
        "Shikai Fang",
        "Madison Cooley",
        "Da Long",
        "Shibo Li",
        "Robert M. Kirby",
        "Shandian Zhe",
    ),
    year=2024,
    venue="ICLR 2024",
    arxiv="2311.04465",
    code="xuangu-fang/Gaussian-Process-Slover-for-High-Freq-PDE",
    read=(
        "The abstract, in both wordings, public reviews, and notes on the released code and its "
        "configurations; of the body nothing."
    ),
    not_checked=(
        "The path of Adam on the paper's joint objective of solution and parameters, which has no "
        "minimum, and errors chosen as the least on the test set: here the evidence is climbed.",
        "Allen-Cahn and advection equations, and problems in two dimensions.",
        "Relative errors of 1e-3 to 1e-7 on six problems: the tables were not read, and the "
        "published runs take 100,000 to 1,000,000 steps each.",
        "The proof that estimating logarithms of weights amounts to a Jeffreys prior: the abstract "
        "says that there is one, and for what it is given was not found.",
    ),
)

# Spectra


def student_spectrum(s: ArrayLike, freedom: float, length: float = 1.0) -> FloatArray:
    r"""Return a Student t density in the frequency, of scale ``1 / (2 pi l)``.

    It falls as :math:`(1 + 4\pi^2l^2s^2/d)^{-(d+1)/2}` and integrates to 1.

    Parameters
    ----------
    s : array_like
        Frequency, in cycles.
    freedom : float
        d, above 0; not a whole number as a rule.
    length : float
        l, of the kernel.
    """
    rate = 2 * math.pi * length
    log_level = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    level = rate * math.exp(log_level) / math.sqrt(math.pi * freedom)
    return np.asarray(
        level * (1 + (rate * np.asarray(s)) ** 2 / freedom) ** (-(freedom + 1) / 2),
    )


def matern_freedom(nu: float) -> float:
    """Return ``2 nu``: degrees of freedom of the spectrum of a Matern function [derived]."""
    return 2 * nu


def matern(d: ArrayLike, nu: float, length: float = 1.0) -> FloatArray:
    """Return the Matern function of smoothness 1/2, 3/2 or 5/2 at the lag d.

    Raises
    ------
    ValueError
        For another smoothness.
    """
    t = np.sqrt(2 * nu) * np.abs(np.asarray(d)) / length
    polynomials = {0.5: np.ones_like(t), 1.5: 1 + t, 2.5: 1 + t + t**2 / 3}
    if nu not in polynomials:
        raise ValueError(f"nu={nu}: give 0.5, 1.5 or 2.5")
    return np.asarray(polynomials[nu] * np.exp(-t))


# Weights


def scale_information(n: int, weight: float) -> float:
    """Return ``n / (2 w^2)``: Fisher information of w in n values of N(0, w K) [derived].

    Its root is in proportion to 1 / w, the Jeffreys prior of a scale.
    """
    return n / (2 * weight**2)


def mixture_information(ratios: FloatArray, weight: float) -> float:
    r"""Return the information of w in N(0, K1 + w K0), :math:`\sum(r/(1+wr))^2/2` [derived].

    Parameters
    ----------
    ratios : ndarray
        Eigenvalues r of K0 in units of K1, ``K0 v = r K1 v``.
    weight : float
    """
    return float(((ratios / (1 + weight * ratios)) ** 2).sum() / 2)


def scale_estimate(energy: FloatArray, n: int, priors: float = 0.0) -> FloatArray:
    """Return the w that is most probable given ``energy = u' K^(-1) u`` [derived].

    The log likelihood is ``-(n log w + energy / w) / 2``; with ``priors`` times the log density
    ``-log w`` added, its mode in w is ``energy / (n + 2 priors)``.
    """
    return np.asarray(energy / (n + 2 * priors))


# Grids


def dense_operations(m: FloatArray) -> FloatArray:
    """Return the multiplications and divisions of a solve for a grid of m by m points [derived].

    With ``n = m^2`` unknowns: ``(n^3 - n) / 6`` and ``n (n - 1) / 2`` to factorise, and
    ``n (n + 1)`` for two triangles.
    """
    n = np.asarray(m) ** 2
    return np.asarray((n**3 - n) / 6 + n * (n - 1) / 2 + n * (n + 1))


def kronecker_operations(m: FloatArray) -> FloatArray:
    """Return those of a solve by the two factors of m by m, for m right-hand sides each."""
    m = np.asarray(m)
    return np.asarray(2 * ((m**3 - m) / 6 + m * (m - 1) / 2 + m * m * (m + 1)))
