"""The code of QMoE on independent and other sources, with its exact rate."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from refutable.solvers import ternary_codec
from refutable.theory.compression import qmoe as theory

TIES = ("released", "sparse", "dense")
"""Orders of equally probable sequences where the dictionary is cut; see `tied_book`."""


def entropy_bound(cell):
    """Best compression of bf16 to ternary weights, by the formula and by a sum over pairs."""
    law = ternary_codec.pair_law(cell.p0)
    by_pairs = -(law @ np.log2(law)) / 2
    return {
        "bound": 16 / theory.trit_entropy(cell.p0),
        "routes_differ_by": by_pairs / theory.trit_entropy(cell.p0) - 1,
        "signs_forgotten": 16 / theory.binary_entropy(cell.p0),
        "packed": 16 / np.log2(3),
    }


def trits(rng, shape, p0):
    """Independent trits, zero with probability p0, both signs equally likely."""
    u = rng.random(shape, dtype=np.float32)
    return (u >= p0).astype(np.int8) - 2 * (u >= (1 + p0) / 2).astype(np.int8)


def zero_runs(rng, shape, p0):
    """Trits with the same share of zeros, but zeros and signs come in runs of two."""
    rows, columns = shape
    return np.repeat(trits(rng, (rows, (columns + 1) // 2), p0), 2, axis=1)[:, :columns]


def codewords(built_for=None, source=trits):
    """Codewords of `size` rows of the cell's width."""

    def simulate(cell, rng, size):
        book = ternary_codec.build_dictionary(built_for or cell.p0)
        rows = source(rng, (size, cell.width), cell.p0)
        return {"codewords": ternary_codec.parse(rows, book).per_row}

    return simulate


def nonzeros(symbols):
    """Nonzero trits of each pair."""
    return (np.asarray(symbols) // 3 != 1) + (np.asarray(symbols) % 3 != 1).astype(int)


def tied_book(p0, ties="released"):
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
def rate(p0, ties="released", built_for=None):
    """Exact chain of the greedy parse on independent trits."""
    return ternary_codec.markov_rate(tied_book(built_for or p0, ties), ternary_codec.pair_law(p0))


@lru_cache(maxsize=64)
def expected_row(p0, width, ties="released", built_for=None):
    """Exact expected codewords of a row."""
    return ternary_codec.expected_codewords(rate(p0, ties, built_for), width // 2)[-1]


def naive(cell):
    """Codewords if each of them began like the first of a row."""
    law = ternary_codec.pair_law(cell.p0)
    released = ternary_codec.build_dictionary(cell.p0)
    return cell.width / 2 / ternary_codec.fresh_start_length(released, law)


def compressions(built_for=None):
    """Compression of a matrix at its expected number of codewords, with offsets and scales."""

    def compute(cell):
        def of(codewords_of_row):
            return theory.compression(cell.rows, cell.width, cell.rows * codewords_of_row)

        by_order = {t: of(expected_row(cell.p0, cell.width, t, built_for)) for t in TIES}
        return {
            "compression": by_order["released"],
            "least": min(by_order.values()),
            "most": max(by_order.values()),
            "afresh": of(naive(cell)),
            "endless": 16 / rate(cell.p0).bits_per_weight(),
        }

    return compute


def rates(cell):
    """Bits per weight of the entropy bound, of Tunstall's code and of the released one."""
    law = ternary_codec.pair_law(cell.p0)
    free = 8 / ternary_codec.tunstall_length(law, 1 << 16)
    capped = 8 / ternary_codec.tunstall_length(law, 1 << 16, 14)
    greedy = rate(cell.p0).bits_per_weight()
    by_order = [rate(cell.p0, ties).bits_per_weight() for ties in TIES]
    entropy = theory.trit_entropy(cell.p0)
    return {
        "bits": greedy,
        "most_bits": max(by_order),
        "least_over_tunstall": min(by_order) / capped,
        "ties_move": max(abs(bits / greedy - 1) for bits in by_order),
        "tunstall_over_entropy": free / entropy,
        "cap_costs": capped / free,
        "greedy_over_tunstall": greedy / capped,
        "cap_outweighs": capped / free > greedy / capped,
        "efficiency": entropy / greedy,
    }


def round_trip(decoded_with=None):
    """Entries that encode and decode change, in matrices of the cell's shape."""

    def simulate(cell, rng, size):
        matrix = trits(rng, (size * cell.rows, cell.width), cell.p0)
        matrix[:: cell.rows] = 0  # some rows without and some without any zero
        matrix[1 :: cell.rows] = np.where(matrix[1 :: cell.rows] == 0, 1, matrix[1 :: cell.rows])
        book = ternary_codec.build_dictionary(cell.p0)
        if decoded_with is None:
            back = ternary_codec.decode(ternary_codec.encode(matrix, cell.p0))
        else:
            other = ternary_codec.build_dictionary(decoded_with)
            back = misread(ternary_codec.parse(matrix, book), other, cell.width)
        wrong = (back != matrix).reshape(size, -1).sum(axis=1)
        return {"wrong": wrong}

    return simulate


def misread(parsed, book, width):
    """Decode with any dictionary, cutting or padding rows that do not come out right."""
    rows = np.zeros((len(parsed.offsets) - 1, width), dtype=np.int8)
    sequences, lengths = book.trits[1:], 2 * book.lengths[1:]
    for row, words in zip(rows, np.split(parsed.words, parsed.offsets[1:-1]), strict=True):
        read = np.concatenate([sequences[w, : lengths[w]] for w in words])[:width]
        row[: read.size] = read
    return rows
