"""Whether a next-token loss beside DPO brings a finite minimiser back (L_NTP + lambda L_DPO)."""

from __future__ import annotations

import numpy as np
from refutable.simulations.selection.onerec._descent import (
    LATE,
    best_worst_problem,
    certain,
    late_margins,
)
from refutable.solvers.preference import descent_margins

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)


def late_growth(margins: FloatArray) -> Columns:
    """Last margin, and its growth since the one before."""
    return {"late_growth": margins[:, 1] - margins[:, 0], "margin": margins[:, 1]}


def with_next_token_loss(
    cell: Cell, rng: np.random.Generator, size: int, late: tuple[int, int] = LATE
) -> Columns:
    """Descend to the end with a next-token loss of data from the start policy."""
    _, start, weights = best_worst_problem(cell, rng, size)
    return late_growth(late_margins(certain(weights), start, cell.weight * start, late))


def without_next_token_loss(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Drop the next-token loss; there is no end then, so that 10^4 steps have to do."""
    _, _, weights = best_worst_problem(cell, rng, size)
    return late_growth(descent_margins(certain(weights), (10**3, 10**4)))


FINITE = Claim(
    id="onerec.next-token-loss-restores-a-minimiser",
    title="A next-token loss beside it gives a finite minimiser back",
    source="Total loss L_NTP + lambda L_DPO; derived",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="With a next-token loss beside it, DPO on deterministic labels has a finite "
    "minimiser: the margin stops growing.",
    formula='L_"NTP" + lambda L_"DPO" -> "finite minimiser"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Which weight is right; the next-token data are the start policy's own here. How "
    "long training takes: steps are 1 over the largest curvature, and descent is taken to have "
    "arrived when no entry moves by more than 1e-14.",
    assumptions=("the next-token data have full support",),
    cells=ByEffort(
        smoke=Cells(responses=(8,), draws=(2,), weight=(1.0,)),
        standard=Cells(responses=(12,), draws=(2, 8), weight=(0.5, 1.0)),
        full=Cells(responses=(12,), draws=(2, 8), weight=(0.1, 0.5, 1.0)),
    ),
    simulate=with_next_token_loss,
    expect=(Exact("late_growth").within(-1e-6, 1e-6), Exact("margin").shown()),
    controls=(
        BrokenWorld("without the next-token loss", simulate=without_next_token_loss),
        BrokenWorld("after ten and a hundred steps", change={"late": (10, 100)}),
    ),
    block=10,
    cap=20,
)
