"""Whether the table's entries with fewer than a thousand unlabelled points reproduce."""

from __future__ import annotations

from refutable.simulations.learning.ood_unlabeled._training import (
    ACCURACIES,
    DIM,
    MIXTURE,
    no_clusters,
    printed_accuracy,
    rows,
    self_training,
)
from refutable.theory.learning import ood_unlabeled as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    FalseTheory,
    Mean,
    MendedWorld,
    Origin,
    Quantile,
    Scope,
    Verdict,
)


def _helps(cell: Cell) -> bool:
    """Whether there are as many unlabelled points as dimensions, the spectral threshold."""
    return bool(cell.n >= DIM)


AGREEING = rows((40, 400, 0.0), (40, 400, 0.5), (20, 200, 0.5), (40, 40, 0.0), (40, 40, 0.5))

ROWS_BELOW_A_THOUSAND = Claim(
    id="ood_unlabeled.rows-below-a-thousand",
    title="Five table entries with few unlabelled points reproduce",
    source="poster, table of simulated data: $(m, n) = (40, 40)$, (40, 400) on both sides, (20, "
    "200) with a shift",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Five entries with fewer than 1000 unlabelled points reproduce within 0.03; there "
    "200 or 400 unlabelled points help a typical run, while 40 of them lower the accuracy of 40 "
    "labelled ones.",
    formula='abs("acc" - "printed") <= 0.03',
    scope=Scope.AS_STATED,
    does_not_show="These five of the twelve rows were put here after seeing that they agree; the "
    "other seven are in smallest-rows. The median run is compared, as in unlabelled-helps.",
    assumptions=MIXTURE,
    notes=(
        "At (40, 40) agreement is narrow, 0.624 (mean 0.622) against 0.65, and is no gain: "
        "labelled points alone reach 0.658.",
    ),
    cells=ByEffort(
        smoke=rows((40, 400, 0.0), (20, 200, 0.5)),
        standard=AGREEING,
        full=AGREEING,
    ),
    simulate=self_training,
    expect=(
        Quantile("accuracy", 0.5).near(printed_accuracy, 0.03),
        Quantile("gain", 0.5).within(lambda cell: _helps(cell) - 1, _helps),
    ),
    controls=(
        FalseTheory(
            "400 unlabelled points change nothing",
            Quantile("accuracy", 0.5, n=400).near(
                lambda cell: theory.erm_accuracy(DIM, cell.m), 0.03
            ),
        ),
        BrokenWorld(
            "unlabelled points without clusters",
            change={"unlabelled": no_clusters},
            at={"m": 40, "n": 400, "shift": 0.0},
            judged_by="gain",
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=20_000, full=20_000),
    figure=Axis(x="n", label="unlabelled points n", log=True),
)


SMALLEST_ROWS = Claim(
    id="ood_unlabeled.smallest-rows",
    title="The table entries with the fewest unlabelled points reproduce",
    source="poster, table of simulated data, rows with $n = m$ and $n = 10$ m",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The table's entries at $(m, n) = (10, 10)$, (10, 100) and (20, 20) on both sides, "
    "and (20, 200) without a shift, reproduce within 0.03.",
    formula='abs("acc" - "printed") <= 0.03',
    scope=Scope.AS_STATED,
    does_not_show="That no estimator reaches these entries: only ours was tried, with one setting. "
    "The optimiser is not what fails: the objective fits 10 points in 200 dimensions whichever way "
    "they are labelled.",
    assumptions=MIXTURE,
    notes=(
        "At $m = n = 10$ the optimiser brings the objective to 0 in every run; so does a plain "
        "subgradient method without annealing, which stops nearer to its start and has 0.575, ours "
        "0.55. With gamma' = 1 it is 0.577. All lie below the 0.586 of the labelled points alone.",
    ),
    cells=rows(
        (10, 10, 0.0),
        (10, 100, 0.0),
        (20, 20, 0.0),
        (20, 200, 0.0),
        (10, 10, 0.5),
        (10, 100, 0.5),
        (20, 20, 0.5),
    ),
    simulate=self_training,
    expect=(Mean("accuracy", bounds=ACCURACIES).near(printed_accuracy, 0.03),),
    controls=(
        FalseTheory(
            "ten unlabelled points do no harm",
            Mean("accuracy", bounds=ACCURACIES, n=10).at_least(
                lambda cell: theory.erm_accuracy(DIM, cell.m)
            ),
        ),
    ),
    positive=(MendedWorld("a hundred times more", cells=rows((20, 2000, 0.0))),),
    block=64,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
    expected=Verdict.REFUTED,
    why="All seven fail: ours are 0.55, 0.58, 0.57, 0.64 without and 0.55, 0.58, 0.57 with a "
    "shift. Up to $n = d = 200$, the spectral threshold, unlabelled points carry hardly any "
    "direction. A likely cause of the higher entries is in the authors' notebook (commit "
    "b526e0a): one draw of $mu_0$ and of the data, and of 4000 random settings (500 for "
    "labelled points alone) the best accuracy on the test set. That selection lifts both "
    "sides: its list of settings has 0.6286 for 10 labelled and 10 unlabelled points and "
    "0.6317 for the same 10 labelled points alone, where the poster prints 0.63 and 0.59 and "
    "an average run gives 0.586.",
    figure=Axis(x="n", label="unlabelled points n", log=True),
)
