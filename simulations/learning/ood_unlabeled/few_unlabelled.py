"""Whether unlabelled points from a shifted mixture improve a linear rule.

The cells of the table of Saberi et al. (ICLR 2024), with its dimension d = 200 and |mu_0| = 1;
sigma = 1 as in the authors' notebook. Accuracies of directions are exact.
"""

from typing import Any

import numpy as np
from refutable.simulations.learning.ood_unlabeled._training import (
    DIM,
    erm_accuracy,
    orthogonal_clusters,
    self_training,
    spectral_rule,
    spectral_rule_of_noise,
    without_clusters,
)
from refutable.simulations.learning.ood_unlabeled.exponents import (
    corollary_slope,
    one_dimension,
    too_few_unlabelled,
)
from refutable.simulations.learning.ood_unlabeled.real_data import other_digits, real_data
from refutable.theory.learning import ood_unlabeled as theory
from refutable.theory.learning.ood_unlabeled import Sizes
from scipy.special import ndtr

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Mean,
    Probability,
    Quantile,
    Scope,
    Verdict,
)

MIXTURE = (
    "classes are N(y mu_0, I) with d = 200 and |mu_0| = 1 (the poster does not state sigma, the "
    "authors' notebook sets it to 1)",
    "mu_1 = mu_0 + shift v with v a uniform unit vector",
)


ERM_BASELINE = Claim(
    id="ood_unlabeled.erm-baseline-closed-form",
    paper=theory.PAPER,
    source="poster, table of simulated data, columns m and Acc",
    statement="The mean of y x over m labelled points has accuracy Phi(1/sqrt(1 + d/m)), which "
    "is the table's column for labelled points alone.",
    formula='"acc" = Phi(abs(mu) / (sigma sqrt(1 + (d sigma^2) / (m abs(mu)^2))))',
    scope=Scope.AS_STATED,
    does_not_show="The table has two digits; entries can differ from ours by 0.01. Its 0.59 at m = "
    "10 is that of the runs with a shifted mixture; for the same distribution the authors' list of "
    "settings has 0.6317, the best of 500 settings on the test set.",
    assumptions=MIXTURE[:1],
    cells=ByEffort(
        smoke=Cells(m=(10, 40, 10_000)),
        standard=Cells(m=(10, 20, 40, 10_000)),
        full=Cells(m=(10, 20, 40, 10_000)),
    ),
    simulate=erm_accuracy,
    expect=(
        Mean("accuracy").near(lambda cell: theory.erm_accuracy(DIM, cell.m), 0.005),
        Mean("accuracy").near(lambda cell: theory.ERM_TABLE[cell.m], 0.01),
    ),
    controls=(
        FalseTheory(
            "sqrt(d/m) in place of d/m",
            Mean("accuracy", m=10).near(
                lambda cell: float(ndtr(1 / np.sqrt(1 + np.sqrt(DIM / cell.m)))), 0.01
            ),
        ),
    ),
    block=1000,
    cap=ByEffort(smoke=20_000, standard=60_000, full=200_000),
    figure=Axis(x="m", log=True),
)


def _table(cell: Any) -> float:
    return theory.UNLABELLED_TABLE[cell.m, cell.n, cell.shift]


BROKEN_CELL = Cells(m=(10,), n=(400,), shift=(0.0,))
SMOKE_CELLS = Cells.of({"m": 20, "n": 2000, "shift": 0.0})
STANDARD_CELLS = Cells.of(
    *({"m": m, "n": n, "shift": a} for m, n in ((10, 1000), (20, 2000)) for a in (0.0, 0.5)),
    {"m": 10, "n": 10_000, "shift": 0.0},
)


FULL_CELLS = Cells.of(
    *(
        {"m": m, "n": n, "shift": a}
        for m, n in ((10, 1000), (20, 2000), (40, 4000), (10, 10_000), (20, 10_000), (40, 10_000))
        for a in (0.0, 0.5)
    )
)


