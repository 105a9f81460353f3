"""The entries that only the order of ties decides.

Where the book is full, some sequences of one probability are entries and others are not. Which
ones, is a matter of the order in which equal probabilities are popped. Here these sequences are
listed and the book is rebuilt with another choice among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array
from refutable.solvers.ternary_codec.dictionary import Dictionary, assembled, pair_law

_EQUAL = 1e-9  # of logarithms; those of different classes are much further apart


@dataclass(frozen=True, eq=False)
class Ties:
    """All sequences as probable as the last entry.

    Attributes
    ----------
    parents
        (M,) node of each sequence without its last pair; always in the book.
    first, last
        (M,) first and last symbol.
    taken
        How many of the M are entries.
    """

    parents: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int8]
    taken: int


def cut_ties(dictionary: Dictionary) -> Ties:
    """List the sequences that are as probable as the last entry of the book."""
    law = np.log(pair_law(dictionary.p0))
    chance = _log_chances(dictionary)
    may_grow = (dictionary.lengths < dictionary.most_pairs)[:, None]
    tied = may_grow & (np.abs(chance[:, None] + law - chance[-1]) < _EQUAL)
    parents, last = np.nonzero(tied)
    first = np.where(parents > 0, _first_symbols(dictionary)[parents], last)
    taken = int((np.abs(chance - chance[-1]) < _EQUAL).sum())
    return Ties(parents.astype(np.int32), first, last.astype(np.int8), taken)


def retied(dictionary: Dictionary, priority: ArrayLike) -> Dictionary:
    """Rebuild the book with another choice among the tied sequences.

    Parameters
    ----------
    dictionary
        The code book.
    priority
        (M,) of the sequences of `cut_ties`; those of the least priority become entries, equal
        ones in the order of the list.

    Raises
    ------
    ValueError
        If `priority` is not one finite number for each tied sequence.
    """
    ties = cut_ties(dictionary)
    order = finite_array("priority", priority, shape=(len(ties.parents),))
    chosen = np.sort(np.argsort(order, kind="stable")[: ties.taken])
    # entries stand in the order of their probability, so that the tied ones are the last
    kept = len(dictionary.parents) - ties.taken
    parents = np.concatenate([dictionary.parents[:kept], ties.parents[chosen]])
    symbols = np.concatenate([dictionary.symbols[:kept], ties.last[chosen]])
    return assembled(
        dictionary.p0,
        dictionary.most_pairs,
        parents,
        symbols,
        np.concatenate([dictionary.lengths[:kept], dictionary.lengths[ties.parents[chosen]] + 1]),
    )


def _log_chances(dictionary: Dictionary) -> NDArray[np.float64]:
    nonzero = np.count_nonzero(dictionary.trits, axis=1)
    zero, other = np.log(dictionary.p0), np.log((1 - dictionary.p0) / 2)
    chance: NDArray[np.float64] = (2 * dictionary.lengths - nonzero) * zero + nonzero * other
    return chance


def _first_symbols(dictionary: Dictionary) -> NDArray[np.int64]:
    pair = dictionary.trits[:, :2].astype(np.int64) + 1
    return 3 * pair[:, 0] + pair[:, 1]
