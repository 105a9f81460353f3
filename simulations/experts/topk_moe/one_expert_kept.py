"""What is left of the gate when a single expert is kept.

Theorem T2 (recalled) read for K = 1, and the setting of Figure 3 as third parties quote it.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts.topk_moe._densities import density_change
from refutable.theory.experts import topk_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import PAPER_TRUTH, Atoms

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Scope,
    Values,
)


def _change_gates(truth: Atoms, swap: bool, by: float) -> Atoms:
    """Change b0 by (1, -2) and b1 by factors (0.3, 5), which keeps the ranking; or swap it.

    Of the change of b0 and log b1 the share `by` is made.
    """
    shift = by * np.array([1.0, -2.0])
    slopes = np.array([0.3, 5.0]) ** by * (-1 if swap else 1)
    return Atoms(truth.b0 + shift, truth.b1 * slopes, truth.a, truth.c, truth.v)


def gate_change(cell: Cell, kept: int | None = None, swap: bool = False, by: float = 1.0) -> Values:
    """Largest relative change of the density under a gate change that keeps the ranking.

    `kept` experts stand for the cell's own number; `swap` changes the ranking too; only the share
    `by` of the change is made.
    """
    number, b = kept or int(cell.kept), theory.BASE_TRUTH
    outer = Atoms(b.b0[:2], b.b1[:2], b.a[:2], b.c[:2], b.v[:2])
    return {"change": density_change(outer, number, _change_gates(outer, swap, by), number)}


K1 = Claim(
    id="topk_moe.topk-k1-gate-unidentified",
    title="With one expert kept the gate is not identified",
    source="Theorem T2 (recalled) read for $K = 1$",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "With one expert kept the density depends on the gate only through its ranking, so that no "
        "rate for b0 and b1 can hold at $K = 1$."
    ),
    formula="K = 1 => p_((b_0, b_1)) = p_((b_0 ', b_1 ')) quad \"for equal rankings\"",
    scope=Scope.SCALED_DOWN,
    does_not_show="Whether the paper excludes $K = 1$ (its own experiment uses it, second hand).",
    cells=Cells(kept=(1,)),
    compute=gate_change,
    expect=(Exact("change").equals(0),),
    controls=(
        BrokenWorld("another ranking", change={"swap": True}),
        BrokenWorld(
            "two experts kept, the gate changed by a thousandth", change={"kept": 2, "by": 1e-3}
        ),
    ),
)


def experts_in_use(cell: Cell, with_intercept: bool = False) -> Values:
    """Share of x in [0, 1] that goes to the second expert of the published truth, K = 1.

    The score is b1 x, with b0 added if the cell or the keyword says so.
    """
    x = (np.arange(100_000) + 0.5) / 100_000
    added = cell.with_intercept or with_intercept
    score = PAPER_TRUTH.b1 * x[:, None] + (PAPER_TRUTH.b0 if added else 0.0)
    return {"second": float((score[:, 1] > score[:, 0]).mean())}


ONE_EXPERT = Claim(
    id="topk_moe.topk-published-truth-uses-one-expert",
    title="The published truth uses one of its two experts only",
    source="Setting of Figure 3 as quoted by third parties ($K = 1$, truth of the parent paper)",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "With the published truth on [0, 1] and $K = 1$, ranked by b1 x as the model says, the "
        "second expert is never used: the truth is a single Gaussian regression."
    ),
    formula='25 x >= 0 quad "for all" x in [0, 1]',
    scope=Scope.ARITHMETIC,
    does_not_show="What the authors' runs really ranked by; their code is not public.",
    cells=Cells(with_intercept=(False,)),
    compute=experts_in_use,
    expect=(Exact("second").equals(0),),
    controls=(BrokenWorld("ranking with the intercept", change={"with_intercept": True}),),
)
