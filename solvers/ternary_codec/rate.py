"""How many codewords an independent source of pairs needs, exactly.

The greedy parse is a Markov chain. Where a codeword stops at node v, the pair that follows is
one of the symbols that v has no child for; that set of symbols is all the next codeword knows of
the past. A row begins with all nine symbols possible.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import probabilities, whole_number
from refutable.solvers.ternary_codec.dictionary import SYMBOLS, Dictionary

Floats = NDArray[np.float64]
FRESH = (1 << SYMBOLS) - 1
"""Bit set of all symbols: the start of a row."""


@dataclass(frozen=True, eq=False)
class MarkovRate:
    """The chain on start sets and what follows from it.

    Attributes
    ----------
    states
        (m,) start sets as bit masks of symbols; the first is the start of a row.
    joint
        (m, most_pairs + 1, m) probability that a codeword begun in one state has a length in
        pairs and leaves another state, in the middle of an endless row.
    stationary
        (m,) long-run share of codewords begun in each state.
    mean_pairs
        Long-run pairs per codeword.
    """

    states: NDArray[np.int64]
    joint: Floats
    stationary: Floats
    mean_pairs: float

    def bits_per_weight(self, word_bits: int = 16) -> float:
        """Bits of codewords per trit on endless rows."""
        return word_bits / (2 * self.mean_pairs)


def markov_rate(dictionary: Dictionary, law: Floats) -> MarkovRate:
    """Build the chain of the greedy parse.

    Parameters
    ----------
    dictionary
        The code book.
    law
        (9,) probabilities of the source's pairs.

    Returns
    -------
    MarkovRate
        States, joint law, stationary law and mean length.
    """
    law = _checked_law(law)
    nodes, missing, leaving, root = _emitting_nodes(dictionary, law)
    states = np.array([FRESH, *sorted(set(missing.tolist()) - {FRESH})])
    allowed = (states[:, None] >> root) & 1
    start = (states[:, None] >> np.arange(SYMBOLS) & 1) @ law
    weight = allowed * leaving / start[:, None]
    joint = np.zeros((len(states), dictionary.most_pairs + 1, len(states)))
    target = np.searchsorted(states[1:], missing) + 1
    target[missing == FRESH] = 0
    for at, chances in zip(joint, weight, strict=True):
        np.add.at(at, (dictionary.lengths[nodes], target), chances)
    stationary = _stationary(joint.sum(axis=1))
    lengths = np.arange(dictionary.most_pairs + 1)
    mean = float(stationary @ (joint.sum(axis=2) @ lengths))
    return MarkovRate(states, joint, stationary, mean)


def expected_codewords(rate: MarkovRate, pairs: int) -> Floats:
    """Return the expected codewords of rows of 0..`pairs` pairs, shape (pairs + 1,).

    E_m(r) = 1 + sum_{l < r, m'} J_m(l, m') E_{m'}(r - l) from a start set m, E_m(0) = 0: a
    codeword that would reach beyond the row is cut to a prefix, which is an entry too.
    """
    return _moments(rate, pairs)[0]


def variance_of_codewords(rate: MarkovRate, pairs: int) -> Floats:
    """Return the variance of the codewords of rows of 0..`pairs` pairs, shape (pairs + 1,).

    From the recursion of the second moment, S_m(r) = 1 + sum_{l < r, m'} J_m(l, m')
    [2 E_{m'}(r - l) + S_{m'}(r - l)], S_m(0) = 0: the square of one codeword and the rest.
    """
    expected, squared = _moments(rate, pairs)
    return np.asarray(squared - expected**2)


def _moments(rate: MarkovRate, pairs: int) -> tuple[Floats, Floats]:
    """First and second moment of the codewords of rows of 0..`pairs` pairs."""
    pairs = whole_number("pairs", pairs, 0)
    longest = rate.joint.shape[1] - 1
    first, second = np.zeros((2, pairs + 1, len(rate.states)))
    for r in range(1, pairs + 1):
        lengths = np.arange(1, min(longest, r - 1) + 1)
        joint, rest = rate.joint[:, lengths], r - lengths
        first[r] = 1 + np.einsum("mln,ln->m", joint, first[rest])
        second[r] = 1 + np.einsum("mln,ln->m", joint, 2 * first[rest] + second[rest])
    return first[:, 0], second[:, 0]


def fresh_start_length(dictionary: Dictionary, law: Floats) -> float:
    """Pairs per codeword if every codeword began like the first one: the naive formula."""
    law = _checked_law(law)
    nodes, _, leaving, _ = _emitting_nodes(dictionary, law)
    return float(leaving @ dictionary.lengths[nodes])


def tunstall_length(law: Floats, size: int, most_pairs: int | None = None) -> float:
    """Return pairs per codeword of Tunstall's code, the best of those free of prefixes.

    Parameters
    ----------
    law
        (9,) probabilities of the pairs.
    size
        Most codewords.
    most_pairs
        Longest codeword; no limit by default.

    Notes
    -----
    The most probable leaf is split into nine while the leaves fit; the expected length is 1 plus
    the sum of the probabilities of the split leaves.
    """
    law, size = _checked_law(law), whole_number("size", size)
    if most_pairs is not None:
        most_pairs = whole_number("most_pairs", most_pairs)
    leaves = [(-float(p), 1) for p in law]
    heapq.heapify(leaves)
    total, finished = 1.0, 0
    while leaves and len(leaves) + finished + SYMBOLS - 1 <= size:
        chance, length = heapq.heappop(leaves)
        if most_pairs is not None and length >= most_pairs:
            finished += 1
            continue
        total -= chance
        for p in law:
            heapq.heappush(leaves, (chance * float(p), length + 1))
    return total


def _emitting_nodes(
    dictionary: Dictionary, law: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Nodes at which a parse can stop inside a row, their missing symbols as bit sets, the
    probability of reaching and leaving them from a fresh start, and their first symbols.
    """  # noqa: D205
    absent = dictionary.children == 0
    missing = absent @ (1 << np.arange(SYMBOLS))
    leaving = dictionary.probabilities(law) * (absent @ law)
    nodes = np.flatnonzero((missing > 0) & (dictionary.lengths > 0))
    first = dictionary.trits[nodes, :2].astype(np.int64) + 1
    return nodes, missing[nodes], leaving[nodes], 3 * first[:, 0] + first[:, 1]


def _stationary(step: Floats) -> Floats:
    """Return the stationary law of a stochastic matrix, by least squares."""
    equations = np.vstack([step.T - np.eye(len(step)), np.ones(len(step))])
    right = np.append(np.zeros(len(step)), 1.0)
    law: Floats = np.linalg.lstsq(equations, right, rcond=None)[0]
    return law


def _checked_law(law: Floats) -> Floats:
    array = probabilities("law", law, shape=(SYMBOLS,))
    if array.min() <= 0:
        raise ValueError("law holds a zero: give nine probabilities above 0")
    return array
