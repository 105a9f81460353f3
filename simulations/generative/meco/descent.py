"""How many steps of full gradient descent either objective takes."""

from __future__ import annotations

import math

from refutable.simulations.generative.meco._line import (
    GAUSSIANS,
    REACHED,
    Normal,
    composed_steps,
    contrastive_laws,
    contrastive_steps,
)
from refutable.solvers.unnormalized_gradients import contrastive_curvature
from refutable.theory.generative import meco as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

STEP = 0.1
"""Of descent on the composed objective, whose curvature is 1; any step below 1 would do."""


def _time_constant(distance: float) -> float:
    """Return the steps in which the flattest direction shrinks by e at the optimum: L / least."""
    data, other = contrastive_laws(distance, Normal())
    least = contrastive_curvature([distance, distance**2 / 2], data, other).least
    return theory.smoothness(distance) / float(least)


def descents(cell: Cell, nearer: float = 0.0, step: float = STEP) -> Values:
    """Count steps to the optimum, and compare them with the flattest direction's time constant.

    Parameters
    ----------
    cell : Cell
        With ``distance``.
    nearer : float
        Share of the distance by which the noise is nearer than it is said to be.
    step : float
        Of descent on the composed objective.

    Returns
    -------
    dict of float
        ``log_steps``; ``growth``: of the logarithm of the steps since a distance of 1 less (from 2
        on); ``composed_steps``: those of the composed objective.
    """
    distance = cell.distance
    noise = Normal(nearer * distance)
    steps = contrastive_steps(distance, noise)
    before = contrastive_steps(distance - 1, Normal(nearer * (distance - 1))) if distance > 1 else 1
    return {
        "log_steps": math.log(steps),
        "growth": math.log(steps / before),
        "composed_steps": composed_steps(distance, noise, step),
    }


def _time(cell: Cell) -> float:
    return math.log(_time_constant(cell.distance))


def _fewest(cell: Cell) -> float:
    return _time(cell) - math.log(2.0)


def _most(cell: Cell) -> float:
    return _time(cell) + math.log(3.0)


def _grown(cell: Cell) -> bool:
    return bool(cell.distance > 1)


def _predicted_growth(cell: Cell) -> float:
    return math.log(_time_constant(cell.distance) / _time_constant(cell.distance - 1))


def _sixth_power(cell: Cell) -> float:
    """Growth of the logarithm of R^6."""
    return 6.0 * math.log(cell.distance / (cell.distance - 1))


def _fourth_power(cell: Cell) -> float:
    """Logarithm of 7 R^4: of the 7 steps at R = 1, growing as R^4."""
    return math.log(7.0 * cell.distance**4)


DESCENT = Claim(
    id="meco.nce-gd-exponential",
    title="Descent on the NCE loss takes exponentially many steps, on the composed one always 22",
    source="abstract: faster convergence than NCE in one-dimensional Gaussian mean estimation",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Full gradient descent on NCE from the noise law, with a step of 1 over the largest "
    "curvature, takes 0.5 to 3 time constants of its flattest direction, which grow as "
    "$R^7 exp(R^2/8)$, and the steps grow as they do; on the composed objective with the "
    "same noise, steps of 0.1 arrive after 22 at every R.",
    formula='1/2 <= "steps" dot eta thin lambda_min <= 3, quad '
    "1/(eta lambda_min) ~ R^7 e^(R^2 slash 8) / 198",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Descent from noisy gradients, normalised or preconditioned steps, or noise "
    "near the data.",
    assumptions=GAUSSIANS,
    notes=(
        "7, 42, 299, 2378 and 21341 steps at $R = 1$ to 5: 1.65, 1.40, 1.19, 1.03 and 0.93 time "
        "constants.",
    ),
    cells=ByEffort(
        smoke=Cells(distance=(1, 2, 3, 4)),
        standard=Cells(distance=(1, 2, 3, 4, 5)),
        full=Cells(distance=(1, 2, 3, 4, 5, 6)),
    ),
    compute=descents,
    expect=(
        Exact("log_steps").within(_fewest, _most, predicted=_time),
        Exact("growth", where=_grown).near(_predicted_growth, 0.25),
        Exact("composed_steps").equals(theory.likelihood_steps(STEP, REACHED)),
    ),
    controls=(
        BrokenWorld(
            "noise nearer by a quarter of the distance",
            change={"nearer": 0.25},
            at={"distance": 4},
            judged_by=("log_steps", "growth"),
        ),
        BrokenWorld(
            "a step of 0.11 on the composed objective",
            change={"step": 0.11},
            judged_by="composed_steps",
        ),
        FalseTheory(
            "as the fourth power of R", Exact("log_steps", distance=4).at_most(_fourth_power)
        ),
        FalseTheory(
            "as the sixth power of R", Exact("growth", distance=4).near(_sixth_power, 0.25)
        ),
    ),
    figure=Axis(x="distance", label="distance R of data and noise", curve=True),
)
