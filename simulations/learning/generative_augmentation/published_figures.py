"""Whether generative augmentation closes the generalisation gap, and at which rate.

The public simulation of Zheng, Wu and Li (NeurIPS 2023) run literally (all points drawn) and by its
sufficient statistics, against its exact moments. A replicate is the average over a few independent
training sets, more of them in low dimension, so that every cell costs about the same.
"""

from typing import Any

import numpy as np
from refutable.simulations.learning.generative_augmentation.expected_gap import (
    RUNGS,
    TEST_POINTS,
    figure_run,
    gap_change,
    gap_with_and_without,
    losses_with_and_without,
    oracle_ladder,
    rate_ladder,
    relative_gap,
    relative_gap_maximum_likelihood,
)
from refutable.theory.learning import generative_augmentation as theory
from refutable.theory.learning.generative_augmentation import Augmentation

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    FalseTheory,
    Mean,
    RatioOfMeans,
    Scope,
    Slope,
    Verdict,
)

GAUSSIAN = (
    "x given y is N(y mu, sigma^2 I) with |mu| = 1 and sigma = 0.6, class sizes equal",
    "the generator is naive Bayes with one pooled diagonal variance",
)


def _setting(cell: Any) -> Augmentation:
    return Augmentation(cell.d, cell.m, cell.gamma, cell.get("ddof", 1))


def _predicted_relative_gap(cell: Any) -> float:
    return theory.expected_gap(_setting(cell)) * cell.m / cell.d


LITERAL = Cells(route=("every point",), d=(50,), m=(10,), gamma=(0, 1, 5))
GAP_CLOSED_FORM = Claim(
    id="generative_augmentation.gap-closed-form",
    paper=theory.PAPER,
    source="the simulation behind Figure 1; formula derived here",
    statement="The expected gap between test and training loss is (d/m)(1+2g)/(1+g)^2 at "
    "augmentation ratio g, whatever the noise level and the distance of the classes.",
    formula='E["gap"] = d/m (1 + 2 gamma) / (1 + gamma)^2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about other generators, losses or learners than those of the "
    "simulation; the formula is ours, not the paper's.",
    assumptions=(*GAUSSIAN, "class variances of the generator are unbiased (ddof = 1)"),
    cells=ByEffort(
        smoke=LITERAL + Cells(route=("statistics",), d=(1, 50), m=(10, 200), gamma=(0, 1, 5)),
        standard=LITERAL
        + Cells(route=("statistics",), d=(1, 2, 10, 50, 100), m=(10, 40, 200), gamma=(0, 1, 5, 50)),
        full=Cells(route=("every point",), d=(10, 50), m=(10, 40), gamma=(0, 1, 2, 5, 10))
        + Cells(
            route=("statistics",),
            d=(1, 2, 10, 50, 100),
            m=(10, 40, 200),
            gamma=(0, 1, 2, 5, 10, 20, 50),
        ),
    ),
    simulate=relative_gap,
    expect=(Mean("relative_gap").near(_predicted_relative_gap, 0.02),),
    controls=(
        FalseTheory(
            "the gap shrinks like 1/(1+g)",
            Mean("relative_gap", gamma=1).near(lambda cell: 1 / (1 + cell.gamma), 0.02),
        ),
        BrokenWorld(
            "generator with maximum-likelihood variances",
            simulate=relative_gap_maximum_likelihood,
            cells=Cells(route=("statistics",), d=(50,), m=(10,), gamma=(1, 5)),
        ),
    ),
    block=750,
    cap=ByEffort(smoke=20_000, standard=40_000, full=80_000),
    figure=Axis(x="gamma"),
)


def _figure_value(cell: Any) -> float:
    if cell.d == 1:
        return theory.FIGURE_1A[cell.m, cell.gamma]
    return {50: theory.FIGURE_1C, 100: theory.FIGURE_1B_D100}[cell.d][cell.gamma]


def _figure_margin(cell: Any) -> float:
    return max(0.05 * _figure_value(cell), 0.35)


def _folded(cell: Any) -> float:
    return theory.expected_absolute_gap(_setting(cell), TEST_POINTS)


