"""Whether labels by the nearest centre are the surer the nearer the centre is."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.mixtures.agmm._mixture import (
    CHANNELS,
    CLASSES,
    DEVIATIONS,
    centres,
    pixels,
    squared_distances,
)
from refutable.theory.mixtures.agmm import OCTILES

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
)


def by_octile(right: NDArray[np.bool_], distance: FloatArray) -> FloatArray:
    """Share of right labels by octile of the distance, shape (size, 8)."""
    order = np.argsort(distance, axis=1)
    ordered = np.take_along_axis(right, order, axis=1)
    return np.asarray(ordered.reshape(len(right), OCTILES, -1).mean(axis=2))


def _rank_correlation(rows: FloatArray) -> FloatArray:
    """Spearman's correlation of each row with 1, ..., L; equals share the mean of their ranks."""
    # Half the numbers below less half those above; scipy.stats takes half a second to load.
    ranks = np.sign(rows[:, :, None] - rows[:, None, :]).sum(axis=2) / 2
    places = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    scale = np.sqrt((ranks**2).sum(axis=1) * (places**2).sum())
    return np.asarray(ranks @ places / np.where(scale > 0, scale, 1.0))


def octile_trend(
    cell: Cell, rng: Generator, size: int, shuffled: bool = False, elsewhere: bool = False,
    channels: int = CHANNELS,
) -> Columns:  # fmt: skip
    """How the accuracy of nearest-centre labels goes with the distance to that centre.

    Parameters
    ----------
    cell : Cell
        With ``pixels`` and ``deviations``.
    rng : Generator
    size : int
    shuffled : bool
        Shuffle the labels over the pixels.
    elsewhere : bool
        Measure the distance to a point drawn from N(0, I).
    channels : int
        Of which three carry the classes.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``correlation``: Spearman's, of accuracy and octile; ``fall`` from the first to the last.
    """
    at = centres(channels)
    x, label = pixels(rng, (size, cell.pixels), at, DEVIATIONS[cell.deviations])
    given = x[..., :CLASSES].argmax(axis=-1)
    origin = rng.standard_normal((size, 1, channels)) if elsewhere else at[given]
    if shuffled:
        given = rng.permuted(given, axis=1)
    accuracy = by_octile(given == label, squared_distances(x, origin))
    return {
        "correlation": _rank_correlation(accuracy),
        "fall": accuracy[:, 0] - accuracy[:, -1],
    }


TREND = Claim(
    id="agmm.confidence-vs-distance",
    title="Labels by the nearest centre are less often right the farther the centre is",
    source="abstract: pixels closer to the centres have higher confidence",
    origin=Origin.IMPLIED,
    basis=Basis.ABSTRACT,
    statement="The accuracy of nearest-centre labels falls with the distance to that centre: in a "
    "typical data set its rank correlation with the octile of the distance is below -0.9, and it "
    "falls by more than 0.03 from the first octile to the last.",
    formula='"med" rho_S ("acc"_o, o) <= -0.9, quad "med"("acc"_1 - "acc"_8) >= 0.03',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A strict order (see farther-is-never-surer). Features of a network.",
    assumptions=(
        "three Gaussian classes of equal weight in $R^4$, centres $3 e_k$",
        "standard deviations 1, 1, 1, or 0.5, 1, 3",
    ),
    notes=(
        "Where 60 channels without a class are added the fall shrinks to 0.019: distances "
        "concentrate, as scores do.",
    ),
    cells=ByEffort(
        smoke=Cells(pixels=(40_000,), deviations=tuple(DEVIATIONS)),
        standard=Cells(pixels=(200_000,), deviations=tuple(DEVIATIONS)),
        full=Cells(pixels=(40_000, 200_000), deviations=tuple(DEVIATIONS)),
    ),
    simulate=octile_trend,
    expect=(Quantile("correlation").at_most(-0.9), Quantile("fall").at_least(0.03)),
    controls=(
        BrokenWorld(
            "labels shuffled over the pixels",
            change={"shuffled": True},
            at={"deviations": "equal"},
        ),
        BrokenWorld(
            "distance to a random point",
            change={"elsewhere": True},
            at={"deviations": "equal"},
            judged_by="correlation",
        ),
        BrokenWorld(
            "sixty channels more, without a class",
            change={"channels": CHANNELS + 60},
            cells=Cells(pixels=(10_000,), deviations=("equal",)),
            judged_by="fall",
        ),
        FalseTheory("it falls by a tenth", Quantile("fall", deviations="equal").at_least(0.1)),
    ),
    block=4,
    cap=ByEffort(smoke=128, standard=128, full=256),
)
