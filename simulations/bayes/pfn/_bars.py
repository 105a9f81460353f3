"""Laws on a line that bars are to come near, and integrals over pieces of the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from refutable import FloatArray

Function = Callable[[FloatArray], FloatArray]

NODES = 8
"""Gauss-Legendre nodes for a piece; those here are short against the scale of what is integrated,
and double precision is reached with half as many."""


@dataclass(frozen=True)
class Law:
    """A density of full support.

    Attributes
    ----------
    log_density, cdf : callable (ndarray) -> ndarray
    information : float
        Integral of ``p'^2 / p``, a jump left out.
    sides : pair of float
        Density on the left and on the right of 0, where the only jump is.
    reach : callable (number of bars) -> float
        To where bars are laid on either side.
    """

    log_density: Function
    cdf: Function
    information: float
    sides: tuple[float, float]
    reach: Callable[[float], float]


def _two_sided(x: FloatArray) -> FloatArray:
    """Half of the mass exponential with rate 2 below 0, half with rate 1/2 above."""
    return np.asarray(np.where(x < 0, 2 * x, np.log(0.25) - 0.5 * x))


def _two_sided_cdf(x: FloatArray) -> FloatArray:
    low, high = np.minimum(x, 0), np.maximum(x, 0)
    return np.asarray(np.where(x < 0, 0.5 * np.exp(2 * low), 1 - 0.5 * np.exp(-0.5 * high)))


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(-np.abs(x) - 2 * np.log1p(np.exp(-np.abs(x))))


LAWS = {
    "smooth": Law(
        _logistic,
        lambda x: np.asarray(scipy.special.expit(x)),
        1 / 3,
        (0.25, 0.25),
        lambda bars: 2 * np.log(bars),
    ),
    "jump": Law(
        _two_sided, _two_sided_cdf, 0.5 * 4 + 0.5 * 0.25, (1.0, 0.25), lambda bars: 4 * np.log(bars)
    ),
    "heavy": Law(
        lambda x: -np.log(np.pi) - np.log1p(x * x),
        lambda x: 0.5 + np.arctan(x) / np.pi,
        0.5,
        (1 / np.pi, 1 / np.pi),
        lambda bars: float(bars ** (2 / 3)),
    ),
}
"""Logistic; two-sided exponential with a jump by a factor of 4; Cauchy. Bars reach so far that what
lies beyond and what their width costs fall together, up to logarithms."""


def integrals(function: Function, ends: FloatArray) -> FloatArray:
    """Integrate over the pieces between increasing ends, shape (pieces + 1,)."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(ends)[:, None] / 2
    x = ends[:-1, None] + half * (nodes + 1)
    return np.asarray((function(x) * weights * half).sum(axis=1))
