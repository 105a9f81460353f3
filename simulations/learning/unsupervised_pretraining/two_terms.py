"""Whether unsupervised pretraining pays, in a factor model and on separated clusters.

Ge, Tang, Fan and Jin (ICLR 2024). Without loss of generality the factor model is drawn in the
coordinates of its own covariance; the second moment of m unlabelled points is drawn as a Wishart
matrix, the labelled points by their sufficient statistics. Excess risks are exact quadratic forms.
"""

from typing import Any

import numpy as np
from refutable.simulations.learning.unsupervised_pretraining._factors import (
    LADDER,
    MODEL,
    advantage,
    subspace_ladder,
    two_terms,
    uninformed_advantage,
    uninformed_two_terms,
)
from refutable.simulations.learning.unsupervised_pretraining.clusters import (
    AGREEMENT,
    CLUSTERS,
    cluster_then_label,
)
from refutable.theory.learning import unsupervised_pretraining as theory

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    FalseTheory,
    Mean,
    Scope,
    Slope,
    Verdict,
)

FACTORS = (
    "x = U diag(s) z + e with Gaussian z and e, d = 100, r = 5, s^2 = (4, 3, 2.5, 2, 1.5)",
    "y = sum of the factors plus noise of variance 1",
)


def _predicted(cell: Any) -> float:
    return theory.pretrained_excess(MODEL, cell.m, cell.n)


def _subspace(cell: Any) -> float:
    return theory.subspace_term(MODEL, cell.m)


TWO_TERMS = Claim(
    id="unsupervised_pretraining.factor-two-term-rate",
    paper=theory.PAPER,
    source="factor-model instance of the main theorem; formula derived here",
    statement="The excess risk of pretraining is a term in the labelled sample, that of least "
    "squares in r dimensions, plus a term C (d-r)/m in the unlabelled one.",
    formula="E = sigma_e^2 r/(n - r - 1) + (d - r)/m C, quad C = sum_k beta_k^2/(s_k^2 (1+s_k^2))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The second term is first-order in 1/m: at m = 500 it is about 5 % too small. "
    "One model, one estimator (principal components, not the maximum-likelihood factor analysis).",
    assumptions=FACTORS,
    cells=ByEffort(
        smoke=Cells(m=(2000,), n=(2000,)),
        standard=Cells(m=(2000, 8000, 32_000), n=(150, 500, 2000)),
        full=Cells(m=LADDER, n=(150, 500, 2000)),
    ),
    simulate=two_terms,
    expect=(
        Mean("excess").near(_predicted, lambda cell: 0.12 * _predicted(cell)),
        Mean("subspace_excess").near(_subspace, lambda cell: 0.1 * _subspace(cell)),
    ),
    controls=(
        FalseTheory(
            "the subspace costs d r/m in place of (d - r)/m",
            Mean("subspace_excess").near(
                lambda cell: MODEL.dim * MODEL.rank / cell.m * MODEL.misalignment,
                lambda cell: 0.1 * _subspace(cell),
            ),
        ),
        BrokenWorld(
            "unlabelled points without factors",
            simulate=uninformed_two_terms,
            cells=Cells(m=(2000,), n=(500,)),
        ),
    ),
    block=32,
    cap=ByEffort(smoke=3000, standard=6000, full=12_000),
    figure=Axis(x="m", log=True),
)


def _inverse(cell: Any, sizes: np.ndarray) -> np.ndarray:
    del cell
    return np.array([theory.subspace_term(MODEL, m) for m in sizes])


