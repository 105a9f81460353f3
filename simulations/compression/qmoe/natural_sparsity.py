"""Whether rounding to the range of a row makes most weights zero, as the extremes predict."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.solvers import quantization
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
    FloatArray,
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

Draw = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
Range = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def gaussian(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Independent standard normal weights."""
    return rng.standard_normal(shape)


def student(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Student weights with 30 degrees of freedom; the share of zeros does not see their scale."""
    return rng.standard_t(30, shape)


def symmetric_range(weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One range for both signs, set by the largest absolute value of each row."""
    largest = np.abs(weights).max(axis=-1)
    return -largest, largest


def zero_share(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    draw: Draw = gaussian,
    range_of: Range = quantization.ternary_range,
) -> Columns:
    """Share of zeros of ternary rounding in rows of the cell's length."""
    weights = draw(rng, (size, cell.n))
    codes = quantization.ternary_codes(weights, *range_of(weights))
    return {"zeros": (codes == 0).mean(axis=1)}


def most(cell: Cell) -> float:
    """All of a row but its largest weight, which is never zero, whatever the law."""
    return 1 - 1 / float(cell.n)


def as_predicted(functional: Mean) -> Expectation:
    """Expect the share that the law of the extremes predicts."""
    return functional.near(lambda c: theory.zero_probability(c.n), 0.003)


SPARSITY = Claim(
    id="qmoe.natural-sparsity",
    title="Rounding to the range of a row makes most weights zero",
    source="Table of natural sparsity: 85.7% (base128) < 86.4% (large128) < 88.6% (c2048) zeros",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "Rounding to the grid {min, 0, max} of its row makes most of the weights zero, the more "
        "the longer the row, with the share that the law of the extremes predicts."
    ),
    formula="1 - 2 integral n phi(m) Phi(m)^(n-1) [1/n + (1 - 1/n) (Phi(m) - Phi(m/2)) / Phi(m)] "
    "d m",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The printed shares, which lie below this prediction: they are of GPTQ on trained "
        "weights, and GPTQ leaves fewer zeros than rounding (see gptq-identity)."
    ),
    assumptions=("independent Gaussian weights, plain rounding",),
    cells=ByEffort(
        smoke=Cells(n=(768, 2080)),
        standard=Cells(n=(768, 1024, 2080, 3072, 4096, 6144)),
        full=Cells(n=(768, 1024, 2080, 3072, 4096, 6144)),
    ),
    simulate=zero_share,
    expect=(as_predicted(Mean("zeros", variance_at_most=lambda c: theory.zero_variance(c.n))),),
    controls=(
        BrokenWorld(
            "one range for both signs",
            change={"range_of": symmetric_range},
            at={"n": 768},
            expect=(as_predicted(Mean("zeros", bounds=(0.0, most))),),
        ),
        BrokenWorld(
            "Student weights with 30 degrees of freedom",
            change={"draw": student},
            at={"n": 768},
            expect=(as_predicted(Mean("zeros", bounds=(0.0, most))),),
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16384, full=32768),
    figure=Axis(x="n", label="length of a row", log=True),
)
