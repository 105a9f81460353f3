"""Whether a thousand and more unlabelled points help as the poster's table says."""

from __future__ import annotations

from refutable.simulations.learning.ood_unlabeled._training import (
    GAINS,
    MIXTURE,
    far_shifted_mixture,
    no_clusters,
    orthogonal_clusters,
    printed_accuracy,
    rows,
    self_training,
)

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Claim,
    Mean,
    Onset,
    Origin,
    Quantile,
    Scope,
)

BROKEN_CELL = rows((20, 2000, 0.0))
STANDARD_CELLS = rows(
    *((m, n, shift) for m, n in ((10, 1000), (20, 2000)) for shift in (0.0, 0.5)),
    (10, 10_000, 0.0),
)
FULL_CELLS = rows(
    *(
        (m, n, shift)
        for m, n in ((10, 1000), (20, 2000), (40, 4000), (10, 10_000), (20, 10_000), (40, 10_000))
        for shift in (0.0, 0.5)
    )
)

LEAST_GAIN = 0.05
"""In accuracy; the rows of the table tried here are 0.12 and more above labelled points alone."""

UNLABELLED_HELPS = Claim(
    id="ood_unlabeled.unlabelled-helps",
    title="Unlabelled points, shifted or not, beat the labelled ones alone",
    source="poster, table of simulated data, rows with $n >= 1000$",
    origin=Origin.PRINTED,
    basis=Basis.CODE,
    statement="Robust self-supervised training with unlabelled points of the same or a shifted "
    "mixture beats the labelled points alone by 0.05 in accuracy and more, and a typical run "
    "reaches the table's accuracy.",
    formula="min_theta 1/m sum_i phi_gamma (X_i, y_i) + lambda/n sum_j phi_gamma' (X'_j, h(X'_j))",
    scope=Scope.AS_STATED,
    does_not_show="Optimiser and slopes are ours: slopes 1 and 0.3, annealed, 200 projected "
    "subgradient steps. The authors' notebook draws 4000 settings per entry and "
    "prints the best accuracy on the test set; we search nothing. The table's entry "
    "is compared with the median run, within 0.03: that tells clusters from none and "
    "a shift of 1 from none, not one row from the next, as these rows span 0.78 to "
    "0.82. Rows with $n < 1000$: rows-below-a-thousand, smallest-rows.",
    assumptions=MIXTURE,
    notes=(
        "At m=10, n=1000 about one run in a hundred picks the wrong sign, and the mean is 0.762 "
        "against 0.79 in the table.",
    ),
    cells=ByEffort(smoke=rows((20, 2000, 0.0)), standard=STANDARD_CELLS, full=FULL_CELLS),
    simulate=self_training,
    expect=(
        Quantile("accuracy", 0.5).near(printed_accuracy, 0.03),
        Mean("gain", bounds=GAINS).at_least(LEAST_GAIN),
    ),
    controls=(
        BrokenWorld(
            "unlabelled points without clusters",
            change={"unlabelled": no_clusters},
            cells=BROKEN_CELL,
            judged_by="gain",
        ),
        BrokenWorld(
            "unlabelled clusters orthogonal to the labelled ones",
            change={"unlabelled": orthogonal_clusters},
            cells=BROKEN_CELL,
            judged_by="gain",
        ),
        BrokenWorld(
            "a shift of 1, as far as the classes themselves",
            change={"unlabelled": far_shifted_mixture},
            cells=BROKEN_CELL,
            judged_by="accuracy",
        ),
    ),
    block=8,
    cap=ByEffort(smoke=400, standard=4000, full=8000),
    onset=tuple(
        Onset(
            along="n",
            between=(20, 2000),
            holds=Quantile("gain", 0.5).at_least(0),
            at={"m": 20, "shift": shift},
            tolerance=1.0,
            budget=20_000,
            block=64,
        )
        for shift in (0.0, 0.5)
    ),
    figure=Axis(x="n", label="unlabelled points n", log=True),
)
