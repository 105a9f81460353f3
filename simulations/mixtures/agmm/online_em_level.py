"""Where the error of stepwise EM ends after one pass, by steps that decay or do not."""

from __future__ import annotations

import scipy
from numpy.random import Generator
from refutable.simulations.mixtures.agmm._mixture import (
    CHANNELS,
    CLASSES,
    EQUAL,
    centres,
    near_starts,
    pixels,
)
from refutable.simulations.mixtures.agmm._online import (
    BATCH,
    ONE_PASS,
    Steps,
    constant,
    mean_square_error,
    one_pass,
    slow_decay,
)
from refutable.solvers.mixture_em import decaying_steps
from refutable.theory.mixtures import agmm as theory

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
    Quantile,
    Scope,
)

NEARBY = 0.54
"""Exponent of steps that decay a little more slowly than t^(-0.6)."""

RULES: dict[str, Steps] = {"t^(-0.6)": slow_decay, "constant 0.3": constant}
COORDINATES = CLASSES * CHANNELS


def typical(cell: Cell) -> float:
    """Median of the mean of twelve squares of independent standard normal numbers."""
    del cell
    # Half of chi square is a gamma variable; scipy.stats takes half a second to load.
    return float(2 * scipy.special.gammaincinv(COORDINATES / 2, 0.5)) / COORDINATES


def final_error(
    cell: Cell,
    rng: Generator,
    size: int,
    batch: int = BATCH,
    weights: tuple[float, ...] = EQUAL,
) -> Columns:
    """Mean squared error after one pass, over what is predicted for batches of 50, equal classes.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    steps = RULES[cell.steps]
    x, _ = pixels(rng, (size, cell.pixels), centres(), weights=weights)
    fitted = one_pass(x, near_starts(rng, size), steps, batch)
    predicted = theory.stepwise_error(steps(cell.pixels // BATCH), BATCH, EQUAL)
    return {"relative_error": mean_square_error(fitted) / predicted}


def typical_of_slower_steps(cell: Cell) -> float:
    """Return what `typical` would be if the steps decayed like t^(-0.54): a quarter more."""
    count = cell.pixels // BATCH
    levels = [
        theory.stepwise_error(steps, BATCH, EQUAL)
        for steps in (decaying_steps(count, NEARBY), slow_decay(count))
    ]
    return typical(cell) * levels[0] / levels[1]


LEVEL = Claim(
    id="agmm.online-em-level",
    title="Online EM typically ends as near to the truth as if labels were known",
    source="abstract: online EM; level by the theory of stochastic approximation",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="The typical squared error after one pass is that of a mean of the batches' class "
    "means with known labels, weighted as the steps weight them: with steps $t^(-0.6)$, "
    "and with a constant step, whose error stays at that level however long the pass is.",
    formula='"med" "MSE"/("pred") = 1/12 "med" chi_12^2, quad "pred" = sum_t w_t^2 thin 3/B, '
    "quad w_t = gamma_t product_(s>t) (1 - gamma_s)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Classes that overlap so much that a step is not small, or short passes: "
    "after 500 pixels the start is not forgotten.",
    assumptions=ONE_PASS,
    cells=ByEffort(
        smoke=Cells(steps=tuple(RULES), pixels=(2000,)),
        standard=Cells(steps=tuple(RULES), pixels=(2000, 8000)),
        full=Cells(steps=tuple(RULES), pixels=(2000, 8000, 32_000)),
    ),
    simulate=final_error,
    expect=(Quantile("relative_error").near(typical, 0.12),),
    controls=(
        FalseTheory(
            "the level of steps $t^(-0.54)$",
            Quantile("relative_error", steps="t^(-0.6)", pixels=2000).near(
                typical_of_slower_steps, 0.12
            ),
        ),
        BrokenWorld(
            "batches of 30", change={"batch": 30}, at={"pixels": 2000, "steps": "constant 0.3"}
        ),
        BrokenWorld(
            "classes of weight 0.12, 0.38 and 0.5",
            change={"weights": (0.12, 0.38, 0.5)},
            at={"pixels": 2000, "steps": "t^(-0.6)"},
        ),
    ),
    block=160,
    cap=ByEffort(smoke=2048, standard=4096, full=8192),
)
