"""Whether objects stay whole in one of two grids as often as inclusion-exclusion predicts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.selection.mini_monkey._grids import every_pair
from refutable.solvers.tile_grids import cut_on_axis, random_starts
from refutable.theory.selection import mini_monkey as theory
from refutable.theory.selection.mini_monkey import Grid

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Mean,
    Origin,
    Probability,
    Scope,
)

Bools = NDArray[np.bool_]


def grids_of(cell: Cell) -> tuple[Grid, Grid]:
    """Return the detailed and the adaptive grid of a cell."""
    return (cell.m, cell.k), (cell.m2, cell.k2)


def left_whole(
    cell: Cell, rng: np.random.Generator, size: int, apart: bool = False, stretch: float = 1.0
) -> tuple[Bools, Bools]:
    """Place objects uniformly and see which of the two grids leave them whole.

    Parameters
    ----------
    apart : bool
        Place the objects anew for the second grid, so that the grids cut independently.
    stretch : float
        Factor on the width and the height of the objects.
    """
    w, h = stretch * cell.w, stretch * cell.h
    x, y = random_starts(rng, size, w), random_starts(rng, size, h)
    u, v = (random_starts(rng, size, w), random_starts(rng, size, h)) if apart else (x, y)
    (m, k), (m2, k2) = grids_of(cell)
    first = cut_on_axis(x, w, m) | cut_on_axis(y, h, k)
    second = cut_on_axis(u, w, m2) | cut_on_axis(v, h, k2)
    return ~first, ~second


def placements(cell: Cell, rng: np.random.Generator, size: int, apart: bool = False) -> Columns:
    """Whether objects are whole in the detailed grid, and in either."""
    first, second = left_whole(cell, rng, size, apart)
    return {"first": first, "either": first | second}


def rescued(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Whether objects are whole in the second grid only."""
    first, second = left_whole(cell, rng, size)
    return {"gained": second & ~first}


def predicted_first(cell: Cell) -> float:
    """Probability of being uncut in the detailed grid."""
    return theory.uncut(grids_of(cell)[:1], cell.w, cell.h)


def predicted_either(cell: Cell) -> float:
    """Probability of being uncut in at least one grid."""
    return theory.uncut(grids_of(cell), cell.w, cell.h)


def unclipped(cell: Cell) -> float:
    """Probability of being uncut in the detailed grid by the product that needs w <= 1/m."""
    return theory.simple_uncut(cell.m, cell.w) * theory.simple_uncut(cell.k, cell.h)


def cut_cells(pairs: Iterable[tuple[Grid, Grid]], sizes: Iterable[tuple[float, float]]) -> Cells:
    """Cells for pairs of grids and object sizes."""
    return Cells.of(
        *(
            {"m": a[0], "k": a[1], "m2": b[0], "k2": b[1], "w": w, "h": h}
            for a, b in pairs
            for w, h in sizes
        )
    )


FOUR_THREE = (4, 3)
TWO_PAIRS = ((FOUR_THREE, (3, 2)), (FOUR_THREE, (2, 2)))
SIX_PAIRS = (*TWO_PAIRS, ((2, 3), (3, 2)), ((6, 2), (5, 1)), ((3, 3), (2, 2)), ((1, 7), (1, 5)))
SMALL_SIZES = ((0.05, 0.05), (0.15, 0.1))
SIZES = (*SMALL_SIZES, (0.3, 0.1), (0.02, 0.4))


MARGIN = 0.01
OBJECTS = 50
INDEPENDENT = "the grids cut independently"

CUT = Claim(
    id="mini_monkey.cut-probability",
    title="A second grid leaves as many more objects whole as predicted",
    source="Complementary image pyramid (detailed and adaptive grid); derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="An object is uncut in at least one of two grids with the probability given by "
    "inclusion-exclusion over the union of their lines: a complementary grid rescues many.",
    formula="P = p_1 + p_2 - p_(12), quad U_m (w) = 1 - ((m-1) w) / (1 - w)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That a model reads uncut objects better, or that real objects are placed "
    "uniformly.",
    assumptions=("objects placed uniformly, independent of the grid",),
    cells=ByEffort(
        smoke=cut_cells(TWO_PAIRS, SMALL_SIZES),
        standard=cut_cells(SIX_PAIRS, SIZES),
        full=cut_cells(SIX_PAIRS, SIZES),
    ),
    simulate=placements,
    expect=(
        Probability("first").near(predicted_first, MARGIN),
        Probability("either").near(predicted_either, MARGIN),
    ),
    controls=(
        BrokenWorld(
            INDEPENDENT,
            change={"apart": True},
            at={"m": 4, "m2": (2, 3)},
            judged_by="either",
        ),
        BrokenWorld(
            "a second grid identical to the first",
            simulate=rescued,
            cells=cut_cells(((FOUR_THREE, FOUR_THREE),), SMALL_SIZES[:1]),
            expect=(Probability("gained").at_least(0.01),),
        ),
        BrokenWorld(
            "objects larger than a tile, by the formula without clipping",
            cells=cut_cells(((FOUR_THREE, (3, 2)),), ((0.28, 0.38),)),
            expect=(Probability("first").near(unclipped, MARGIN),),
        ),
    ),
    block=20_000,
    cap=ByEffort(smoke=400_000, standard=400_000, full=400_000),
)


def pair_cells(every: int) -> Cells:
    """Every n-th pair of grids for small objects, marked where no object is cut twice."""
    w, h = SMALL_SIZES[0]
    return Cells.of(
        *(
            {**cell, "never_cut_twice": theory.uncut(grids_of(cell), w, h) > 1 - 1e-12}
            for cell in cut_cells(every_pair()[::every], ((w, h),))
        )
    )


def share_whole(
    cell: Cell, rng: np.random.Generator, size: int, apart: bool = False, stretch: float = 1.0
) -> Columns:
    """Shares of 50 objects whole in the detailed grid, and in either, per replicate."""
    first, second = left_whole(cell, rng, size * OBJECTS, apart, stretch)
    events = {"first": first, "either": first | second}
    return {name: event.reshape(size, OBJECTS).mean(axis=1) for name, event in events.items()}


ALL_PAIRS = Claim(
    id="mini_monkey.cut-probability-of-all-grids",
    title="The share of whole objects is as predicted for all grids",
    source="Complementary image pyramid, all candidate grids of demo.py; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The closed form holds for the candidate pairs of detailed and adaptive grids and "
    "small objects (all 390 pairs at full effort).",
    formula="P = p_1 + p_2 - p_(12)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Larger objects (claim cut-probability), or that uncut objects are read better.",
    assumptions=("objects placed uniformly, independent of the grid",),
    cells=ByEffort(
        smoke=pair_cells(130),
        standard=pair_cells(26),
        full=pair_cells(1),
    ),
    simulate=share_whole,
    expect=(
        Mean("first", bounds=(0, 1)).near(predicted_first, MARGIN),
        Mean("either", bounds=(0, 1), never_cut_twice=False).near(predicted_either, MARGIN),
        Exact("either", never_cut_twice=True).equals(1.0),
    ),
    controls=(
        BrokenWorld("objects larger by a tenth", change={"stretch": 1.1}),
        BrokenWorld(INDEPENDENT, change={"apart": True}, judged_by="either"),
    ),
    block=256,
    cap=8192,
)
