r"""OneRec: iterated preference alignment, balanced codes, and the percentages in the text.

One round of DPO fits :math:`\theta=\beta\log(M_{t+1}/M_t)` to pairs; with Bradley-Terry labels of
reward r the population minimiser is :math:`\theta=r` up to a constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable.claims.records import Paper

PAPER = Paper(
    key="onerec",
    field="selection",
    title="OneRec: Unifying Retrieve and Rank with Generative Recommender and Iterative Preference "
    "Alignment",
    authors=(
        "Jiaxin Deng",
        "Shiyao Wang",
        "Kuo Cai",
        "Lejian Ren",
        "Qigen Hu",
        "Weifeng Ding",
        "Qiang Luo",
        "Guorui Zhou",
    ),
    year=2025,
    venue="arXiv preprint",
    arxiv="2502.18965",
    code=None,
    read="A full Chinese translation by a third party; every number of the paper used here comes "
    "from that translation, not from the authors' own text. No public code is known.",
    not_checked=(
        "online watch time +1.68 % (abstract: 1.6 %): an experiment on the authors' platform",
        "5 % sampling costs five times as much as 1 %: needs their training cluster",
        "the accuracies of Table 1 themselves: the data are not public",
    ),
)

TABLE_1: Mapping[tuple[str, str], Decimal] = MappingProxyType(
    {
        ("TIGER-1B", "max swt"): Decimal("0.1368"),
        ("OneRec-1B", "max swt"): Decimal("0.1529"),
        ("OneRec-1B+DPO", "max swt"): Decimal("0.1595"),
        ("OneRec-1B+IPA", "max swt"): Decimal("0.1933"),
        ("TIGER-1B", "max ltr"): Decimal("0.0579"),
        ("OneRec-1B", "max ltr"): Decimal("0.0660"),
        ("OneRec-1B+DPO", "max ltr"): Decimal("0.0644"),
        ("OneRec-1B+IPA", "max ltr"): Decimal("0.1203"),
        ("OneRec-1B", "mean swt"): Decimal("0.0991"),
        ("OneRec-1B+IPO", "mean swt"): Decimal("0.0979"),
    }
)
"""Entries of Table 1 as the translation prints them."""

EXPERTS, ACTIVE = 24, 2


def points(metric: str, better: str, base: str) -> Decimal:
    """Absolute difference of two entries of Table 1, times 100."""
    return 100 * (TABLE_1[better, metric] - TABLE_1[base, metric])


def percent(metric: str, better: str, base: str) -> Fraction:
    """Relative gain of one entry of Table 1 over another, in percent."""
    low = Fraction(TABLE_1[base, metric])
    return 100 * (Fraction(TABLE_1[better, metric]) - low) / low


def dense_share(activated: Fraction, active: int = ACTIVE, experts: int = EXPERTS) -> Fraction:
    """Share x of dense parameters with x + (1 - x) active/experts = activated.

    Raises
    ------
    ValueError
        If no share in [0, 1] fits.
    """
    routed = Fraction(active, experts)
    share = (activated - routed) / (1 - routed)
    if not 0 <= share <= 1:
        raise ValueError(f"activated={activated}: give a share in [{routed}, 1]")
    return share


def tilted(
    log_start: ArrayLike, reward: ArrayLike, beta: float, rounds: int
) -> NDArray[np.float64]:
    r"""Log-policy after T rounds, :math:`M_T\propto M_0e^{Tr/\beta}`.

    Parameters
    ----------
    log_start, reward : array, shape (..., Y)
        Log-probabilities of the start policy, and rewards.
    beta : float
        DPO temperature, > 0.
    rounds : int
        T >= 0.
    """
    shift = rounds * np.asarray(reward, dtype=np.float64) / beta
    return np.asarray(
        scipy.special.log_softmax(np.asarray(log_start, dtype=np.float64) + shift, axis=-1)
    )


def best_worst_weights(policy: ArrayLike, draws: int) -> NDArray[np.float64]:
    """Probability that (i, j) are the best and worst of `draws` responses, i above j.

    Parameters
    ----------
    policy : array, shape (Y,)
        Probabilities of the responses, sorted by ascending reward.
    draws : int
        Independent responses N; N = 2 gives 2 p_i p_j for i > j.

    Returns
    -------
    weights : array, shape (Y, Y)
        Entry [i, j], i > j, is P(best = i, worst = j); 0 elsewhere.
    """
    p = np.asarray(policy, dtype=np.float64)
    top = np.cumsum(p)
    inside = top[:, None] - (top - p)[None, :]
    without_best, without_worst = inside - p[:, None], inside - p[None, :]
    neither = without_best - p[None, :]
    weights = inside**draws - without_best**draws - without_worst**draws + neither**draws
    return np.asarray(np.tril(weights, k=-1))
