"""Bias of the sampler by the number of its steps, against what the reverse process keeps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.generative.sgmse._sampler import ASSUMED, SDE, SPEECH, Sampler, output
from refutable.theory.generative import sgmse as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    ExactSlope,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

STEPS = (250, 500, 1000, 2000, 4000, 8000, 16_000)


def _as_theory(cell: Cell) -> float:
    return float(theory.reverse_law(SDE, SPEECH, cell.start).mean)


def _half_decayed(cell: Cell) -> float:
    """Return the mean by the formula with e^(-gamma) in place of e^(-2 gamma)."""
    return SPEECH.mean + (_as_theory(cell) - SPEECH.mean) / float(SDE.decay(1))


def _no_bias(cell: Cell) -> float:
    del cell
    return SPEECH.mean


def recursion_errors(
    cell: Cell, t_end: float = 1e-4, target: Callable[[Cell], float] = _as_theory
) -> Values:
    """Return how far the sampler's mean is from the closed form, for every number of steps.

    Parameters
    ----------
    t_end : float
        Where the even steps end; the last one has this length.
    target : callable of the cell
        The mean that is compared with.
    """
    made = (output(Sampler(n, t_end=t_end, noisy_end=True), cell.start) for n in STEPS)
    return {"error": np.array([abs(float(law.mean) - target(cell)) for law in made])}


ORDER = ExactSlope("error", STEPS)

RECURSION = Claim(
    id="sgmse.mismatch-bias-by-steps",
    title="With more steps the sampler's bias tends to that of the reverse process",
    source="The predictor of the sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Without corrector the sampler's bias differs from the closed form by an amount that "
    "halves when the number of steps doubles.",
    formula='|"bias"_N - rho (EE x_"start" - mu(1))| prop 1\\/N',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores. Steps end at 1e-4 here, and not at 0.03 as in the "
    "code; see more-steps for what that does.",
    assumptions=ASSUMED,
    notes=(
        "From 250 to 500 steps the error falls by a factor of 2.00 for the recording as start, and "
        "of 1.87 for zero as start.",
    ),
    cells=Cells(start=("mixture", "noise")),
    compute=recursion_errors,
    expect=(ORDER.near(-1, 0.1),),
    controls=(
        FalseTheory("errors fall as the power 1.15 of the steps", ORDER.near(-1.15, 0.1)),
        BrokenWorld(
            "decay by $e^(-gamma)$ in place of $e^(-2 gamma)$",
            change={"target": _half_decayed},
            at={"start": "mixture"},
        ),
        BrokenWorld("starting at the recording leaves no bias", change={"target": _no_bias}),
        BrokenWorld(
            "steps that end at 0.001, ten times as early",
            change={"t_end": 1e-3},
            at={"start": "noise"},
        ),
    ),
    figure=Axis(x="steps", label="steps N", log=True),
)
