"""Whether the unlabelled points' top eigenvector is as accurate as the spiked model predicts."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning.ood_unlabeled._training import DIM, MIXTURE
from refutable.solvers.gaussian_mixture import accuracy, sample_mixture_moment, top_directions
from refutable.theory.learning import ood_unlabeled as theory

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


def spectral_rule(cell: Cell, rng: Generator, size: int, length: float = 1.0) -> Columns:
    """Give the accuracy of the unlabelled points' top eigenvector, its sign chosen rightly.

    Parameters
    ----------
    length : float
        The centres are so many times as far apart as they should be.
    """
    centre = np.eye(DIM)[0]
    shifted = centre + cell.shift * np.eye(DIM)[1]
    moment = sample_mixture_moment(rng, size, cell.n, length * shifted)
    top = top_directions(moment)[:, :, 0]
    return {"accuracy": accuracy(np.where(top[:, :1] < 0, -top, top), centre)}


def _predicted(cell: Cell) -> float:
    return theory.spectral_accuracy(DIM, cell.n, cell.shift)


SPECTRAL = Claim(
    id="ood_unlabeled.spectral-prediction",
    title="The top eigenvector of unlabelled points is as accurate as predicted",
    source="the setting of the poster's table; prediction by the spiked covariance model",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The top eigenvector of the unlabelled second moment has the accuracy that the "
    "spiked covariance model predicts above its threshold $n = d$, in a typical sample, "
    "and carries little below it.",
    formula='"acc" = Phi(sqrt((1 - c/l^2)/(1 + c/l)) / sqrt(1 + a^2)), quad c = d/n, l = 1 + a^2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="An asymptotic formula at $d = 200$; its sign must come from labelled points. "
    "Below the threshold the limit is 0.5.",
    assumptions=MIXTURE,
    notes=("Below the threshold an eigenvector at $d = 200$ still reaches 0.58.",),
    cells=ByEffort(
        smoke=Cells(n=(100, 1000), shift=(0.0,)),
        standard=Cells(n=(1000, 2000, 10_000), shift=(0.0, 0.5))
        + Cells.of({"n": 100, "shift": 0.0}),
        full=Cells(n=(1000, 2000, 4000, 10_000), shift=(0.0, 0.5))
        + Cells.of({"n": 100, "shift": 0.0}),
    ),
    simulate=spectral_rule,
    expect=(
        Quantile("accuracy", 0.5, n=(1000, 2000, 4000, 10_000)).near(_predicted, 0.01),
        Quantile("accuracy", 0.5, n=100).at_most(0.62, predicted=_predicted),
    ),
    controls=(
        FalseTheory(
            "no signal at all below the threshold",
            Quantile("accuracy", 0.5, n=100).at_most(0.53),
        ),
        BrokenWorld(
            "clusters a tenth closer to each other",
            change={"length": 0.9},
            at={"n": 1000, "shift": 0.0},
        ),
    ),
    block=16,
    cap=ByEffort(smoke=800, standard=2000, full=4000),
    figure=Axis(x="n", label="unlabelled points n", log=True),
)
