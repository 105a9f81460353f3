"""Tabular preference alignment for OneRec: rounds of DPO, and descent on one round."""

import numpy as np
from refutable.solvers.preference import (
    PairwiseProblem,
    descent_margins,
    dpo_update,
    fit_pairwise,
    largest_curvature,
    squared_margin_fit,
)
from refutable.theory.selection import onerec as theory
from scipy.special import expit

RARE = 1e-9
LATE = (10**5, 10**6)
"""Steps between which a margin with a finite limit should have stopped to grow."""
SETTLED = 1e-14
"""Descent to a finite minimiser ends when no entry moves by more than this in a step."""


def policies(cell, rng, size):
    """Draw rewards and start policies of `size` tabular problems, (size, Y) each."""
    reward = rng.standard_normal((size, cell.responses))
    start = rng.dirichlet(np.full(cell.responses, 2.0), size=size)
    return reward, np.log(start)


def labelled_pairs(log_policy, reward):
    """Pairs drawn from a policy, labelled by Bradley-Terry."""
    policy = np.exp(log_policy)
    weights = 2 * policy[:, :, None] * policy[:, None, :]
    return PairwiseProblem(weights, expit(reward[:, :, None] - reward[:, None, :]))


def align(cell, rng, size, moving_reference=True, fit=lambda problem: fit_pairwise(problem).theta):
    """Run T rounds of DPO; a problem stops before a response becomes rarer than 1e-9."""
    reward, start = policies(cell, rng, size)
    policy = target = start
    worst = np.zeros(size)
    for _ in range(cell.rounds):
        problem = labelled_pairs(policy, reward)
        off = problem.weights * (1 - np.eye(cell.responses))
        loss = problem.loss(np.zeros_like(reward)) / off.sum(axis=(1, 2))
        worst = np.maximum(worst, np.abs(loss - np.log(2)))
        goal = theory.tilted(target, reward, cell.beta, 1)
        goes_on = (goal.min(axis=1) > np.log(RARE))[:, None]
        moved = dpo_update(policy if moving_reference else start, fit(problem), cell.beta)
        policy, target = np.where(goes_on, moved, policy), np.where(goes_on, goal, target)
    distance = 0.5 * np.abs(np.exp(policy) - np.exp(target)).sum(axis=1)
    return {"distance": distance, "start_loss_gap": worst}


def frozen_reference(cell, rng, size):
    """Keep the start policy as the reference of every round."""
    return align(cell, rng, size, moving_reference=False)


def squared_loss(cell, rng, size):
    """Use the squared-margin (IPO) loss in place of the logistic one."""
    return align(cell, rng, size, fit=squared_margin_fit)


def best_worst_problem(cell, rng, size):
    """Rewards, start policies and best-versus-worst pairs of `draws` responses, (size, Y, ...)."""
    reward = np.sort(rng.standard_normal((size, cell.responses)), axis=1)
    start = rng.dirichlet(np.full(cell.responses, 2.0), size=size)
    return reward, start, best_worst(start, cell.draws)


def best_worst(start, draws):
    """Weights (size, Y, Y) of best-versus-worst pairs; rounding may leave them below zero."""
    weights = np.stack([theory.best_worst_weights(p, draws) for p in start])
    return np.clip(weights, 0, None)


def certain(weights):
    """Label pairs so that the better response always wins."""
    return PairwiseProblem(weights, np.ones_like(weights))


def by_chance(weights, reward):
    """Label the same pairs by Bradley-Terry."""
    return PairwiseProblem(weights, expit(reward[:, :, None] - reward[:, None, :]))


def decades(cell):
    """Step counts 100, 1000, ... up to the cell's largest."""
    return tuple(10**e for e in range(2, cell.decades + 1))


def growth(cell, margins):
    """Least growth of the margin over a tenfold number of steps, and the margins themselves."""
    at = {f"margin_{steps}": m for steps, m in zip(decades(cell), margins.T, strict=True)}
    return {"least_growth": np.diff(margins, axis=1).min(axis=1), "last": margins[:, -1], **at}


def late_margins(problem, start=None, likelihood=None):
    """Margins at 10^5 and 10^6 steps, each as long as descent surely converges with."""
    curved = largest_curvature(problem)
    if likelihood is None:
        return descent_margins(problem, LATE, 1 / curved, settled=SETTLED)
    # The Hessian diag(p) - p p^T of the log-sum-exp has no eigenvalue above 1/2.
    step = 1 / (curved + likelihood.sum(axis=-1) / 2)
    return descent_margins(problem, LATE, step, np.log(start), likelihood, settled=SETTLED)


def deterministic_labels(cell, rng, size):
    """Descend on certain labels and, on pairs of two draws, to the end on Bradley-Terry labels."""
    reward, start, weights = best_worst_problem(cell, rng, size)
    late = late_margins(by_chance(best_worst(start, 2), reward))
    return {
        **growth(cell, descent_margins(certain(weights), decades(cell))),
        "chance_growth": late[:, 1] - late[:, 0],
        "chance_gap": late[:, 1] - np.ptp(reward, axis=1),
    }


def chance_labels(cell, rng, size):
    """Descend as on certain labels, but on Bradley-Terry ones."""
    reward, _, weights = best_worst_problem(cell, rng, size)
    return growth(cell, descent_margins(by_chance(weights, reward), decades(cell)))


def next_token_early(cell, rng, size):
    """Descend as on certain labels alone, but with a next-token loss beside them."""
    _, start, weights = best_worst_problem(cell, rng, size)
    problem, likelihood = certain(weights), cell.weight * start
    return growth(cell, descent_margins(problem, decades(cell), 1.0, np.log(start), likelihood))


def with_next_token_loss(cell, rng, size):
    """Descend to the end with a next-token loss of data from the start policy."""
    _, start, weights = best_worst_problem(cell, rng, size)
    late = late_margins(certain(weights), start, cell.weight * start)
    return {"late_growth": late[:, 1] - late[:, 0], "margin": late[:, 1]}


def without_next_token_loss(cell, rng, size):
    """Drop the next-token loss; there is no end then, so that 10^4 steps have to do."""
    _, _, weights = best_worst_problem(cell, rng, size)
    margins = descent_margins(certain(weights), (10**3, 10**4))
    return {"late_growth": margins[:, 1] - margins[:, 0], "margin": margins[:, 1]}
