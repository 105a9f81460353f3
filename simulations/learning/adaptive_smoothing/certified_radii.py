"""Whether the certified radii of a mixture of classifiers hold, and how loose they are.

Claims of Bai, Anderson, Kim and Sojoudi (2024). The smoothed classifier is exact (intervals of a
line, quadrants of the plane, a linear classifier), so true radii are found by scanning.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.learning._smoothing_digits import digits_mixture
from refutable.simulations.learning._smoothing_worlds import (
    RIGHT_ATTACKED,
    RIGHT_CLEAN,
    margins,
    radii,
    radii_with_swapped_weights,
    swapped_margins,
)
from refutable.theory.learning import adaptive_smoothing as theory
from scipy.stats import beta

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
    Printed,
    RatioOfMeans,
    Scope,
)

TOLERANCE = 0.001
"""Of a radius, in units of sigma: the scan's bisection is far finer."""

ALPHAS = (0.55, 0.67, 0.76, 0.9, 1.0)
SIGMAS = (0.25, 0.5, 1.0)

_GRID = ByEffort(
    smoke=Cells(world=("intervals",), alpha=(0.55, 0.76, 1.0), sigma=(0.5,))
    + Cells(world=("quadrants",), alpha=(0.76,), sigma=(0.5,)),
    standard=Cells(world=("intervals",), alpha=ALPHAS, sigma=SIGMAS)
    + Cells(world=("quadrants",), alpha=(0.55, 0.76, 1.0), sigma=(0.5,)),
    full=Cells(world=("intervals", "quadrants"), alpha=ALPHAS, sigma=SIGMAS),
)

_SETS = ByEffort(smoke=4, standard=16, full=100)

# --- radii ------------------------------------------------------------------------------------

SOUND = Claim(
    id="adaptive_smoothing.certified-radii-sound",
    paper=theory.PAPER,
    source="Certified radii of the code: Lipschitz and randomised smoothing",
    statement="Neither certified radius exceeds the distance at which some classifier g changes "
    "the mixture's answer, and the Lipschitz radius is the smaller of the two.",
    formula='r_"Lip" <= r_"RS" <= r_"true"',
    scope=Scope.AS_STATED,
    does_not_show="Exactly smoothed classifiers in one and two dimensions with four classes. "
    "Published curves use Monte Carlo estimates without confidence bounds, which this does not "
    "cover. In the plane the true radius is the least over sixteen directions.",
    assumptions=("h is smoothed exactly", "g is arbitrary", "alpha at least 1/2"),
    cells=_GRID,
    simulate=radii,
    expect=(
        Exact("lipschitz_over_smoothing").at_most(TOLERANCE),
        Exact("smoothing_over_true").at_most(TOLERANCE),
    ),
    controls=(
        FalseTheory(
            "a radius that leaves alpha out",
            Exact("ignoring_over_true", alpha=(0.55, 0.76)).at_most(TOLERANCE),
        ),
        FalseTheory("sigma doubled", Exact("doubled_over_true", alpha=0.76).at_most(TOLERANCE)),
        BrokenWorld(
            "weights swapped, so that alpha is below 1/2",
            simulate=radii_with_swapped_weights,
            cells=Cells(world=("intervals",), alpha=(0.24,), sigma=(0.5,)),
        ),
    ),
    block=4,
    cap=_SETS,
)

DIRECT = Claim(
    id="adaptive_smoothing.direct-radius-is-tighter",
    paper=theory.PAPER,
    source="Derived from the margin lemma; a finding about the paper's radius",
    statement="Solving the margin condition itself gives a radius that is never below the "
    "published one, never above the true one, equal to the published one at alpha = 1, and at "
    "least twice as large, averaged over a world's points, at alpha = 0.55.",
    formula='r_"RS" <= r_"direct" <= r_"true"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Exactly smoothed classifiers in one and two dimensions with four classes.",
    assumptions=("h is smoothed exactly", "g is arbitrary"),
    cells=_GRID,
    simulate=radii,
    expect=(
        Exact("smoothing_over_direct").at_most(TOLERANCE),
        Exact("direct_over_true").at_most(TOLERANCE),
        Exact("twice_over_direct", alpha=0.55).at_most(0),
        Exact("direct_surplus", alpha=1.0).within(-TOLERANCE, TOLERANCE),
        RatioOfMeans("direct_mean", "true_mean").shown(None),
    ),
    controls=(
        FalseTheory(
            "the published radius is as large",
            Exact("direct_surplus", alpha=0.55).at_most(TOLERANCE),
        ),
        FalseTheory(
            "the direct radius without alpha",
            Exact("ignoring_over_true", alpha=0.55).at_most(TOLERANCE),
        ),
    ),
    block=4,
    cap=_SETS,
)

CUTOFFS = {
    (1.0, 0.64): 0.36,
    (1.0, 0.76): 0.71,
    (1.0, 0.849): 1.03,
    (1.0, 0.909): 1.34,
}
"""Where the published certified-accuracy curves end, read off the figure: (sigma, alpha)."""


def cutoffs(cell: Cell) -> dict[str, float]:
    """Largest attainable radii, and the end of the published curve."""
    published = CUTOFFS[cell.sigma, cell.alpha]
    smoothing = theory.largest_smoothing_radius(cell.alpha, cell.sigma)
    lipschitz = theory.largest_lipschitz_radius(cell.alpha, cell.sigma)
    return {"smoothing": smoothing - published, "lipschitz": lipschitz - published}


