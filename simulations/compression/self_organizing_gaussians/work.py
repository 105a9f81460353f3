"""How the work of a sort grows with the number of cells."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.compression.self_organizing_gaussians._grids import UNIFORM, drawn
from refutable.solvers.parallel_linear_assignment_sorting import radii, sort_grids

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

SIDES = (16, 24, 32)
"""Rows of the grids of a ladder."""
CELLS = tuple(n * n for n in SIDES)


def visits(cell: Cell, rng: Generator, size: int, one_by_one: bool = False) -> Columns:
    """Count how often cells are looked at, by grids of a ladder of sizes, shape (size, sizes).

    Parameters
    ----------
    one_by_one : bool
        Let the radius fall by one, and not by 5 %.
    """

    def counted(n: int) -> FloatArray:
        schedule = range(n // 2 - 1, 0, -1) if one_by_one else radii(n)
        grids = drawn(rng, size, n)
        found = sort_grids(grids, rng, cell.least_gain, schedule=schedule)
        return found.visits.astype(np.float64)

    return {"visits": np.stack([counted(n) for n in SIDES], axis=1)}


def _most(cell: Cell) -> float:
    """Largest exponent: a logarithm's worth above 1, or half a power."""
    return 1.2 if cell.least_gain == 1e-2 else 1.5


WORK = Claim(
    id="self_organizing_gaussians.work",
    title="The work of a sort grows little faster than the number of cells",
    source="README of fraunhoferhhi/PLAS: figure of the duration over the side length",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The typical number of times that cells are looked at grows as N to a power of 0.9 "
    "to 1.2 where a pass ends a block below 1 %, and of 0.9 to 1.5 below 0.1 %, N being the cells.",
    formula='"visits" prop N^e, quad 0.9 <= e <= 1.2 " at " 10^(-2), quad 0.9 <= e <= 1.5 " at " '
    "10^(-3)",
    scope=Scope.SCALED_DOWN,
    does_not_show="Time: counts are the same on every machine, and leave out the blur, here of "
    "N log N, and in the released code of N to the power 1.5, since its filters grow with the "
    "radius.",
    assumptions=(UNIFORM, "16, 24 and 32 rows"),
    notes=(
        "The ranges were chosen when the exponents were known.",
        "With the threshold of the evaluations, 1e-4, the exponent is 1.5 from 16 to 64 rows and "
        "1.2 from 64 to 256: small grids stop early.",
    ),
    cells=ByEffort(
        smoke=Cells(least_gain=(1e-2,)),
        standard=Cells(least_gain=(1e-2, 1e-3)),
        full=Cells(least_gain=(1e-2, 1e-3)),
    ),
    simulate=visits,
    expect=(Slope("visits", CELLS).within(0.9, _most),),
    controls=(
        BrokenWorld(
            "radii that fall by one",
            change={"one_by_one": True},
            at={"least_gain": 1e-2},
        ),
        FalseTheory(
            "no faster than the cells",
            Slope("visits", CELLS, least_gain=1e-2).within(0.9, 1.05),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=160, standard=320, full=640),
)
