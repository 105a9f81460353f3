r"""Kernel (b), Student: the mean of i.i.d. block means that are about normal.

Under every candidate mean :math:`\mu_0` the t-test e-process with a normal prior
:math:`N(0, 1/c^2)` on the effect size :math:`(\mu - \mu_0)/\sigma` and the right Haar prior on
:math:`\sigma` is

.. math:: E_n(\mu_0) = \sqrt{\frac{c^2}{n+c^2}}
          \left(\frac{V}{V - S^2/(n+c^2)}\right)^{n/2},
          \quad S = \sum (x_i - \mu_0), \quad V = \sum (x_i - \mu_0)^2,

a nonnegative martingale with mean 1 in the filtration of the scale-invariant data, whatever
:math:`\sigma`. By Ville's inequality it ever exceeds ``1/alpha`` with probability at most `alpha`.
It is a function of *n* and Student's *T* alone and inverts in closed form.

That is exact for normal data only. On skewed data *T* is skewed the other way, and averages over
blocks of 8 do not mend it at the small `alpha` used here: at a nominal 0.1 % the mean of lognormal
data is missed 0.6 % of the time (`refutable.calibration`). Therefore *T* is first replaced by
Hall's cubic transformation :math:`((1 + kT)^3 - 1)/(3k) + k/2` with ``k = skewness / (3 sqrt(n))``,
which takes its skewness away, wherever that brings it nearer to 0. The transformed *T* never gets
beyond ``1/(3k)`` on the side of the missing tail: too few skewed data decide nothing. With
``skewness = 0`` the kernel is the exact one.

Nothing helps against outliers so rare that the sample holds none of them. And rounding errors are
data like any others: a difference that is zero up to rounding has to be rounded by whoever
computes it.

Sources: Wang & Ramdas (2025), "Anytime-valid t-tests and confidence sequences for Gaussian means
with unknown variance", the scale-invariant construction with a Gaussian prior on the effect size;
Pérez-Ortiz, Lardy, de Heide & Grünwald (2024) for right Haar priors; Hall (1992), "On the removal
of skewness by transformation"; Fieller (1954) for ratios.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import _validate
from refutable.deciding.kernels.interval import Interval

PRECISION = 0.5
"""``c^2``: one over the variance of the prior on the effect size of a block mean.

