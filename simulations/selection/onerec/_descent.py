"""Best-versus-worst pairs of tabular problems, and gradient descent on them to its end."""

from __future__ import annotations

import numpy as np
from refutable.solvers.preference import PairwiseProblem, descent_margins, largest_curvature
from refutable.theory.selection import onerec as theory

from refutable import Cell, FloatArray

LATE = (10**5, 10**6)
"""Steps between which a margin with a finite limit should have stopped to grow."""
SETTLED = 1e-14
"""Descent to a finite minimiser ends when no entry moves by more than this in a step."""


def best_worst_problem(
    cell: Cell, rng: np.random.Generator, size: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rewards, start policies and best-versus-worst pairs of `draws` responses, (size, Y, ...)."""
    reward = np.sort(rng.standard_normal((size, cell.responses)), axis=1)
    start = rng.dirichlet(np.full(cell.responses, 2.0), size=size)
    return reward, start, best_worst(start, cell.draws)


def best_worst(start: FloatArray, draws: int) -> FloatArray:
    """Weights (size, Y, Y) of best-versus-worst pairs; rounding may leave them below zero."""
    weights = np.stack([theory.best_worst_weights(p, draws) for p in start])
    return np.clip(weights, 0, None)


def certain(weights: FloatArray) -> PairwiseProblem:
    """Label pairs so that the better response always wins."""
    return PairwiseProblem(weights, np.ones_like(weights))


def late_margins(
    problem: PairwiseProblem,
    start: FloatArray | None = None,
    likelihood: FloatArray | None = None,
    late: tuple[int, int] = LATE,
) -> FloatArray:
    """Margins at 10^5 and 10^6 steps, each as long as descent surely converges with."""
    curved = largest_curvature(problem)
    if start is None or likelihood is None:
        return descent_margins(problem, late, 1 / curved, settled=SETTLED)
    # The Hessian diag(p) - p p^T of the log-sum-exp has no eigenvalue above 1/2.
    step = 1 / (curved + likelihood.sum(axis=-1) / 2)
    return descent_margins(problem, late, step, np.log(start), likelihood, settled=SETTLED)
