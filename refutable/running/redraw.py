"""Whether a block comes from its seed alone: drawn again, and beside blocks of other seeds."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.random.mtrand import get_bit_generator, set_bit_generator

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.deciding.evidence import Watch
from refutable.deciding.outcomes import encode

PROBES = 5
"""Blocks of other seeds that are drawn beside one. A claim may be decided by its first block, and
that one data set lies behind all of its replicates can be seen only from several."""

PROBE = 2**32
"""Where the indices of such blocks begin: none of the trial's own is as large."""

COST = 1 + PROBES
"""Blocks that a check draws, beside the one that is checked."""

LEVEL = 1e-7
"""Probability of a false alarm of the probes, far below a claim's own 4e-5 / 20."""

MOVED = (
    "a global random state ({names}) moved while it was drawn. Draw from the `rng` that is handed "
    "over alone; give it to libraries too, e.g. as random_state=int(rng.integers(2**32))."
)
AGAIN = (
    "it came out differently in {name!r} when it was drawn again from the same seed. Draw from "
    "the `rng` that is handed over alone, and keep nothing from call to call."
)

Draw = Callable[[int], Columns]
"""Draws a block of the same cell by its index."""


@dataclass
class Moved:
    """Names of the global random states that were used."""

    names: tuple[str, ...] = ()


@contextmanager
def global_states() -> Iterator[Moved]:
    """Put known global random states in place, see whether they are used, and restore the old.

    Known ones, since `np.random.seed(0)` in every block leaves the same state behind each time.
    Away from the main thread they are left alone: other threads may be using them.
    """
    moved = Moved()
    if threading.current_thread() is not threading.main_thread():
        yield moved
        return
    old, known, twin = random.getstate(), np.random.MT19937(_FIXED), np.random.MT19937(_FIXED)
    old_bits = get_bit_generator()
    random.setstate(_KNOWN)
    set_bit_generator(known)
    try:
        yield moved
    finally:
        used = {
            "random": random.random() != _FIRST,
            "numpy.random": get_bit_generator() is not known
            or known.random_raw() != twin.random_raw(),
        }
        moved.names = tuple(name for name, was in used.items() if was)
        random.setstate(old)
        set_bit_generator(old_bits)


_FIXED = 13
_KNOWN = random.Random(_FIXED).getstate()
_FIRST = random.Random(_FIXED).random()


def once(draw: Draw, block: int) -> tuple[Columns, str]:
    """Draw a block; say whether a global random state moved, when drawn a second time as well.

    Once alone it may have been a library that was imported for the first time.
    """
    with global_states() as moved:
        columns = draw(block)
    if not moved.names:
        return columns, ""
    with global_states() as moved:
        draw(block)
    return columns, MOVED.format(names=", ".join(moved.names)) if moved.names else ""


def check(
    draw: Draw, cell: Cell, block: int, columns: Columns, read: Collection[str], probes: int
) -> str:
    """Say whether a block is another one when drawn again, or like others of other seeds.

    Parameters
    ----------
    draw : callable (int) -> columns
        Draws a block by its index.
    cell : Cell
    block : int
        The one that was drawn.
    columns : columns
        What it was.
    read : collection of str
        Columns that somebody reads.
    probes : int
        Blocks of other seeds; none of what is computed, or where they would cost too much.
    """
    if name := _difference(columns, draw(block)):
        return AGAIN.format(name=name)
    if not probes:
        return ""
    watch = Watch(read, LEVEL)
    drawn = [columns, *(draw(PROBE + block + probe) for probe in range(probes))]
    doubts = (watch.take(cell, "a block of another seed", found) for found in drawn)
    return next(
        (f"beside {probes} blocks of other seeds, {doubt}" for doubt in doubts if doubt), ""
    )


def _difference(one: Columns, other: Columns) -> str:
    """Return the name of a column that differs in some bit."""
    first, second = encode(one), encode(other)
    names = [*first, *second]
    return next((name for name in names if first.get(name) != second.get(name)), "")