FIGURE_1 = Claim(
    id="generative_augmentation.figure-1",
    paper=theory.PAPER,
    source="Figures 1b (d=100) and 1c (d=50), m=10",
    statement="The mean absolute gap of the simulation is the one plotted, and equals the folded "
    "normal with our exact mean and variance of the gap within 4 %.",
    formula='E|"gap"| = s sqrt(2/pi) e^(-mu^2/(2 s^2)) + mu (1 - 2 Phi(-mu/s))',
    scope=Scope.AS_STATED,
    does_not_show="The plotted values are read off a figure (2 %) and stem from few runs: they "
    "scatter by up to 0.25 around the exact ones, hence the wide margin of 0.35.",
    assumptions=GAUSSIAN,
    cells=ByEffort(
        smoke=Cells(d=(50, 100), m=(10,), gamma=(0, 2, 50)),
        standard=Cells(d=(50, 100), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50)),
        full=Cells(d=(50, 100), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50))
        + Cells(d=(50,), m=(10,), gamma=(100,)),
    ),
    simulate=figure_run,
    expect=(
        Mean("absolute_gap").near(_figure_value, _figure_margin),
        Mean("absolute_gap").near(_folded, lambda cell: 0.04 * _folded(cell)),
    ),
    controls=(
        FalseTheory(
            "the loss without its factor 1/sigma^2",
            Mean("unscaled_gap", gamma=0).near(_figure_value, _figure_margin),
        ),
        FalseTheory(
            "the test risk in place of the gap",
            Mean("excess_test_loss", gamma=0).near(_figure_value, _figure_margin),
        ),
    ),
    block=500,
    cap=ByEffort(smoke=10_000, standard=20_000, full=40_000),
    figure=Axis(x="gamma"),
)


FIGURE_1A = Claim(
    id="generative_augmentation.figure-1a",
    paper=theory.PAPER,
    source="Figure 1a (d=1)",
    statement="The plotted mean absolute gaps at d=1 lie within 5 % of those of the simulation.",
    formula='abs(E|"gap"| - "plotted") <= 0.05 "plotted"',
    scope=Scope.AS_STATED,
    does_not_show="Why the plotted values differ. The launch script and the plotting notebook do "
    "not record how many runs were averaged.",
    assumptions=GAUSSIAN,
    cells=Cells.of(*({"d": 1, "m": m, "gamma": gamma} for m, gamma in theory.FIGURE_1A)),
    simulate=figure_run,
    expect=(Mean("absolute_gap").near(_figure_value, lambda cell: 0.05 * _figure_value(cell)),),
    controls=(
        FalseTheory(
            "the test risk in place of the gap",
            Mean("excess_test_loss").near(_figure_value, lambda cell: 0.05 * _figure_value(cell)),
        ),
    ),
    block=1000,
    cap=ByEffort(smoke=10_000, standard=20_000, full=40_000),
    expected=Verdict.REFUTED,
    why="At m=20 the plotted values are 6 to 11 % and at m=500 (gamma=0) 9 % below those of the "
    "simulation, on which literal simulation and sufficient statistics agree. At m=50 (gamma=0) "
    "0.0865 is plotted against 0.0823, so near the margin that this check may stay open; it does "
    "not carry the verdict. An average over a hundred runs scatters by 7.5 %.",
    figure=Axis(x="m", log=True),
)


def _plug_in_curve(cell: Any, sizes: np.ndarray) -> np.ndarray:
    shape = [
        theory.leading_absolute_gap(1, m, m if "m^2" in cell.generator else cell.gamma)
        for m in sizes
    ]
    return np.array(shape)


def _oracle_curve(cell: Any, sizes: np.ndarray) -> np.ndarray:
    del cell
    return np.array([theory.leading_absolute_gap(1, m * (1 + m), 0) for m in sizes])


FITTED = ("fitted", "fitted, m^2 points")
RATE_CELLS = Cells.of(
    {"generator": "fitted", "gamma": 0},
    {"generator": "fitted", "gamma": 1},
    {"generator": "fitted", "gamma": 50},
    {"generator": "fitted, m^2 points", "gamma": 0},
    {"generator": "oracle, m^2 points", "gamma": 0},
)


