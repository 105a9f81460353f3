"""What the penalty does without a fitting loss, to a rule that was fitted before."""

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


def without_fit(cell: Cell, rng: Generator, size: int, fit_kept: bool = False) -> Columns:
    """Fit, then follow the penalty alone for an implicit step.

    Parameters
    ----------
    cell : Cell
        With the length of the ``step``, ``features`` and ``mixes``.
    fit_kept : bool
        Fit with the penalty at weight 1 in place of that.

    Returns
    -------
    dict of ndarray, shape (size,)
        After over before: ``between`` the classes, and ``overlap``, the spread within over the
        distance between; ``accuracy`` after.
    """
    of = world(rng, size, cell.features, cell.mixes)
    before = of.fitted(0.0)
    after = of.fitted(1.0) if fit_kept else of.carried_on(before, cell.step)
    within_0, between_0, _ = of.spread(before)
    within, between, accuracy = of.spread(after)
    return {
        "between": between / between_0,
        "overlap": within / between * between_0 / within_0,
        "accuracy": accuracy,
    }


ALONE = Claim(
    id="adaptivemix.alone-blurs",
    title="Without a fitting loss the penalty typically draws the classes into one another",
    source="Title: feature space shrinkage; what the loss does alone is derived here",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="A fitted rule that then follows the penalty alone loses the distance between its "
    "classes, and the spread within them grows against it, in the median over data sets. So the "
    "better separation beside a fitting loss is not the penalty's own.",
    formula='"med" b_tau\\/b_0 <= 1, quad "med" (w_tau\\/b_tau) / (w_0\\/b_0) >= 1, quad '
    "w_tau = (I + tau Q)^(-1) w_0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="GAN training: a linear model on fixed random features, which are not affine.",
    assumptions=(*SETTING, "one implicit step of length 1 to 1000 on the penalty"),
    cells=ByEffort(
        smoke=Cells(step=(10.0, 100.0), features=(100,), mixes=(1000,)),
        standard=Cells(step=(1.0, 10.0, 100.0, 1000.0), features=(400,), mixes=(2000,)),
        full=Cells(step=(1.0, 10.0, 100.0, 1000.0), features=(400,), mixes=(20_000,)),
    ),
    simulate=without_fit,
    expect=(
        Quantile("between").at_most(1),
        Quantile("overlap").at_least(1),
        Quantile("accuracy").shown(),
    ),
    controls=(
        BrokenWorld(
            "the fitting loss kept",
            change={"fit_kept": True},
            at={"step": 10.0},
            judged_by="overlap",
        ),
        FalseTheory("an overlap of 1.8", Quantile("overlap", step=100.0).at_least(1.8)),
        FalseTheory("nearly half the distance", Quantile("between", step=100.0).at_most(0.6)),
    ),
    block=5,
    cap=ByEffort(smoke=200, standard=300, full=400),
    figure=Axis(x="step", label="steps of the descent", log=True),
)
