"""Where helping turns into hurting, and the strength of contrast at which accuracy is greatest."""

from __future__ import annotations

import math

import numpy as np
from refutable.simulations.experts.scmoe._toy import VOCABULARY, draw, right
from refutable.simulations.experts.scmoe.shared_error import (
    SHARED,
    SIGNAL,
    UP_OR_DOWN,
    answers,
    expected_gain,
    toy_of,
)
from refutable.solvers.contrastive_decoding import contrasted_logits
from refutable.theory.experts import scmoe as theory
from refutable.theory.experts.scmoe import Toy

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

ERROR, STRENGTH = 1.3, 0.25
"""Standard deviation of the strong logits' whole error; strength of the contrast."""
CLEAR = 0.2
"""Difference of the shares from which on the claim speaks. The sign at 0 holds in the limit of a
weak contrast; at `STRENGTH` equal shares already cost accuracy, and 0.1 in favour of contrast gains
between 0.0002 and 0.016 by theory, the least of which no data here could show."""


def toy_with_share(cell: Cell) -> Toy:
    """Return the toy whose shared error has this share of the strong error's variance."""
    own = ERROR * math.sqrt(1 - cell.share)
    return Toy(SIGNAL, cell.rho, ERROR * math.sqrt(cell.share), own, own)


def on_the_map(cell: Cell, rng: np.random.Generator, size: int, common: float = 1.0) -> Columns:
    """Answers where both shares are given; `common` as in `draw`."""
    return answers(toy_with_share(cell), STRENGTH, rng, size, common)


def excess(cell: Cell) -> float:
    """Share of the error that the weak routing repeats, over its share of the signal."""
    return round(float(cell.share - cell.rho), 9)


def error_share_is_greater(cell: Cell) -> bool:
    """Say whether the weak routing repeats clearly more of the error than of the signal."""
    return excess(cell) >= CLEAR


def signal_share_is_greater(cell: Cell) -> bool:
    """Say whether it repeats clearly more of the signal than of the error."""
    return excess(cell) <= -CLEAR


def predicted_gain(cell: Cell) -> float:
    """Return the change of accuracy that the toy predicts."""
    return expected_gain(toy_with_share(cell), STRENGTH)


def grid(*values: float) -> Cells:
    """Return every pair of the two shares."""
    return Cells(rho=values, share=values)


BOUNDARY = Claim(
    id="scmoe.error-share-against-signal-share",
    title="Contrast helps if the weak routing repeats more of the error than of the signal",
    source="Toy model of equation (5), sign of the derivative at $beta = 0$; derived",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="A weak contrast helps where the part of the strong error's variance that the weak "
    "routing shares exceeds the part of the signal that it has by 0.2 or more, and hurts where it "
    "falls short by as much.",
    formula="s_c^2 / (s_c^2 + s_s^2) > rho",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Shares that differ by less: the derivative at 0 has the sign of the difference "
    "there, too, but at $beta = 0.25$ equal shares already cost accuracy, and 0.1 "
    "more of the error gains next to nothing. Real logits, whose shares are not "
    "known.",
    cells=ByEffort(
        smoke=grid(0.1, 0.5, 0.9),
        standard=grid(0.1, 0.3, 0.5, 0.7, 0.9),
        full=grid(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    ),
    simulate=on_the_map,
    expect=(
        Mean("gain", UP_OR_DOWN, where=error_share_is_greater).at_least(0.0, predicted_gain),
        Mean("gain", UP_OR_DOWN, where=signal_share_is_greater).at_most(0.0, predicted_gain),
    ),
    controls=(
        BrokenWorld(
            "errors of the same size, three tenths of them in common",
            change={"common": 0.3},
            at={"rho": 0.5, "share": 0.9},
        ),
        FalseTheory(
            "a tenth of the error in common costs less than a percent of the answers",
            Mean("gain", UP_OR_DOWN, rho=(0.1, 0.5), share=0.1).at_least(-0.01),
        ),
    ),
    block=2000,
    cap=ByEffort(smoke=60_000, standard=120_000, full=400_000),
    draw=grid(0.1, 0.3, 0.5, 0.7, 0.9),
    figure=Axis(
        x="rho", label="part of the signal, ρ", y="part of the error", boundary=lambda rho: rho
    ),
)


def around_the_best(
    cell: Cell, rng: np.random.Generator, size: int, common: float = 1.0
) -> Columns:
    """Answers at the best strength against a share and a multiple of it, on the same tokens."""
    toy = toy_of(cell)
    strong, weak = draw(toy, rng, size, common)
    strengths = (1.0, 1 / cell.factor, cell.factor)
    best, less, more = (
        right(contrasted_logits(strong, weak, toy.best_beta * f, 0.0)) for f in strengths
    )
    return {"over_less": best - less, "over_more": best - more}


def best_over(toy: Toy, factor: float) -> float:
    """Return how much the accuracy at the best strength exceeds that at a multiple of it."""
    separations = [toy.separation(toy.best_beta * factor), toy.separation(toy.best_beta)]
    return float(np.diff(theory.accuracy(separations, VOCABULARY))[0])


BEST = Claim(
    id="scmoe.best-strength",
    title="There is a best strength of contrast, and both less and more are worse",
    source="Toy model of equation (5); derived",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="With shared errors, accuracy is greatest near the strength of the greatest "
    "separation, 2.87 here: at a third and at three times of it fewer answers are right.",
    formula="beta^* = frac((1 - rho)(s_c^2 + s_s^2) - s_s^2, rho s_s^2 + s_w^2)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The best strength to a digit: the curve is flat around it. The paper's grid "
    "ends at 0.9, and its strength was chosen for each task on the test data.",
    cells=ByEffort(
        smoke=Cells(**{name: (value,) for name, value in SHARED.items()}, factor=(3.0,)),
        standard=Cells(**{name: (value,) for name, value in SHARED.items()}, factor=(2.0, 3.0)),
        full=Cells(**{name: (value,) for name, value in SHARED.items()}, factor=(1.5, 2.0, 3.0)),
    ),
    simulate=around_the_best,
    expect=(
        Mean("over_less", UP_OR_DOWN).at_least(
            0.0, predicted=lambda c: best_over(toy_of(c), 1 / c.factor)
        ),
        Mean("over_more", UP_OR_DOWN).at_least(
            0.0, predicted=lambda c: best_over(toy_of(c), c.factor)
        ),
    ),
    controls=(
        BrokenWorld(
            "four fifths of the shared error in common",
            change={"common": 0.8},
            at={"factor": 3.0},
            judged_by="over_less",
        ),
        FalseTheory(
            "a third of the strength costs less than five percent of the answers",
            Mean("over_less", UP_OR_DOWN, factor=3.0).at_most(0.05),
        ),
        FalseTheory(
            "three times the strength costs less than two percent of the answers",
            Mean("over_more", UP_OR_DOWN, factor=3.0).at_most(0.02),
        ),
    ),
    block=2000,
    cap=ByEffort(smoke=60_000, standard=120_000, full=600_000),
)