Counted without noise: at most 8 % above the cheapest choice for effects of 0.2 to 1.2 standard
deviations of a replicate, and up to 43 % from 2 to 4, where some ten blocks decide.
"""

CAUTION = 1.25
"""Factor on the skewness: that of a sample is smaller than that of a heavy tail behind it."""


def interval(
    count: int, mean: float, scatter: float, alpha: float, skewness: float = 0.0
) -> Interval:
    """Return the means that are not excluded by `count` block means, at any stopping time.

    Parameters
    ----------
    count : int
        Number of block means.
    mean : float
        Their average.
    scatter : float
        Sum of their squared deviations from `mean`.
    alpha : float
        Probability with which the sequence of intervals may ever miss the mean, both sides.
    skewness : float
        Sample skewness of a block mean, best estimated as that of the replicates over the root
        of the block's size (`refutable.deciding.kernels.blocks`). 0 gives the exact t.

    Returns
    -------
    Interval
        Everything for fewer than two blocks, and for a scatter of zero up to rounding: constant
        data contradict the normal model instead of supporting it (an event rarer than one in
        `count` would look the same), so they prove nothing. A constant column belongs to an exact
        or a Bernoulli expectation.

    Raises
    ------
    ValueError
        If an argument is NaN, infinite or negative where it may not be, or `alpha` not in (0, 1).
    """
    count = _validate.count("count", count)
    mean, skewness = _validate.finite("mean", mean), _validate.finite("skewness", skewness)
    scatter = _validate.nonnegative("scatter", scatter)
    below, above = _reaches(count, _validate.error_rate(alpha), skewness)
    if below == math.inf == above or _constant(count, mean * mean, scatter):
        return Interval.everything()
    error = math.sqrt(scatter / (count - 1.0) / count)
    return Interval(mean - below * error, mean + above * error)


def ratio_interval(
    count: int,
    mean_a: float,
    mean_b: float,
    s_aa: float,
    s_bb: float,
    s_ab: float,
    alpha: float,
    skewness: float = 0.0,
) -> Interval:
    r"""Return the ratios E[a]/E[b] that are not excluded, at any stopping time.

    For a candidate ratio the numbers ``a - ratio * b`` have mean zero; the e-process of `interval`
    is inverted over it, which asks for the roots of a quadratic (Fieller).

    Parameters
    ----------
    count : int
        Number of pairs of block means.
    mean_a, mean_b : float
        Averages of numerator and denominator.
    s_aa, s_bb, s_ab : float
        Sums of squared deviations and of their products.
    alpha : float
        Probability with which the sequence of intervals may ever miss the ratio.
    skewness : float
        Sample skewness of a block mean of ``a - (mean_a / mean_b) * b``.

    Returns
    -------
    Interval
        Everything as long as a denominator of mean zero is not excluded, for fewer than two
        blocks, and when *a* is a constant multiple of *b* up to rounding.

    Raises
    ------
    ValueError
        As `interval`, or if ``s_ab**2 > s_aa * s_bb`` beyond rounding.
    """
    count = _validate.count("count", count)
    mean_a, mean_b = _validate.finite("mean_a", mean_a), _validate.finite("mean_b", mean_b)
    s_aa, s_bb = _validate.nonnegative("s_aa", s_aa), _validate.nonnegative("s_bb", s_bb)
    s_ab, skewness = _validate.finite("s_ab", s_ab), _validate.finite("skewness", skewness)
    if s_ab * s_ab > s_aa * s_bb * (1 + 1e-9):
        raise ValueError(f"s_ab must satisfy s_ab^2 <= s_aa s_bb, got {s_ab}, {s_aa}, {s_bb}")
    below, above = _reaches(count, _validate.error_rate(alpha), skewness)
    if mean_b < 0.0:
        below, above = above, below
    if mean_b == 0.0 or count < 2:
        return Interval.everything()
    ratio = mean_a / mean_b
    residual = max(s_aa - 2.0 * ratio * s_ab + ratio * ratio * s_bb, 0.0)
    cancelled = residual <= _CANCELLED * (s_aa + ratio * ratio * s_bb)
    if cancelled or _constant(count, mean_a * mean_a, residual):
        return Interval.everything()
    shape = (count * (count - 1.0), mean_b * mean_b, s_bb, ratio * s_bb - s_ab, residual)
    return Interval(ratio - _fieller(below, -1.0, *shape), ratio + _fieller(above, 1.0, *shape))


def log_e_values(
    mu0: ArrayLike, count: ArrayLike, mean: ArrayLike, scatter: ArrayLike, skewness: ArrayLike = 0.0
) -> FloatArray:
    """Return the log e-value against "the mean is `mu0`", for arguments that broadcast.

    Parameters
    ----------
    mu0 : array_like of float
        Candidate means.
    count, mean, scatter, skewness : array_like of float
        As in `interval`, but not checked; fewer than two blocks and constant data give 0, they are
        evidence for nothing.
    """
    n, m, s, g = (np.asarray(x, dtype=np.float64) for x in (count, mean, scatter, skewness))
    constant = (n < 2) | (s <= n * m * m * _ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (m - np.asarray(mu0)) / np.sqrt(s / (n - 1.0) / n)
        t = _unskewed(t, CAUTION * g / (3.0 * np.sqrt(n)))
        effect = t * t / (n - 1.0)
        growth = np.log1p(effect) - np.log1p(effect * PRECISION / (n + PRECISION))
        value = 0.5 * (n * growth - np.log1p(n / PRECISION))
    return np.where(constant, 0.0, value)


def critical_t(count: int, alpha: float) -> float:
    """Return how large ``|T|`` may get before the e-value reaches ``1/alpha``; maybe infinite.

    Parameters
    ----------
    count : int
        Number of block means.
    alpha : float
        Error probability in (0, 1).
    """
    if count < 2:
        return math.inf
    log_bar = (math.log1p(count / PRECISION) - 2.0 * math.log(alpha)) / count
    room = math.exp(-log_bar) - PRECISION / (count + PRECISION)
    return math.sqrt((count - 1.0) * -math.expm1(-log_bar) / room) if room > 0.0 else math.inf


_CANCELLED = 64.0 * sys.float_info.epsilon
"""What rounding leaves of the residual of proportional columns, as a share of their scatter."""

_ROUNDING = (8.0 * sys.float_info.epsilon) ** 2


def is_constant(count: int, mean: float, scatter: float) -> bool:
    """Tell whether `scatter` is no more than rounding leaves of `count` equal numbers."""
    return count > 1 and _constant(count, mean * mean, scatter)


def _constant(count: int, square: float, scatter: float) -> bool:
    """Tell whether `scatter` is no more than rounding leaves of equal numbers."""
    return scatter <= count * square * _ROUNDING


def _reaches(count: int, alpha: float, skewness: float) -> tuple[float, float]:
    """Return how many standard errors the interval reaches below and above the average."""
    bar = critical_t(count, alpha)
    bend = CAUTION * skewness / (3.0 * math.sqrt(max(count, 1)))
    return _untransformed(bar, -bend), _untransformed(bar, bend)


def _untransformed(bar: float, bend: float) -> float:
    """Solve ``(1 - (1 - bend t)^3) / (3 bend) - bend / 2 = bar``; only ever longer than `bar`."""
    if bend <= 1e-9:
        return bar
    left = 1.0 - 3.0 * bend * (bar + bend / 2.0)
    return (1.0 - left ** (1.0 / 3.0)) / bend if left > 0.0 else math.inf


def _unskewed(t: FloatArray, bend: FloatArray) -> FloatArray:
    """Hall's transformation where it brings `t` nearer to 0, saturated where it would turn."""
    cubic = (np.maximum(1.0 + bend * t, 0.0) ** 3 - 1.0) / (3.0 * bend) + bend / 2.0
    bent = np.where(np.abs(bend) > 1e-9, cubic, t)
    bent = np.where(bent * t > 0.0, bent, 0.0)
    return np.where(np.abs(bent) < np.abs(t), bent, t)


def _fieller(
    reach: float,
    side: float,
    pairs: float,
    square: float,
    s_bb: float,
    cross: float,
    residual: float,
) -> float:
    """Distance from the observed ratio to the end of the interval on one side.

    At a distance *d* the average of ``a - ratio * b`` is ``d |mean_b|`` from 0 and its scatter is
    ``residual + 2 side d cross + d^2 s_bb``: a quadratic in *d*.
    """
    factor = pairs / reach**2 if reach < math.inf else 0.0
    leading = factor * square - s_bb
    if leading <= 0.0:
        return math.inf
    half = side * cross
    return (half + math.sqrt(half * half + leading * residual)) / leading
