r"""Probabilistic Partitive Partitioning: a k-means partition judged by a Gaussian mixture.

Sultan, "Probabilistic Partitive Partitioning (PPP)" (arXiv 2003.04372). The paper's own algorithm
is not known here; what is predicted below is what its statements meet in a plain setting: K groups
of m points in d dimensions, :math:`x = \mu_k + \epsilon`, :math:`\epsilon \sim N(0, I_d)`, centres
:math:`\mu_k \sim N(0, s^2 I_d)`. All of it is derived. Logarithms are natural.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import scipy

from refutable import Paper

PAPER = Paper(
    key="ppp",
    field="mixtures",
    title="Probabilistic Partitive Partitioning (PPP)",
    authors=("Mujahid Sultan",),
    year=2020,
    venue="arXiv preprint",
    arxiv="2003.04372",
    code=None,
    read="Abstract and first page; the body and its algorithm were not readable.",
    not_checked=(
        "The paper's own algorithm: only k-means judged by a mixture is tried, as the abstract "
        "describes it.",
        "The paper's data and run times.",
    ),
)

CLUSTERS = 6
DIMENSION = 4
MEMBERS = 50
"""Groups, coordinates, and points of each group in every experiment."""

POINTS = CLUSTERS * MEMBERS

_NODES = 80
"""Of the quadrature: at distance 6 the integrand is linear but for a kink, met to 1e-5."""


def centre_deviation(separation: float, d: int = DIMENSION) -> float:
    """Return the deviation of a centre's coordinate, s, for a root mean square distance.

    Two centres are ``sqrt(2 d) s`` apart in root mean square.
    """
    return separation / math.sqrt(2 * d)


def close_pair_bound(
    distance: float, separation: float, k: int = CLUSTERS, d: int = DIMENSION
) -> float:
    """Bound the chance that some two of k centres are closer than a distance.

    Union bound over the pairs: ``|mu_i - mu_j|^2 / (2 s^2)`` is chi-squared with d degrees.

    Parameters
    ----------
    distance, separation : float
        At least 0; `separation` is the root mean square distance of two centres.
    """
    if separation == 0:
        return 1.0
    spread = 2 * centre_deviation(separation, d) ** 2
    return min(
        1.0, math.comb(k, 2) * float(scipy.special.gammainc(d / 2, distance**2 / spread / 2))
    )


def pair_gain(distance: float, d: int = DIMENSION) -> float:
    """Log-likelihood per point that two components gain over one, for two equal groups.

    With ``a`` half the distance of the groups, one spherical component has variance ``1 + a^2/d``,
    and the gain is ``(d/2) log(1 + a^2/d) - a^2 + EE log cosh(a (a + Z))`` with Z standard normal.
    """
    half = distance / 2
    node, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    argument = np.abs(half * (half + node))
    log_cosh = argument + np.log1p(np.exp(-2 * argument)) - math.log(2)
    mean = float(weight @ log_cosh) / math.sqrt(2 * math.pi)
    return d / 2 * math.log1p(half**2 / d) - half**2 + mean


def component_price(n: int = POINTS, d: int = DIMENSION) -> float:
    """Log-likelihood that a spherical component must gain: ``(d + 2)/2 log n``.

    A weight, d coordinates of a mean, and a variance; half of what BIC charges.
    """
    return (d + 2) / 2 * math.log(n)


@lru_cache
def resolution(members: int = MEMBERS, n: int = POINTS, d: int = DIMENSION) -> float:
    """Distance at which BIC begins to tell two groups of `members` points each, among n, apart."""
    price = component_price(n, d) / (2 * members)
    return float(scipy.optimize.brentq(lambda t: pair_gain(t, d) - price, 1e-3, 50.0))


def spike_gain(
    log_density: float, floor: float, n: int = POINTS, d: int = DIMENSION, away: float = 0.0
) -> float:
    """Bound from below what a mixture gains by a component of its own for one point.

    The new component has the weight 1/n and the least variance allowed; the old ones shrink to
    1 - 1/n. Its own share of the other points' densities is left out.

    Parameters
    ----------
    log_density : float
        Of the point under the old mixture.
    floor : float
        Least variance, above 0.
    away : float
        Distance of the component from its point.

    Returns
    -------
    float
        Gain of the log-likelihood; above `component_price` BIC prefers the spike.
    """
    spike = -math.log(n) - d / 2 * math.log(2 * math.pi * floor) - away**2 / (2 * floor)
    shrunk = math.log1p(-1 / n)
    return float(np.logaddexp(spike, shrunk + log_density)) - log_density + (n - 1) * shrunk


def spike_floor(log_density: float, n: int = POINTS, d: int = DIMENSION) -> float:
    """Return the least variance at which `spike_gain` pays no more than `component_price`.

    For a point of density f the old share (1 - 1/n) f counts as well:
    ``(2 pi v)^(-d/2) / n = f (e^(price - (n - 1) log(1 - 1/n)) - 1 + 1/n)``.
    """
    price = component_price(n, d) - (n - 1) * math.log1p(-1 / n)
    needed = log_density + math.log(n) + math.log(math.expm1(price) + 1 / n)
    return math.exp(-2 / d * needed) / (2 * math.pi)


def partitions(n: int, k: int) -> int:
    """Ways to part n points into k groups, none empty: Stirling's number of the second kind.

    ``(1/k!) sum_j (-1)^j C(k, j) (k - j)^n``.
    """
    terms = [(-1) ** j * math.comb(k, j) * (k - j) ** n for j in range(k + 1)]
    return int(sum(terms) // math.factorial(k))