NO_FASTER_RATE = Claim(
    id="generative_augmentation.no-faster-rate",
    paper=theory.PAPER,
    source="abstract and the Gaussian-mixture instance of Theorem 3.1",
    statement="With a fitted generator the mean absolute gap falls like m^(-1/2) at every "
    "augmentation ratio, even with m^2 generated points; a generator that samples the truth "
    "makes it fall like m^(-1).",
    formula='E|"gap"| tilde.op sqrt(d/(pi m) (1 + gamma/(1+gamma)^2))',
    scope=Scope.AS_STATED,
    does_not_show="Only d = 1 and m = 50 to 3200; below 50 the slope has a finite-m bias. The "
    "slope is that of the mean over 128 runs.",
    assumptions=GAUSSIAN,
    cells=RATE_CELLS,
    simulate=rate_ladder,
    expect=(
        Slope("absolute_gap", RUNGS, _plug_in_curve, generator=FITTED).near(0, 0.03),
        Slope("absolute_gap", RUNGS, _oracle_curve, generator="oracle, m^2 points").near(0, 0.03),
    ),
    controls=(
        FalseTheory(
            "m^2 points of a fitted generator give the rate 1/m",
            Slope("absolute_gap", RUNGS, _oracle_curve, generator="fitted, m^2 points").near(
                0, 0.03
            ),
        ),
        BrokenWorld(
            "the generator samples the true distribution",
            simulate=oracle_ladder,
            cells=Cells.of({"generator": "fitted, m^2 points", "gamma": 0}),
            expect=(Slope("absolute_gap", RUNGS, _plug_in_curve).near(0, 0.03),),
        ),
    ),
    block=300,
    cap=ByEffort(smoke=2000, standard=6000, full=20_000),
    figure=Axis(x="m", log=True),
)


def _improvement(cell: Any) -> float:
    return theory.improvement(cell.d, cell.m, cell.gamma)


SMALL_SAMPLE = Claim(
    id="generative_augmentation.small-sample-improvement",
    paper=theory.PAPER,
    source="abstract (helps when m is small or overfitting is strong); Figure 1",
    statement="Augmentation at ratio 50 lowers the mean absolute gap 3.3-fold at d=50, m=10 and "
    "4.6-fold at d=100, m=10, still a little at d=5, m=20, and not at all at d=1.",
    formula='(E|"gap"|_(gamma=0)) / (E|"gap"|_(gamma=50)) tilde.op sqrt(pi d (m-2)) / m',
    scope=Scope.AS_STATED,
    does_not_show="The gap, not the risk: the expected test loss rises (test-loss-rises). "
    "The folded normal misplaces the crossover by about one dimension at m = 10.",
    assumptions=GAUSSIAN,
    cells=Cells.of(
        {"d": 50, "m": 10, "gamma": 50},
        {"d": 100, "m": 10, "gamma": 50},
        {"d": 5, "m": 20, "gamma": 50},
        {"d": 1, "m": 20, "gamma": 50},
        {"d": 1, "m": 500, "gamma": 50},
    ),
    simulate=gap_with_and_without,
    expect=(
        RatioOfMeans("plain", "augmented").near(
            _improvement, lambda cell: 0.05 * _improvement(cell)
        ),
        RatioOfMeans("plain", "augmented", d=5).at_least(1),
        RatioOfMeans("plain", "augmented", d=1).at_most(1),
    ),
    controls=(
        FalseTheory(
            "the improvement is a constant in d",
            RatioOfMeans("plain", "augmented", d=(50, 100)).near(3.3, 0.2),
        ),
        FalseTheory(
            "augmentation helps at d=1 as well",
            RatioOfMeans("plain", "augmented", d=1).at_least(1),
        ),
    ),
    block=300,
    cap=ByEffort(smoke=6000, standard=12_000, full=40_000),
)


