"""A range variant of asymmetric numeral systems (Duda, 2013) over groups of trits.

One number, the state, carries all groups: to code a group with frequency f of 2^16 multiplies it by
about 2^16 / f. When it outgrows 48 bits, its lowest 16 become a word. Groups are coded last to
first and decoded first to last. What frequencies a group has, depends on the class of the row that
it begins in and on the group before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.ternary_codec.grouping import SYMBOLS, Bytes

PRECISION = 16
"""Bits of a frequency. No group has frequency 0, so that the rare ones cost the others something:
with 14 bits 0.3 % of a matrix with 0.885 of zeros, and 4 % with 0.99."""

COARSE = 4
"""Slots are looked up by their upper 12 bits, and those of rare groups searched from there on: 64
tables of 2^12 fit the second-level cache, of 2^16 they do not, which makes decoding 3 times slower.
"""

LOW = 1 << 32
"""The state lies in [2^32, 2^48), so that a group sends out one word at most and the quotient by a
frequency is right in double precision, which is faster than a division of 64-bit numbers."""

FIRST = SYMBOLS // 2
"""What counts as the group before the first one: zeros."""

MOST_PER_WORD = 3000
"""Bound on the groups that one word stands for. The other 242 groups have a frequency of 1 or more,
so that none costs less than log2(2^16 / (2^16 - 242)) bits, a 2998th of a word."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Frequencies of the groups.

    Attributes
    ----------
    starts
        (K, S, 244) where each group's slots begin in a table of 2^16; the last is 2^16.
    follow
        (243,) which of the S contexts a group leaves to the next one.
    """

    starts: NDArray[np.int64]
    follow: NDArray[np.int64]

    @property
    def frequencies(self) -> NDArray[np.int64]:
        """Slots (K, S, 243) of each group, 1 or more."""
        return np.diff(self.starts, axis=-1)

    def slots(self) -> Bytes:
        """Group (K, S, 2^12) in every 16th slot."""
        within = np.diff(-(-self.starts >> COARSE), axis=-1)
        groups = np.broadcast_to(np.arange(SYMBOLS, dtype=np.uint8), within.shape)
        return np.repeat(groups.ravel(), within.ravel()).reshape(*within.shape[:-1], -1)


def encode_groups(groups: Bytes, classes: Bytes, tables: Tables) -> tuple[int, NDArray[np.uint16]]:
    """Return the last state and the words, in the order in which they are read.

    Parameters
    ----------
    groups, classes
        (n,) numbers below 243, and the class of each.
    tables
        Frequencies.
    """
    words = np.empty(len(groups), dtype=np.uint16)
    state, at = _encode(groups, classes, tables.follow, tables.starts, words)
    return state, words[at:]


def decode_groups(
    state: int, words: NDArray[np.uint16], classes: Bytes, tables: Tables
) -> Bytes | None:
    """Return the groups (n,), or None if they are not what was coded."""
    groups = np.empty(len(classes), dtype=np.uint8)
    slots = tables.slots()
    end, at = _decode(state, words, classes, tables.follow, tables.starts, slots, groups)
    return groups if (end, at) == (LOW, len(words)) else None


def count_groups(groups: Bytes, classes: Bytes, kinds: int) -> NDArray[np.int64]:
    """Count groups (kinds, 3, 243) by class, last trit of the group before, and group."""
    found = np.zeros((kinds, 3, SYMBOLS), dtype=np.int64)
    _count(groups, classes, found)
    return found


@compiled(nogil=True, error_model="numpy")
def _encode(groups, classes, follow, starts, words):  # type: ignore[no-untyped-def]
    state, at = LOW, words.size
    for g in range(groups.size - 1, -1, -1):
        before = groups[g - 1] if g > 0 else FIRST
        k, context, group = classes[g], follow[before], groups[g]
        start = starts[k, context, group]
        frequency = starts[k, context, group + 1] - start
        if state >= frequency << (48 - PRECISION):  # else it stays below 2^48
            at -= 1
            words[at] = state & 0xFFFF
            state >>= 16
        quotient = np.int64((state + 0.5) / frequency)
        state = (quotient << PRECISION) + state - quotient * frequency + start
    return state, at


@compiled(nogil=True, error_model="numpy")
def _decode(state, words, classes, follow, starts, slots, groups):  # type: ignore[no-untyped-def]
    at, context = 0, follow[FIRST]
    for g in range(groups.size):
        k, slot = classes[g], state & ((1 << PRECISION) - 1)
        group = np.int64(slots[k, context, slot >> COARSE])
        while starts[k, context, group + 1] <= slot:
            group += 1
        start = starts[k, context, group]
        state = (starts[k, context, group + 1] - start) * (state >> PRECISION) + slot - start
        if state < LOW:
            if at == words.size:
                return state, at
            state = (state << 16) | words[at]
            at += 1
        groups[g] = group
        context = follow[group]
    return state, at


@compiled(nogil=True, error_model="numpy")
def _count(groups, classes, found):  # type: ignore[no-untyped-def]
    before = FIRST
    for g in range(groups.size):
        found[classes[g], before % 3, groups[g]] += 1
        before = groups[g]
