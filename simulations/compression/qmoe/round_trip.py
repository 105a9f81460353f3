"""Whether rows of every width come back from the code without loss (closure under prefixes)."""

from __future__ import annotations

import numpy as np
from refutable.simulations.compression.qmoe._code import WIDTHS, Trits, trits
from refutable.solvers import ternary_codec
from refutable.solvers.ternary_codec import Dictionary, Parsed
from refutable.theory.compression import qmoe as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Origin,
    Scope,
)

SHORT = (1, 27, 28, 131)
"""Odd and even widths below and above the 28 trits of the longest entry."""


def matrices(cell: Cell, rng: np.random.Generator, size: int) -> Trits:
    """Matrices of the cell's shape, each with one row of zeros only and one without any zero."""
    matrix = trits(rng, (size * cell.rows, cell.width), cell.p0)
    matrix[:: cell.rows] = 0
    matrix[1 :: cell.rows] = np.where(matrix[1 :: cell.rows] == 0, 1, matrix[1 :: cell.rows])
    return matrix


def misread(parsed: Parsed, book: Dictionary, width: int) -> Trits:
    """Decode with any dictionary, cutting or padding rows that do not come out right."""
    rows = np.zeros((len(parsed.offsets) - 1, width), dtype=np.int8)
    sequences, lengths = book.trits[1:], 2 * book.lengths[1:]
    for row, words in zip(rows, np.split(parsed.words, parsed.offsets[1:-1]), strict=True):
        read = np.concatenate([sequences[w, : lengths[w]] for w in words])[:width]
        row[: read.size] = read
    return rows


def round_trip(
    cell: Cell, rng: np.random.Generator, size: int, decoded_with: float | None = None
) -> Columns:
    """Entries that encode and decode change, in matrices of the cell's shape."""
    matrix = matrices(cell, rng, size)
    if decoded_with is None:
        back = ternary_codec.decode(ternary_codec.encode(matrix, cell.p0))
    else:
        parsed = ternary_codec.parse(matrix, ternary_codec.build_dictionary(cell.p0))
        back = misread(parsed, ternary_codec.build_dictionary(decoded_with), cell.width)
    return {"wrong": (back != matrix).reshape(size, -1).sum(axis=1)}


ROUND_TRIP = Claim(
    id="qmoe.round-trip",
    title="Every row is coded without loss",
    source="Section on decoding; released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement=(
        "Because the dictionary is closed under prefixes, every row of every width is coded "
        "without loss: odd widths, rows of zeros only and rows without any zero included."
    ),
    formula='"decode"("encode"(W)) = W',
    scope=Scope.AS_STATED,
    does_not_show="The speed of the GPU kernel.",
    assumptions=("the last pair of an odd row is completed by a zero and cut off again",),
    cells=ByEffort(
        smoke=Cells(p0=(theory.ZEROS,), width=SHORT, rows=(16,)),
        standard=Cells(p0=(theory.ZEROS,), width=(*SHORT, 2080, 6144), rows=(16,)),
        full=Cells(p0=(0.5, theory.ZEROS, 0.95), width=(*SHORT, *WIDTHS), rows=(64,)),
    ),
    simulate=round_trip,
    expect=(Exact("wrong").equals(0),),
    controls=(
        BrokenWorld(
            "decoded with the dictionary for 88% zeros",
            change={"decoded_with": 0.88},
            cells=Cells(p0=(theory.ZEROS,), width=(131,), rows=(16,)),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=24, standard=32, full=64),
)
