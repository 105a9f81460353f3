"""Whether the expected squared maximum of a group sets the error of absmax quantisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from refutable.simulations.compression.finequant._errors import (
    WEIGHTS,
    Prediction,
    squared_error,
    two_percent,
)
from refutable.solvers.quantization import Convention
from refutable.theory.compression import finequant as theory

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
from refutable.claims.expectations import Expectation

Draw = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
CONVENTIONS: tuple[Convention, ...] = ("half", "sym")


def gaussian(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Independent standard normal weights."""
    return rng.standard_normal(shape)


def student(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Student weights with 4 degrees of freedom, scaled to unit variance."""
    weights: FloatArray = rng.standard_t(4, shape) / np.sqrt(2)
    return weights


def group_errors(cell: Cell, rng: np.random.Generator, size: int, draw: Draw = gaussian) -> Columns:
    """Errors (size,) in both conventions of the scale on rows of drawn weights."""
    weights = draw(rng, (size, WEIGHTS))
    return {c: squared_error(weights, cell.bits, cell.group, c) for c in CONVENTIONS}


def law(convention: Convention) -> Prediction:
    """Predicted error in the cell."""
    return lambda cell: theory.group_mse(cell.bits, cell.group, convention)


def follows(
    convention: Convention, predicted: Prediction | None = None, **where: Any
) -> Expectation:
    """Expect the error to lie within 2% of a prediction."""
    value = predicted or law(convention)
    return Mean(convention, **where).near(value, two_percent(value))


GROUP_LAW = Claim(
    id="finequant.group-mse-law",
    title="The error of a group is set by its expected squared maximum",
    source="Fine-grained (group-wise) absmax quantisation; prediction derived here",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "On Gaussian weights the error of absmax quantisation is set by the expected squared "
        "maximum of the group, whichever way the scale is defined."
    ),
    formula='"MSE"_("half") = (E[a_g^2] (1 + 2/g)) / (3 (2^b - 1)^2), quad '
    '"MSE"_("sym") = (E[a_g^2] (1 - 1/g)) / (12 (2^(b-1) - 1)^2)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Errors on trained weights, or their effect on a model.",
    assumptions=("independent Gaussian weights", "rounding errors uniform except at the extreme"),
    cells=ByEffort(
        smoke=Cells(bits=(3, 4), group=(64, 1024)),
        standard=Cells(bits=(3, 4, 8), group=(32, 64, 128, 1024, 4096)),
        full=Cells(bits=(3, 4, 8), group=(32, 64, 128, 1024, 4096)),
    ),
    simulate=group_errors,
    expect=(follows("half"), follows("sym")),
    controls=(
        FalseTheory(
            "the maximum of the whole column instead of the group",
            follows("half", lambda c: theory.group_mse(c.bits, WEIGHTS, "half"), group=64),
        ),
        FalseTheory(
            "a factor of 4 per bit",
            follows("half", lambda c: 4 * theory.group_mse(4, c.group, "half"), bits=3, group=64),
        ),
        BrokenWorld("heavy-tailed weights", change={"draw": student}, at={"bits": 4, "group": 64}),
    ),
    block=256,
    cap=ByEffort(smoke=8192, standard=16384, full=32768),
    figure=Axis(x="group", label="group size g", log=True),
)
