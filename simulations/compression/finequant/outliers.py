"""Whether one outlier spoils no more than its own group."""

from __future__ import annotations

import numpy as np
from refutable.simulations.compression.finequant._errors import (
    WEIGHTS,
    Prediction,
    squared_error,
    two_percent,
)
from refutable.theory.compression import finequant as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Mean,
    Origin,
    RatioOfMeans,
    Scope,
)

GROUPS = (4096, 1024, 64)


def columns(cell: Cell, rng: np.random.Generator, size: int, outlier: bool = True) -> Columns:
    """Errors (size,) at all g of columns with one entry replaced by the cell's K, or none."""
    weights = rng.standard_normal((size, WEIGHTS))
    if outlier:
        weights[np.arange(size), rng.integers(0, WEIGHTS, size)] = cell.outlier
    return {f"mse_{g}": squared_error(weights, 4, g, "half") for g in GROUPS}


def spoiled(group: int) -> Prediction:
    """Predicted error of a column with the cell's outlier."""
    return lambda cell: theory.outlier_mse(4, group, WEIGHTS, cell.outlier)


FALL = RatioOfMeans("mse_4096", "mse_64").at_least(30)

OUTLIER = Claim(
    id="finequant.outlier-confinement",
    title="One outlier spoils only its own group",
    source='"Catastrophic collapse" from outliers and its cure by small groups',
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "One outlier spoils only its own group: a weight of 60 standard deviations makes 4-bit "
        "quantisation of a whole column of 4096 lose all signal, while with groups of 64 the "
        "error is more than 30 times smaller."
    ),
    formula='"MSE" approx g/n e((2K)/(2^b - 1)) + (1 - g/n) "MSE"_g + (s/2)^2 / n',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How often trained weights have such outliers.",
    assumptions=("Gaussian weights, one outlier per column", "4 bits, the 'half' scale"),
    cells=Cells(outlier=(60.0,)),
    simulate=columns,
    expect=(
        *(Mean(f"mse_{g}").near(spoiled(g), two_percent(spoiled(g))) for g in GROUPS),
        FALL,
    ),
    controls=(
        BrokenWorld("no outlier", change={"outlier": False}, expect=(FALL,)),
        FalseTheory(
            "the outlier's own error forgotten",
            Mean("mse_64").near(
                lambda c: spoiled(64)(c) - (c.outlier / 15) ** 2 / WEIGHTS, two_percent(spoiled(64))
            ),
        ),
    ),
    block=256,
    cap=ByEffort(smoke=2048, standard=4096, full=16384),
)
