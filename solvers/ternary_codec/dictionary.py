"""The code book: the most probable sequences of pairs of trits, in a trie.

A pair of trits (a, b) is the symbol 3 (a + 1) + (b + 1) in 0..8. Sequences are found best first:
take the most probable one, make it an entry, offer its nine extensions. So the book is closed
under prefixes, and a greedy parse may stop anywhere and still stand on an entry. The order,
ties included, is that of the code released with QMoE: by the product of probabilities in double
precision, then by symbols, 0 before -1 before +1 and the second trit of a pair more significant.
(Module `ties` tells which entries depend on that order.)
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import inside, refuse, whole_number

SYMBOLS = 9
"""Pairs of three trits."""

MOST_ENTRIES = 1 << 16
"""Codewords have 16 bits in the released code."""

MOST_PAIRS = 18
"""The order of a sequence is kept as a decimal number of so many digits, which int64 holds."""

_RANKS = np.array([4, 1, 7, 3, 0, 6, 5, 2, 8])  # of each symbol in the released code


@dataclass(frozen=True, eq=False)
class Dictionary:
    """A trie of `size` entries; node 0 is the root, node v the codeword v - 1.

    Attributes
    ----------
    p0
        Probability of a zero that it was built for.
    most_pairs
        Longest entry.
    children
        (size + 1, 9) node after one more symbol, 0 where there is none.
    parents, symbols, lengths
        (size + 1,) node before, last symbol, and pairs of each node.
    trits
        (size + 1, 2 most_pairs) the sequences, padded with 0.
    """

    p0: float
    most_pairs: int
    children: NDArray[np.int32]
    parents: NDArray[np.int32]
    symbols: NDArray[np.int8]
    lengths: NDArray[np.int32]
    trits: NDArray[np.int8]

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.parents) - 1

    def probabilities(self, law: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability (size + 1,) of every node's sequence under a pair law (9,); 1 at the root."""
        chance = np.ones(self.size + 1)
        for length in range(1, self.most_pairs + 1):
            nodes = np.flatnonzero(self.lengths == length)
            chance[nodes] = chance[self.parents[nodes]] * law[self.symbols[nodes]]
        return chance


def pair_law(p0: float) -> NDArray[np.float64]:
    """Law (9,) of a pair of independent trits, zero with probability p0, signs equally likely."""
    inside("p0", p0, 0, 1)
    trit = np.array([(1 - p0) / 2, p0, (1 - p0) / 2])
    return np.asarray(np.multiply.outer(trit, trit).ravel())


def build_dictionary(
    p0: float = 0.885, size: int = MOST_ENTRIES, most_pairs: int = 14
) -> Dictionary:
    """Build the code book for a probability of zeros.

    Parameters
    ----------
    p0
        Probability of a zero; 0.885 in the released code.
    size
        Entries, 9 to 65536.
    most_pairs
        Longest entry in pairs, 1 to 18; 14 in the released code.

    Returns
    -------
    Dictionary
        Equal arguments give an identical book on every machine: it takes products of doubles only.

    Raises
    ------
    ValueError
        If an argument is out of range, or so extreme that a single pair would have no entry.
    """
    # Checked before the cache looks, to which True is 1 and a list is an error of its own.
    entries = whole_number("size", size, SYMBOLS, MOST_ENTRIES)
    return _built(
        inside("p0", p0, 0, 1), entries, whole_number("most_pairs", most_pairs, 1, MOST_PAIRS)
    )


@lru_cache(maxsize=16)
def _built(p0: float, size: int, most_pairs: int) -> Dictionary:
    law = pair_law(p0)
    parents, symbols, lengths, found = _best_first(law, _RANKS, size, most_pairs)
    stop = found + 1
    book = assembled(p0, most_pairs, parents[:stop], symbols[:stop], lengths[:stop])
    if not book.children[0].all():
        refuse("p0", p0, f"a number farther from 0 and 1, for {size} entries")
    return book


def assembled(
    p0: float,
    most_pairs: int,
    parents: NDArray[np.int32],
    symbols: NDArray[np.int8],
    lengths: NDArray[np.int32],
) -> Dictionary:
    """Complete a dictionary from its nodes, of which each stands behind its parent."""
    size = len(parents) - 1
    children = np.zeros((size + 1, SYMBOLS), dtype=np.int32)
    children[parents[1:], symbols[1:]] = np.arange(1, size + 1)
    trits = _sequences(parents, symbols, lengths, most_pairs)
    return Dictionary(p0, most_pairs, children, parents, symbols, lengths, trits)


@compiled()
def _best_first(
    law: NDArray[np.float64], ranks: NDArray[np.int64], size: int, most_pairs: int
) -> tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.int32], int]:
    parents = np.zeros(size + 1, dtype=np.int32)
    symbols = np.zeros(size + 1, dtype=np.int8)
    lengths = np.zeros(size + 1, dtype=np.int32)
    chances = np.ones(size + 1)
    # a sequence as a decimal number, its first symbol in front and 0 for "ends here": numbers
    # compare as sequences do
    orders = np.zeros(size + 1, dtype=np.int64)
    offers = [(0.0, 0, 0, 0)]
    heapq.heappop(offers)
    node = 0
    while True:
        if lengths[node] < most_pairs:
            place = 10 ** (most_pairs - 1 - lengths[node])
            for symbol in range(9):
                order = orders[node] + (ranks[symbol] + 1) * place
                heapq.heappush(offers, (-chances[node] * law[symbol], order, node, symbol))
        if node == size or len(offers) == 0:
            return parents, symbols, lengths, node
        minus_chance, order, parent, symbol = heapq.heappop(offers)
        node += 1
        parents[node], symbols[node] = parent, symbol
        lengths[node] = lengths[parent] + 1
        chances[node], orders[node] = -minus_chance, order


def _sequences(
    parents: NDArray[np.int32],
    symbols: NDArray[np.int8],
    lengths: NDArray[np.int32],
    most_pairs: int,
) -> NDArray[np.int8]:
    trits = np.zeros((len(parents), 2 * most_pairs), dtype=np.int8)
    for length in range(1, most_pairs + 1):
        nodes = np.flatnonzero(lengths == length)
        trits[nodes] = trits[parents[nodes]]
        trits[nodes, 2 * length - 2] = symbols[nodes] // 3 - 1
        trits[nodes, 2 * length - 1] = symbols[nodes] % 3 - 1
    return trits
