"""Whether one outlier spoils no more than its own group."""

from __future__ import annotations

import math

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
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

GROUPS = (4096, 1024, 64)


TIMES = 30
"""How many times smaller the error with groups of 64 is at least."""


def columns(
    cell: Cell, rng: np.random.Generator, size: int, outliers: int = 1, scale: float = 1.0
) -> Columns:
    """Errors (size,) at all g of columns with an entry replaced by the cell's K.

    Parameters
    ----------
    outliers : int
        So many entries, as far apart as they can be.
    scale : float
        Factor on the outlier.
    """
    weights = rng.standard_normal((size, WEIGHTS))
    first = rng.integers(0, WEIGHTS, size)
    for i in range(outliers):
        place = (first + i * WEIGHTS // outliers) % WEIGHTS
        weights[np.arange(size), place] = scale * cell.outlier
    errors = {f"mse_{g}": squared_error(weights, 4, g, "half") for g in GROUPS}
    return errors | {"fall": errors["mse_4096"] - TIMES * errors["mse_64"]}


def spoiled(group: int) -> Prediction:
    """Predicted error of a column with the cell's outlier."""
    return lambda cell: theory.outlier_mse(4, group, WEIGHTS, cell.outlier)


def variance(group: int, outliers: int = 1) -> float:
    """Bound on the variance of a column's error."""
    return theory.column_mse_variance(4, group, WEIGHTS, "half", outliers)


def near_spoiled(group: int) -> Expectation:
    """Expect the predicted error within 2%."""
    functional = Mean(f"mse_{group}", variance_at_most=lambda _: variance(group))
    return functional.near(spoiled(group), two_percent(spoiled(group)))


def falls(outliers: int = 1) -> Expectation:
    """Expect E[mse_4096] >= 30 E[mse_64]: standard deviations at most add up in a difference."""

    def spread(cell: Cell) -> float:
        del cell
        column, groups = (math.sqrt(variance(g, outliers)) for g in (4096, 64))
        deviation = column + TIMES * groups
        return deviation * deviation

    return Mean("fall", variance_at_most=spread).at_least(0)


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
        *(near_spoiled(g) for g in GROUPS),
        falls(),
    ),
    controls=(
        BrokenWorld("two outliers", change={"outliers": 2}, expect=(falls(2),)),
        # the bound on the variance holds whatever the outlier
        BrokenWorld(
            "an outlier half as large",
            change={"scale": 0.5},
            judged_by=tuple(f"mse_{g}" for g in GROUPS),
        ),
    ),
    block=256,
    cap=ByEffort(smoke=2048, standard=4096, full=16384),
)
