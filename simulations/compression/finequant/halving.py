"""Whether halving the groups never enlarges a scale, while the error may grow all the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from refutable.simulations.compression.finequant._errors import squared_error
from refutable.solvers.quantization import absmax_scales

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

LADDER = (1024, 512, 256, 128, 64, 32)
EIGHT = np.array([[7.0, 1.0, 2.0, 3.0, 5.0, 1.0, 2.0, 3.0]])


def scale_of_each(weights: FloatArray, group: int) -> FloatArray:
    """Scale of every weight, 4 bits and the 'sym' convention, in the shape of the weights."""
    return np.repeat(absmax_scales(weights, 4, group, "sym"), group, axis=-1)


def halving(cell: Cell, rng: np.random.Generator, size: int, row: FloatArray = EIGHT) -> Columns:
    """Scales that grow when groups are halved, and the error of a fixed vector that grows."""
    del cell
    weights = rng.standard_t(4, (size, 4, LADDER[0]))
    scales = {g: scale_of_each(weights, g) for g in LADDER}
    grown = [(scales[half] > scales[g]).sum(axis=(1, 2)) for g, half in pairwise(LADDER)]
    vector = squared_error(row, 4, 4, "sym") - squared_error(row, 4, 8, "sym")
    return {
        "scales_grown": np.sum(grown, axis=0),
        "error_of_vector_grown": np.full(size, vector[0]),
    }


def thirds(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Regroup groups of 12 into groups of 8, which are not contained in them."""
    del cell
    weights = rng.standard_t(4, (size, 24))
    wide, narrow = (scale_of_each(weights, g) for g in (12, 8))
    return {"scales_grown": (narrow > wide).sum(axis=1)}


HALVING = Claim(
    id="finequant.halving-monotone",
    title="Smaller groups never enlarge a scale, yet may enlarge the error",
    source="Adaptive group size: groups are shrunk until the range stops shrinking",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "Halving the groups never increases any weight's scale, hence never the worst-case error; "
        "the mean squared error, however, can grow: on (7, 1, 2, 3, 5, 1, 2, 3) from 0 to 0.0153."
    ),
    formula="max_(i in G') |w_i| <= max_(i in G) |w_i| quad (G' subset G)",
    scope=Scope.AS_STATED,
    does_not_show="The paper's stopping rule, which could not be read.",
    assumptions=("every small group lies inside a large one",),
    simulate=halving,
    expect=(
        Exact("scales_grown").equals(0),
        Exact("error_of_vector_grown").near(0.0153, 5e-5),
    ),
    controls=(
        BrokenWorld(
            "a largest entry of 6 in the second half",
            change={"row": np.where(EIGHT == 5.0, 6.0, EIGHT)},
            judged_by="error_of_vector_grown",
        ),
        BrokenWorld("groups of 8 across groups of 12", simulate=thirds, judged_by="scales_grown"),
    ),
    block=50,
    cap=ByEffort(smoke=50, standard=200, full=2000),
)
