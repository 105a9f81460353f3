"""Whether the released code needs the codewords that the chain on its greedy parse predicts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.compression.qmoe._code import (
    WIDTHS,
    Trits,
    expected_row,
    tied_book,
    trits,
    variance_of_row,
)
from refutable.solvers import ternary_codec
from refutable.theory.compression import qmoe as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

Source = Callable[[np.random.Generator, tuple[int, int], float], Trits]


DOUBLED = 0.05
"""Share of the pairs of a control that repeat their first trit."""


def some_doubled(rng: np.random.Generator, shape: tuple[int, int], p0: float) -> Trits:
    """Trits with the same share of zeros, but one pair in twenty repeats its first trit."""
    values = trits(rng, shape, p0)
    firsts, seconds = values[:, :-1:2], values[:, 1::2]
    again = rng.random(seconds.shape, dtype=np.float32) < DOUBLED
    seconds[again] = firsts[again]
    return values


def codewords(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    ties: str = "released",
    source: Source = trits,
) -> Columns:
    """Codewords of `size` rows of the cell's width."""
    book = tied_book(cell.p0, ties)
    rows = source(rng, (size, cell.width), cell.p0)
    return {"codewords": ternary_codec.parse(rows, book).per_row}


def predicted(cell: Cell) -> float:
    """Exact expected codewords in the cell."""
    return expected_row(cell.p0, cell.width)


def margin(cell: Cell) -> float:
    """0.5% of the prediction for short rows, 0.2% for long ones."""
    return predicted(cell) * (0.005 if cell.width < 512 else 0.002)


def follows_chain(doubled: float = 0.0) -> Expectation:
    """Expect the chain's mean of a source whose chain has the variance."""

    def variance(cell: Cell) -> float:
        return variance_of_row(cell.p0, cell.width, doubled)

    return Mean("codewords", variance_at_most=variance).near(predicted, margin)


LONG_ROW = {"p0": theory.ZEROS, "width": 2080}

CODE_RATE = Claim(
    id="qmoe.dictionary-code-rate",
    title="A Markov chain predicts the codewords of rows of every width",
    source="Section on the dictionary code; sub1.py of the release ($2^16$ entries, 14 pairs)",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "On independent weights the released code needs exactly the number of 16-bit codewords "
        "that a Markov chain on its greedy parse predicts, for rows of every width."
    ),
    formula="E_m (r) = 1 + sum_(l < r, m') J_m (l, m') E_(m') (r - l), quad E_m (0) = 0",
    scope=Scope.AS_STATED,
    does_not_show=(
        "Other orders of equally probable sequences than the released one. The measured 20.07x of "
        "c2048: real weights are not independent and their rows do not have 88.5% zeros each."
    ),
    assumptions=(
        "independent weights with the share of zeros the dictionary is built for",
        "equally probable sequences in the order of the released code",
    ),
    cells=ByEffort(
        smoke=Cells(p0=(theory.ZEROS,), width=(128, 2080)),
        standard=Cells(p0=(theory.ZEROS,), width=WIDTHS),
        full=Cells(p0=(0.8, 0.85, theory.ZEROS, 0.9, 0.95), width=WIDTHS),
    ),
    simulate=codewords,
    expect=(follows_chain(),),
    controls=(
        # its variance is less than the one that is declared for the released order
        BrokenWorld("the densest ties taken first", change={"ties": "dense"}, at=LONG_ROW),
        BrokenWorld(
            "one pair in twenty repeats its first weight",
            change={"source": some_doubled},
            at=LONG_ROW,
            expect=(follows_chain(DOUBLED),),
        ),
    ),
    notes=(
        "At 88.5% zeros the released order gives 10.8829 pairs a codeword; of the orders by first "
        "and last pair, those that move this furthest give 10.8545 and 10.9351.",
        "Independent rows of the two shapes of c2048 give 21.43x and 20.80x.",
    ),
    block=2048,
    cap=131072,
    figure=Axis(x="width", label="width of a row", log=True),
)
