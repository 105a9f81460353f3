"""Tabular preference alignment for OneRec: rounds of DPO, and descent on one round."""

import numpy as np
from scipy.special import expit

from solvers.preference import (
    PairwiseProblem,
    descent_margins,
    dpo_update,
    fit_pairwise,
    squared_margin_fit,
)
from theory.selection import onerec as theory

RARE = 1e-9


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


def best_worst_problem(cell, rng, size, labels="deterministic"):
    """Best-versus-worst pairs of `draws` responses, with certain or Bradley-Terry labels."""
    reward = np.sort(rng.standard_normal((size, cell.responses)), axis=1)
    start = rng.dirichlet(np.full(cell.responses, 2.0), size=size)
    weights = np.stack([theory.best_worst_weights(p, cell.draws) for p in start])
    certain = np.ones_like(weights)
    chance = expit(reward[:, :, None] - reward[:, None, :])
    problem = PairwiseProblem(
        np.clip(weights, 0, None), certain if labels == "deterministic" else chance
    )
    return problem, start


def decades(cell):
    """Step counts 100, 1000, ... up to the cell's largest."""
    return tuple(10**e for e in range(2, cell.decades + 1))


def growth(cell, margins):
    """Least growth of the margin over a tenfold number of steps, and that of the last decade."""
    grown = np.diff(margins, axis=1)
    columns = {"least_growth": grown.min(axis=1), "last_growth": grown[:, -1]}
    return {**columns, "margin": margins[:, -1]}


def deterministic_labels(cell, rng, size):
    """Descend on pairs that the better response always wins."""
    problem, _ = best_worst_problem(cell, rng, size)
    return growth(cell, descent_margins(problem, decades(cell)))


def chance_labels(cell, rng, size):
    """Descend on the same pairs with Bradley-Terry labels."""
    problem, _ = best_worst_problem(cell, rng, size, labels="bradley-terry")
    return growth(cell, descent_margins(problem, decades(cell)))


def with_next_token_loss(cell, rng, size):
    """Add the next-token loss of data from the start policy to deterministic labels."""
    problem, start = best_worst_problem(cell, rng, size)
    margins = descent_margins(problem, decades(cell), 1.0, np.log(start), cell.weight * start)
    return growth(cell, margins)
