"""Whether answers to adaptive queries fail, and last, as long as theory says.

Claims of Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (STOC 2015), with the folklore majority
attack as the adaptive analyst; the last claim belongs to the follow-ups on the reusable holdout.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.learning._adaptive_games import (
    SIZES,
    TAU,
    exact_answers,
    finite_universe,
    first_failures,
    first_failures_with_tiny_noise,
    fresh_samples,
    noisy_answers,
    reused_holdout,
    without_adaptivity,
    without_limit,
    without_threshold,
)
from refutable.theory.learning import adaptive_data_analysis as theory

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Mean,
    Probability,
    Quantile,
    Scope,
    Slope,
)

# --- the majority attack ----------------------------------------------------------------------


def _games(n: int, *ratios: float) -> Cells:
    """Cells with k/n near the given ratios and k odd."""
    return Cells.of(*({"n": n, "k": round(r * n) | 1} for r in ratios))


def _exact_final(cell: Cell) -> float:
    return theory.final_mean_exact(cell.n, cell.k)


NAIVE = Claim(
    id="adaptive_data_analysis.naive-answers-fail",
    paper=theory.PAPER,
    source="Introduction: empirical answers fail after a number of queries linear in n",
    statement="With exact empirical answers the adaptive last query, whose truth is 1/2, is wrong "
    "by a constant once the number k of queries is a constant fraction of n.",
    formula='EE[EE_S phi^*] = PP["Bin"(k, (1 + a)/2) > k/2] -> Phi(sqrt((2 k)/(pi n)))',
    scope=Scope.AS_STATED,
    does_not_show="One attack shows that exact answers can fail, not that every analysis fails.",
    assumptions=("features and label independent fair signs", "k odd"),
    cells=ByEffort(
        smoke=_games(200, 0.1, 1) + _games(1000, 0.5),
        standard=_games(200, 0.1, 0.5, 1, 2) + _games(1000, 0.1, 0.5, 1, 2),
        full=_games(200, 0.1, 0.5, 1, 2) + _games(1000, 0.1, 0.5, 1, 2) + _games(4000, 0.1, 1, 2),
    ),
    simulate=exact_answers,
    expect=(Mean("final").near(_exact_final, 0.01),),
    controls=(
        BrokenWorld(
            "random signs in the last query",
            simulate=without_adaptivity,
            cells=_games(200, 1),
        ),
        BrokenWorld(
            "a fresh part of the sample for each query",
            simulate=fresh_samples,
            cells=_games(200, 0.1),
        ),
        FalseTheory(
            "the limit with n in place of 2 n / pi",
            Mean("final", n=200, k=201).near(
                lambda cell: theory.final_mean_limit(cell.n, round(cell.k * np.pi / 2)), 0.01
            ),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=4000, full=4000),
    figure=Axis(x="k"),
)


def limit_against_exact(cell: Cell) -> dict[str, float]:
    """Difference of the limit formula from the exact expectation, and of a wrong one."""
    exact = theory.final_mean_exact(cell.n, cell.k, cell.s)
    return {
        "limit": abs(theory.final_mean_limit(cell.n, cell.k, cell.s) - exact),
        "without_noise": abs(theory.final_mean_limit(cell.n, cell.k) - exact),
    }


LIMIT = Claim(
    id="adaptive_data_analysis.limit-is-close",
    paper=theory.PAPER,
    source="Derived: central limit of the votes",
    statement="The closed form of the attack's success, with and without noise, is within 0.001 of "
    "the exact binomial expectation from n = 1000 on.",
    formula="abs(Phi(sqrt(2 k/pi)/(n sqrt(1/n + 4 s^2))) - EE[EE_S phi^*]) <= 0.001",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about a mechanism: two formulas for one quantity are compared.",
    cells=Cells.of(
        *({"n": 1000, "k": k, "s": s} for k in (101, 501, 1001, 2001) for s in (0.0, 0.05, 0.1)),
        *({"n": 4000, "k": k, "s": 0.0} for k in (401, 4001)),
    ),
    compute=limit_against_exact,
    expect=(Exact("limit").at_most(0.001),),
    controls=(
        FalseTheory(
            "the same without the noise in the formula", Exact("without_noise").at_most(0.001)
        ),
    ),
)


NOISY = Claim(
    id="adaptive_data_analysis.noise-slows-the-attack",
    paper=theory.PAPER,
    source="Theorem 2 (informal), mechanism: noise of a size that does not depend on n",
    statement="Gaussian noise s on the answers lowers the bias of the adaptive last query to a "
    "closed form: 0.10 in place of 0.29 at n = 1000, k = 1001, s = 0.05.",
    formula="EE[EE_S phi^*] -> Phi(sqrt(2 k/pi)/(n sqrt(1/n + 4 s^2)))",
    scope=Scope.AS_STATED,
    does_not_show="Theorem 2 uses Laplace noise and bounds every analyst; this is one attack. The "
    "noise on the last answer itself is left out.",
    assumptions=("noise independent between queries",),
    cells=ByEffort(
        smoke=Cells.of({"n": 400, "s": 0.05, "k": 801}),
        standard=Cells.of(
            {"n": 1000, "s": 0.05, "k": 1001},
            {"n": 1000, "s": 0.05, "k": 4001},
            {"n": 400, "s": 0.1, "k": 4001},
        ),
        full=Cells.of(
            {"n": 1000, "s": 0.05, "k": 1001},
            {"n": 1000, "s": 0.05, "k": 4001},
            {"n": 1000, "s": 0.1, "k": 10_001},
        ),
    ),
    simulate=noisy_answers,
    expect=(
        Mean("final").near(lambda cell: theory.final_mean_exact(cell.n, cell.k, cell.s), 0.01),
    ),
    controls=(
        FalseTheory("noise does not help", Mean("final").near(_exact_final, 0.01)),
        BrokenWorld("exact answers", simulate=exact_answers),
    ),
    block=32,
    cap=ByEffort(smoke=2000, standard=2000, full=2000),
)


# --- rates ------------------------------------------------------------------------------------


def _failure_curve(cell: Cell, n: np.ndarray) -> np.ndarray:
    return np.array([theory.queries_until_failure(size, TAU, cell.s) for size in n])


LINEAR = Claim(
    id="adaptive_data_analysis.failure-linear-in-n",
    paper=theory.PAPER,
    source="Introduction: linear in the number of queries",
    statement="With exact answers the number of queries until the last answer is off by more than "
    "0.2 grows linearly in n.",
    formula="k^*(tau) = pi/2 (Phi^(-1)(1/2 + tau))^2 n",
    scope=Scope.SCALED_DOWN,
    does_not_show="n from 100 to 400 and one tolerance. A mean over eight runs is watched, which "
    "crosses the tolerance a little early at small n.",
    cells=Cells(s=(0.0,)),
    simulate=first_failures,
    expect=(Slope("failure", SIZES, _failure_curve).near(0, 0.15),),
    controls=(FalseTheory("quadratic in n", Slope("failure", SIZES).near(2, 0.15)),),
    block=16,
    cap=ByEffort(smoke=1000, standard=2000, full=4000),
)

QUADRATIC = Claim(
    id="adaptive_data_analysis.failure-quadratic-with-noise",
    paper=theory.PAPER,
    source="Theorem 2 (informal): n of order sqrt(m)",
    statement="With Gaussian noise of a fixed size the number of queries until failure grows "
    "quadratically in n, up to the sampling error's own linear term.",
    formula="k^*(tau) = pi/2 (Phi^(-1)(1/2 + tau))^2 (4 s^2 n^2 + n)",
    scope=Scope.SCALED_DOWN,
    does_not_show="One attack: an upper bound on how long the noise protects. n from 100 to 400.",
    cells=ByEffort(
        smoke=Cells(s=(0.07,)), standard=Cells(s=(0.1, 0.15)), full=Cells(s=(0.1, 0.15, 0.2))
    ),
    simulate=first_failures,
    expect=(Slope("failure", SIZES, _failure_curve).near(0, 0.15),),
    controls=(
        FalseTheory("linear in n", Slope("failure", SIZES).near(1, 0.15)),
        BrokenWorld(
            "noise far below 1/sqrt(n)",
            simulate=first_failures_with_tiny_noise,
            cells=Cells(s=(0.07,)),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=1000, standard=2000, full=2000),
)


# --- private multiplicative weights -----------------------------------------------------------

MULTIPLICATIVE = Claim(
    id="adaptive_data_analysis.private-weights-answer-many",
    paper=theory.PAPER,
    source="Theorem 1 (informal), private multiplicative weights",
    statement="Private multiplicative weights answers more queries than there are points, and the "
    "adaptive last one, within 0.12 and with few looks at the sample, where exact answers miss the "
    "last one by more than 0.3 on average.",
    formula="max_j abs(a_j - P[phi_j]) <= 0.12 < 0.3 < abs(E_S [phi^*] - P[phi^*])",
    scope=Scope.SCALED_DOWN,
    does_not_show="Threshold 0.08, noise 0.005 and learning rate 0.04 are tuned, not those of the "
    "theorem, and no privacy is accounted for; a threshold of 0.06 would already leak. With noise "
    "0.01 the last query would still be answered well, but the largest of 8000 Laplace draws is "
    "about 0.09, above the threshold: a run makes 8 to 33 updates in place of 1 to 6, which pass "
    "that noise on as answers, and one run in six then errs by more than 0.12 somewhere.",
    assumptions=("finite universe", "the analyst knows the population"),
    cells=ByEffort(
        smoke=Cells.of({"universe": 1024, "n": 500, "m": 3000}),
        standard=Cells.of({"universe": 4096, "n": 1000, "m": 8000}),
        full=Cells.of({"universe": 4096, "n": 1000, "m": 8000}),
    ),
    simulate=finite_universe,
    expect=(
        Probability("accurate").at_least(0.9),
        Mean("naive_last").at_least(0.3),
        Mean("last").at_most(0.06),
        Quantile("updates", 0.9).at_most(lambda cell: 0.05 * cell.m),
    ),
    controls=(
        BrokenWorld(
            "threshold 0: every query touches the sample",
            simulate=without_threshold,
            cells=Cells.of({"universe": 512, "n": 500, "m": 3000}),
            expect=(Probability("accurate").at_least(0.9),),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=400, standard=600, full=600),
)


# --- the reusable holdout (follow-up papers) --------------------------------------------------


def _features(n: int, d: int, k: int, informative: int = 0) -> Cells:
    return Cells.of({"n": n, "d": d, "k": k, "informative": informative})


def _naive_report(cell: Cell) -> float:
    return theory.naive_holdout_accuracy(cell.n, cell.d, cell.k)


THRESHOLDOUT = Claim(
    id="adaptive_data_analysis.reusable-holdout",
    paper=theory.PAPER,
    source="Follow-ups: 'Generalization in adaptive data analysis and holdout reuse' (NIPS 2015), "
    "'The reusable holdout' (Science 2015), not the paper itself",
    statement="After selecting features on training set and holdout, a naively reused holdout "
    "reports 0.13 too much accuracy on pure noise; Thresholdout reports it within 0.05.",
    formula='abs("reported" - "true") <= 0.05, quad "naive" -> Phi(EE[z | z > 1] sqrt(K\\/n))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Gaussian features, one selection rule, thresholds as in the published "
    "experiment; no bound on the number of queries. Published at n = d = 10000, k = 500: 63 % "
    "reported; full effort runs that size.",
    cells=ByEffort(
        smoke=_features(500, 500, 300),
        standard=_features(1000, 1000, 300) + _features(2000, 2000, 100, informative=20),
        full=_features(2000, 2000, 300)
        + _features(2000, 2000, 100, informative=20)
        + _features(10_000, 10_000, 500),
    ),
    simulate=reused_holdout,
    expect=(
        Mean("thresholdout").within(-0.05, 0.05),
        Mean("naive").at_least(0.05),
        Mean("naive_reported", informative=0).near(_naive_report, 0.015),
    ),
    controls=(
        FalseTheory(
            "the naive holdout is honest", Mean("naive", informative=0).within(-0.05, 0.05)
        ),
        BrokenWorld(
            "an infinite threshold",
            simulate=without_limit,
            cells=_features(500, 500, 300),
            expect=(Mean("thresholdout").within(-0.05, 0.05),),
        ),
    ),
    block=8,
    cap=800,
)
