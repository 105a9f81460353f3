"""Whether the learner stays within a constant factor of opt under adversarial label flips.

Gollakota, Klivans, Stavropoulos and Vasilyan (ICLR 2024), Theorem 5.1, Gaussian marginal. Five
attacks on a ladder of opt; averaging, which has no constant factor, stands beside the learner.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning.tester_learner._samples import (
    error_rate,
    orthogonal_unit_vector,
    unit_vector,
)
from refutable.solvers.halfspace import (
    ATTACKS,
    Schedule,
    attack,
    averaging_direction,
    learn_direction,
)

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Probability,
    Scope,
    Slope,
)

OPTS = (0.1, 0.05, 0.02, 0.005)
"""Shares of flipped labels, the largest first."""

TARGET = 0.1
"""Bandwidth at which the learner ends."""

RATIO = 1.5
"""Constant factor that is tried; the paper names none."""


def attacked_ladder(cell: Cell, rng: Generator, size: int, target: float = TARGET) -> Columns:
    """Error ratios of the learner and of averaging along the ladder of opt.

    Parameters
    ----------
    target : float
        Bandwidth at which the learner ends.

    Returns
    -------
    dict of ndarray
        ``learner`` and ``averaging``, shape (size, 4): the worst error over the attacks, in units
        of the least error of any known candidate. ``exceeds`` and ``averaging_exceeds``, shape
        (size,): whether it is above 1.5 by more than three standard errors anywhere.
    """
    ladders = np.stack([_ladder(cell, rng, target) for _ in range(size)])
    learner, averaging, slack = np.moveaxis(ladders, 2, 0)
    return {
        "learner": learner,
        "averaging": averaging,
        "exceeds": (learner > RATIO + slack).any(axis=1),
        "averaging_exceeds": (averaging > RATIO + slack).any(axis=1),
    }


def _ladder(cell: Cell, rng: Generator, target: float) -> FloatArray:
    """Worst ratios (learner, averaging, slack of three standard errors) for each opt, (4, 3)."""
    w_star = unit_vector(rng, cell.d)
    u = orthogonal_unit_vector(rng, w_star)
    x = rng.standard_normal((cell.n, cell.d))
    names = tuple(ATTACKS) if cell.attacks == "all" else (cell.attacks,)
    schedule = Schedule(target, steps=cell.steps, batch=cell.batch, polish=cell.polish)
    rows = []
    for opt in OPTS:
        labels = (attack(a, x, w_star, u, opt, rng) for a in names)
        ratios = [_ratios(schedule, rng, x, y, w_star) for y in labels]
        slack = 3 * np.sqrt(2 * RATIO / (opt * cell.n))
        rows.append([*np.max(ratios, axis=0), slack])
    return np.array(rows)


def _ratios(
    schedule: Schedule, rng: Generator, x: FloatArray, y: FloatArray, w_star: FloatArray
) -> tuple[float, float]:
    """Error of the learner and of averaging over the least error of w* and these two."""
    half = len(x) // 2
    path = learn_direction(x[:half], y[:half], schedule, rng)
    learner = _least_training_error(x[:half], y[:half], path.candidates)
    averaging = averaging_direction(x[:half], y[:half])
    errors = np.array([error_rate(x[half:], y[half:], w) for w in (learner, averaging, w_star)])
    # In the band attacks w* is not the best halfspace, so the least error stands in for opt.
    return errors[0] / errors.min(), errors[1] / errors.min()


def _least_training_error(x: FloatArray, y: FloatArray, candidates: FloatArray) -> FloatArray:
    """Return the best candidate or its negative."""
    errors = ((x @ candidates.T >= 0) != (y > 0)[:, None]).mean(axis=0)
    best = int(np.argmin(np.minimum(errors, 1 - errors)))
    sign = 1.0 if errors[best] <= 0.5 else -1.0
    return np.asarray(sign * candidates[best])


INVERSE_OPTS = tuple(1 / opt for opt in OPTS)
FLIPS = {"d": 3, "n": 20_000, "batch": 2000, "steps": 40, "polish": 10}

ADVERSARIAL = Claim(
    id="tester_learner.adversarial-constant-factor",
    title="The learner errs at most 1.5 times the best under label attacks",
    source="Theorem 5.1 (adversarial noise, Gaussian marginal)",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Under a Gaussian marginal and adversarial flips the learner errs at most 1.5 opt; "
    "as opt falls from 0.1 to 0.005 its ratio err/opt rises, in the median run, with a log-log "
    "slope of at most 0.1 (averaging: 0.3).",
    formula='"err"(h) <= C "opt" + epsilon',
    scope=Scope.SCALED_DOWN,
    does_not_show="A slope of 0, which is what err <= C opt with one constant C would have for all "
    "opt. Five attacks are not the worst attack, and no certificate is checked: with "
    "explicit constants it is vacuous above an opt of about 0.001. The ratio is to the best of the "
    "known candidates, which bounds opt from above.",
    notes=(
        "At 40,000 points the slope is 0.05 (0.08 over the smaller half of opt), clearly above 0; "
        "finite samples explain at least half of it, for it falls to 0.02 (0.03) at 160,000.",
    ),
    assumptions=("Gaussian marginal",),
    cells=ByEffort(
        smoke=Cells.of({"attacks": "far", **FLIPS, "batch": 1000, "steps": 20}),
        standard=Cells.of({"attacks": "all", **FLIPS, "d": 5, "n": 40_000, "batch": 4000}),
        full=Cells.of({"attacks": "all", **FLIPS, "d": 10, "n": 100_000, "batch": 10_000}),
    ),
    simulate=attacked_ladder,
    expect=(
        Probability("exceeds").at_most(0.1),
        Slope("learner", INVERSE_OPTS).near(0, 0.1),
    ),
    controls=(
        FalseTheory(
            "averaging stays within 1.5 opt", Probability("averaging_exceeds").at_most(0.1)
        ),
        BrokenWorld(
            "the learner ends at a bandwidth of 2",
            change={"target": 2.0},
            judged_by=("exceeds", "learner"),
        ),
        FalseTheory("averaging has no trend either", Slope("averaging", INVERSE_OPTS).near(0, 0.1)),
    ),
    block=8,
    cap=ByEffort(smoke=600, standard=800, full=1200),
)
