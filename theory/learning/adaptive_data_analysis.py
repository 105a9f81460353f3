"""Preserving Statistical Validity in Adaptive Data Analysis: attacks and what they must achieve.

Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (2015): empirical answers can fail after a number
of adaptive queries that is linear in the sample size n; perturbed answers last quadratically long;
private multiplicative weights answer exponentially many. The attack is the folklore majority
attack, whose success is derived here, exactly and in the limit.
"""

import numpy as np
import scipy

from refutable import Paper

PAPER = Paper(
    key="adaptive_data_analysis",
    field="learning",
    title="Preserving Statistical Validity in Adaptive Data Analysis",
    authors=(
        "Cynthia Dwork",
        "Vitaly Feldman",
        "Moritz Hardt",
        "Toniann Pitassi",
        "Omer Reingold",
        "Aaron Roth",
    ),
    year=2015,
    venue="STOC 2015",
    arxiv="1411.2664",
    code=None,
    read="The abstract; the theorems from memory. Thresholdout is from the follow-ups "
    "'Generalization in adaptive data analysis and holdout reuse' (NIPS 2015) and 'The reusable "
    "holdout' (Science 2015), of which the printed experiment was read.",
    not_checked=(
        "The sample sizes of Theorems 1 and 2, and the transfer from differential privacy: their "
        "constants make them vacuous at any n that fits here.",
    ),
)


def final_mean_limit(n: int, k: int, s: float = 0.0) -> float:
    """Limit of the empirical mean of the majority attack's last query.

    Parameters
    ----------
    n, k : int
        Sample size and number of queries before the last.
    s : float
        Standard deviation of Gaussian noise on the answers.

    Returns
    -------
    float
        ``Phi(sqrt(2 k / pi) / (n sqrt(1/n + 4 s^2)))``; the truth is 1/2. It is at most 3e-3 from
        `final_mean_exact` at ``n = 100`` and 1.2e-3 at 400, mostly below, for 11 queries or more.
    """
    return float(scipy.stats.norm.cdf(np.sqrt(2 * k / np.pi) / (n * np.sqrt(1 / n + 4 * s**2))))


def final_mean_exact(n: int, k: int, s: float = 0.0) -> float:
    """Exact expectation of the empirical mean of the majority attack's last query.

    A row's votes are independent given the row, and each agrees with the row's own sign with
    probability ``(1 + a)/2``, ``a = E[(S/n) (2 Phi(S/(2 n s)) - 1)]`` with S a sum of n signs.

    Parameters
    ----------
    n, k : int
        Sample size and number of queries, k odd.
    s : float
        Standard deviation of Gaussian noise on the answers.

    Returns
    -------
    float
        ``P(Binomial(k, (1 + a)/2) > k/2)``.
    """
    return _majority_right(k, (1 + _advantage(n, s)) / 2)


def _majority_right(k: float, p: float) -> float:
    """P(Binomial(k, p) > k/2) for odd k, and what continues it between."""
    return float(scipy.special.betainc((k + 1) / 2, (k + 1) / 2, p))


def _advantage(n: int, s: float) -> float:
    heads = np.arange(n + 1)
    mean = (2 * heads - n) / n
    learned = np.sign(mean) if s == 0 else 2 * scipy.stats.norm.cdf(mean / (2 * s)) - 1
    return float(scipy.stats.binom.pmf(heads, n, 0.5) @ (mean * learned))


def final_variance_at_most(n: int) -> float:
    """Bound the variance of the empirical mean of the attack's last query by ``1/(4 n)``.

    The signs w_j of the vote square to 1, so the votes ``x_ij w_j`` of two rows on one query have
    covariance ``E[x_ij x_i'j] - a^2 = -a^2 <= 0``. A pair of signs with such a covariance is
    negatively quadrant dependent, and so are sums over independent queries (Lehmann 1966): the two
    rows' majorities have covariance 0 or less, and each has variance 1/4 at most. That holds for
    exact and for noisy answers, and for signs that do not follow them.

    Parameters
    ----------
    n : int
        Sample size.
    """
    return 1 / (4 * n)


def queries_until_failure(n: float, tau: float, s: float = 0.0) -> float:
    """Return the queries after which the last answer is off by more than tau.

    Parameters
    ----------
    n : float
        Sample size.
    tau : float
        Tolerance, in (0, 1/2).
    s : float
        Standard deviation of Gaussian noise on the answers.

    Returns
    -------
    float
        ``(pi/2) n^2 (1/n + 4 s^2) (Phi^-1(1/2 + tau))^2``: linear in n without noise, quadratic
        with noise that does not shrink. A limit; see `exact_queries_until_failure`.
    """
    return float(np.pi / 2 * n**2 * (1 / n + 4 * s**2) * scipy.stats.norm.ppf(0.5 + tau) ** 2)


def exact_queries_until_failure(n: int, tau: float, s: float = 0.0) -> float:
    """Return the queries at which `final_mean_exact` is ``1/2 + tau``, between odd numbers too.

    Parameters as in `queries_until_failure`, its limit, which is 1 % too high at ``n = 100``
    without noise, and by 1/n of that; less with noise.
    """
    p = (1 + _advantage(n, s)) / 2
    limit = queries_until_failure(n, tau, s)
    return float(
        scipy.optimize.brentq(lambda k: _majority_right(k, p) - 0.5 - tau, limit / 4, 4 * limit)
    )


def points_until_safe(k: int, tau: float, s: float = 0.0) -> int:
    """Return the least n at which k queries make the last answer wrong by tau or less.

    Parameters as in `queries_until_failure`; k odd. It falls with n, as does the advantage of a
    vote.
    """
    low, high = 0, 1
    while final_mean_exact(high, k, s) > 0.5 + tau:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        safe = final_mean_exact(middle, k, s) <= 0.5 + tau
        low, high = (low, middle) if safe else (middle, high)
    return high


def selected_features(d: int) -> float:
    """Return how many of d noise features training set and holdout keep on average.

    Each correlation is N(0, 1/n) and must exceed ``1/sqrt(n)`` on both sides with the same sign.
    """
    return float(2 * d * scipy.stats.norm.sf(1) ** 2)


def naive_holdout_accuracy(n: int, d: int, k: int) -> float:
    """Accuracy that a naively reused holdout reports on noise, where the truth is 1/2.

    Parameters
    ----------
    n, d, k : int
        Holdout points, noise features, features of the vote.

    Returns
    -------
    float
        ``Phi(E[z | z > 1] sqrt(K/n))`` with K the smaller of k and the number of features kept,
        both at their mean. K scatters by its root and a root is concave: that makes it too high,
        by 0.001 at ``n = d = 500`` and less above.
    """
    kept = min(float(k), selected_features(d))
    norm = scipy.stats.norm
    return float(norm.cdf(norm.pdf(1) / norm.sf(1) * np.sqrt(kept / n)))
