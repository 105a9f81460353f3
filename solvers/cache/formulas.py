"""Hit ratios under independent references: King (1971) for LRU, Gelenbe (1973) for FIFO.

No claim calls them: they are the closed forms that the simulated policies are checked against.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import probabilities, whole_number

Law = NDArray[np.float64]


def _checked(p: Law, capacity: int) -> tuple[Law, int]:
    law = probabilities("p", p, ndim=1)
    if law.min() <= 0:
        raise ValueError("p holds a zero: leave out items that are never asked for")
    return law, whole_number("capacity", capacity, 1, law.size)


def lru_hit_ratio(p: Law, capacity: int) -> float:
    """Stationary hit ratio of LRU by a recursion over sets instead of King's sum over orders.

    With g(S) the probability that the cache holds exactly S,
    g(S) = sum over i in S of g(S - i) p_i / (1 - p(S - i)), item i being the least recent one.
    What `lru_hits` must come to on independent requests.

    Parameters
    ----------
    p
        (N,) probabilities of the items.
    capacity
        k in 1..N; the cost grows with the number of sets of at most k items.
    """
    law, capacity = _checked(p, capacity)
    held: dict[tuple[int, ...], float] = {(): 1.0}
    for size in range(1, capacity + 1):
        held = {s: _probability(law, held, s) for s in combinations(range(law.size), size)}
    return float(sum(g * law[list(s)].sum() for s, g in held.items()))


def _probability(law: Law, smaller: dict[tuple[int, ...], float], items: tuple[int, ...]) -> float:
    total = 0.0
    for position, item in enumerate(items):
        rest = items[:position] + items[position + 1 :]
        total += smaller[rest] * law[item] / (1.0 - law[list(rest)].sum())
    return total


def fifo_hit_ratio(p: Law, capacity: int) -> float:
    """Stationary hit ratio of FIFO and of random replacement, which are equal.

    The cache holds S with probability proportional to the product of its p_i, so that the ratio
    is 1 - (k + 1) e_{k+1}(p) / e_k(p) with elementary symmetric polynomials e_j, as
    sum over |S| = k of prod p times p(S^c) is (k + 1) e_{k+1}. LRU does no worse.

    Parameters
    ----------
    p
        (N,) probabilities of the items.
    capacity
        k in 1..N.
    """
    law, capacity = _checked(p, capacity)
    symmetric = np.zeros(law.size + 2)
    symmetric[0] = 1.0
    for probability in law:
        symmetric[1:] += probability * symmetric[:-1]
    return float(1.0 - (capacity + 1) * symmetric[capacity + 1] / symmetric[capacity])
