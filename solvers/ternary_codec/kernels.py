"""Greedy longest-match parse of rows of trits into codewords, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import real_array, refuse, whole_number
from refutable.solvers.ternary_codec.dictionary import Dictionary

Trits = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Parsed:
    """Rows as codewords.

    Attributes
    ----------
    words
        (n,) 16-bit codewords of all rows, one row after the other.
    offsets
        (R + 1,) where each row begins in `words`; the last is n.
    """

    words: NDArray[np.uint16]
    offsets: NDArray[np.int64]

    @property
    def per_row(self) -> NDArray[np.int64]:
        """Codewords of each row (R,)."""
        return np.diff(self.offsets)


def checked_trits(trits: ArrayLike) -> Trits:
    """Return a contiguous int8 matrix of -1, 0 and +1; raise ValueError otherwise."""
    array = real_array("trits", trits)
    if array.ndim != 2:
        refuse("trits", array, "a matrix (R, C)")
    if array.dtype.kind == "b":
        raise ValueError("trits holds bool: give numbers")
    # NaN and what int8 cannot hold is told apart before the numbers are cut down to it.
    if array.size and not (array.min() >= -1 and array.max() <= 1):
        raise ValueError("trits holds other values: give -1, 0 and 1")
    codes = np.ascontiguousarray(array, dtype=np.int8)
    if array.dtype.kind == "f" and not np.array_equal(codes, array):
        raise ValueError("trits holds other values: give -1, 0 and 1")
    return codes


def parse(trits: Trits, dictionary: Dictionary) -> Parsed:
    """Parse every row greedily into the longest entries.

    Parameters
    ----------
    trits
        (R, C) of -1, 0 and +1; the last pair of an odd row is completed by 0.
    dictionary
        Any; each of the nine pairs is an entry.

    Returns
    -------
    Parsed
        Codewords and where each row begins.
    """
    codes = checked_trits(trits)
    rows, columns = codes.shape
    words = np.empty(rows * ((columns + 1) // 2), dtype=np.uint16)
    offsets = np.zeros(rows + 1, dtype=np.int64)
    _parse(codes, dictionary.children, words, offsets)
    return Parsed(words[: offsets[-1]].copy(), offsets)


def unparse(parsed: Parsed, columns: int, dictionary: Dictionary) -> Trits:
    """Return the rows (R, C) that codewords stand for.

    Raises
    ------
    ValueError
        If a row's codewords do not fill exactly `columns` trits, or are not in the dictionary.
    """
    words, offsets = parsed.words, parsed.offsets
    if words.size and int(words.max()) >= dictionary.size:
        raise ValueError(f"parsed holds words from {dictionary.size} up: give its own dictionary")
    if (np.diff(offsets) < 0).any() or offsets[0] != 0 or offsets[-1] != words.size:
        raise ValueError("parsed has offsets that do not grow from 0 to the number of words")
    columns = whole_number("columns", columns, 0)
    trits = np.empty((len(offsets) - 1, columns), dtype=np.int8)
    bad = _unparse(words, offsets, dictionary.trits[1:], dictionary.lengths[1:], trits)
    if bad >= 0:
        raise ValueError(f"columns={columns}: the words of row {bad} do not fill them")
    return trits


@compiled()
def _parse(
    trits: Trits,
    children: NDArray[np.int32],
    words: NDArray[np.uint16],
    offsets: NDArray[np.int64],
) -> None:
    rows, columns = trits.shape
    count = 0
    for r in range(rows):
        node = 0
        for c in range(0, columns - 1, 2):
            symbol = 3 * (trits[r, c] + 1) + trits[r, c + 1] + 1
            after = children[node, symbol]
            if after == 0:
                words[count] = node - 1
                count += 1
                after = children[0, symbol]
            node = after
        if columns % 2:
            symbol = 3 * (trits[r, columns - 1] + 1) + 1
            after = children[node, symbol]
            if after == 0:
                words[count] = node - 1
                count += 1
                after = children[0, symbol]
            node = after
        if node > 0:
            words[count] = node - 1
            count += 1
        offsets[r + 1] = count


@compiled()
def _unparse(
    words: NDArray[np.uint16],
    offsets: NDArray[np.int64],
    sequences: Trits,
    lengths: NDArray[np.int32],
    trits: Trits,
) -> int:
    # returns the first row that its words do not fill exactly, -1 if there is none
    rows, columns = trits.shape
    padded = columns + columns % 2
    for r in range(rows):
        at = 0
        for index in range(offsets[r], offsets[r + 1]):
            word = words[index]
            stop = at + 2 * lengths[word]
            if stop > padded:
                return r
            for j in range(min(stop, columns) - at):
                trits[r, at + j] = sequences[word, j]
            at = stop
        if at != padded:
            return r
    return -1