UNLABELLED_HELPS = Claim(
    id="ood_unlabeled.unlabelled-helps",
    paper=theory.PAPER,
    source="poster, table of simulated data, rows with n >= 1000",
    statement="Robust self-supervised training with unlabelled points of the same or a shifted "
    "mixture beats the labelled points alone, and a typical run reaches the table's accuracy.",
    formula="min_theta 1/m sum_i phi_gamma (X_i, y_i) + lambda/n sum_j phi_gamma' (X'_j, h(X'_j))",
    scope=Scope.AS_STATED,
    does_not_show="Optimiser and slopes are ours: slopes 1 and 0.3, annealed, 200 projected "
    "subgradient steps. The authors' notebook draws 4000 settings per entry and prints the best "
    "accuracy on the test set; we search nothing. The table's entry is compared with the "
    "median run; at m=10, n=1000 about one run in a hundred picks the wrong sign, and the mean "
    "is 0.762 against 0.79 in the table. Rows with n < 1000: rows-below-a-thousand, smallest-rows.",
    assumptions=MIXTURE,
    cells=ByEffort(smoke=SMOKE_CELLS, standard=STANDARD_CELLS, full=FULL_CELLS),
    simulate=self_training,
    expect=(Quantile("accuracy", 0.5).near(_table, 0.03), Mean("gain").at_least(0)),
    controls=(
        BrokenWorld(
            "unlabelled points without clusters",
            simulate=without_clusters,
            cells=BROKEN_CELL,
            expect=(Mean("gain").at_least(0),),
        ),
        BrokenWorld(
            "unlabelled clusters orthogonal to the labelled ones",
            simulate=orthogonal_clusters,
            cells=BROKEN_CELL,
            expect=(Mean("gain").at_least(0),),
        ),
    ),
    block=8,
    # a gain that is lost by a wrong sign once in a hundred runs is so skewed that its mean needs
    # thousands of runs before the interval has a lower end
    cap=ByEffort(smoke=400, standard=4000, full=8000),
    figure=Axis(x="n", log=True),
)


def _few(*rows: tuple[int, int, float]) -> Cells:
    return Cells.of(*({"m": m, "n": n, "shift": shift} for m, n, shift in rows))


def _helps(cell: Any) -> bool:
    """Whether there are as many unlabelled points as dimensions, the spectral threshold."""
    return bool(cell.n >= DIM)


AGREEING = _few((40, 400, 0.0), (40, 400, 0.5), (20, 200, 0.5), (40, 40, 0.0), (40, 40, 0.5))
ROWS_BELOW_A_THOUSAND = Claim(
    id="ood_unlabeled.rows-below-a-thousand",
    paper=theory.PAPER,
    source="poster, table of simulated data: (m, n) = (40, 40), (40, 400) on both sides, (20, 200) "
    "with a shift",
    statement="Five entries with fewer than 1000 unlabelled points reproduce within 0.03; there "
    "200 or 400 unlabelled points help, while 40 of them lower the accuracy of 40 labelled ones.",
    formula='abs("acc" - "printed") <= 0.03',
    scope=Scope.AS_STATED,
    does_not_show="These five of the twelve rows were put here after seeing that they agree; the "
    "other seven are in smallest-rows. The median run is compared, as in unlabelled-helps. At "
    "(40, 40) agreement is narrow, 0.624 (mean 0.622) against 0.65, and is no gain: labelled "
    "points alone reach 0.658.",
    assumptions=MIXTURE,
    cells=ByEffort(
        smoke=_few((40, 400, 0.0), (20, 200, 0.5)),
        standard=AGREEING,
        full=AGREEING,
    ),
    simulate=self_training,
    expect=(
        Quantile("accuracy", 0.5).near(_table, 0.03),
        Mean("gain").within(lambda cell: _helps(cell) - 1, _helps),
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
            simulate=without_clusters,
            cells=_few((40, 400, 0.0)),
            expect=(Mean("gain").at_least(0),),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=20_000, full=20_000),
    figure=Axis(x="n", log=True),
)


