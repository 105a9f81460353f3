"""What the penalty does beside a fitting loss: to steepness, to spread, and to the classes."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.generative.adaptivemix._moons import SETTING, world

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
    Origin,
    Quantile,
    Scope,
)

CLAIMED = (0.1, 1.0)
"""Weights at which the overlap is spoken of: at 10 the rule is shrunk too much."""


def with_penalty(cell: Cell, rng: Generator, size: int, mismatched: bool = False) -> Columns:
    """Fit with and without the penalty on the same data.

    Parameters
    ----------
    cell : Cell
        With ``weight`` of the penalty, ``features`` and ``mixes``.
    mismatched : bool
        Take the target of a mix from another pair of points.

    Returns
    -------
    dict of ndarray, shape (size,)
        With the penalty over without it: ``steepness``, ``within`` the classes, and ``overlap``,
        the spread within over the distance between; ``accuracy`` with it.
    """
    of = world(rng, size, cell.features, cell.mixes, mismatched)
    plain, rule = of.fitted(0.0), of.fitted(cell.weight)
    within, between, accuracy = of.spread(rule)
    within_0, between_0, _ = of.spread(plain)
    return {
        "steepness": of.steepness(rule) / of.steepness(plain),
        "within": within / within_0,
        "overlap": within / between * between_0 / within_0,
        "accuracy": accuracy,
    }


def weights(*of: float, features: int, mixes: int) -> Cells:
    """Return cells of some weights of the penalty."""
    return Cells(weight=of, features=(features,), mixes=(mixes,))


def as_before(cell: Cell) -> float | None:
    """Return 1 at the weights that are claimed, nothing at the others."""
    return 1.0 if cell.weight in CLAIMED else None


SHRINKS = Claim(
    id="adaptivemix.shrinks-regions",
    title="Beside a fitting loss the penalty typically shrinks classes more than their distance",
    source="Title and code: feature space shrinkage; the linear model is ours",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Added with a weight from 0.01 to 10 to a fit of two moons with wrong labels, the "
    "penalty makes the rule less steep and its values within a class less spread; with weight 0.1 "
    "or 1 the spread also becomes smaller against the distance of the classes. All are medians "
    "over data sets.",
    formula='"med" L_mu\\/L_0 <= 1, quad "med" w_mu\\/w_0 <= 1, quad '
    '"med" (w_mu\\/b_mu) / (w_0\\/b_0) <= 1 " for " mu in {0.1, 1}',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="GAN training, FID or robustness: a linear model on fixed random features.",
    assumptions=SETTING,
    notes=(
        "A weight of 10 shrinks too much: the accuracy falls below that of 0.1.",
        "With the target of another pair of points steepness and spread fall as well, so that they "
        "say nothing of the pairing; at weight 1 the overlap rises then.",
    ),
    cells=ByEffort(
        smoke=weights(*CLAIMED, features=100, mixes=1000),
        standard=weights(0.01, 0.1, 1.0, 10.0, features=400, mixes=2000),
        full=weights(0.01, 0.1, 1.0, 10.0, features=400, mixes=20_000),
    ),
    simulate=with_penalty,
    expect=(
        Quantile("steepness").at_most(1),
        Quantile("within").at_most(1),
        Quantile("overlap").at_most(as_before),
        Quantile("accuracy").shown(),
    ),
    controls=(
        BrokenWorld(
            "the target of another pair of points",
            change={"mismatched": True},
            at={"weight": 1.0},
            judged_by="overlap",
        ),
        FalseTheory(
            "a quarter less steep at weight 0.1", Quantile("steepness", weight=0.1).at_most(0.75)
        ),
        FalseTheory("nearly half the spread", Quantile("within", weight=1.0).at_most(0.55)),
    ),
    block=5,
    cap=ByEffort(smoke=200, standard=300, full=400),
    figure=Axis(x="weight", label="weight of the penalty", log=True),
)
