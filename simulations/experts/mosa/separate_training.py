"""What training one random module per step converges to, and how often an entry is touched."""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._identities.gap import relative_gap
from refutable.simulations.experts.mosa._squared_loss import moments
from refutable.solvers.masked_least_squares import (
    masked_fixed_point,
    ordinary_least_squares,
    random_group_descent,
)
from refutable.solvers.subsets import random_partitions
from refutable.theory.experts import mosa as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Origin,
    Probability,
    Scope,
)

SOLVE = 1e-8
"""As for identities, with room for a linear solve."""
STEP = 0.2
UPDATES = 500
"""Steps of each module. At correlation 0.6 the least eigenvalue of the features is 0.25 or so, and
the slowest error has shrunk by exp(-0.2 x 0.25 x 500), 1e-11."""


def fixed_point(
    cell: Cell, rng: np.random.Generator, size: int, updates: int = UPDATES, whiten: bool = True
) -> Columns:
    """Random-module descent against the grouped normal equations and least squares.

    `whiten` makes the features of the second comparison white on the sample itself.
    """
    sigma, cross, groups, _ = moments(cell, rng, size)
    predicted = masked_fixed_point(sigma, cross, groups)
    reached = random_group_descent(rng, sigma, cross, groups, cell.n, STEP, updates * cell.n)
    white = moments(cell, rng, size, whiten=whiten)[:3]
    return {
        "descent_gap": relative_gap(reached, predicted),
        "ols_gap": relative_gap(predicted, ordinary_least_squares(sigma, cross)),
        "white_gap": relative_gap(masked_fixed_point(*white), ordinary_least_squares(*white[:2])),
    }


CORRELATIONS = (0.0, 0.3, 0.6)

FIXED_POINT = Claim(
    id="mosa.sparse-training-fixed-point",
    title="Training modules one at a time converges to masked least squares",
    source="Training one random module per step, trainer.py; derived here for squared loss",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Training one random module at a time and adding them converges to a masked least "
    "squares solution; it is ordinary least squares when the features are white.",
    formula="w_k = (Sigma dot.o B^((k)))^(-1) c_k, quad "
    'B_(j l)^((k)) = 1 [(k,j), (k,l) in "one module"]',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Deep adapters: linear up projection on frozen features, squared loss, without "
    "the consistency term between two stochastic passes.",
    cells=ByEffort(
        smoke=Cells(n=(4,), corr=CORRELATIONS, samples=(1000,)),
        standard=Cells(n=(4,), corr=CORRELATIONS, samples=(4000,)),
        full=Cells(n=(2, 4, 8), corr=CORRELATIONS, samples=(4000,)),
    ),
    simulate=fixed_point,
    expect=(Exact("descent_gap").at_most(SOLVE), Exact("white_gap").at_most(SOLVE)),
    controls=(
        FalseTheory(
            "it is least squares at correlation 0.6", Exact("ols_gap", corr=0.6).at_most(SOLVE)
        ),
        BrokenWorld(
            "half of the steps",
            change={"updates": UPDATES // 2},
            at={"corr": 0.6},
            judged_by="descent_gap",
        ),
        BrokenWorld(
            "features that are white in law, but not on the sample",
            change={"whiten": False},
            at={"corr": 0.0},
            judged_by="white_gap",
        ),
    ),
    block=20,
    cap=ByEffort(smoke=20, standard=20, full=60),
)


def touches(
    cell: Cell, rng: np.random.Generator, size: int, extra: int = 0, kept: float = 0.0
) -> Columns:
    """Draw the modules of one step with two passes, for a random split of the entries.

    Parameters
    ----------
    extra : int
        Modules beyond the cell's N.
    kept : float
        Probability that the second pass keeps the module of the first instead of drawing anew.
    """
    modules = cell.n + extra
    labels = random_partitions(rng, size, cell.entries, modules)
    first, second = rng.integers(modules, size=(2, size))
    second = np.where(rng.random(size) < kept, first, second)
    return {
        "touched": (labels == first[:, None]).mean(axis=1),
        "entry_touched": labels[:, 0] == first,
        "same_module": first == second,
    }


BUDGET = Claim(
    id="mosa.update-budget",
    title="Every training step touches one module's share of the entries",
    source="MoSABlock.forward (random.randint per step), masks of Pruner.divide",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Every step touches exactly $1/N$ of the split entries, each entry with probability "
    "$1/N$, and two passes share their module with probability $1/N$.",
    formula='PP("touched") = PP("same module") = 1/N',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Anything about what the updates achieve.",
    assumptions=("N divides the number of entries",),
    cells=ByEffort(
        smoke=Cells(n=(4,), entries=(64,)),
        standard=Cells(n=(2, 4, 8), entries=(64,)),
        full=Cells(n=(2, 4, 8), entries=(64, 256)),
    ),
    simulate=touches,
    expect=(
        Exact("touched").equals(lambda c: float(theory.step_share(c.n)), 1e-12),
        Probability("entry_touched").near(lambda c: float(theory.step_share(c.n)), 0.02),
        Probability("same_module").near(lambda c: float(theory.pass_coincidence(c.n)), 0.02),
    ),
    controls=(
        BrokenWorld("one module more", change={"extra": 1}),
        BrokenWorld(
            "one second pass in ten keeps the module of the first",
            change={"kept": 0.1},
            judged_by="same_module",
        ),
    ),
    block=10_000,
    cap=ByEffort(smoke=60_000, standard=60_000, full=100_000),
)