FAST_RATE = Claim(
    id="unsupervised_pretraining.fast-rate-in-m",
    paper=theory.PAPER,
    source="factor-model instance of the main theorem; rate derived here",
    statement="What the unlabelled sample costs falls like 1/m, faster than the bound's 1/sqrt(m).",
    formula="E tilde.op C (d - r)/m",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about other models; a bound with a slower rate is not wrong.",
    assumptions=FACTORS,
    simulate=subspace_ladder,
    expect=(Slope("subspace_excess", LADDER, _inverse).near(0, 0.05),),
    controls=(
        FalseTheory(
            "the rate is that of the bound",
            Slope("subspace_excess", LADDER, _inverse).near(0.5, 0.05),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=600, standard=2000, full=6000),
    figure=Axis(x="m", log=True),
)


BOUND_RATE_IS_ACTUAL = Claim(
    id="unsupervised_pretraining.square-root-rate-is-actual",
    paper=theory.PAPER,
    source="abstract: excess risk O(sqrt(C_Phi/m) + sqrt(C_Psi/n))",
    statement="In the factor model the excess risk falls in m at the bound's own rate 1/sqrt(m).",
    formula="E tilde.op m^(-1/2)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The paper claims only an upper bound, and that holds (sqrt-bound-holds). This "
    "claim guards against reading the bound's exponent as the truth.",
    assumptions=FACTORS,
    simulate=subspace_ladder,
    expect=(Slope("subspace_excess", LADDER, _inverse).near(0.5, 0.05),),
    controls=(
        FalseTheory(
            "it does not fall at all", Slope("subspace_excess", LADDER, _inverse).near(1, 0.05)
        ),
    ),
    block=16,
    cap=ByEffort(smoke=600, standard=2000, full=6000),
    expected=Verdict.REFUTED,
    why="The squared loss is quadratic in the error of the subspace, which is of order "
    "1/sqrt(m); the exponent is -1, derived and seen over m = 2000 to 32000.",
    figure=Axis(x="m", log=True),
)


PRETRAINING_PAYS = Claim(
    id="unsupervised_pretraining.pretraining-beats-supervised",
    paper=theory.PAPER,
    source="abstract (advantage when m is much larger than n); threshold derived here",
    statement="Pretraining beats supervised least squares with twice the break-even number m*(n) "
    "of unlabelled points and loses with half of it.",
    formula="m^* = ((d - r) C) / (sigma_e^2 (d/(n - d - 1) - r/(n - r - 1)))",
    scope=Scope.SCALED_DOWN,
    does_not_show="n of 5000 and more, where m*/2 exceeds 500 and the first-order term is exact "
    "enough; the comparison is with unregularised least squares.",
    assumptions=FACTORS,
    cells=ByEffort(
        smoke=Cells(n=(5000,), ratio=(0.5, 2.0)),
        standard=Cells(n=(5000, 10_000), ratio=(0.5, 2.0)),
        full=Cells(n=(5000, 10_000), ratio=(0.5, 0.8, 1.25, 2.0)),
    ),
    simulate=advantage,
    expect=(
        Mean("advantage", ratio=(1.25, 2.0)).at_least(0),
        Mean("advantage", ratio=(0.5, 0.8)).at_most(0),
    ),
    controls=(
        FalseTheory(
            "pretraining pays at half the break-even as well",
            Mean("advantage", ratio=0.5).at_least(0),
        ),
        BrokenWorld(
            "unlabelled points without factors",
            simulate=uninformed_advantage,
            cells=Cells(n=(500,), ratio=(2.0,)),
            expect=(Mean("advantage").at_least(0),),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=200, standard=400, full=1600),
    figure=Axis(x="ratio"),
)


def _bound(cell: Any) -> float:
    return theory.square_root_bound(MODEL.dim, MODEL.rank, cell.m, cell.n)


BOUND_HOLDS = Claim(
    id="unsupervised_pretraining.sqrt-bound-holds",
    paper=theory.PAPER,
    source="factor-model instance of the main theorem, constant 1, no logarithms",
    statement="The excess risk of pretraining is below sqrt(d r/m) + sqrt(r/n).",
    formula="E <= sqrt((d r)/m) + sqrt(r/n)",
    scope=Scope.AS_STATED,
    does_not_show="The bound is 7 to 20 times the excess risk, so that it cannot fail here.",
    assumptions=FACTORS,
    cells=ByEffort(
        smoke=Cells(m=(32_000,), n=(2000,)),
        standard=Cells(m=(2000, 32_000), n=(500, 2000)),
        full=Cells(m=(2000, 8000, 32_000), n=(150, 500, 2000)),
    ),
    simulate=two_terms,
    expect=(Mean("excess").at_most(_bound, predicted=_predicted),),
    controls=(
        FalseTheory("a hundredth of the bound", Mean("excess").at_most(lambda c: _bound(c) / 100)),
    ),
    block=16,
    cap=ByEffort(smoke=500, standard=1000, full=2000),
    weak=True,
)


def _majority(cell: Any) -> float:
    return (2 * AGREEMENT - 1) * theory.wrong_majority(cell.n, CLUSTERS, AGREEMENT)


CLUSTER_THEN_LABEL = Claim(
    id="unsupervised_pretraining.gmm-cluster-then-label",
    paper=theory.PAPER,
    source="Theorem 5.3 (mixture of separated components)",
    statement="On separated clusters, k-means on unlabelled points with a majority label per "
    "cluster beats a supervised linear rule by 0.05 or more, and its excess over the true centres "
    "is the probability of a wrong majority.",
    formula='E approx (2 p - 1) P("wrong majority of Bin"(n, 1/K) "labels")',
    scope=Scope.SCALED_DOWN,
    does_not_show="K = 8 clusters in 30 dimensions at distance 5, 1000 or 2000 unlabelled "
    "points; the supervised rule is linear and could not represent the labels exactly.",
    assumptions=("orthogonal centres at pairwise distance 5, unit noise", "P(y=1|z) is 0.8 or 0.2"),
    cells=ByEffort(
        smoke=Cells(n=(80,), m=(1000,), separation=(5.0,)),
        standard=Cells(n=(20, 40, 80, 160), m=(2000,), separation=(5.0,)),
        full=Cells(n=(20, 40, 80, 160), m=(2000,), separation=(5.0,)),
    ),
    simulate=cluster_then_label,
    expect=(Mean("advantage").at_least(0.05), Mean("over_floor").near(_majority, 0.02)),
    controls=(
        BrokenWorld(
            "clusters at distance 0.5",
            simulate=cluster_then_label,
            cells=Cells(n=(80,), m=(1000,), separation=(0.5,)),
            expect=(Mean("advantage").at_least(0.05),),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=600, standard=1200, full=2400),
    figure=Axis(x="n", log=True),
)