PUBLISHED = Claim(
    id="adaptive_smoothing.published-curves-end-at-the-largest-radius",
    paper=theory.PAPER,
    source="Figure of certified accuracies; the code's radius at h_y = 1, h_i = 0",
    statement="The published curves end where the smoothing radius is largest, sigma times the "
    "alpha-quantile of the normal law, to the figure's two digits.",
    formula="r_max = sigma Phi^(-1)(alpha)",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about accuracies. The ends were read off a figure, to about 0.01.",
    cells=Cells.of(*({"sigma": s, "alpha": a} for s, a in CUTOFFS)),
    compute=cutoffs,
    expect=(Exact("smoothing").within(-0.01, 0.01),),
    controls=(
        FalseTheory(
            "they end at the largest Lipschitz radius", Exact("lipschitz").within(-0.01, 0.01)
        ),
    ),
)


def lipschitz_constants(cell: Cell) -> dict[str, float]:
    """Compare the published constant and a smoothed half-line's slope with the sharp constant."""
    x = np.linspace(-4, 4, 8001) * cell.sigma
    h = theory.smoothed_half_line(x, cell.sigma)
    published = theory.lipschitz_constant(cell.sigma)
    return {
        "published": published,
        "published_to_sharp": published / theory.sharp_lipschitz_constant(cell.sigma),
        "steepest_to_sharp": float(np.gradient(h, x).max())
        / theory.sharp_lipschitz_constant(cell.sigma),
    }


LIPSCHITZ = Claim(
    id="adaptive_smoothing.lipschitz-constant-twice-the-sharp-one",
    paper=theory.PAPER,
    source="Certified radii of the code and the constant that its notebook prints for sigma = 1",
    statement="The Lipschitz constant of a smoothed probability used in the code is twice the "
    "sharp one, which a smoothed half-line attains.",
    formula="sqrt(2/pi)/sigma = 2 dot 1/(sigma sqrt(2 pi))",
    scope=Scope.ARITHMETIC,
    does_not_show="The radius divides a difference of two probabilities by twice the constant; a "
    "sharper one would only double it, and the smoothing radius is larger still.",
    cells=Cells(sigma=(1.0, 0.5, 0.25, 0.12)),
    compute=lipschitz_constants,
    expect=(
        Exact("published_to_sharp").equals(2, tolerance=1e-12),
        Exact("steepest_to_sharp").within(1 - 1e-4, 1),
        Printed("published", sigma=1.0).prints("0.7978845608028654"),
    ),
    controls=(FalseTheory("it is sharp", Exact("published_to_sharp").equals(1, tolerance=0.01)),),
)

# --- margins ----------------------------------------------------------------------------------


def _clean(cell: Cell) -> float:
    below = float(beta(2, 4).cdf(theory.margin_needed(cell.alpha)))
    return theory.clean_accuracy(RIGHT_CLEAN, below)


def _robust(cell: Cell) -> float:
    below = float(beta(4, 2).cdf(theory.margin_needed(cell.alpha)))
    return theory.robust_accuracy(RIGHT_ATTACKED, below)


MARGINS = Claim(
    id="adaptive_smoothing.margins-decide-the-trade-off",
    paper=theory.PAPER,
    source="Margin lemma and the discussion of h's margins",
    statement="If h is surer where it is right under attack than where it is wrong on clean "
    "points, the mixture mends a larger share of clean errors than it loses of robustness, by two "
    "distribution functions of the margin.",
    formula='"clean" = p + (1 - p) F_w((1 - alpha)/alpha), quad '
    '"robust" = q (1 - F_c((1 - alpha)/alpha))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Margins are drawn, not those of a network, and g is certain: right on clean "
    "points, wrong under attack.",
    assumptions=("g is certain", "margins are Beta distributed"),
    cells=ByEffort(
        smoke=Cells(alpha=(0.6, 0.76)),
        standard=Cells(alpha=(0.55, 0.6, 0.67, 0.76, 0.85)),
        full=Cells(alpha=(0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)),
    ),
    simulate=margins,
    expect=(
        Mean("clean").near(_clean, 0.01),
        Mean("robust").near(_robust, 0.01),
        Mean("surplus").at_least(0.02),
    ),
    controls=(
        BrokenWorld(
            "the two laws of margins swapped",
            simulate=swapped_margins,
            expect=(Mean("surplus").at_least(0.02),),
        ),
        FalseTheory(
            "robustness kept in full", Mean("robust", alpha=0.6).near(RIGHT_ATTACKED, 0.01)
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=2000, full=4000),
    figure=Axis(x="alpha"),
)

# --- an illustration on data ------------------------------------------------------------------

DIGITS = Claim(
    id="adaptive_smoothing.digits-illustration",
    paper=theory.PAPER,
    source="Illustration: scikit-learn's digits, odd against even",
    statement="Mixing a nearest neighbour with a smoothed linear classifier raises the linear "
    "one's clean accuracy by more than two points on every split, and no label changes within the "
    "certified radius.",
    formula='"acc"(h^alpha) - "acc"(h) > 0.02, quad "flips within" r = 0',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="An illustration: splits of one small data set are no independent samples, the "
    "attack is along the linear classifier's normal only, and CIFAR is out of reach.",
    cells=Cells(alpha=(0.76,)),
    simulate=digits_mixture,
    expect=(
        Exact("flips").equals(0),
        Exact("gain").at_least(0.02),
        Exact("certified").at_least(0.4),
    ),
    controls=(
        FalseTheory("the radius without alpha is safe too", Exact("ignoring_flips").equals(0)),
        FalseTheory("the mixture is no more accurate", Exact("gain").at_most(0)),
    ),
    block=8,
    cap=ByEffort(smoke=8, standard=48, full=200),
)
