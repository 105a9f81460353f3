"""Global variance and error of a mixture's conversion on drawn frames, against integrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.random import Generator
from refutable.simulations.mixtures.voice_morphing._frames import (
    FRAMES,
    ONE_FEATURE,
    Posterior,
    exact,
    forgetful,
    frames,
    law_of,
)
from refutable.theory.mixtures import voice_morphing as theory
from refutable.theory.mixtures.voice_morphing import Law, Prediction

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
from refutable.claims.expectations import Expectation

MARGIN = 0.01
SLACK = 1.1
"""Factor on the variance that theory gives; what is broken in the worlds adds less than that."""


Predict = Callable[[Law], Prediction]


def utterance_mean(outcome: str, predict: Predict, **where: Any) -> Mean:
    """Return the mean of an outcome of an utterance, its variance being known."""

    def variance(cell: Cell) -> float:
        return SLACK * float(predict(law_of(cell)).variance) / FRAMES

    return Mean(outcome, variance_at_most=variance, **where)


def near_theory(outcome: str, predict: Predict, margin: float = MARGIN) -> Expectation:
    """Expect that mean where theory puts it."""

    def mean(cell: Cell) -> float:
        return float(predict(law_of(cell)).mean)

    return utterance_mean(outcome, predict).near(mean, margin)


def _squared_correlation(cell: Cell) -> float:
    return float(theory.squared_correlation(law_of(cell)))


def conversion(cell: Cell, rng: Generator, size: int, posterior: Posterior = exact) -> Columns:
    """Convert utterances.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ratio``, (F - E Y)^2, and ``error``, (F - y)^2, both averaged over the frames of an
        utterance and in units of Var Y.
    """
    law = law_of(cell)
    drawn, variance = frames(law, rng, size, posterior), theory.target_variance(law)
    return {
        "ratio": ((drawn.converted - law.mean) ** 2).mean(axis=1) / variance,
        "error": ((drawn.converted - drawn.y) ** 2).mean(axis=1) / variance,
    }


CONVERTED = Claim(
    id="voice_morphing.global-variance-of-frames",
    title="Converted frames have the variance and the error that theory predicts",
    source="Abstract: mapping by a Gaussian mixture over-smooths; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="On drawn frames the converted feature has the share $eta^2$ of the target's "
    "variance, and a squared error of $1 - eta^2$; for $K = 1$ $eta^2$ is the squared "
    "correlation.",
    formula='(EE (F(X) - EE Y)^2)/(op("Var") Y) = eta^2, quad '
    '(EE (Y - F(X))^2)/(op("Var") Y) = 1 - eta^2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about voices: one feature of each speaker. One draw of the mixture for "
    "each K, its centres scaled by `spread`; over-smoothing-identity has many.",
    assumptions=ONE_FEATURE,
    notes=(
        "A trial of another draw with $K = 4$ and spread 2 had a ratio of 0.430 and an error of "
        "0.854 for 2 million frames: by error/(1 - ratio) the variance of its target was 1.50.",
    ),
    cells=ByEffort(
        smoke=Cells(k=(1, 4), spread=(2.0,)),
        standard=Cells(k=(1, 4), spread=(0.5, 1.0, 2.0)),
        full=Cells(k=(1, 2, 4, 8), spread=(0.25, 0.5, 1.0, 2.0, 4.0)),
    ),
    simulate=conversion,
    expect=(
        near_theory("ratio", theory.global_variance),
        near_theory("error", theory.conversion_error),
    ),
    controls=(
        *(
            BrokenWorld(
                f"posteriors that forget the weights: {outcome}",
                change={"posterior": forgetful},
                at={"k": 4, "spread": 2.0},
                judged_by=outcome,
            )
            for outcome in ("ratio", "error")
        ),
        FalseTheory(
            "it is the squared correlation, to within 0.02",
            utterance_mean("ratio", theory.global_variance, k=4, spread=2.0).near(
                _squared_correlation, 2 * MARGIN
            ),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=6400, standard=12_800, full=25_600),
    figure=Axis(x="spread", label="spread of the centres"),
)
