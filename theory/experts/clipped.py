"""Expectations of cut-off errors under the normal limit of maximum likelihood.

Convergence in law says nothing of ``E[error]``, which single runs that fail may carry; it does say
what ``E[min(error, c)]`` tends to. Both follow from ``E[min(X, c)] = E[X 1{X < c}] + c P(X >= c)``.
"""

from __future__ import annotations

import math

import scipy


def half_normal_mean(cut: float) -> float:
    """Return E[min(abs(Z), cut)] for a standard normal Z.

    Parameters
    ----------
    cut : float
        Positive.
    """
    below = math.sqrt(2 / math.pi) * -math.expm1(-(cut**2) / 2)
    return below + cut * math.erfc(cut / math.sqrt(2))


def chi_square_mean(degrees: int, cut: float) -> float:
    """Return E[min(X / degrees, cut)] for X chi-square with `degrees` degrees of freedom.

    The density of X times x / degrees is that with two degrees more.

    Parameters
    ----------
    degrees : int
    cut : float
        Positive, in units of the mean of X.
    """
    at = degrees * cut
    below = scipy.special.chdtr(degrees + 2, at)
    return float(below + cut * scipy.special.chdtrc(degrees, at))
