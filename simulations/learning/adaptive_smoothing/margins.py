"""Whether the laws of h's margins decide how much robustness a gain in accuracy costs.

Bai, Anderson, Kim and Sojoudi (2024), the margin lemma: margins are drawn from Beta laws, and the
mixture's accuracies are compared with two distribution functions.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.randomized_smoothing import mixed_probabilities
from refutable.theory.learning import adaptive_smoothing as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Onset,
    Origin,
    Scope,
)

RIGHT_CLEAN, RIGHT_ATTACKED = 0.8, 0.6
"""Accuracies of h on clean and on attacked points."""

DRAWS = 400
"""Points of a replicate, clean and attacked each."""

KEPT = 0.95
"""Share of h's robustness in what is asked of the claim: from which alpha on is it kept?"""

LARGER, SMALLER = (4, 2), (2, 4)
"""Parameters of two Beta laws of margins."""


def margins(
    cell: Cell,
    rng: Generator,
    size: int,
    correct: tuple[float, float] = LARGER,
    wrong: tuple[float, float] = SMALLER,
) -> Columns:
    """Accuracies of the mixture when correct margins under attack are the larger ones.

    Parameters
    ----------
    correct, wrong : tuple of float
        Beta law of h's margins on attacked points that it gets right, and on clean points that it
        gets wrong.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``clean``, ``robust``: measured on 400 points each; ``surplus``: share of h's clean errors
        that are mended, plus share of its robustness that is kept, minus 1.
    """
    shape = (size, DRAWS)
    # The true class is 0. On clean points g is certain of it, under attack of class 1.
    h_clean = _probabilities(rng, rng.random(shape) < RIGHT_CLEAN, rng.beta(*wrong, shape))
    h_attacked = _probabilities(rng, rng.random(shape) < RIGHT_ATTACKED, rng.beta(*correct, shape))
    clean = _mixture_is_right(cell.alpha, 0, h_clean).mean(axis=1)
    robust = _mixture_is_right(cell.alpha, 1, h_attacked).mean(axis=1)
    mended = (clean - RIGHT_CLEAN) / (1 - RIGHT_CLEAN)
    return {"clean": clean, "robust": robust, "surplus": mended + robust / RIGHT_ATTACKED - 1}


def _probabilities(rng: Generator, right: NDArray[np.bool_], margin: FloatArray) -> FloatArray:
    """Draw probabilities (..., 3) with a given margin between classes 0 and 1.

    Where h is right class 0 leads by the margin; elsewhere class 1 does.
    """
    rest = (1 - margin) / 3 * rng.random(margin.shape)
    runner_up = (1 - margin - rest) / 2
    leader = runner_up + margin
    return np.stack(
        [np.where(right, leader, runner_up), np.where(right, runner_up, leader), rest], axis=-1
    )


def _mixture_is_right(alpha: float, certain: int, h: FloatArray) -> NDArray[np.bool_]:
    mixed = mixed_probabilities(np.eye(h.shape[-1])[certain], h, alpha)
    return np.asarray(mixed.argmax(axis=-1) == 0)


CLEAN_VARIANCE = RIGHT_CLEAN * (1 - RIGHT_CLEAN) / DRAWS
"""Most of `clean`, a mean of independent events: g mends and never spoils, so their chance is at
least that of h, which is above 1/2. It holds for every law of the margins."""

ROBUST_VARIANCE = 1 / (4 * DRAWS)
"""Most of `robust`, a mean of independent events, whatever their chance."""

SURPLUS_VARIANCE = CLEAN_VARIANCE / (1 - RIGHT_CLEAN) ** 2 + ROBUST_VARIANCE / RIGHT_ATTACKED**2
"""Most of `surplus`: clean and attacked points are drawn independently."""


def _clean(cell: Cell) -> float:
    below = float(scipy.stats.beta(*SMALLER).cdf(theory.margin_needed(cell.alpha)))
    return theory.clean_accuracy(RIGHT_CLEAN, below)


def _robust(cell: Cell) -> float:
    below = float(scipy.stats.beta(*LARGER).cdf(theory.margin_needed(cell.alpha)))
    return theory.robust_accuracy(RIGHT_ATTACKED, below)


MARGINS = Claim(
    id="adaptive_smoothing.margins-decide-the-trade-off",
    title="A robust model that is surer where right makes the trade-off benign",
    source="Margin lemma and the discussion of h's margins",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="If h is surer where it is right under attack than where it is wrong on clean "
    "points, the mixture mends a larger share of clean errors than it loses of robustness, by two "
    "distribution functions of the margin.",
    formula='"clean" = p + (1 - p) F_w((1 - alpha)/alpha), quad '
    '"robust" = q (1 - F_c((1 - alpha)/alpha))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Margins are drawn, not those of a network, and g is certain: right on clean "
    "points, wrong under attack.",
    assumptions=("g is certain", "margins are Beta distributed"),
    cells=ByEffort(
        smoke=Cells(alpha=(0.6, 0.76)),
        standard=Cells(alpha=(0.55, 0.6, 0.67, 0.76, 0.85)),
        full=Cells(alpha=(0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)),
    ),
    simulate=margins,
    expect=(
        Mean("clean", variance_at_most=CLEAN_VARIANCE).near(_clean, 0.01),
        Mean("robust", variance_at_most=ROBUST_VARIANCE).near(_robust, 0.01),
        Mean("surplus", variance_at_most=SURPLUS_VARIANCE).at_least(0.02),
    ),
    controls=(
        BrokenWorld(
            "h as sure where it is wrong as where it is right",
            change={"correct": (3, 3), "wrong": (3, 3)},
            judged_by="surplus",
        ),
        BrokenWorld(
            "margins a little nearer to each other",
            change={"correct": (4, 2.25), "wrong": (2.25, 4)},
            judged_by=("clean", "robust"),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=3200, standard=3200, full=6400),
    onset=Onset(
        along="alpha",
        between=(0.55, 0.95),
        holds=Mean("robust", variance_at_most=ROBUST_VARIANCE).at_least(KEPT * RIGHT_ATTACKED),
        tolerance=0.01,
        predicted=lambda: float(1 / (1 + scipy.special.betaincinv(*LARGER, 1 - KEPT))),
    ),
    figure=Axis(x="alpha", label="weight α of the robust model", curve=True),
)
