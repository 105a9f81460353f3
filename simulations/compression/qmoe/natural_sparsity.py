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
    FalseTheory,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

Draw = Callable[[np.random.Generator, tuple[int, int]], FloatArray]


def gaussian(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Independent standard normal weights."""
    return rng.standard_normal(shape)


def student(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Student weights with 4 degrees of freedom; the share of zeros does not see their scale."""
    return rng.standard_t(4, shape)


def zero_share(cell: Cell, rng: np.random.Generator, size: int, draw: Draw = gaussian) -> Columns:
    """Share of zeros of min/max ternary rounding in rows of the cell's length."""
    weights = draw(rng, (size, cell.n))
    codes = quantization.ternary_codes(weights, *quantization.ternary_range(weights))
    return {"zeros": (codes == 0).mean(axis=1)}


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
    expect=(Mean("zeros").near(lambda c: theory.zero_probability(c.n), 0.003),),
    controls=(
        FalseTheory(
            "extremes at sqrt(2 ln n)",
            Mean("zeros").near(lambda c: theory.plug_in_zero_probability(c.n), 0.003),
        ),
        BrokenWorld(
            "Student weights with 4 degrees of freedom", change={"draw": student}, at={"n": 768}
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16384, full=32768),
    figure=Axis(x="n", label="length of a row", log=True),
)
