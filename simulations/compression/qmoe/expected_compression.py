"""Whether the expert shapes compress as expected, offsets and scales included (Sub1Linear)."""

from __future__ import annotations

from refutable.simulations.compression.qmoe._code import TIES, expected_row, naive, rate
from refutable.theory.compression import qmoe as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Onset,
    Origin,
    Printed,
    Scope,
    Values,
)
from refutable.claims.expectations import Expectation


def compressions(cell: Cell, built_for: float | None = None) -> Values:
    """Compression of a matrix at its expected number of codewords, with offsets and scales."""

    def of(codewords_of_row: float) -> float:
        return theory.compression(cell.rows, cell.width, cell.rows * codewords_of_row)

    by_order = {t: of(expected_row(cell.p0, cell.width, t, built_for)) for t in TIES}
    return {
        "compression": by_order["released"],
        "least": min(by_order.values()),
        "most": max(by_order.values()),
        "afresh": of(naive(cell)),
        "endless": 16 / rate(cell.p0).bits_per_weight(),
    }


def figure(cell: Cell) -> float:
    """Return what was computed apart from this project for the cell's shape."""
    return theory.EXPECTED_COMPRESSION[cell.rows, cell.width]


def near_expected(column: str) -> Expectation:
    """Expect the compression within the margin that covers the order of ties."""
    return Exact(column).near(figure, lambda cell: theory.TIE_MARGIN * figure(cell))


COMPRESSION = Claim(
    id="qmoe.expected-compression",
    title="Independent weights in the expert shapes compress 19 to 21 times",
    source=(
        "Sub1Linear in sub1.py (16-bit codewords, 32-bit offsets, two bf16 scales a row); test.py, "
        "which draws one matrix of each of the six shapes"
    ),
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "Independent weights with 88.5% zeros in the six shapes of the experts of base128, "
        "large128 and c2048 are compressed 21.14x, 19.37x, 21.30x, 19.92x, 21.47x and 20.84x, "
        "offsets and scales included, to 0.5% and in every order of ties tried. Both matrices of "
        "an expert of c2048 together come to the 21.11x that the paper prints of such weights "
        "(claim ratio-of-independent-weights)."
    ),
    formula="(16 R C) / (16 R E(C/2) + 64 (R + 1))",
    scope=Scope.AS_STATED,
    does_not_show=(
        "Other orders of ties than the three tried. These are ratios of 16 bits to the expected "
        "size, on independent weights; the paper measured 17.06x, 18.34x and 20.07x on its own."
    ),
    assumptions=("independent weights with the share of zeros the dictionary is built for",),
    cells=Cells.of(*({"p0": theory.ZEROS, "rows": r, "width": c} for r, c in theory.SHAPES)),
    compute=compressions,
    expect=(near_expected("compression"), near_expected("least"), near_expected("most")),
    controls=(
        FalseTheory("every codeword begins afresh", near_expected("afresh")),
        FalseTheory("endless rows without offsets and scales", near_expected("endless")),
        BrokenWorld(
            "dictionary built for 70% zeros",
            change={"built_for": 0.7},
            at={"width": (768, 1024)},
        ),
    ),
    onset=Onset(
        along="width",
        between=(64, 8192),
        holds=Exact("compression").at_least(20),
        at={"p0": theory.ZEROS, "rows": 6144},
        tolerance=0.01,
    ),
    notes=(
        "The six figures were computed apart from this project in yet another order of ties, that "
        "of about 10.902 pairs a codeword; the released order lies 0.15 to 0.17% below each of "
        "them. The 0.5% were chosen when that was known.",
    ),
)


C2048: tuple[tuple[int, int], ...] = theory.SHAPES[-2:]


def expert(
    cell: Cell, ties: str = "released", shapes: tuple[tuple[int, int], ...] = C2048
) -> Values:
    """Compression of the matrices of one expert, of equal size, together."""
    each = (theory.compression(r, c, r * expected_row(cell.p0, c, ties, None)) for r, c in shapes)
    return {"together": len(shapes) / sum(1 / one for one in each)}


PRINTED_RATIO = Claim(
    id="qmoe.ratio-of-independent-weights",
    title="Independent weights compress as much as the paper prints",
    source="Full text: 21.11x on weights sampled independently, beside 20.07x on the real ones",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="Independent weights with 88.5% zeros in both matrices of an expert of c2048 are "
    "compressed 21.11x by the released dictionary, offsets and scales included.",
    formula="2 / (1 / rho_(2080 times 6144) + 1 / rho_(6144 times 2080)) = 21.11",
    scope=Scope.AS_STATED,
    does_not_show=(
        "That this is how the figure came about: the paper gives neither the shape nor what is "
        "counted. With the dictionary as its Algorithm 1 is printed, of sequences of less than 28 "
        "weights, the first matrix alone would print 21.11 as well."
    ),
    assumptions=("independent weights with the share of zeros the dictionary is built for",),
    cells=Cells(p0=(theory.ZEROS,)),
    compute=expert,
    expect=(Printed("together").prints("21.11"),),
    controls=(
        BrokenWorld("the sparsest of equally probable sequences", change={"ties": "sparse"}),
        BrokenWorld("the densest of equally probable sequences", change={"ties": "dense"}),
        BrokenWorld("the first matrix alone", change={"shapes": C2048[:1]}),
    ),
)
