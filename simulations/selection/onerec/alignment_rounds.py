"""Whether T rounds of DPO, each against the last iterate, tilt a policy by T rewards (L_DPO)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from refutable.solvers.preference import (
    PairwiseProblem,
    dpo_update,
    fit_pairwise,
    squared_margin_fit,
)
from refutable.theory.selection import onerec as theory

from refutable import (
    Axis,
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
    Probability,
    Scope,
)

Fit = Callable[[PairwiseProblem], FloatArray]

RARE = 1e-9
"""A problem stops before a response becomes rarer: the Newton system is nearly singular then."""


def policies(cell: Cell, rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    """Draw rewards and logarithms of start policies of `size` tabular problems, (size, Y) each."""
    reward = rng.standard_normal((size, cell.responses))
    start = rng.dirichlet(np.full(cell.responses, 2.0), size=size)
    return reward, np.log(start)


def labelled_pairs(log_policy: FloatArray, reward: FloatArray) -> PairwiseProblem:
    """Pairs drawn from a policy, labelled by Bradley-Terry."""
    policy = np.exp(log_policy)
    weights = 2 * policy[:, :, None] * policy[:, None, :]
    return PairwiseProblem(weights, scipy.special.expit(reward[:, :, None] - reward[:, None, :]))


def start_loss(problem: PairwiseProblem) -> FloatArray:
    """Mean loss (size,) of a pair at the reference."""
    off = problem.weights * (1 - np.eye(problem.responses))
    at_reference = problem.loss(np.zeros(problem.weights.shape[:-1]))
    return np.asarray(at_reference / off.sum(axis=(1, 2)))


def logistic_fit(problem: PairwiseProblem) -> FloatArray:
    """Minimise the DPO loss itself."""
    return fit_pairwise(problem).theta


def align(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    moving_reference: bool = True,
    fit: Fit = logistic_fit,
) -> Columns:
    """Run T rounds of DPO against the previous iterate, or against the start policy.

    ``completed`` says of which problems all rounds were run: of the others ``distance`` compares
    what came out of the rounds before a response became too rare.
    """
    reward, start = policies(cell, rng, size)
    policy = target = start
    worst, completed = np.zeros(size), np.ones(size, dtype=bool)
    for _ in range(cell.rounds):
        problem = labelled_pairs(policy, reward)
        worst = np.maximum(worst, np.abs(start_loss(problem) - np.log(2)))
        goal = theory.tilted(target, reward, cell.beta, 1)
        goes_on = (goal.min(axis=1) > np.log(RARE))[:, None]
        moved = dpo_update(policy if moving_reference else start, fit(problem), cell.beta)
        policy, target = np.where(goes_on, moved, policy), np.where(goes_on, goal, target)
        completed &= goes_on[:, 0]
    distance = 0.5 * np.abs(np.exp(policy) - np.exp(target)).sum(axis=1)
    return {"distance": distance, "start_loss_gap": worst, "completed": completed}


TILT = Claim(
    id="onerec.dpo-iterate-tilt",
    title="Rounds of preference alignment tilt the policy by as many rewards",
    source="Iterative preference alignment, L_DPO with the previous iterate as reference; derived",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="T rounds of DPO, each against the previous iterate, tilt the start policy by T "
    "rewards; every round starts from the loss log 2. Nine of ten problems at least run "
    "all T rounds before a response becomes rarer than one in $10^9$.",
    formula="M_T prop M_0 e^(T r \\/ beta)",
    scope=Scope.SCALED_DOWN,
    does_not_show="Finite samples, a learnt reward model, beam search, or a policy that cannot "
    "express the tilt; the paper's labels are deterministic (claim "
    "deterministic-label-divergence).",
    assumptions=("Bradley-Terry labels of the reward", "full support", "tabular policy"),
    cells=ByEffort(
        smoke=Cells(responses=(6,), beta=(1.0, 2.0), rounds=(1, 2)),
        standard=Cells(responses=(12,), beta=(1.0, 2.0), rounds=(1, 2))
        + Cells(responses=(12,), beta=(2.0,), rounds=(3,)),
        full=Cells(responses=(12,), beta=(1.0, 2.0), rounds=(1, 2))
        + Cells(responses=(12, 50), beta=(2.0,), rounds=(3,)),
    ),
    simulate=align,
    expect=(
        Exact("distance").at_most(1e-8),
        Exact("start_loss_gap").at_most(1e-12),
        Probability("completed").at_least(0.9),
    ),
    controls=(
        BrokenWorld(
            "three rounds of a sharper tilt, which many problems do not complete",
            cells=Cells(responses=(12,), beta=(0.5,), rounds=(3,)),
            judged_by="completed",
        ),
        BrokenWorld(
            "the reference frozen at the start policy",
            change={"moving_reference": False},
            cells=Cells(responses=(6,), beta=(2.0,), rounds=(2,)),
            judged_by=("distance", "start_loss_gap"),
        ),
        BrokenWorld(
            "the squared-margin loss (IPO)",
            change={"fit": squared_margin_fit},
            judged_by="distance",
        ),
    ),
    block=32,
    cap=ByEffort(smoke=640, standard=640, full=640),
    figure=Axis(x="rounds", label="rounds T"),
)
