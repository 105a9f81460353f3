"""How often each group of five trits occurs: in rows of its class, after the group before it.

The law of a group is that of independent trits with the shares of its row's class, times a lift
that all rows have in common: 1 if trits are independent, else what the whole matrix shows, either
for all groups or for groups after each of the three trits (a Markov chain of first order). Rows of
weights differ, since the largest of a row sets what becomes 0; neighbours in a row need not.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.ternary_codec.grouping import DIGITS, GROUP, SYMBOLS, Bytes
from refutable.solvers.ternary_codec.rans import PRECISION, Tables

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

CONTEXTS = (0, 1, 3)
"""Of the lift: none, one for all groups, one after each trit."""

BUCKETS = 8
"""Rows are sorted into so many by their -1, and by their +1. Shares within a bucket differ little
from their mean, and 64 tables of slots fit the second-level cache."""

MOST_CLASSES = BUCKETS**2

_UNIT = 1 << 16
_MINUS, _ZERO, _PLUS = (np.equal(DIGITS, value).sum(axis=1) for value in (-1, 0, 1))


@dataclass(frozen=True, eq=False)
class Model:
    """What the decoder is told of the matrix; all numbers fit 16 bits.

    Attributes
    ----------
    shares
        (1 + K, 2) of -1 and +1 in 2^16, 1 or more: of the whole matrix, and of the K classes.
    classes
        (R,) class of each row.
    counts
        (S, 243) of groups in each context, the largest being 2^16 - 1; S = 0 without a lift.
    """

    shares: NDArray[np.uint16]
    classes: Bytes
    counts: NDArray[np.uint16]

    @property
    def kinds(self) -> int:
        """Number K of classes."""
        return len(self.shares) - 1

    def tables(self) -> Tables:
        """Return the frequencies, equal on every machine: no sum of floats has an order to choose.

        (Products and running sums of doubles are all there is.)
        """
        laws = independent_law(self.shares)
        lift = self.counts / laws[0] if len(self.counts) else np.ones((1, SYMBOLS))
        weights = np.cumsum(laws[1:, None] * lift, axis=-1)
        room = (1 << PRECISION) - SYMBOLS
        starts = np.zeros((*weights.shape[:-1], SYMBOLS + 1), dtype=np.int64)
        starts[..., 1:] = np.floor(weights * (room / weights[..., -1:]))
        starts[..., -1] = room
        follow = np.arange(SYMBOLS) % max(len(self.counts), 1)
        return Tables(starts + np.arange(SYMBOLS + 1), follow)

    def packed(self) -> bytes:
        """Return all of it, deflated."""
        told = self.classes if self.kinds > 1 else self.classes[:0]
        parts = (self.shares.astype("<u2"), told, self.counts.astype("<u2"))
        return zlib.compress(b"".join(part.tobytes() for part in parts), 9)


def unpacked_model(data: bytes, rows: int, kinds: int, contexts: int) -> Model:
    """Return the model that `Model.packed` gave; raise ValueError if it is none."""
    told = rows if kinds > 1 else 0
    sizes = (4 * (1 + kinds), told, 2 * contexts * SYMBOLS)
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data, sum(sizes) + 1)
    except zlib.error as error:
        raise ValueError(f"its model cannot be inflated ({error})") from None
    if len(body) != sum(sizes) or not inflater.eof or inflater.unused_data:
        raise ValueError("its model has another size than its header says")
    shares = np.frombuffer(body, "<u2", 2 * (1 + kinds)).reshape(-1, 2)
    classes = np.frombuffer(body, np.uint8, told, sizes[0]) if told else np.zeros(rows, np.uint8)
    counts = np.frombuffer(body, "<u2", offset=sizes[0] + told).reshape(contexts, SYMBOLS)
    if shares.min() < 1 or shares.astype(np.int64).sum(axis=1).max() >= _UNIT:
        raise ValueError("its model has shares that leave no room for zeros, or for signs")
    if classes.size and classes.max() >= kinds:
        raise ValueError("its model has rows of unknown classes")
    if counts.size and counts.min() < 1:
        raise ValueError("its model has groups that never occur")
    return Model(shares, classes, counts)


def independent_law(shares: NDArray[np.uint16]) -> Floats:
    """Return the law (K, 243) of five independent trits with shares (K, 2) of -1 and +1 in 2^16."""
    minus, plus = (shares[:, i].astype(np.float64) / _UNIT for i in (0, 1))
    return np.asarray(
        _powers(minus)[:, _MINUS] * _powers(1 - minus - plus)[:, _ZERO] * _powers(plus)[:, _PLUS]
    )


def _powers(base: Floats) -> Floats:
    powers = [np.ones_like(base)]
    for _ in range(GROUP):
        powers.append(powers[-1] * base)
    return np.stack(powers, axis=1)


def row_classes(signs: Counts) -> Bytes:
    """Sort rows with so many -1 and +1, shape (R, 2), into at most 64 classes, (R,)."""
    pair = np.zeros(len(signs), dtype=np.int64)
    for count in signs.T if len(signs) else ():
        edges = np.quantile(count, np.arange(1, BUCKETS) / BUCKETS)
        pair = BUCKETS * pair + np.searchsorted(edges, count)
    return np.unique(pair, return_inverse=True)[1].astype(np.uint8)


def candidates(
    signs: Counts, columns: int, classes: Bytes, counted: Counts
) -> Iterator[tuple[Model, float]]:
    """Yield models of a matrix, and how many bits each takes with the groups that it codes.

    Parameters
    ----------
    signs
        (R, 2) numbers of -1 and +1 in each row.
    columns
        C.
    classes
        (R,) from `row_classes`.
    counted
        (K, 3, 243) from `count_groups`.
    """
    one_class = np.zeros_like(classes)
    for told in (one_class, classes) if classes.any() else (one_class,):
        shares = _shares(signs, columns, told)
        kinds = len(shares) - 1
        seen = counted if kinds > 1 else counted.sum(axis=0, keepdims=True)
        for contexts in CONTEXTS:
            merged = seen if contexts == 3 else seen.sum(axis=1, keepdims=True)
            counts = _scaled(merged.sum(axis=0)[:contexts])
            model = Model(shares, told, counts)
            yield model, 8 * len(model.packed()) + _cost(model, merged)


def _cost(model: Model, counted: Counts) -> float:
    return float((counted * (PRECISION - np.log2(model.tables().frequencies))).sum())


def _shares(signs: Counts, columns: int, classes: Bytes) -> NDArray[np.uint16]:
    """Return the shares (1 + K, 2) of the matrix and of each class, rounded down after adding 1."""
    kinds = int(classes.max(initial=0)) + 1
    of_class = np.stack([np.bincount(classes, one, kinds) for one in signs.T], axis=1)
    trits = columns * np.bincount(classes, minlength=kinds)
    found = (
        np.vstack([of_class.sum(axis=0), of_class])
        / np.maximum(np.append(trits.sum(), trits), 1)[:, None]
    )
    # two of these and the share of zeros, 1 at least, make 2^16 at most
    return np.asarray(1 + np.floor(found * (_UNIT - 3)), dtype=np.uint16)


def _scaled(counts: Counts) -> NDArray[np.uint16]:
    """Bring counts (S, 243) to 16 bits, none of them 0."""
    largest = np.maximum(counts.max(axis=1, keepdims=True, initial=0), 1)
    return np.asarray(1 + counts * (_UNIT - 2) // largest, dtype=np.uint16)
