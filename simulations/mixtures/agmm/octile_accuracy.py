"""How often a label by the nearest centre is right, octile by octile of the distance to it."""

from __future__ import annotations

import functools

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.mixtures.agmm._mixture import (
    CHANNELS,
    CLASSES,
    CORNER,
    SEPARATION,
    THREE_CLASSES,
    centres,
    pixels,
    squared_distances,
)
from refutable.theory.mixtures.agmm import OCTILES, NearestCentre

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Origin,
    Probability,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

MARGIN = 0.006
"""The law of one channel more is further off than this in two octiles, by up to 0.010."""


@functools.cache
def law(channels: int) -> NearestCentre:
    """Return the law of labels by the nearest of the three centres."""
    return NearestCentre(SEPARATION, channels)


def _octile_of_pixels(
    rng: Generator, count: int, octile: int, corner: float, true_centre: bool
) -> NDArray[np.bool_]:
    """Draw `count` pixels; return of those in the octile whether their labels are right."""
    at = centres(corner=corner)
    x, label = pixels(rng, (1, count), at)
    given = x[..., :CLASSES].argmax(axis=-1)
    distance = squared_distances(x, at[label if true_centre else given])
    low, high = law(CHANNELS).borders[octile - 1 : octile + 1] ** 2
    return np.asarray((given == label)[(distance > low) & (distance <= high)])


def octile_label(
    cell: Cell, rng: Generator, size: int, corner: float = CORNER, true_centre: bool = False
) -> Columns:
    """Whether the label of a pixel in an octile of the distance is right.

    Parameters
    ----------
    cell : Cell
        With ``octile`` from 1 to 8; its borders are those of the predicted law. Pixels are drawn
        until `size` of them lie in it.
    corner : float
        Centres are so far from the origin.
    true_centre : bool
        Measure the distance to the pixel's own centre, not to the nearest.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    found = np.empty(0, dtype=np.bool_)
    while len(found) < size:
        count = OCTILES * size * 9 // 8  # nearly always enough
        more = _octile_of_pixels(rng, count, cell.octile, corner, true_centre)
        found = np.concatenate([found, more])
    return {"right": found[:size]}


def _accuracy(cell: Cell) -> float:
    return float(law(CHANNELS).octile_accuracy[cell.octile - 1])


ACCURACY = Claim(
    id="agmm.octile-accuracy",
    title="How often a nearest-centre label is right follows from the distance",
    source="abstract; the law is derived here for spherical classes",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="In every octile of the distance to the nearest centre the share of right labels is "
    "that of the law, an integral over the plane of the centres.",
    formula='PP("right" | r_(o-1) < R <= r_o) = "acc"_o',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Classes of unequal spread, for which the trend is tried and not the law.",
    assumptions=THREE_CLASSES,
    notes=(
        "The law has 0.9989, 0.9969, 0.9932, 0.9859, 0.9709, 0.9432, 0.9296 and 0.9318, and 0.9688 "
        "for all pixels together.",
    ),
    cells=ByEffort(
        smoke=Cells(octile=(1, 4, 7, 8)),
        standard=Cells(octile=tuple(range(1, OCTILES + 1))),
        full=Cells(octile=tuple(range(1, OCTILES + 1))),
    ),
    simulate=octile_label,
    expect=(Probability("right").near(_accuracy, MARGIN),),
    controls=(
        FalseTheory(
            "the law of five channels",
            Probability("right", octile=7).near(
                lambda c: float(law(CHANNELS + 1).octile_accuracy[c.octile - 1]), MARGIN
            ),
        ),
        BrokenWorld("centres a tenth nearer", change={"corner": 0.9 * CORNER}, at={"octile": 4}),
        BrokenWorld(
            "distance to the pixel's own centre", change={"true_centre": True}, at={"octile": 8}
        ),
    ),
    block=8192,
    cap=ByEffort(smoke=262_144, standard=262_144, full=524_288),
    figure=Axis(x="octile", label="octile of the distance", curve=True),
)


def octile_step(cell: Cell, channels: int = CHANNELS) -> Values:
    """By how much the accuracy changes from one octile to the next, by the law."""
    accuracy = law(channels).octile_accuracy
    return {"change": float(accuracy[cell.octile] - accuracy[cell.octile - 1])}


STEPS = Cells(octile=tuple(range(1, OCTILES)))

SURER_AGAIN = Claim(
    id="agmm.surer-again-far-out",
    title="Accuracy falls with the distance up to the seventh octile and rises in the last",
    source="the law of octile-accuracy",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Three classes in $R^4$: the accuracy of nearest-centre labels falls from octile to "
    "octile of the distance up to the seventh, and the last has 0.0022 more than the "
    "seventh.",
    formula='"acc"_(o+1) < "acc"_o, quad o <= 6; quad "acc"_8 - "acc"_7 = 0.0022',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Data: the law is computed; octile-accuracy compares it with draws.",
    assumptions=THREE_CLASSES,
    notes=("With five channels or more every octile is less often right than the one before.",),
    cells=STEPS,
    compute=octile_step,
    expect=(
        Exact("change", octile=tuple(range(1, OCTILES - 1))).at_most(0),
        Exact("change", octile=OCTILES - 1).within(0.00215, 0.00225),
    ),
    controls=(
        BrokenWorld("five channels", change={"channels": 5}, at={"octile": OCTILES - 1}),
        FalseTheory(
            "it never falls by more than 0.02",
            Exact("change", octile=tuple(range(1, OCTILES - 1))).at_least(-0.02),
        ),
    ),
)


NEVER_SURER = Claim(
    id="agmm.farther-is-never-surer",
    title="Accuracy falls from every octile of the distance to the next",
    source="a strict reading of the abstract; nobody claims it",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="The accuracy of nearest-centre labels is lower in every octile of the distance than "
    "in the one before.",
    formula='"acc"_(o+1) <= "acc"_o, quad o = 1, ..., 7',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Data: the law is computed; octile-accuracy compares it with draws.",
    assumptions=THREE_CLASSES,
    notes=("What is right, by the same computation, is surer-again-far-out.",),
    cells=STEPS,
    compute=octile_step,
    expect=(Exact("change").at_most(0),),
    controls=(
        FalseTheory("it never changes by more than 0.02", Exact("change").within(-0.02, 0.02)),
        FalseTheory("a rise of a thousandth at most", Exact("change").at_most(0.001)),
    ),
    positive=(
        RightTheory(
            "up to the seventh octile", Exact("change", octile=tuple(range(1, 7))).at_most(0)
        ),
    ),
    expected=Verdict.REFUTED,
    why="Pixels far out in a direction without another class are right again: in $R^4$ the last "
    "octile has {estimate of change at octile=7 to 2 digits} more than the seventh.",
)
