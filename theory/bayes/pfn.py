"""Networks fitted to draws from a prior: what they learn, and what finite tables and bars cost.

Mueller, Hollmann, Pineda Arango, Grabocka and Hutter, "Transformers Can Do Bayesian Inference"
(ICLR 2022). Insight 1: the loss, ``E -log q(y | x, D)`` over data sets D drawn from a prior, is the
expected cross-entropy of the exact predictive p and q. Corollary 1.1: it is ``E KL(p | q)`` up to a
constant, the expected entropy of p. Corollary 1.2: where the family of q holds p, the minimiser is
p. (Foong et al. 2020, section 3.2, Proposition 1, has the insight first, as a later footnote says.)
Theorem 1: bar distributions approximate densities of full support. What is marked [derived] is not
in the paper.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="pfn",
    field="bayes",
    title="Transformers Can Do Bayesian Inference",
    authors=(
        "Samuel Müller",
        "Noah Hollmann",
        "Sebastian Pineda Arango",
        "Josif Grabocka",
        "Frank Hutter",
    ),
    year=2022,
    venue="ICLR 2022",
    arxiv="2112.10510",
    code="automl/TransformersCanDoBayesianInference",
    read=(
        "Notes on the full text (ICLR version) that say what is printed, a copy of the abstract, "
        "and of the released code the bar distribution."
    ),
    not_checked=(
        "More than 200 times faster than maximum likelihood of type II, 1,000 to 8,000 times than "
        "NUTS (Gaussian processes with priors on their parameters), 1,000 times than SVI and "
        "10,000 times than NUTS (Bayesian networks): times of large networks on large contexts. "
        "With eight context points on one core the exact predictive takes less than a network.",
        "Priors on the parameters of a Gaussian process, on networks and on tabular data; few-shot "
        "images: they need large networks.",
        "A trained network with a bar distribution for its head: here bars are fitted exactly.",
    ),
)

# A table for coin tosses


def table_cells(longest: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return k and n of each cell of a table, ``0 <= k <= n <= longest``, cells in order of n."""
    n = np.repeat(np.arange(longest + 1), np.arange(longest + 1) + 1)
    k = np.arange(len(n)) - n * (n + 1) // 2
    return k, n


def table_predictive(longest: int, a: float, b: float) -> FloatArray:
    """Return ``(a + k) / (a + b + n)`` of each cell: of success, after k of n, prior Beta(a, b)."""
    k, n = table_cells(longest)
    return np.asarray((a + k) / (a + b + n))


def table_law(longest: int, a: float, b: float) -> FloatArray:
    """Return how probable each cell is, n being uniform on 0 to `longest`: beta-binomial laws.

    Built up toss by toss: a cell is reached from ``(k - 1, n - 1)`` by a success and from
    ``(k, n - 1)`` by a failure, with the predictive probabilities there.
    """
    law = [np.ones(1)]
    for n in range(longest):
        success = (a + np.arange(n + 1)) / (a + b + n)
        law.append(np.append(law[-1] * (1 - success), 0.0) + np.append(0.0, law[-1] * success))
    return np.concatenate(law) / (longest + 1)


def table_excess(longest: int, samples: FloatArray) -> FloatArray:
    """Return ``cells / (2 N)``, the excess loss of a table fitted to N samples [derived].

    A frequency of c samples has ``E KL`` of ``1 / (2 c)`` nats to leading order, and a cell of
    probability w has ``w N`` samples on average, so that each cell contributes ``1 / (2 N)``. With
    half a success and half a failure added, 45 cells, and 10,000 samples or more, the mean of
    20,000 tables was within 0.3 % of it, two of its standard errors.
    """
    return np.asarray((longest + 1) * (longest + 2) / 4 / np.asarray(samples))


def median_share(cells: int) -> float:
    """Return ``(1 - 2 / (9 cells))^3``, the median of a chi-squared law over its mean.

    The approximation of Wilson and Hilferty, right to 3e-3 for 5 cells and to 1e-4 for 45. For
    many samples twice their number times the excess has that law, a degree of freedom for a cell.
    """
    return (1 - 2 / (9 * cells)) ** 3


