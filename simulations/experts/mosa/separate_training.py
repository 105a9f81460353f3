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
STEP, STEPS = 0.2, 3000


def fixed_point(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Random-module descent against the grouped normal equations and least squares."""
    sigma, cross, groups, _ = moments(cell, rng, size)
    predicted = masked_fixed_point(sigma, cross, groups)
    reached = random_group_descent(rng, sigma, cross, groups, cell.n, STEP, STEPS)
    white = moments(cell, rng, size, whiten=True)[:3]
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
        smoke=Cells(n=(4,), corr=CORRELATIONS, samples=(4000,)),
        standard=Cells(n=(4,), corr=CORRELATIONS, samples=(4000,)),
        full=Cells(n=(2, 4, 8), corr=CORRELATIONS, samples=(4000,)),
    ),
    simulate=fixed_point,
    expect=(Exact("descent_gap").at_most(SOLVE), Exact("white_gap").at_most(SOLVE)),
    controls=(
        FalseTheory(
            "it is least squares at correlation 0.6", Exact("ols_gap", corr=0.6).at_most(SOLVE)
        ),
    ),
    block=5,
    cap=ByEffort(smoke=5, standard=10, full=50),
)


def touches(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Draw the modules of one step with two passes, for a random split of the entries."""
    labels = random_partitions(rng, size, cell.entries, cell.n)
    first, second = rng.integers(cell.n, size=(2, size))
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
    statement="Every step touches exactly 1/N of the split entries, each entry with probability "
    "1/N, and two passes share their module with probability 1/N.",
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
        FalseTheory("both passes always share a module", Probability("same_module").at_least(0.95)),
    ),
    block=10_000,
    cap=ByEffort(smoke=60_000, standard=60_000, full=100_000),
)
