"""Whether every parameter of an activation gate attains the Cramer-Rao bound.

Exact-specified theorem for the activation gate (recalled).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.efficiency import (
    CUT,
    attained,
    efficiency,
    information,
    near_its_bound,
)
from refutable.solvers.gaussian_moe import Gate, cramer_rao

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Origin,
    Probability,
    Scope,
)

PARAMETERS = 9  # b0, b1, log tau, then c and a of both experts, then both log v
LOG_TAU = 2


def activation_fit(cell: Cell, rng: Generator, size: int) -> Columns:
    """Outcome of `size` converged fits with an activation in the gate, in units of the bound."""
    columns = efficiency(cell.world, rng, size, cell.n)
    other = Gate("tanh" if cell.world == "sigmoid" else "sigmoid", free_temperature=True)
    right, wrong = information(cell.world), information(cell.world, other)
    ratio = cramer_rao(right)[LOG_TAU] / cramer_rao(wrong)[LOG_TAU]
    return columns | {"mistaken": np.minimum(columns[f"z{LOG_TAU}"] * ratio, CUT["z"])}


def wrong_activation(cell: Cell, rng: Generator, size: int) -> Columns:
    """Fit a tanh gate to data of a sigmoid gate."""
    gate = Gate("tanh", free_temperature=True)
    return efficiency(cell.world, rng, size, cell.n, gate)


ACTIVATION_CRLB = Claim(
    id="temperature_moe.activation-crlb",
    title="With an activation every parameter attains the Cramer-Rao bound",
    source="Exact-specified theorem for the activation gate (recalled)",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "With a sigmoid or tanh inside the gate every parameter, the temperature included, attains "
        "the Cramer-Rao bound."
    ),
    formula="sqrt(n) (hat(theta) - theta^*) -> N(0, I(theta^*)^(-1))",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Low temperatures, two experts, fits that start at the truth. The mean |z| regions are "
        "those of the parent's exact fits. Tried is the limit in law, by means of errors cut off "
        "at 3 bounds and of squared distances at 4: of rare runs that fail it says nothing."
    ),
    cells=ByEffort(
        smoke=Cells(world=("sigmoid",), n=(4000,)),
        standard=Cells(world=("sigmoid", "tanh"), n=(4000, 16000)),
        full=Cells(world=("sigmoid", "tanh"), n=(4000, 16000, 64000)),
    ),
    simulate=activation_fit,
    expect=(
        *attained(PARAMETERS, 0.75, 1.35),
        Probability("converged").at_least(0.9),
    ),
    controls=(
        FalseTheory(
            "the temperature's bound under the other activation",
            near_its_bound("mistaken", predicted=False),
        ),
        BrokenWorld(
            "a tanh gate fitted to sigmoid data",
            simulate=wrong_activation,
            at={"world": "sigmoid", "n": 4000},
        ),
    ),
    block=50,
    cap=ByEffort(smoke=2400, standard=3200, full=4800),
    notes=(
        "EM stopped at a relative gain of 1e-6 is no control here: from starts off as in the "
        "parent's code it attains the bound too (sigmoid, n = 4000: mean distance 1.07 +- 0.03, "
        "converged 1.08), and from starts 0.15 off 2 percent of its runs stop short by more than "
        "1 in log-likelihood while the median distance is the same (0.97).",
    ),
)
