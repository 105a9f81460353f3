"""Five trits as one number below 243, so that a coder takes one step for five of them.

The matrix is cut into groups row after row, without regard to where rows end; what is missing in
the last group is 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled

GROUP = 5
SYMBOLS = 3**GROUP
"""The most that a byte holds."""

Bytes = NDArray[np.uint8]

DIGITS: NDArray[np.int8] = (
    np.stack(np.unravel_index(np.arange(SYMBOLS), (3,) * GROUP), axis=1) - 1
).astype(np.int8)
"""(243, 5) trits of every group."""


def group_count(trits: int) -> int:
    """Return how many groups hold so many trits."""
    return -(-trits // GROUP)


def grouped(trits: NDArray[np.int8]) -> Bytes:
    """Return the groups of trits (n,), as numbers of which the first trit is the leading digit."""
    groups = np.empty(group_count(trits.size), dtype=np.uint8)
    _grouped(trits, groups)
    return groups


def ungrouped(groups: Bytes, size: int) -> NDArray[np.int8]:
    """Return the first `size` trits of groups."""
    trits = np.empty(size, dtype=np.int8)
    _ungrouped(groups, DIGITS, trits)
    return trits


def groups_of_rows(rows: int, columns: int) -> NDArray[np.int64]:
    """Return how many groups begin in each row (R,)."""
    first = -(-np.arange(rows + 1) * columns // GROUP)
    return np.diff(first)


@compiled(nogil=True, error_model="numpy")
def _grouped(trits, groups):  # type: ignore[no-untyped-def]
    whole = trits.size // 5
    for g in range(whole):
        at = 5 * g
        value = trits[at] + 1
        for j in range(1, 5):
            value = 3 * value + trits[at + j] + 1
        groups[g] = value
    if whole < groups.size:
        value = 0
        for j in range(5):
            at = 5 * whole + j
            value = 3 * value + 1 + (trits[at] if at < trits.size else 0)
        groups[whole] = value


@compiled(nogil=True, error_model="numpy")
def _ungrouped(groups, digits, trits):  # type: ignore[no-untyped-def]
    whole = trits.size // 5
    for g in range(whole):
        for j in range(5):
            trits[5 * g + j] = digits[groups[g], j]
    for at in range(5 * whole, trits.size):
        trits[at] = digits[groups[whole], at - 5 * whole]


@compiled(nogil=True, error_model="numpy")
def signs_of_rows(codes, found):  # type: ignore[no-untyped-def]
    """Count -1 and +1 of each row (R, C) into `found` (R, 2)."""
    for r in range(codes.shape[0]):
        minus = plus = 0
        for c in range(codes.shape[1]):
            minus += codes[r, c] < 0
            plus += codes[r, c] > 0
        found[r, 0], found[r, 1] = minus, plus
