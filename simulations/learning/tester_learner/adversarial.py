"""Learners under adversarial label flips with a Gaussian marginal."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning._tester_samples import (
    FloatArray,
    orthogonal_unit_vector,
    unit_vector,
)
from refutable.solvers.halfspace import (
    ATTACKS,
    Schedule,
    attack,
    averaging_direction,
    halfspace_labels,
    learn_direction,
)

from refutable import Cell

Columns = dict[str, FloatArray]

OPTS = (0.1, 0.05, 0.02, 0.005)
"""Shares of flipped labels, the largest first."""

TARGET = 0.1
RATIO = 1.5


def attacked_ladder(cell: Cell, rng: Generator, size: int) -> Columns:
    """Error ratios of the learner and of averaging along the ladder of opt.

    Returns
    -------
    dict of ndarray
        ``learner`` and ``averaging``, shape (size, 4): the worst error over the attacks, in units
        of the least error of any known candidate. ``exceeds`` and ``averaging_exceeds``, shape
        (size,): whether it is above 1.5 by more than three standard errors anywhere.
    """
    ladders = np.stack([_ladder(cell, rng) for _ in range(size)])
    learner, averaging, slack = np.moveaxis(ladders, 2, 0)
    return {
        "learner": learner,
        "averaging": averaging,
        "exceeds": (learner > RATIO + slack).any(axis=1),
        "averaging_exceeds": (averaging > RATIO + slack).any(axis=1),
    }


def _ladder(cell: Cell, rng: Generator) -> FloatArray:
    """Worst ratios (learner, averaging, slack of three standard errors) for each opt, (4, 3)."""
    w_star = unit_vector(rng, cell.d)
    u = orthogonal_unit_vector(rng, w_star)
    x = rng.standard_normal((cell.n, cell.d))
    names = tuple(ATTACKS) if cell.attacks == "all" else (cell.attacks,)
    rows = []
    for opt in OPTS:
        ratios = [_ratios(cell, rng, x, attack(a, x, w_star, u, opt, rng), w_star) for a in names]
        slack = 3 * np.sqrt(2 * RATIO / (opt * cell.n))
        rows.append([*np.max(ratios, axis=0), slack])
    return np.array(rows)


def _ratios(
    cell: Cell, rng: Generator, x: FloatArray, y: FloatArray, w_star: FloatArray
) -> tuple[float, float]:
    """Error of the learner and of averaging over the least error of w* and these two."""
    half = len(x) // 2
    schedule = Schedule(TARGET, steps=cell.steps, batch=cell.batch, polish=cell.polish)
    path = learn_direction(x[:half], y[:half], schedule, rng)
    learner = _least_training_error(x[:half], y[:half], path.candidates)
    averaging = averaging_direction(x[:half], y[:half])
    errors = np.array([_error(x[half:], y[half:], w) for w in (learner, averaging, w_star)])
    # In the band attacks w* is not the best halfspace, so the least error stands in for opt.
    return errors[0] / errors.min(), errors[1] / errors.min()


def _least_training_error(x: FloatArray, y: FloatArray, candidates: FloatArray) -> FloatArray:
    """Return the best candidate or its negative."""
    errors = ((x @ candidates.T >= 0) != (y > 0)[:, None]).mean(axis=0)
    best = int(np.argmin(np.minimum(errors, 1 - errors)))
    return candidates[best] if errors[best] <= 0.5 else -candidates[best]


def _error(x: FloatArray, y: FloatArray, w: FloatArray) -> float:
    return float((halfspace_labels(x, w) != y).mean())


def averaging_under_far_attack(cell: Cell, rng: Generator, size: int) -> Columns:
    """Error of averaging over opt, when the far points across w* are flipped.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ratio``, measured on points that averaging did not see.
    """
    return {"ratio": np.array([_averaging_ratio(cell, rng, "far") for _ in range(size)])}


def averaging_under_random_flips(cell: Cell, rng: Generator, size: int) -> Columns:
    """`averaging_under_far_attack` with random flips."""
    return {"ratio": np.array([_averaging_ratio(cell, rng, "random") for _ in range(size)])}


def _averaging_ratio(cell: Cell, rng: Generator, name: str) -> float:
    w_star = unit_vector(rng, cell.d)
    x = rng.standard_normal((cell.n, cell.d))
    y = attack(name, x, w_star, orthogonal_unit_vector(rng, w_star), cell.opt, rng)
    half = cell.n // 2
    return _error(x[half:], y[half:], averaging_direction(x[:half], y[:half])) / cell.opt
