"""What a single normal policy lacks where two actions are equally good: log 2."""

from __future__ import annotations

import itertools

import numpy as np
import scipy
from refutable.theory.experts import pmoe as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

MODE_SD = 0.3
GRID = np.linspace(-6.0, 6.0, 6001)
FAR = 4.0
"""Half the distance of the modes, in their deviations, from which on the gap is complete."""
LEAST_RISE = 1e-6
"""Divergence that the last tenth of the distance adds, at least, up to there: more than the fits'
rounding, 2e-13 at most where nothing is added, and less than the 8e-5 of modes half a deviation
from their middle."""
TINY = 1e-300  # keeps the logarithm of an empty place finite


def log_normal(place: float, sd: float) -> FloatArray:
    """Log density on the grid."""
    return np.asarray(-0.5 * ((GRID - place) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi)))


def modes(ratio: float, share: float = 0.5, sd: float = MODE_SD) -> FloatArray:
    """Log density of the target: two modes `ratio` deviations to either side of 0."""
    left, right = (log_normal(side * ratio * sd, sd) for side in (-1, 1))
    return np.asarray(np.logaddexp(np.log(1 - share) + left, np.log(share) + right))


def divergence(one: FloatArray, other: FloatArray) -> float:
    """KL(one || other) of two log densities, both brought to mass 1 on the grid."""
    p, q = (np.exp(log) / np.exp(log).sum() for log in (one, other))
    return float(np.sum(p * (np.log(p + TINY) - np.log(q + TINY))))


def best_single(target: FloatArray, ratio: float, forward: bool = False) -> float:
    """Least divergence of one normal law from the target, over several starts."""

    def loss(at: FloatArray) -> float:
        law = log_normal(at[0], float(np.exp(at[1])))
        return divergence(target, law) if forward else divergence(law, target)

    places = (-ratio * MODE_SD, 0.0, ratio * MODE_SD)
    widths = (np.log(MODE_SD), np.log(MODE_SD * (1 + ratio)))
    found = [
        scipy.optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
        for start in itertools.product(places, widths)
    ]
    return float(min(fit.fun for fit in found))


def best_pair(target: FloatArray, ratio: float) -> float:
    """Least divergence of a mixture of two normal laws with equal weights."""

    def loss(at: FloatArray) -> float:
        one, two = (log_normal(at[i], float(np.exp(at[i + 2]))) for i in (0, 1))
        return divergence(np.logaddexp(one, two) - np.log(2), target)

    start = np.array([-ratio * MODE_SD - 0.05, ratio * MODE_SD + 0.05, -1.0, -1.0])
    fit = scipy.optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
    return float(fit.fun)


def fitted(
    cell: Cell,
    forward: bool = False,
    share: float = 0.5,
    closer: float = 1.0,
    spread: bool = False,
) -> dict[str, float]:
    """Divergence left by the best single law and by the best pair, and how far the former rises.

    With `spread` the modes widen as they part: nothing changes but the unit.
    """
    ratio = cell.ratio * closer
    target = modes(ratio, share)
    single = best_single(target, ratio, forward)
    before = modes(ratio, share, 0.9 * MODE_SD) if spread else modes(0.9 * ratio, share)
    rise = single - best_single(before, 0.9 * ratio, forward)
    return {"single": single, "pair": best_pair(target, ratio), "rise": rise}


SINGLE = Exact("single", where=lambda cell: cell.ratio >= FAR)

GAP = Claim(
    id="pmoe.unimodal-gap",
    title="One normal law misses two equal, distant modes by log 2; two laws miss nothing",
    source="The paper's case for a mixture policy; the value derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For a target with two equal modes the best single normal law keeps a divergence "
    "that rises with their distance to log 2, and two normal laws keep none.",
    formula='min_q op("KL")(q || p) -> log 2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That a task has such targets, or that a learner finds the second mode. The "
    "forward divergence, for which the gap is another (a control).",
    notes=("Half-distances of 1, 1.67, 2.67 and 4 deviations: 0.0109, 0.1141, 0.5892, 0.6931.",),
    cells=ByEffort(
        smoke=Cells(ratio=(0.0, 1.0, 5 / 3, 4.0)),
        standard=Cells(ratio=(0.0, 1.0, 5 / 3, 8 / 3, 4.0, 20 / 3)),
        full=Cells(ratio=(0.0, 0.5, 1.0, 5 / 3, 2.0, 8 / 3, 3.0, 4.0, 5.0, 20 / 3)),
    ),
    compute=fitted,
    expect=(
        SINGLE.near(theory.UNIMODAL_GAP, 1e-3),
        Exact("single", ratio=0.0).near(0.0, 1e-6),
        Exact("pair").at_most(1e-4),
        Exact("rise", where=lambda cell: 0 < cell.ratio <= FAR).at_least(LEAST_RISE),
    ),
    controls=(
        BrokenWorld(
            "the forward divergence",
            change={"forward": True},
            at={"ratio": 4.0},
            judged_by="single",
        ),
        BrokenWorld(
            "modes a fifth closer", change={"closer": 0.8}, at={"ratio": 4.0}, judged_by="single"
        ),
        BrokenWorld("one mode slightly heavier", change={"share": 0.52}, judged_by="pair"),
        BrokenWorld("modes that widen as they part", change={"spread": True}, judged_by="rise"),
    ),
    figure=Axis(x="ratio", label="half distance of the modes, in their deviations"),
)
