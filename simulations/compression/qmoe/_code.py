"""The released code on independent trits: its dictionary in three orders of ties, its exact rate.

The code is rebuilt entry by entry. Where its dictionary is cut at 2^16 entries, 2490 of 20,800
equally probable sequences are taken; the released heap orders them by product in double precision,
then by symbols (sub1.py).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers import ternary_codec
from refutable.solvers.ternary_codec import Dictionary, MarkovRate

from refutable import Cell

Trits = NDArray[np.int8]

TIES = ("released", "sparse", "dense")
"""Orders of equally probable sequences where the dictionary is cut; see `tied_book`."""

WIDTHS = (128, 512, 768, 1024, 2080, 3072, 4096, 6144)
"""Widths of rows: two short ones, and all of `theory.SHAPES`."""


def trits(rng: np.random.Generator, shape: tuple[int, int], p0: float) -> Trits:
    """Independent trits, zero with probability p0, both signs equally likely."""
    u = rng.random(shape, dtype=np.float32)
    return np.asarray((u >= p0).astype(np.int8) - 2 * (u >= (1 + p0) / 2).astype(np.int8))


def nonzeros(symbols: ArrayLike) -> NDArray[np.int64]:
    """Nonzero trits of each pair."""
    s = np.asarray(symbols)
    return np.asarray((s // 3 != 1) + (s % 3 != 1).astype(int))


@lru_cache(maxsize=16)
def tied_book(p0: float, ties: str = "released") -> Dictionary:
    """Build the dictionary in the released order of ties, or with others of them taken.

    To first order the rate sees of a tied sequence only how many nonzero trits its first and its
    last pair have. Taking those with the fewest first, or with the most, moves it furthest.
    """
    released = ternary_codec.build_dictionary(p0)
    if ties == "released":
        return released
    tied = ternary_codec.cut_ties(released)
    nonzero = 3 * nonzeros(tied.first) + nonzeros(tied.last)
    return ternary_codec.retied(released, {"sparse": nonzero, "dense": -nonzero}[ties])


@lru_cache(maxsize=32)
def rate(p0: float, ties: str = "released", built_for: float | None = None) -> MarkovRate:
    """Exact chain of the greedy parse on independent trits."""
    return ternary_codec.markov_rate(tied_book(built_for or p0, ties), ternary_codec.pair_law(p0))


@lru_cache(maxsize=64)
def expected_row(
    p0: float, width: int, ties: str = "released", built_for: float | None = None
) -> float:
    """Exact expected codewords of a row."""
    return float(ternary_codec.expected_codewords(rate(p0, ties, built_for), width // 2)[-1])


@lru_cache(maxsize=64)
def variance_of_row(p0: float, width: int, doubled: float = 0.0) -> float:
    """Exact variance of the codewords of a row, of whose pairs a share repeats its first trit."""
    chain = ternary_codec.markov_rate(tied_book(p0), law_of_pairs(p0, doubled))
    return float(ternary_codec.variance_of_codewords(chain, width // 2)[-1])


def law_of_pairs(p0: float, doubled: float = 0.0) -> NDArray[np.float64]:
    """Law (9,) of the pairs, of which a share repeats its first trit."""
    repeated = np.zeros(9)
    repeated[[0, 4, 8]] = (1 - p0) / 2, p0, (1 - p0) / 2
    law: NDArray[np.float64] = (1 - doubled) * ternary_codec.pair_law(p0) + doubled * repeated
    return law


def naive(cell: Cell) -> float:
    """Codewords if each of them began like the first of a row."""
    law = ternary_codec.pair_law(cell.p0)
    released = ternary_codec.build_dictionary(cell.p0)
    return float(cell.width / 2 / ternary_codec.fresh_start_length(released, law))
