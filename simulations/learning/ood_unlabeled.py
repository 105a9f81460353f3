"""Whether unlabelled points from a shifted mixture improve a linear rule.

The cells of the table of Saberi et al. (ICLR 2024), with its dimension d = 200 and |mu_0| = 1;
sigma is not stated there, and 1 fits every entry. Accuracies of directions are exact.
"""

from typing import Any

import numpy as np
from scipy.special import ndtr

from claimcheck import (
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
from simulations.learning._unlabelled_data import other_digits, real_data
from simulations.learning._unlabelled_exponents import (
    corollary_slope,
    one_dimension,
    too_few_unlabelled,
)
from simulations.learning._unlabelled_runs import (
    DIM,
    erm_accuracy,
    orthogonal_clusters,
    self_training,
    spectral_rule,
    spectral_rule_of_noise,
    without_clusters,
)
from theory.learning import ood_unlabeled as theory
from theory.learning.ood_unlabeled import Sizes

MIXTURE = (
    "classes are N(y mu_0, I) with d = 200 and |mu_0| = 1 (the poster does not state sigma)",
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
    does_not_show="The table has two digits; entries can differ from ours by 0.01.",
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
    does_not_show="Optimiser and slopes are ours (the repository holds no code): slopes 1 and "
    "0.3, annealed, 200 projected subgradient steps. The table's entry is compared with the "
    "median run; at m=10, n=1000 about one run in a hundred picks the wrong sign, and the mean "
    "is 0.762 against 0.79 in the table. Rows with n < 1000 are a claim of their own.",
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


SMALLEST_ROWS = Claim(
    id="ood_unlabeled.smallest-rows",
    paper=theory.PAPER,
    source="poster, table of simulated data, rows with n = m and n = 10 m",
    statement="The table's entries with at most 100 unlabelled points reproduce within 0.03.",
    formula='abs("acc" - "printed") <= 0.03',
    scope=Scope.AS_STATED,
    does_not_show="That no estimator reaches these entries: only ours was tried. That they stem "
    "from single runs is a guess.",
    assumptions=MIXTURE,
    cells=Cells.of(
        {"m": 10, "n": 10, "shift": 0.0},
        {"m": 10, "n": 100, "shift": 0.0},
        {"m": 20, "n": 20, "shift": 0.0},
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
    why="Below n = 200 = d the unlabelled points carry no direction (the spectral threshold is "
    "n = d), and the entry 0.63 for 10 labelled and 10 unlabelled points exceeds even what 20 "
    "labelled points give, 0.618.",
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
    does_not_show="The bound is above 1 at these sizes, so that it cannot fail.",
    assumptions=MIXTURE,
    cells=ByEffort(
        smoke=Cells.of({"m": 10, "n": 1000, "shift": 0.0}),
        standard=Cells.of({"m": 10, "n": 1000, "shift": 0.0}, {"m": 20, "n": 2000, "shift": 0.0}),
        full=Cells.of({"m": 10, "n": 1000, "shift": 0.0}, {"m": 20, "n": 2000, "shift": 0.0}),
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