def square_variance(predictive: FloatArray, least: int) -> float:
    """Bound the variance of the mean over cells of squared standardised frequencies [derived].

    For c tosses with probabilities p and ``r = 1 - p`` the square has the mean 1 and the variance
    ``2 + (1 - 6 p r) / (c p r)``, at most ``2 + 1 / (least p r)`` from `least` tosses on. Given
    the numbers of tosses cells are independent, and those with fewer tosses stand as 1.
    """
    noise = predictive * (1 - predictive)
    return float((2 + 1 / (least * noise)).sum() / len(predictive) ** 2)


# A Gaussian process


def squared_exponential(x: FloatArray, scale: float, noise: float) -> FloatArray:
    """Return the covariance of noisy values at inputs on a line, shape (..., n, n).

    Parameters
    ----------
    x : ndarray, shape (..., n)
    scale : float
        Length-scale; the variance of the process is 1.
    noise : float
        Variance of the noise.
    """
    lag = (x[..., :, None] - x[..., None, :]) / scale
    return np.asarray(np.exp(-0.5 * lag**2) + noise * np.eye(x.shape[-1]))


def gaussian_kl(
    mean: FloatArray, variance: FloatArray, other: FloatArray, other_variance: FloatArray
) -> FloatArray:
    """Return ``KL(N(mean, variance) | N(other, other_variance))``, entry by entry."""
    ratio = variance / other_variance
    return np.asarray(0.5 * (ratio - 1 - np.log(ratio) + (mean - other) ** 2 / other_variance))


def gaussian_entropy(variance: FloatArray) -> FloatArray:
    """Return ``log(2 pi e variance) / 2``."""
    return np.asarray(0.5 * np.log(2 * math.pi * math.e * variance))


def loss_deviation(
    variance: FloatArray, apart: FloatArray, other_variance: FloatArray
) -> FloatArray:
    """Return how far ``-log q(y)`` deviates for ``y ~ N(m, v)``, ``q = N(m + d, s^2)`` [derived].

    This is its standard deviation. The loss is ``(y - m - d)^2 / (2 s^2)`` and a constant; with a
    standard normal z its numerator is ``v z^2 - 2 d sqrt(v) z`` and a constant, of variance
    ``2 v^2 + 4 d^2 v``.

    Parameters
    ----------
    variance, apart, other_variance : ndarray
        v, d and s^2.
    """
    return np.asarray(np.sqrt(variance * (0.5 * variance + apart**2)) / other_variance)


# Bars


def bar_cost(width: float, information: float) -> float:
    """Return ``w^2 / 24`` times the information: KL of a density and its best bars [derived].

    Within a bar p departs from its mean by ``p' (x - c)``, which costs ``w^3 p'^2 / (24 p)`` to
    leading order, in either direction of KL.

    Parameters
    ----------
    width : float
        w, of every bar.
    information : float
        Integral of ``p'^2 / p``.
    """
    return width**2 / 24 * information


def gaussian_bar_cost(width: float) -> float:
    """Return ``log(1 + w^2 / 12) / 2``, for a standard normal law and bars of width w [derived].

    The mean of p over the bar about x is the density of the law plus a uniform number, and the sum
    over bars of its entropy, which is smooth, is the integral up to ``exp(-2 pi^2 / w^2)``. So the
    cost is by how much the uniform number raises the entropy. It adds ``w^2 / 12`` to the variance;
    the sum falls short of the entropy of a Gaussian by a 48th of the square of its fourth cumulant,
    ``(w^4 / 120)^2 / 48``.
    """
    return 0.5 * math.log1p(width**2 / 12)


def tail_growth(freedom: float) -> float:
    """Return ``2 - freedom``: the exponent with which half-normal tails cost more [derived].

    It is of the cost, in the cut beyond which a Student law is left out: the tail's log density
    falls as the square, and the density as ``x^(-1 - freedom)``.
    """
    return 2 - freedom
