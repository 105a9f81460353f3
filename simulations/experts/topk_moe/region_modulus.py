"""How far the density moves at least when one copy of an expert does, inside one region.

Theorem T4 (recalled), with the exponents of the parent paper.
"""

from __future__ import annotations

from refutable.simulations.experts._gaussian_moe.modulus import Setting, local_slopes
from refutable.solvers.gaussian_moe import Gate
from refutable.theory.experts.softmax_gmoe.atoms import Atoms
from refutable.theory.experts.topk_moe import BASE_TRUTH

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

GRID = {"c": (0.1, 0.13), "a": (0.05, 0.08), "v": (0.05, 0.08)}
EXPONENT, MARGIN = {"c": 8.0, "a": 4.0, "v": 4.0}, {"c": 0.6, "a": 0.3, "v": 0.3}


def region_modulus(cell: Cell, copies: int | None = None) -> Values:
    """Exponent of the least squared Hellinger distance for experts 2 and 3 on x > 0.

    `copies` stands for the cell's own number; with one copy nothing is over-fitted.
    """
    b, coordinate = BASE_TRUTH, str(cell.coordinate)
    inside = Atoms(b.b0[1:], b.b1[1:], b.a[1:], b.c[1:], b.v[1:])
    setting = Setting(inside, Gate(), ((0.0, 1.0),), copies or cell.copies, nodes=(24, 20))
    return {"slope": float(local_slopes(setting, coordinate, GRID[coordinate], 4)[0])}


REGION_MODULUS = Claim(
    id="topk_moe.topk-overspecified-modulus",
    title="Inside one region two copies separate as under the dense gate",
    source="Theorem T4 (recalled), with the exponents of the parent paper",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "Inside one top-K region the moduli of an over-fitted pair are those of the dense gate: "
        "t^8 for the intercept, t^4 for slope and variance."
    ),
    formula="min H^2(p_G, p_(G^*)) = Theta(t^8) (c), quad Theta(t^4) (a, v)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="One region (x > 0) with its two selected experts; no estimator and no data.",
    cells=Cells(coordinate=("c", "a", "v"), copies=(2,)),
    compute=region_modulus,
    expect=(
        Exact("slope").near(
            lambda cell: EXPONENT[cell.coordinate], lambda cell: MARGIN[cell.coordinate]
        ),
    ),
    controls=(
        FalseTheory("t^7 for the intercept", Exact("slope", coordinate="c").near(7, 0.6)),
        FalseTheory("t^9 for the intercept", Exact("slope", coordinate="c").near(9, 0.6)),
        BrokenWorld("no copy", change={"copies": 1}),
    ),
)
