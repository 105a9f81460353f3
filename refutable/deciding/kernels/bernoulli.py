r"""Kernel (a), Bernoulli: how often something happens.

For every candidate rate :math:`p_0` there are two e-processes, one against :math:`p \le p_0` and
one against :math:`p \ge p_0`. Each is a likelihood ratio averaged over a Beta prior truncated to
the alternative side,

.. math:: E_n(p_0) = \frac{\int_{p > p_0} p^s (1-p)^{n-s} \, \pi(dp)}
                          {\pi(p > p_0) \, p_0^s (1-p_0)^{n-s}},

where *s* of *n* trials were successes. Every factor ``L(p)/L(p_0)`` with ``p > p_0`` has mean at
most 1 per trial under any rate at most :math:`p_0`, so the average is a nonnegative supermartingale
under the whole composite null, and by Ville's inequality it ever exceeds ``2/alpha`` with
probability at most ``alpha/2``. The interval holds the rates that neither of the two has excluded.

Sources: Robbins (1970) for mixtures; Howard, Ramdas, McAuliffe & Sekhon (2021), "Time-uniform,
nonparametric, nonasymptotic confidence sequences", section 3.2 (beta-binomial and one-sided
mixtures); Ramdas, Grünwald, Vovk & Shafer (2023) for e-processes.
"""

from __future__ import annotations

import math

import numpy as np
import scipy  # loads its parts when they are used
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import _validate
from refutable.deciding.kernels.interval import Interval

PRIOR = 0.35
"""Both shape parameters of the mixing Beta prior before truncation; measured, see `planning`."""


_TINY = 1e-300


def interval(successes: int, trials: int, alpha: float) -> Interval:
    """Return the rates that are not excluded after `successes` in `trials`, at any stopping time.

    Parameters
    ----------
    successes, trials : int
        Sufficient statistics, ``0 <= successes <= trials``.
    alpha : float
        Probability with which the sequence of intervals may ever miss the rate; half per side.

    Returns
    -------
    Interval
        Within [0, 1]; ``[0, 1]`` itself for no trials.

    Raises
    ------
    ValueError
        If a count is negative, not whole, or out of order, or `alpha` is not in (0, 1).
    """
    successes, trials = _counts(successes, trials)
    threshold = math.log(2.0 / _validate.error_rate(alpha))
    lower = _least_rate(successes, trials - successes, threshold)
    upper = 1.0 - _least_rate(trials - successes, successes, threshold)
    return Interval(lower, max(lower, upper))


def log_e_greater(p0: float, successes: int, trials: int) -> float:
    """Return the log e-value against "the rate is at most `p0`".

    Parameters
    ----------
    p0 : float
        Rate in [0, 1]. At 1 the null cannot be false and the answer is 0.
    successes, trials : int
        Sufficient statistics.

    Returns
    -------
    float
        ``log E``; ``inf`` only if the data are impossible under the null (``p0 = 0`` and a
        success), ``-inf`` where E is below the smallest double.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    successes, trials = _counts(successes, trials)
    return float(log_e_values(_validate.probability("p0", p0), successes, trials))


def log_e_less(p0: float, successes: int, trials: int) -> float:
    """Return the log e-value against "the rate is at least `p0`"; see `log_e_greater`."""
    successes, trials = _counts(successes, trials)
    p0 = _validate.probability("p0", p0)
    return float(log_e_values(p0, successes, trials, below=True))


def log_e_values(
    p0: ArrayLike, successes: ArrayLike, trials: ArrayLike, *, below: bool = False
) -> FloatArray:
    """Return log e-values for arrays that broadcast; the arguments are not checked.

    Parameters
    ----------
    p0, successes, trials : array_like
        As in `log_e_greater`.
    below : bool
        Whether the alternative is a rate below `p0` rather than above.
    """
    rate = np.asarray(p0, dtype=np.float64)
    positive = np.asarray(successes, dtype=np.float64)
    negative = np.asarray(trials, dtype=np.float64) - positive
    if below:
        return _log_e(1.0 - rate, rate, negative, positive)
    return _log_e(rate, 1.0 - rate, positive, negative)


def _log_e(
    p0: FloatArray, q0: FloatArray, successes: FloatArray, failures: FloatArray
) -> FloatArray:
    """Log e-value against "at most `p0`"; `q0` is ``1 - p0``, kept apart to stay precise."""
    a, b = successes + PRIOR, failures + PRIOR
    mass = scipy.special.betainc(PRIOR, PRIOR, q0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_e = (
            (scipy.special.betaln(a, b) + np.log(scipy.special.betainc(b, a, q0)))
            - (scipy.special.betaln(PRIOR, PRIOR) + np.log(mass))
            - (scipy.special.xlogy(successes, p0) + scipy.special.xlogy(failures, q0))
        )
    return np.where(mass > 0.0, log_e, 0.0)


def _counts(successes: int, trials: int) -> tuple[int, int]:
    trials = _validate.count("trials", trials)
    successes = _validate.count("successes", successes)
    if successes > trials:
        raise ValueError(f"successes must not exceed trials: {successes} > {trials}")
    return successes, trials


def _least_rate(successes: int, failures: int, threshold: float) -> float:
    """Return the smallest rate that the evidence for a greater one leaves standing.

    The log e-value falls as the rate grows for as long as it is positive, from infinity at 0 to at
    most 0 at the observed rate, so there is one root. It is sought in ``log p``, where the curve is
    almost straight near 0.
    """
    if successes == 0:
        return 0.0
    a, b = PRIOR + successes, PRIOR + failures
    constant = float(scipy.special.betaln(a, b) - scipy.special.betaln(PRIOR, PRIOR)) - threshold

    def surplus(log_p: float) -> float:
        q = -math.expm1(log_p)
        tail, mass = scipy.special.betainc(b, a, q), scipy.special.betainc(PRIOR, PRIOR, q)
        likelihood = successes * log_p + (
            failures * math.log1p(-math.exp(log_p)) if failures else 0
        )
        return float(constant - likelihood + math.log(max(tail, _TINY) / mass))

    observed = min(math.log(successes / (successes + failures)), -_TINY)
    shift = 1.0 + (threshold + 0.5 * math.log(successes + failures) + 4.0) / successes
    return math.exp(scipy.optimize.brentq(surplus, observed - shift, observed, xtol=1e-14))