SMALLEST_ROWS = Claim(
    id="ood_unlabeled.smallest-rows",
    paper=theory.PAPER,
    source="poster, table of simulated data, rows with n = m and n = 10 m",
    statement="The table's entries at (m, n) = (10, 10), (10, 100) and (20, 20) on both sides, and "
    "(20, 200) without a shift, reproduce within 0.03.",
    formula='abs("acc" - "printed") <= 0.03',
    scope=Scope.AS_STATED,
    does_not_show="That no estimator reaches these entries: only ours was tried, with one setting. "
    "The optimiser is not what fails. At m = n = 10 it brings the objective to 0 in every run; so "
    "does a plain subgradient method without annealing, which stops nearer to its start and has "
    "0.575, ours 0.55. With gamma' = 1 it is 0.577. All lie below the 0.586 of the labelled points "
    "alone: the objective fits 10 points in 200 dimensions whichever way they are labelled.",
    assumptions=MIXTURE,
    cells=_few(
        (10, 10, 0.0),
        (10, 100, 0.0),
        (20, 20, 0.0),
        (20, 200, 0.0),
        (10, 10, 0.5),
        (10, 100, 0.5),
        (20, 20, 0.5),
    ),
    simulate=self_training,
    expect=(Mean("accuracy").near(_table, 0.03),),
    controls=(
        FalseTheory(
            "a hundred unlabelled points do what a thousand do",
            Mean("accuracy", n=100).near(0.79, 0.03),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
    expected=Verdict.REFUTED,
    why="All seven fail: ours are 0.55, 0.58, 0.57, 0.64 without and 0.55, 0.58, 0.57 with a "
    "shift. Up to n = d = 200, the spectral threshold, unlabelled points carry hardly any "
    "direction. A likely cause of the higher entries is in the authors' notebook (commit b526e0a): "
    "one draw of mu_0 and of the data, and of 4000 random settings (500 for labelled points alone) "
    "the best accuracy on the test set. That selection lifts both sides: its list of settings has "
    "0.6286 for 10 labelled and 10 unlabelled points and 0.6317 for the same 10 labelled points "
    "alone, where the poster prints 0.63 and 0.59 and an average run gives 0.586.",
    figure=Axis(x="n", log=True),
)


def _spectral(cell: Any) -> float:
    return theory.spectral_accuracy(DIM, cell.n, cell.shift)


SPECTRAL = Claim(
    id="ood_unlabeled.spectral-prediction",
    paper=theory.PAPER,
    source="the setting of the poster's table; prediction by the spiked covariance model",
    statement="The top eigenvector of the unlabelled second moment has the accuracy that the "
    "spiked covariance model predicts above its threshold n = d, and carries little below it.",
    formula='"acc" = Phi(sqrt((1 - c/l^2)/(1 + c/l)) / sqrt(1 + a^2)), quad c = d/n, l = 1 + a^2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="An asymptotic formula at d = 200; its sign must come from labelled points. "
    "Below the threshold the limit is 0.5, at d = 200 an eigenvector still reaches 0.58.",
    assumptions=MIXTURE,
    cells=ByEffort(
        smoke=Cells(n=(100, 1000), shift=(0.0,)),
        standard=Cells(n=(1000, 2000, 10_000), shift=(0.0, 0.5))
        + Cells.of({"n": 100, "shift": 0.0}),
        full=Cells(n=(1000, 2000, 4000, 10_000), shift=(0.0, 0.5))
        + Cells.of({"n": 100, "shift": 0.0}),
    ),
    simulate=spectral_rule,
    expect=(
        Mean("accuracy", n=(1000, 2000, 4000, 10_000)).near(_spectral, 0.01),
        Mean("accuracy", n=100).at_most(0.62, predicted=_spectral),
    ),
    controls=(
        FalseTheory(
            "signal below the threshold, as with n above it",
            Mean("accuracy", n=100).at_least(0.79),
        ),
        BrokenWorld(
            "unlabelled points without clusters",
            simulate=spectral_rule_of_noise,
            cells=Cells(n=(1000,), shift=(0.0,)),
            expect=(Mean("accuracy").near(_spectral, 0.01),),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=800, standard=2000, full=4000),
    figure=Axis(x="n", log=True),
)


PREDICTED = {
    "beats labelled points alone": -0.5,
    "free of the dimension": 0.0,
    "d/epsilon labelled points": -1.0,
}


EXPONENTS = Claim(
    id="ood_unlabeled.bound-exponents",
    paper=theory.PAPER,
    source="corollaries of Theorem 4.2",
    statement="The bound falls like m^(-1/2) for alpha = d/m and n = m^2/d, does not depend on d "
    "for alpha = 1/d and n = d^3, and is of order epsilon for m = d/epsilon, n = d/epsilon^6 if d "
    "is at least of order log(1/delta)/epsilon.",
    formula="((2 d alpha)/m + (4 d)/m sqrt((2 d)/(2 n)))^(1/4) + sqrt((2 log(1/delta))/m)",
    scope=Scope.ARITHMETIC,
    does_not_show="These are exponents of an upper bound; the true excess of the mean estimator "
    "in this model falls like d/m, faster than the (d/m)^(1/2) it is compared with.",
    cells=Cells(corollary=tuple(PREDICTED)),
    compute=corollary_slope,
    expect=(Exact("exponent").equals(lambda cell: PREDICTED[cell.corollary], 0.01),),
    controls=(
        BrokenWorld(
            "m/d unlabelled points in place of m^2/d",
            compute=too_few_unlabelled,
            cells=Cells(corollary=("beats labelled points alone",)),
        ),
        BrokenWorld(
            "d/epsilon labelled points at d = 1",
            compute=one_dimension,
            cells=Cells(corollary=("d/epsilon labelled points",)),
        ),
    ),
)


FEWER_LABELS_ALWAYS = Claim(
    id="ood_unlabeled.fewer-labels-for-all-d",
    paper=theory.PAPER,
    source="corollary of Theorem 4.2: m = O(d/epsilon)",
    statement="For every d, d/epsilon labelled and d/epsilon^6 unlabelled points bring the bound "
    "to order epsilon.",
    formula="m = d/epsilon, n = d/epsilon^6 arrow.r.double R - R^* = O(epsilon)",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about the true risk: the term in log(1/delta) belongs to the bound.",
    cells=Cells(corollary=("d/epsilon labelled points, d = 1",)),
    compute=corollary_slope,
    expect=(Exact("exponent").equals(-1, 0.01),),
    controls=(FalseTheory("the bound stays constant", Exact("exponent").equals(0, 0.01)),),
    expected=Verdict.REFUTED,
    why="The trailing sqrt(2 log(1/delta)/m) needs m >= 2 log(1/delta)/epsilon^2; with m = "
    "d/epsilon that holds only for d of order log(1/delta)/epsilon. At d = 1 the bound is of order "
    "epsilon^(1/2).",
)


def _bound(cell: Any) -> float:
    return theory.excess_bound(Sizes(DIM, cell.m, cell.n, cell.shift))


def against_bound(cell: Any, rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Whether the excess risk is above the bound, which may happen with probability delta."""
    excess = self_training(cell, rng, size)["excess"]
    bound = _bound(cell)
    return {"excess": excess, "violated": excess > bound, "hundredth": excess > bound / 100}


BOUND_HOLDS = Claim(
    id="ood_unlabeled.bound-holds",
    paper=theory.PAPER,
    source="Theorem 4.2, hidden constant taken as 1",
    statement="The bound exceeds the excess risk of robust self-supervised training, but for a "
    "share of runs of at most delta = 0.05.",
    formula="R - R^* <= e^(-abs(mu_0)^2/4)/sqrt(2 sqrt(2 pi)) "
    "((4 d)/m sqrt((2 d + 2 log(1/delta))/(2 n + m)))^(1/4) + sqrt((2 log(1/delta))/m)",
    scope=Scope.AS_STATED,
    does_not_show="No homogeneous rule exceeds an excess of 2 Phi(1) - 1 = 0.683, and the bound is "
    "above that at m = 10, 20 and 40, where it cannot fail. At (400, 400) and, at full effort, "
    "(1000, 2000) it is 0.48 and 0.32 and could; the excess is about 9 and 13 times smaller. "
    "m = 1000, n = 10^6 does not fit the memory.",
    assumptions=MIXTURE,
    cells=ByEffort(
        smoke=_few((10, 1000, 0.0), (400, 400, 0.0)),
        standard=_few((10, 1000, 0.0), (20, 2000, 0.0), (400, 400, 0.0)),
        full=_few(
            (10, 1000, 0.0), (20, 2000, 0.0), (40, 10_000, 0.0), (400, 400, 0.0), (1000, 2000, 0.0)
        ),
    ),
    simulate=against_bound,
    expect=(
        Probability("violated").at_most(theory.DELTA, predicted=0.0),
        Mean("excess").shown(_bound),
    ),
    controls=(
        FalseTheory(
            "a hundredth of the bound", Probability("hundredth", m=10).at_most(theory.DELTA)
        ),
    ),
    block=8,
    cap=ByEffort(smoke=400, standard=800, full=1600),
    weak=True,
)


REAL_DATA = Claim(
    id="ood_unlabeled.real-data-illustration",
    paper=theory.PAPER,
    source="illustration on scikit-learn's bundled data; not in the paper",
    statement="With 4 labelled rows, 200 unlabelled ones raise the accuracy on digits 3 or 8 and "
    "1 or 7; with 10 labelled rows of breast cancer they add at most 0.01.",
    formula='E["acc"_"RSS" - "acc"_"ERM"] >= 0',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="An illustration: rows are resampled from one data set each, which is no test "
    "of the theorem, and which data sets gain was seen before the claim was written.",
    cells=Cells.of(
        {"data": "3 or 8", "m": 4}, {"data": "1 or 7", "m": 4}, {"data": "breast cancer", "m": 10}
    ),
    simulate=real_data,
    expect=(
        Mean("gain", data=("3 or 8", "1 or 7")).at_least(0),
        Mean("gain", data="breast cancer").at_most(0.01),
    ),
    controls=(
        BrokenWorld(
            "unlabelled rows of two other digits",
            simulate=other_digits,
            cells=Cells.of({"data": "3 or 8", "m": 4}),
            expect=(Mean("gain").at_least(0),),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
)
