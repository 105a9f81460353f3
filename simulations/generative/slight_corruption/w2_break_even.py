"""How much label noise is too much: where the gain in W2 changes its sign."""

from __future__ import annotations

from math import sqrt
from typing import Any

from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import CLASS
from refutable.simulations.generative.slight_corruption._transport import gains
from refutable.theory.generative.slight_corruption.transport import Setting, break_even

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)

NORM = 1.0
"""Length of the class mean that the break-even is computed for."""


def setting(cell: Cell, norm: float | None = None) -> Setting:
    """Return the cell's class, its gamma a share of the break-even of length `NORM`."""
    gamma = cell.share * break_even(cell.d, NORM) / sqrt(cell.n)
    return Setting(cell.n, cell.d, cell.norm if norm is None else norm, gamma)


def ratios(cell: Cell, rng: Generator, size: int) -> Columns:
    """Gain over ``gamma^2 d/n`` of `size` data sets.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    here = setting(cell)
    return {"ratio": gains(rng, size, here) / here.unit}


def _variance(cell: Cell) -> float:
    """Proved: see `Setting.variance_bound`."""
    here = setting(cell)
    return here.variance_bound / here.unit**2


def _predicted(cell: Cell) -> float:
    return setting(cell, NORM).predicted_ratio


def _mean_alone(cell: Cell) -> float:
    here = setting(cell, NORM)
    return here.mean_term / here.unit


def ratio(**where: Any) -> Mean:
    """Return the expected ratio as functional, with its proved variance."""
    return Mean("ratio", variance_at_most=_variance, **where)


SHARES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)

BREAK_EVEN = Claim(
    id="slight_corruption.w2-gain-break-even",
    title="Label noise beyond a known level drives what is generated away from the truth",
    source="Theorem 2; constants derived here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="With label noise $C/sqrt(n)$ the expected gain is positive up to a C that the "
    "dimension and the length of the class mean give, and negative above; its size "
    "follows the prediction. So the theorem's condition needs a constant that depends on "
    "the length.",
    formula="C^2 < (2 d + K norm(mu)^2)/(norm(mu)^2 + norm(mu)^4\\/4), quad K = 3 (d+1)\\/8 + "
    "1\\/2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Where the break-even of a trained network lies.",
    assumptions=(*CLASS, "d = 8, $n = 400$ and a class mean of length 1"),
    cells=Cells(n=(400,), d=(8,), norm=(NORM,), share=SHARES),
    simulate=ratios,
    expect=(
        ratio(share=0.75).at_least(0),
        ratio(share=1.25).at_most(0),
        ratio().near(_predicted, 0.25),
    ),
    controls=(
        FalseTheory(
            "the mean term alone, shrinkage to the origin",
            ratio(share=0.5).near(_mean_alone, 0.25),
        ),
        BrokenWorld(
            "a class mean of length 1.2 with the break-even of length 1",
            cells=Cells(n=(400,), d=(8,), norm=(1.2,), share=(0.75,)),
            expect=(ratio().near(_predicted, 0.25),),
        ),
        BrokenWorld(
            "a class mean of length 1.5 with the break-even of length 1",
            cells=Cells(n=(400,), d=(8,), norm=(1.5,), share=(0.75,)),
            expect=(ratio().at_least(0),),
        ),
    ),
    block=500,
    cap=ByEffort(smoke=40_000, standard=80_000, full=400_000),
    figure=Axis(
        x="share",
        label="label noise γ / break-even",
        curve=True,
        marks=(("break-even", 1.0),),
    ),
    notes=(
        "The break-even is at $gamma = 3.99/sqrt(n)$, and 4 for the mean term alone; for length 3 "
        "the two are 1.32 and 1.33, in 32 dimensions 2.48 and 2.67.",
        "The prediction is of first order in $1/n$: 0.03 too high at the break-even, 0.07 at "
        "one and a half times it.",
    ),
)
