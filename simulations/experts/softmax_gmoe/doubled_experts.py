"""Whether the density notices that every expert is fitted twice, with gate slopes apart.

Against the inequality between the Hellinger distance and D_2, read for every number of experts.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import Gate, log_density, sample
from refutable.theory.experts.softmax_gmoe.atoms import EASY_TRUTH, Atoms
from refutable.theory.experts.softmax_gmoe.losses import overspecified_loss
from refutable.theory.experts.softmax_gmoe.splits import cosh_identity

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Symbolic,
    Values,
    Verdict,
)
from refutable.claims.symbolic import vanishes


def _doubled(
    cells: int, t: float, weight: float = 0.5, other: float | None = None, stretch: float = 1.0
) -> Atoms:
    """Split the first `cells` experts: b1 + t with `weight`, b1 + other (-t) with the rest.

    The moves of the second expert are longer by the factor `stretch`.
    """
    truth, back = EASY_TRUTH, -t if other is None else other
    keep = np.repeat([0, 1], [2 if j < cells else 1 for j in range(2)])
    b0, b1 = truth.b0[keep].copy(), truth.b1[keep].copy()
    for j in range(cells):
        first, second = np.flatnonzero(keep == j)
        b0[first] += np.log(weight)
        b0[second] += np.log1p(-weight)
        b1[first] += t * stretch**j
        b1[second] += back * stretch**j
    return Atoms(b0, b1, truth.a[keep], truth.c[keep], truth.v[keep])


def _density_change(split_truth: Atoms) -> float:
    """Largest relative change of the density at 20,000 points."""
    rng = np.random.default_rng(17)
    x, y = rng.uniform(-1, 1, 20_000), 2 * rng.standard_normal(20_000)
    base = log_density(parameters(EASY_TRUTH), Gate(), x, y)
    return float(np.abs(np.expm1(log_density(parameters(split_truth), Gate(), x, y) - base)).max())


@lru_cache(maxsize=2)
def _cosh_identity(cells: int) -> str:
    return vanishes(cosh_identity(cells), f1=(1,), f2=(3,))


def doubling(cell: Cell, split: int | None = None, stretch: float = 1.0) -> Values:
    """Change of the density and loss when the gate slopes of `split` experts are split by t.

    All that the cell names are split by default, all by the same unless there is a `stretch`.
    """
    count = split or int(cell.cells)
    moved = _doubled(count, float(cell.t), stretch=stretch)
    uneven = _doubled(count, 0.9 * cell.t, 0.3, -0.2 * cell.t, stretch)
    return {
        "change": _density_change(moved),
        "uneven": _density_change(uneven),
        "loss": float(overspecified_loss(moved, EASY_TRUTH)),
        "identity": _cosh_identity(count),
    }


COSH = Claim(
    id="softmax_gmoe.cosh-counterexample",
    title="Splitting every expert in its gate leaves the density as it is",
    source="Derived; against our extension, to $k >= 2$ k* experts, of the proposition on "
    "identifiability up to translation",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "If every expert is split into a pair with gate slopes b1 +- t and half the weight, the "
        "density does not change at all while the loss $D_2$ is positive."
    ),
    formula='p_(G_t) = p_(G^*) quad "and" quad D_2(G_t, G^*) > 0 quad "for all" t > 0',
    scope=Scope.AS_STATED,
    does_not_show="Whether the paper restricts k below 2 k*: its quantifiers are recalled, and its "
    "proposition is known for the exact number of experts only.",
    cells=Cells(cells=(2,), t=(0.1, 1.0, 3.0)),
    compute=doubling,
    expect=(
        Exact("change").at_most(1e-12),
        Exact("uneven").at_most(1e-12),
        Exact("loss").at_least(1e-5),
        Symbolic("identity").holds(),
    ),
    controls=(
        BrokenWorld(
            "one expert is split a thousandth wider",
            change={"stretch": 1.001},
            judged_by=("change", "uneven"),
        ),
        BrokenWorld("only one expert is split", change={"split": 1}),
    ),
)


def hellinger_over_loss(cell: Cell, stretch: float = 1.0) -> Values:
    """Hellinger distance over D_2 for gate slopes split by t in `cells` of the two experts.

    The moves of the second expert are longer by the factor `stretch`.
    """
    moved = _doubled(int(cell.cells), float(cell.t), stretch=stretch)
    rng = np.random.default_rng(18)
    x = rng.uniform(-1, 1, 20_000)
    y = sample(rng, parameters(EASY_TRUTH), Gate(), x)
    base = log_density(parameters(EASY_TRUTH), Gate(), x, y)
    ratio = np.expm1(0.5 * (log_density(parameters(moved), Gate(), x, y) - base))
    loss = float(overspecified_loss(moved, EASY_TRUTH))
    return {"ratio": float(np.sqrt(np.mean(ratio**2))) / loss}


UNIVERSAL = Claim(
    id="softmax_gmoe.loss-bounds-density-for-all-k",
    title="The loss bounds the density for every number of fitted experts",
    source="Inequality Hellinger >= C D_2, read for every k > k* (quantifiers recalled)",
    origin=Origin.GUARD,
    basis=Basis.RECALLED,
    statement="The Hellinger distance is at least C times $D_2$ for every number $k > k^*$ of "
    "experts.",
    formula="inf_G h(p_G, p_(G^*)) / D_2(G, G^*) >= C > 0",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The inequality is not contradicted for $k < 2$ k*, where at least one cell stays single. "
        "The paper may well say so; its wording could not be read."
    ),
    cells=Cells(cells=(1, 2), t=(0.3, 1.0)),
    compute=hellinger_over_loss,
    expect=(Exact("ratio").at_least(1e-3),),
    controls=(
        FalseTheory("distance at most a twentieth of $D_2$", Exact("ratio", cells=1).at_most(0.05)),
    ),
    positive=(
        RightTheory("one of the two experts split", Exact("ratio", cells=1).at_least(1e-3)),
        MendedWorld(
            "both split, the second by twice as much",
            change={"stretch": 2.0},
            at={"cells": 2},
        ),
    ),
    expected=Verdict.REFUTED,
    why="At $k = 2$ k* splitting every gate slope leaves the density exactly unchanged.",
)