TEST_LOSS_RISES = Claim(
    id="generative_augmentation.test-loss-rises",
    paper=theory.PAPER,
    source="the simulation behind Figure 1; formula derived here",
    statement="Augmentation raises the expected test loss while it shrinks the gap: what falls "
    "is only the difference between the two losses.",
    formula='E["test loss"] = d/2 (1 + 1/m + gamma / ((1+gamma)^2 m))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A mean estimator has no bias to trade for variance; with deep networks "
    "augmentation can lower the test loss.",
    assumptions=GAUSSIAN,
    cells=ByEffort(
        smoke=Cells(d=(50,), m=(10,), gamma=(1, 5)),
        standard=Cells(d=(2, 50), m=(10, 40), gamma=(1, 2, 5, 10)),
        full=Cells(d=(2, 10, 50, 100), m=(10, 40, 200), gamma=(1, 2, 5, 10)),
    ),
    simulate=losses_with_and_without,
    expect=(
        Mean("test_increase").near(
            lambda cell: theory.rise_of_test_loss(_setting(cell)),
            lambda cell: 0.1 * theory.rise_of_test_loss(_setting(cell)),
        ),
        Mean("gap_decrease").at_least(0),
    ),
    controls=(
        FalseTheory("augmentation lowers the expected test loss", Mean("test_increase").at_most(0)),
    ),
    block=2000,
    cap=ByEffort(smoke=40_000, standard=80_000, full=200_000),
    figure=Axis(x="gamma"),
)


def _predicted_change(cell: Any) -> float:
    return theory.mean_gap(_setting(cell)) - cell.d / cell.m


VARIANCE_ESTIMATOR = Claim(
    id="generative_augmentation.variance-estimator-robust",
    paper=theory.PAPER,
    source="the generator of the public code (unbiased class variances)",
    statement="Augmentation lowers the mean gap whether the generator's class variances are the "
    "unbiased ones (ddof=1) or those of maximum likelihood (ddof=0).",
    formula='E["gap"](gamma) <= E["gap"](0) quad "for both estimators"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about generators other than naive Bayes.",
    assumptions=GAUSSIAN,
    cells=ByEffort(
        smoke=Cells(d=(50,), m=(10,), gamma=(1, 5), ddof=(0, 1)),
        standard=Cells(d=(50,), m=(10,), gamma=(1, 5), ddof=(0, 1)),
        full=Cells(d=(50,), m=(10,), gamma=(1, 5, 20), ddof=(0, 1)),
    ),
    simulate=gap_change,
    expect=(Mean("change").at_most(0, predicted=_predicted_change),),
    controls=(
        FalseTheory(
            "no improvement with unbiased variances either", Mean("change", ddof=1).at_least(0)
        ),
    ),
    block=500,
    cap=ByEffort(smoke=4000, standard=8000, full=20_000),
    expected=Verdict.REFUTED,
    why="With maximum-likelihood variances the expected gap is (d/m)[(1+2g)/(1+g)^2 + g/(1+g) - "
    "2g/((1+g)^2 m)]: larger than d/m for moderate g and back to d/m as g grows. The shrunken "
    "variance makes generated points too easy to fit. Closed form, literal simulation and "
    "scikit-learn's GaussianNB as generator agree.",
    figure=Axis(x="gamma"),
)


def _bound(cell: Any) -> float:
    return theory.stability_bound(_setting(cell))


STABILITY_BOUND = Claim(
    id="generative_augmentation.stability-bound",
    paper=theory.PAPER,
    source="Theorem 3.1 on the Gaussian mixture, with the constants of the public notebook",
    statement="The bound exceeds the measured mean absolute gap.",
    formula='E|"gap"| <= m_G/m_T M D_"TV" + M (sqrt(m) + sqrt(m_G))/m_T + (m sqrt(m_G) beta)/m_T '
    "+ (beta m (log m + log m_G))/m_T + m/m_T log(m) M T",
    scope=Scope.AS_STATED,
    does_not_show="The bound is about 30 times too large, so that it cannot fail here. Its hidden "
    "constants are taken as 1; its shape at d=1 (not monotone in gamma) is not that of the gap.",
    assumptions=GAUSSIAN,
    cells=ByEffort(
        smoke=Cells(d=(50,), m=(10,), gamma=(0, 5, 100)),
        standard=Cells(d=(50,), m=(10,), gamma=(0, 1, 5, 20, 100)),
        full=Cells(d=(50,), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50, 100)),
    ),
    simulate=figure_run,
    expect=(Mean("absolute_gap").at_most(_bound, predicted=_folded),),
    controls=(
        FalseTheory(
            "a hundredth of the bound", Mean("absolute_gap").at_most(lambda c: _bound(c) / 100)
        ),
    ),
    block=500,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
    weak=True,
    figure=Axis(x="gamma"),
)
