"""How low the load-balancing loss can be for k experts per token, and how many experts are dead."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.simulations.experts.moe_survey._gates import MARGIN, hiding_outputs, pairs
from refutable.solvers.moe_layer import load_balancing_loss, sparse_gate
from refutable.theory.experts import moe_survey as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Probability,
    Scope,
    Values,
)

ROUNDING = 1e-12
NEAR = 1.01
"""A search that ends within 1 % has reached the bound."""
EVALUATIONS = 400
"""Of the simplex search, for each expert; with 16 experts most searches stop by themselves."""


def bound(cell: Cell) -> float:
    """Return the greatest lower bound that theory gives for a cell."""
    return float(theory.least_balance_loss(cell.experts, cell.chosen))


def lowest_from(start: FloatArray, chosen: int) -> float:
    """Least loss that a Nelder-Mead search over the shares finds, in softmax coordinates."""
    limit = EVALUATIONS * len(start)

    def loss(x: FloatArray) -> float:
        weights = np.exp(x - x.max())  # scipy's softmax takes three times as long for few experts
        return float(theory.least_loss_of_shares(weights / weights.sum(), chosen))

    found = scipy.optimize.minimize(
        loss,
        np.log(start).tolist(),
        method="Nelder-Mead",
        options={"maxiter": limit, "maxfev": limit, "adaptive": True},
    )
    return float(found.fun)


def searches(cell: Cell, rng: np.random.Generator, size: int, more: int = 0) -> Columns:
    """Search from random shares; `more` is added to the entries of a gate that are allowed."""
    starts = rng.dirichlet(np.ones(cell.experts), size)
    found = np.array([lowest_from(start, cell.chosen + more) for start in starts])
    return {"found": found, "reached": found <= NEAR * bound(cell)}


SMALL = ((2, 2), (3, 2), (3, 3))
MIDDLE = (*SMALL, (4, 2), (4, 4), (8, 2), (8, 8))

INFIMUM = Claim(
    id="moe_survey.aux-loss-infimum",
    title="A search finds the predicted least balance loss, far below one, and nothing lower",
    source="Section 2.2, equations (6) to (8); least value derived here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="For gates with k entries the greatest lower bound of the load-balancing loss is $N "
    "/ (j (N - j + 1))$ with j the less of k and half of N + 1, rounded down, and 7/8 "
    "for two experts: no search goes lower, and one in five at least comes within 1 % of "
    "it.",
    formula="inf N sum_i cal(D)_i cal(P)_i = N / (j (N - j + 1)), quad "
    "j = min(k, floor((N + 1) / 2)), quad N >= 3",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A proof: searches are finite. The least loss of given shares is in closed form; "
    "only the shares are searched.",
    notes=(
        "For two to five experts and every k the number is exact: all quadratic pieces of the "
        "loss were enumerated.",
        "With every expert chosen it is 0.875, 0.75, 0.667, 0.4 and 0.222 for 2, 3, 4, 8 and 16 "
        "experts.",
    ),
    cells=ByEffort(
        smoke=pairs(*SMALL),
        standard=pairs(*MIDDLE),
        full=pairs(*MIDDLE, (8, 4), (16, 2), (16, 16)),
    ),
    simulate=searches,
    expect=(
        Exact("found").at_least(lambda c: bound(c) * (1 - ROUNDING)),
        Probability("reached").at_least(0.2),
    ),
    controls=(
        FalseTheory("two per cent higher", Exact("found").at_least(lambda c: 1.02 * bound(c))),
        BrokenWorld(
            "one entry more",
            change={"more": 1},
            cells=ByEffort(smoke=pairs((3, 1)), standard=pairs((5, 2)), full=pairs((5, 2))),
            judged_by="found",
        ),
        BrokenWorld("one entry fewer", change={"more": -1}, at={"experts": 2}, judged_by="reached"),
    ),
    block=20,  # so many instances of the bound are seen at least
    cap=160,
    figure=Axis(x="experts", label="experts", log=True),
)


def dead_experts(cell: Cell, margin: float = MARGIN, fewer: int = 0) -> Values:
    """Loss and dead experts of the explicit batch.

    Parameters
    ----------
    margin : float
        Lead of the first choice over the others.
    fewer : int
        Entries of the gate that are left unused.
    """
    outputs = hiding_outputs(cell.experts, cell.chosen - fewer, margin)
    gates = sparse_gate(outputs, cell.chosen)
    used = np.unique(gates.argmax(axis=1))
    return {
        "over_bound": float(load_balancing_loss(gates)) / bound(cell) - 1,
        "dead": cell.experts - len(used),
    }


def without_tokens(cell: Cell) -> int:
    """Count the experts whose share is 0 where the bound is approached."""
    return sum(share == 0 for share in theory.least_loss_shares(cell.experts, cell.chosen))


FEW = ((2, 2), (3, 2), (4, 4), (8, 2), (8, 8))

DEAD = Claim(
    id="moe_survey.aux-loss-dead-experts",
    title="A batch with half of the experts dead has a balance loss of four over their number",
    source="Section 2.2, equations (6) to (8); construction derived here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="Router outputs with strict first choices bring the loss within 1e-6 of its greatest "
    "lower bound, while j - 1 experts are nobody's first choice: nearly half of all where k allows "
    "it.",
    formula='N / (j (N - j + 1)) approx 4/N, quad j - 1 approx N/2 "experts with" cal(D)_i = 0',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That training ends there. Dead is meant of first choices; such experts still "
    "serve as second ones.",
    cells=ByEffort(
        smoke=pairs(*FEW),
        standard=pairs(*FEW, (16, 16), (64, 2), (64, 6)),
        full=pairs(*FEW, (16, 16), (64, 2), (64, 6), (256, 8), (256, 256)),
    ),
    compute=dead_experts,
    expect=(
        Exact("over_bound").within(0, 1e-6),
        Exact("dead").equals(without_tokens),
    ),
    controls=(
        BrokenWorld("a lead of 0.001", change={"margin": 1e-3}, judged_by="over_bound"),
        BrokenWorld("one entry unused", change={"fewer": 1}, at={"experts": 8, "chosen": 2}),
    ),
)
