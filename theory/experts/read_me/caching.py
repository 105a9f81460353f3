"""Hit ratios of caches of experts under independent requests, and the laws of the requests.

King (1971) for LRU, Gelenbe (1973) for FIFO and random replacement. The sums run over all orders
or sets of k experts of N, so that they fit the few experts of a layer; a recursion for more is in
the solvers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations
from math import comb, perm

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.theory._arguments import numbers, whole

Vector = NDArray[np.float64]
Law = str | float | ArrayLike
"""A name, an exponent, or the popularities of all experts."""

TABLE_4 = {
    "random": (34.19, 50.14, 67.52, 82.91),
    "lru": (33.90, 52.42, 66.95, 83.48),
    "belady": (44.16, 61.82, 77.21, 88.03),
}
"""Hit ratios in % at capacities 2, 3, 4, 5."""

EXPONENTS = {"zipf": 0.8, "uniform": 0.0}
"""Exponents a of the named laws, p_i in proportion to i^-a."""
SUMS_TO_ONE = 1e-9
"""How far from 1 probabilities may sum: rounding, not a mistake."""
MOST_TERMS = 10**7
"""Most orders or sets of cached experts that are summed over: seconds, and a gigabyte."""


def request_law(law: Law, experts: int) -> Vector:
    """Request probabilities of N experts.

    Parameters
    ----------
    law : str, float or array_like
        A named law, the exponent a of p_i in proportion to i^-a, or the N popularities
        themselves, which need not sum to 1.
    experts : int
        N, at least 1.

    Returns
    -------
    ndarray, shape (N,)
        Probabilities, all above 0.

    Raises
    ------
    ValueError
        If the law is no such thing, has another number of popularities than N, or N is no count.
    """
    if isinstance(law, str):
        if law not in EXPONENTS:
            given = f"one of {sorted(EXPONENTS)}, an exponent or popularities"
            raise ValueError(f"law must be {given}: {law!r}")
        law = EXPONENTS[law]
    count = whole("experts", experts)
    popularity = numbers("law", law)
    if popularity.ndim == 0:
        with np.errstate(over="ignore"):  # what is endless is refused
            return popularity_law(np.arange(1.0, count + 1) ** -popularity)
    if popularity.shape != (count,):
        raise ValueError(
            f"law has shape {popularity.shape}: give one popularity to each of {count}"
        )
    return popularity_law(popularity)


def popularity_law(weights: ArrayLike) -> Vector:
    """Probabilities in proportion to the experts' popularities (N,), all above 0.

    Raises
    ------
    ValueError
        If the popularities are no list of numbers above 0, or so far apart that one vanishes.
    """
    given = numbers("weights", weights)
    if given.ndim != 1 or not given.size or given.min() <= 0:
        raise ValueError(f"weights={weights!r}: give a list of numbers above 0, one an expert")
    scaled = given / given.max()  # their sum cannot overflow
    law: Vector = scaled / scaled.sum()
    if law.min() <= 0:
        raise ValueError(
            "weights lie so far apart that one probability is 0: leave that expert out"
        )
    return law


def king_hit_ratio(p: ArrayLike, k: int) -> float:
    """LRU under independent references (King 1971).

    The cache holds i_1, ..., i_k, most recent first, with probability
    prod_j p_{i_j} / (1 - sum_{l < j} p_{i_l}); the sum runs over all ordered k-tuples.

    Parameters
    ----------
    p : array_like, shape (N,)
        Request probabilities, above 0.
    k : int
        Experts in the cache, 1 to N.

    Raises
    ------
    ValueError
        If p is no law, k is out of range, or the sum has more than 10^7 terms.
    """
    law = _checked(p, k, perm)
    chosen = law[np.array(list(permutations(range(law.size), k)))]
    before = np.cumsum(chosen, axis=1) - chosen
    return float((np.prod(chosen / (1 - before), axis=1) * chosen.sum(axis=1)).sum())


def gelenbe_hit_ratio(p: ArrayLike, k: int) -> float:
    """FIFO and random replacement under independent references (Gelenbe 1973).

    Parameters and errors as in `king_hit_ratio`.
    """
    law = _checked(p, k, comb)
    chosen = law[np.array(list(combinations(range(law.size), k)))]
    weight = chosen.prod(axis=1)
    return float(weight @ chosen.sum(axis=1) / weight.sum())


def cyclic_min_hit_ratio(k: int) -> float:
    """Long-run hit ratio of MIN on a cycle through k + 1 items, where LRU never hits."""
    return (k - 1) / k


def _checked(p: ArrayLike, k: int, terms: Callable[[int, int], int]) -> Vector:
    """Return the law; refuse what is none, a k out of range, and sums without end."""
    law = numbers("p", p)
    if law.ndim != 1 or law.min(initial=1) <= 0 or abs(law.sum() - 1) > SUMS_TO_ONE:
        raise ValueError(
            "p is no law: give probabilities above 0 that sum to 1, as request_law does"
        )
    if terms(law.size, whole("k", k, 1, law.size)) > MOST_TERMS:
        raise ValueError(
            f"k={k} of {law.size} experts makes too many terms: take the recursion of the solvers"
        )
    return law
