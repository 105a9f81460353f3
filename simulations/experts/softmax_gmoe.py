"""Whether the rates of the softmax-gated Gaussian mixture of experts hold, and which show.

Claims of Nguyen, Nguyen & Ho (NeurIPS 2023). Fits run to the true maximum (no stopping on relative
gains); the published stopping rule appears only as a control and as a finding of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts import _moe_exact as exact
from refutable.simulations.experts import _moe_pair as pairs
from refutable.simulations.experts import _moe_published as published
from refutable.simulations.experts._moe_data import parameters
from refutable.simulations.experts._moe_modulus import Setting, local_slopes
from refutable.simulations.experts._moe_polynomials import least_cost
from refutable.solvers.gaussian_moe import Gate, log_density, sample
from refutable.theory.experts import softmax_gmoe as theory
from scipy.special import ndtr

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Distribution,
    Exact,
    FalseTheory,
    Mean,
    Probability,
    Quantile,
    Scope,
    Slope,
    Symbolic,
    Verdict,
)
from refutable.claims.symbolic import vanishes

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]

PARAMETERS = range(8)
LADDER = (1000, 3162, 10000)


# Exactly specified: as many experts as the truth has.


def exact_fit(cell: Cell, rng: Generator, size: int) -> Columns:
    """Outcome of `size` converged fits, in units of the Cramer-Rao bound; D_1 in its limit's."""
    found = exact.fits(cell.world, rng, size, cell.n)
    columns = exact.in_bounds(cell.world, found, cell.n)
    columns["loss"] = exact.scaled_loss(cell.world, found, cell.n)
    world = exact.WORLDS[cell.world]
    inflated = exact.information(cell.world, world.gate, mistaken_variance=True)
    ratio = np.diag(inflated) / np.diag(exact.information(cell.world))
    return columns | {"mistaken": columns["z2"] * np.sqrt(ratio[2])}  # the intercept of expert 1


def mislabelled_fit(cell: Cell, rng: Generator, size: int) -> Columns:
    """Fit n/6 observations and report n (as in part of the stored results)."""
    columns = exact.efficiency(cell.world, rng, size, cell.n // 6)
    return {"distance": 6 * columns["distance"], "converged": columns["converged"]}


EXACT_MLE_CRLB = Claim(
    id="softmax_gmoe.exact-mle-crlb",
    paper=theory.PAPER,
    source="Theorem on the exact-specified setting (wording recalled), section 2",
    statement=(
        "With the true number of experts the maximum-likelihood estimate is root-n and attains "
        "the Cramer-Rao bound in every parameter, so that sqrt(n) EE D_1 tends to the constant "
        "that the bounds give (6.82 at the published truth)."
    ),
    formula="sqrt(n) (hat(theta) - theta^*) -> N(0, I(theta^*)^(-1))",
    scope=Scope.AS_STATED,
    does_not_show=(
        "Two experts, a scalar x drawn uniformly (the paper uses a fixed grid) and starts at the "
        "truth: says nothing about finding the maximum. Below n = 300 gates separate and the "
        "errors of b0, b1 explode. Variances are compared in log v. EM stopped at a relative gain "
        "of 1e-6 is no control here: from the published starts it attains the bound as well (mean "
        "distance 1.03 +- 0.02 at n = 1000 and 1.01 +- 0.03 at 10,000, as the converged fits)."
    ),
    assumptions=("compact parameters", "bounded x", "one gate pinned", "some b1 not zero"),
    cells=ByEffort(
        smoke=Cells(world=("paper",), n=(1000,)),
        standard=Cells(world=("paper", "easy"), n=(1000, 3162, 10000, 31623)),
        full=Cells(world=("paper", "easy"), n=(1000, 3162, 10000, 31623, 100_000)),
    ),
    simulate=exact_fit,
    expect=(
        Mean("distance").within(0.8, 1.25, 1.0),
        *(Mean(f"z{i}").within(*exact.NORMAL_MEAN) for i in PARAMETERS),
        Mean("loss").within(0.8, 1.25, 1.0),
        Probability("converged").at_least(0.9),
    ),
    controls=(
        FalseTheory(
            "standard deviations taken for variances",
            Mean("mistaken", world="paper", n=1000).within(*exact.NORMAL_MEAN[:2]),
        ),
        FalseTheory("twice the information", Mean("distance", n=1000).within(0.4, 0.6)),
        BrokenWorld(
            "sample sizes mislabelled by a factor of six",
            simulate=mislabelled_fit,
            cells=Cells(world=("paper",), n=(8654,)),
            expect=(Mean("distance").within(0.8, 1.25),),
        ),
    ),
    block=100,
    cap=ByEffort(smoke=2400, standard=2400, full=4800),
    figure=Axis(x="n", log=True),
)


def exact_rate(cell: Cell, rng: Generator, size: int) -> Columns:
    """D_1 of converged fits along the ladder, (size, 3)."""
    del cell
    return {"loss": published.exact_ladder(rng, size, LADDER)}


def stuck_rate(cell: Cell, rng: Generator, size: int) -> Columns:
    """D_1 of the starts themselves: what a procedure that never moves would report."""
    del cell
    losses = []
    for n in LADDER:
        noise = 0.05 * n**-0.083 * rng.standard_normal((4, size, 2))
        t = theory.PAPER_TRUTH
        near = theory.Atoms(
            np.tile(t.b0, (size, 1)), t.b1 + 0.1 * noise[0], t.a + noise[1], t.c + noise[2],
            t.v + np.abs(0.1 * noise[3]),
        )  # fmt: skip
        losses.append(theory.exact_loss(near, t))
    return {"loss": np.stack(losses, axis=1)}


EXACT_RATE = Claim(
    id="softmax_gmoe.exact-mle-rate",
    paper=theory.PAPER,
    source="Theorem on the exact-specified setting (wording recalled); loss D_1 of the repository",
    statement="With the true number of experts the Voronoi loss D_1 falls like n^(-1/2).",
    formula="EE D_1(hat(G)_n, G^*) = O(n^(-1/2))",
    scope=Scope.AS_STATED,
    does_not_show=(
        "Three sizes from 1000 to 10000 of one truth; logarithmic factors do not show. EM stopped "
        "at a relative gain of 1e-6 is no control: from the published starts its slope is that of "
        "the converged fits (-0.51 +- 0.03 both)."
    ),
    assumptions=("compact parameters", "bounded x", "one gate pinned", "some b1 not zero"),
    cells=Cells(world=("paper",)),
    simulate=exact_rate,
    expect=(Slope("loss", LADDER).near(-0.5, 0.12),),
    controls=(
        FalseTheory("n^(-1/4)", Slope("loss", LADDER).near(-0.25, 0.12)),
        FalseTheory("n^(-1)", Slope("loss", LADDER).near(-1, 0.12)),
        BrokenWorld("the fit never leaves its start", simulate=stuck_rate),
    ),
    block=50,
    cap=ByEffort(smoke=1200, standard=1200, full=3000),
)


# Over-specified: exponents of the local modulus.


def polynomial_facts(cell: Cell) -> dict[str, object]:
    """Least costs just below and at rbar(m); the exact solution; the exact remainder for m = 2."""
    m, r = int(cell.m), theory.RBAR[int(cell.m)]
    return {
        "below": least_cost(m, r - 1, int(cell.starts) // 3 + 1),
        "at": least_cost(m, r, int(cell.starts)),
        "hermite": [_hermite_equation(m, pair) for pair in theory.degrees(2 * m - 1)],
        "roots": _roots_of_the_remainder(),
    }


def polynomial_without_variance(cell: Cell) -> dict[str, object]:
    """Search below rbar(m) with the variances known (p4 = 0)."""
    m = int(cell.m)
    return {"below": least_cost(m, theory.RBAR[m] - 1, 3, known_variance=True)}


def _hermite_equation(m: int, pair: tuple[int, int]) -> str:
    nodes, weights = theory.hermite_solution(m)
    p = [[sympy.S.Zero] * m] * 2 + [nodes, [-sympy.Rational(1, 2)] * m]
    return vanishes(theory.equation(*pair, p, weights))


def _roots_of_the_remainder() -> int:
    numerator = sympy.Poly(sympy.numer(sympy.together(theory.two_atom_remainder())))
    inside = numerator.count_roots(0, 1)  # the ends of [0, 1] count
    ends = sum(numerator.eval(end) == 0 for end in (0, 1))
    return int(inside - ends)


RBAR_POLYNOMIALS = Claim(
    id="softmax_gmoe.rbar-polynomial-system",
    paper=theory.PAPER,
    source="Polynomial system of section 3 (recalled); table of exponents in the repository",
    statement=(
        "The polynomial system of an over-fitted cell is solvable up to degree 3 for two atoms and "
        "5 for three, and unsolvable one degree higher: rbar(2) = 4 and rbar(3) = 6."
    ),
    formula=(
        "sum_l p_(5 l)^2 sum_alpha (p_(1 l)^(alpha_1) p_(2 l)^(alpha_2) p_(3 l)^(alpha_3) "
        "p_(4 l)^(alpha_4)) / (alpha_1 ! alpha_2 ! alpha_3 ! alpha_4 !) = 0"
    ),
    scope=Scope.AS_STATED,
    does_not_show=(
        "Solvability below rbar is exact (Gauss-Hermite nodes solve it) and so is "
        "unsolvability for two atoms (the remainder has no root). For three atoms unsolvability is "
        "numerical: no start found a solution, which proves nothing."
    ),
    assumptions=("scalar x",),
    cells=ByEffort(
        smoke=Cells(m=(2, 3), starts=(3,)),
        standard=Cells(m=(2, 3), starts=(15,)),
        full=Cells(m=(2, 3), starts=(60,)),
    ),
    compute=polynomial_facts,
    expect=(
        Exact("below").at_most(1e-20),
        Exact("at").at_least(1e-8),
        Symbolic("hermite").holds(),
        Exact("roots", m=2).equals(0),
    ),
    controls=(
        FalseTheory("rbar is one smaller", Exact("below").at_least(1e-8)),
        BrokenWorld(
            "the variances are known",
            compute=polynomial_without_variance,
            expect=(Exact("below").at_most(1e-20),),
        ),
    ),
)


GRID = {"c": (0.15, 0.2), "a": (0.1, 0.15), "v": (0.1, 0.15), "b1": (0.2, 0.3)}
FINE = {"c": (0.1, 0.15, 0.2), "a": (0.05, 0.1), "v": (0.05, 0.1), "b1": (0.1, 0.2)}
"""Displacements t by coordinate; the exponent is read off between the two smallest."""
EXPONENT = {"c": 8.0, "a": 4.0, "v": 4.0}
MARGIN = {"c": 0.6, "a": 0.3, "v": 0.3}


def modulus_slope(cell: Cell) -> dict[str, object]:
    """Exponent of the least squared Hellinger distance in the displacement."""
    setting = Setting(theory.EASY_TRUTH, Gate(), ((-1.0, 1.0),), int(cell.copies), nodes=(24, 20))
    grid = (FINE if cell.fine else GRID)[str(cell.coordinate)]
    return {"slope": float(local_slopes(setting, str(cell.coordinate), grid, 3)[0])}


def single_slope(cell: Cell) -> dict[str, object]:
    """Take one copy only: nothing is over-fitted."""
    return modulus_slope(Cell({**cell, "copies": 1}))


OVERSPECIFIED_MODULUS = Claim(
    id="softmax_gmoe.overspecified-modulus",
    paper=theory.PAPER,
    source="Inequality between Hellinger distance and D_2 behind the over-specified theorem",
    statement=(
        "If one of two copies of an expert is displaced by t and everything else adapts, the "
        "squared Hellinger distance falls to order t^8 for the intercept and t^4 for the slope "
        "and the variance: the exponents of D_2 are attained."
    ),
    formula="min H^2(p_G, p_(G^*)) = Theta(t^(2 overline(r)(2))) = Theta(t^8) quad (c)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "No estimator and no data: this is the inequality at the theorem's core, at two "
        "displacements of one truth. The copies keep equal weights. The minimum is over several "
        "starts and therefore an upper bound."
    ),
    assumptions=("two true experts, one of them doubled",),
    cells=ByEffort(
        smoke=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False,)),
        standard=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False, True)),
        full=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False, True)),
    ),
    compute=modulus_slope,
    expect=(
        Exact("slope").near(
            lambda cell: EXPONENT[cell.coordinate], lambda cell: MARGIN[cell.coordinate]
        ),
    ),
    controls=(
        FalseTheory("t^6 for the intercept", Exact("slope", coordinate="c").near(6, 0.6)),
        FalseTheory("t^10 for the intercept", Exact("slope", coordinate="c").near(10, 0.6)),
        BrokenWorld("no copy", compute=single_slope),
    ),
)

THREE_COPIES = Claim(
    id="softmax_gmoe.three-copies-modulus",
    paper=theory.PAPER,
    source="Exponents of D_2 for cells of three atoms (read in the repository), derived bound",
    statement=(
        "With three copies the intercept's modulus is t^12 and the variance's t^6, as D_2 says; "
        "the slope's stays t^4, so that the bound t^6 is valid for it but not sharp."
    ),
    formula="min H^2 = Theta(t^12) (c), quad Theta(t^6) (v), quad Theta(t^4) (a)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Local exponents at finite displacements: 12.6 stands for 12. That the slope keeps t^4 "
        "follows from the equations (2,0) and (2,2), which force p1 = p2 = 0 at every cell size."
    ),
    cells=ByEffort(
        smoke=Cells(coordinate=("c",), copies=(3,), fine=(False,)),
        standard=Cells(coordinate=("c", "v", "a"), copies=(3,), fine=(False,)),
        full=Cells(coordinate=("c", "v", "a"), copies=(3,), fine=(False,)),
    ),
    compute=modulus_slope,
    expect=(
        Exact("slope").near(
            lambda cell: {"c": 12.0, "v": 6.0, "a": 4.0}[cell.coordinate],
            lambda cell: {"c": 1.0, "v": 0.4, "a": 0.3}[cell.coordinate],
        ),
    ),
    controls=(
        FalseTheory("the exponents of two copies", Exact("slope", coordinate="c").near(8, 1)),
        FalseTheory("t^10 for the intercept", Exact("slope", coordinate="c").near(10, 1)),
        BrokenWorld("no copy", compute=single_slope),
    ),
)

BETA1 = Claim(
    id="softmax_gmoe.beta1-exponent-not-sharp",
    paper=theory.PAPER,
    source="Exponent rbar of the gate slope in D_2 (read in the repository); derived",
    statement=(
        "The gate slope of an over-fitted cell follows t^4, not the t^8 of D_2: the paper's rate "
        "n^(-1/8) for it is a valid bound and not sharp when a single cell remains (k < 2 k*)."
    ),
    formula="min H^2(p_G, p_(G^*)) = Theta(t^4) quad (b_1)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="As for the other coordinates; a faster rate of an estimator is not tried.",
    assumptions=("two true experts, one of them doubled, the other single",),
    cells=ByEffort(
        smoke=Cells(coordinate=("b1",), copies=(2,), fine=(False,)),
        standard=Cells(coordinate=("b1",), copies=(2,), fine=(False, True)),
        full=Cells(coordinate=("b1",), copies=(2,), fine=(False, True)),
    ),
    compute=modulus_slope,
    expect=(Exact("slope").near(4, 0.3),),
    controls=(
        FalseTheory("t^8 as in D_2", Exact("slope").near(8, 0.6)),
        BrokenWorld("no copy", compute=single_slope),
    ),
)


# Over-specified: the maximum-likelihood estimate of a split pair.

SPLIT_Q = 0.9
LARGE = (8000, 32000, 100_000)  # at n = 1000 the share of unsplit pairs is still 0.43, not 1/2


def split(cell: Cell, rng: Generator, size: int) -> Columns:
    """Outcome of `size` fits of the split-pair model."""
    return pairs.split_pair(cell.world, rng, size, cell.n)


def split_known_variance(cell: Cell, rng: Generator, size: int) -> Columns:
    """Fit the model with both variances known."""
    return pairs.split_pair(cell.world, rng, size, cell.n, known_variance=True)


def at_rate(rate: float) -> Callable[[Cell], float]:
    """Return the predicted quantile of the scaled spread under n^-rate."""
    return lambda cell: pairs.predicted_spread(SPLIT_Q, cell.n, rate)


def standard_normal(cell: Cell) -> Callable[[FloatArray], FloatArray]:
    """Return the law of Z."""
    del cell
    return ndtr


EIGHTH_ROOT = Claim(
    id="softmax_gmoe.overspecified-mle-eighth-root",
    paper=theory.PAPER,
    source="Over-specified theorem (recalled), rate n^(-1/8) of the intercepts; law derived",
    statement=(
        "Where one expert is fitted by a symmetric pair, the pair separates like n^(-1/8): kappa = "
        "t^4 is a regular parameter on its boundary, half of the fits do not separate at all, and "
        "the rest follow a half-normal law."
    ),
    formula="sqrt(n) hat(t)^4 / sigma_kappa -> max(0, Z)",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The pair has equal weights and a common gate, slope and variance. A plain fit of three "
        "experts does not show the rate at n up to 100,000: half of its fits collapse, and D_2 is "
        "dominated by single cells. For that reason the early-stopped EM of the published code, "
        "which fits three free experts, is no control: at n = 10,000 the 0.9-quantile of half its "
        "gap is 0.013, but carried to the maximum it is 0.47, and the law says 0.13."
    ),
    assumptions=("equal weights in the pair", "common gate, slope and variance in the pair"),
    cells=ByEffort(
        smoke=Cells(world=("paper",), n=(1000, 8000)),
        standard=Cells(world=("paper", "easy"), n=(1000, 8000, 32000)),
        full=Cells(world=("paper", "easy"), n=(1000, 8000, 32000, 100_000)),
    ),
    simulate=split,
    expect=(
        Probability("together", n=LARGE).within(0.34, 0.66, 0.5),
        Quantile("spread", SPLIT_Q).near(at_rate(0.125), 0.13),
        Distribution("z", standard_normal, n=LARGE).within(0.2),
        Probability("converged").at_least(0.9),
    ),
    controls=(
        FalseTheory("n^(-1/4)", Quantile("spread", SPLIT_Q, n=8000).near(at_rate(0.25), 0.1)),
        FalseTheory("n^(-1/2)", Quantile("spread", SPLIT_Q, n=8000).near(at_rate(0.5), 0.13)),
        FalseTheory("every pair separates", Probability("together", n=1000).at_most(0.2)),
        BrokenWorld(
            "known variance: the pair separates like n^(-1/4)",
            simulate=split_known_variance,
            cells=Cells(world=("paper",), n=(1000, 8000)),
            expect=(Quantile("spread", SPLIT_Q).near(at_rate(0.125), 0.13),),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=1024, standard=2048, full=4096),
    figure=Axis(x="n", log=True),
)


# The counterexample at k = 2 k*.


def _doubled(cells: int, t: float, weight: float = 0.5, other: float | None = None) -> theory.Atoms:
    """Split the first `cells` experts: b1 + t with `weight`, b1 + other (-t) with the rest."""
    truth, back = theory.EASY_TRUTH, -t if other is None else other
    keep = np.repeat([0, 1], [2 if j < cells else 1 for j in range(2)])
    b0, b1 = truth.b0[keep].copy(), truth.b1[keep].copy()
    for j in range(cells):
        first, second = np.flatnonzero(keep == j)
        b0[first] += np.log(weight)
        b0[second] += np.log1p(-weight)
        b1[first] += t
        b1[second] += back
    return theory.Atoms(b0, b1, truth.a[keep], truth.c[keep], truth.v[keep])


def _density_change(split_truth: theory.Atoms) -> float:
    """Largest relative change of the density at 20,000 points."""
    rng = np.random.default_rng(17)
    x, y = rng.uniform(-1, 1, 20_000), 2 * rng.standard_normal(20_000)
    base = log_density(parameters(theory.EASY_TRUTH), Gate(), x, y)
    return float(np.abs(np.expm1(log_density(parameters(split_truth), Gate(), x, y) - base)).max())


@lru_cache(maxsize=2)
def _cosh_identity(cells: int) -> str:
    return vanishes(theory.cosh_identity(cells), f1=(1,), f2=(3,))


def doubling(cell: Cell) -> dict[str, object]:
    """Change of the density and loss when the gate slopes of `cells` experts are split by t."""
    moved = _doubled(int(cell.cells), float(cell.t))
    return {
        "change": _density_change(moved),
        "uneven": _density_change(_doubled(int(cell.cells), 0.9 * cell.t, 0.3, -0.2 * cell.t)),
        "loss": float(theory.overspecified_loss(moved, theory.EASY_TRUTH)),
        "identity": _cosh_identity(int(cell.cells)),
    }


def single_doubling(cell: Cell) -> dict[str, object]:
    """Only one of the two experts is split (k = 3)."""
    return doubling(Cell({**cell, "cells": 1}))


COSH = Claim(
    id="softmax_gmoe.cosh-counterexample",
    paper=theory.PAPER,
    source="Derived; against identifiability up to translation for k >= 2 k*",
    statement=(
        "If every expert is split into a pair with gate slopes b1 +- t and half the weight, the "
        "density does not change at all while the loss D_2 is positive."
    ),
    formula='p_(G_t) = p_(G^*) quad "and" quad D_2(G_t, G^*) > 0 quad "for all" t > 0',
    scope=Scope.AS_STATED,
    does_not_show="Whether the paper restricts k below 2 k*: its quantifiers are recalled.",
    cells=Cells(cells=(2,), t=(0.1, 1.0, 3.0)),
    compute=doubling,
    expect=(
        Exact("change").at_most(1e-12),
        Exact("uneven").at_most(1e-12),
        Exact("loss").at_least(1e-5),
        Symbolic("identity").holds(),
    ),
    controls=(
        FalseTheory("the density notices", Exact("change").at_least(1e-6)),
        BrokenWorld("only one expert is split", compute=single_doubling),
    ),
)


def hellinger_over_loss(cell: Cell) -> dict[str, object]:
    """Hellinger distance over D_2 for gate slopes split by t in `cells` of the two experts."""
    moved = _doubled(int(cell.cells), float(cell.t))
    rng = np.random.default_rng(18)
    x = rng.uniform(-1, 1, 20_000)
    y = sample(rng, parameters(theory.EASY_TRUTH), Gate(), x)
    base = log_density(parameters(theory.EASY_TRUTH), Gate(), x, y)
    ratio = np.expm1(0.5 * (log_density(parameters(moved), Gate(), x, y) - base))
    loss = float(theory.overspecified_loss(moved, theory.EASY_TRUTH))
    return {"ratio": float(np.sqrt(np.mean(ratio**2))) / loss}


UNIVERSAL = Claim(
    id="softmax_gmoe.loss-bounds-density-for-all-k",
    paper=theory.PAPER,
    source="Inequality Hellinger >= C D_2, read for every k > k* (quantifiers recalled)",
    statement="The Hellinger distance is at least C times D_2 for every number k > k* of experts.",
    formula="inf_G h(p_G, p_(G^*)) / D_2(G, G^*) >= C > 0",
    scope=Scope.AS_STATED,
    does_not_show=(
        "The inequality is not contradicted for k < 2 k*, where at least one cell stays single. "
        "The paper may well say so; its wording could not be read."
    ),
    cells=Cells(cells=(1, 2), t=(0.3, 1.0)),
    compute=hellinger_over_loss,
    expect=(Exact("ratio").at_least(1e-3),),
    controls=(FalseTheory("distance at most D_2/1000", Exact("ratio", cells=1).at_most(1e-3)),),
    expected=Verdict.REFUTED,
    why="At k = 2 k* splitting every gate slope leaves the density exactly unchanged.",
)


# The published simulations.


NEAR = 0.1  # a pair closer than this has not left the starts, whose median gap is 0.02


def published_runs(cell: Cell, rng: Generator, size: int) -> Columns:
    """Run the published procedure with three fitted experts, and on to the maximum."""
    found = published.run(rng, size, cell.n)
    return _runs(found, found.gap)


def continued_runs(cell: Cell, rng: Generator, size: int) -> Columns:
    """Take the pair where the maximum has it."""
    found = published.run(rng, size, cell.n)
    return _runs(found, found.top_gap)


def _runs(found: published.Run, gap: FloatArray) -> Columns:
    return {
        "gap": gap,
        "still": (gap < NEAR).astype(np.float64),
        "iterations": found.iterations.astype(np.float64),
        "few": (found.iterations < 50).astype(np.float64),
        "short": (found.gained > 1.0).astype(np.float64),
    }


PUBLISHED_EM = Claim(
    id="softmax_gmoe.published-em-stops-before-it-moves",
    paper=theory.PAPER,
    source="Stopping rule and starts of the authors' repository (read)",
    statement=(
        "With three fitted experts the published stopping rule (relative gain below 1e-6) ends EM "
        "within a few iterations at large n, with the over-fitted pair still where the start put "
        "it and more than 1 of the log-likelihood still to gain; the maximum has the pair apart."
    ),
    formula='abs(Delta L) / abs(L) <= 10^(-6) quad "stops after" quad O(1) "iterations"',
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "One Newton step of the gate per iteration instead of a whole inner loop, and x drawn "
        "instead of on a grid; one start instead of the best of five. 'Few' is below 50, which is "
        "true of most runs and not of all: the median at n = 10,000 is 4 iterations, but 5 to 10 "
        "percent of runs need more than 50 and single ones more than 100. An independent trial "
        "counted 135 there (and 483 at n = 1000, where the median here is near 100)."
    ),
    cells=ByEffort(
        smoke=Cells(n=(10000,)),
        standard=Cells(n=(10000, 31623)),
        full=Cells(n=(10000, 31623, 100_000)),
    ),
    simulate=published_runs,
    expect=(
        Probability("still").at_least(0.7),
        Probability("few").at_least(0.7),
        Probability("short").at_least(0.7),
        Mean("gap").shown(),
        Quantile("iterations", 0.9).shown(),
    ),
    controls=(
        FalseTheory("the pair separates", Probability("still", n=10000).at_most(0.4)),
        BrokenWorld(
            "run to the maximum",
            simulate=continued_runs,
            cells=Cells(n=(10000,)),
            expect=(Probability("still").at_least(0.7),),
        ),
    ),
    block=16,
    cap=ByEffort(smoke=400, standard=400, full=800),
)


SHIFT_LADDER = (500, 10_000, 20_000)
CONVERGED_LADDER = (1000, 4000, 16_000)
START_SCALE = 0.02  # median separation of the published starts' pairs


def published_shift(cell: Cell, rng: Generator, size: int) -> Columns:
    """How the published slope changes when the first size is left out."""
    del cell
    return _first_size(published.published_ladder(rng, size, SHIFT_LADDER))


def continued_shift(cell: Cell, rng: Generator, size: int) -> Columns:
    """Do the same for the same runs, still of three experts, carried on to the maximum."""
    del cell
    return _first_size(published.continued_ladder(rng, size, SHIFT_LADDER))


def _first_size(gaps: FloatArray) -> Columns:
    """Gaps below that of the starts count as the starts' own: they say no more than it."""
    whole, rest = published.slopes(np.maximum(gaps, START_SCALE), SHIFT_LADDER)
    steeper = whole - rest < -0.3
    return {
        "shift": whole - rest,
        "steeper": steeper.astype(np.float64),
        "moved": (steeper & (np.abs(rest) < 0.1)).astype(np.float64),
    }


def converged_shift(cell: Cell, rng: Generator, size: int) -> Columns:
    """Do the same for converged fits with the true number of experts, errors in their bounds."""
    del cell
    losses = published.exact_errors(rng, size, CONVERGED_LADDER)
    return _shift(losses, CONVERGED_LADDER)


def _shift(losses: FloatArray, sizes: tuple[int, ...]) -> Columns:
    whole, rest = published.slopes(losses, sizes)
    return {"shift": whole - rest}


PUBLISHED_SLOPE = Claim(
    id="softmax_gmoe.published-slope-depends-on-first-size",
    paper=theory.PAPER,
    source="The repository's plots in 50 versions, one per first sample size kept (read)",
    statement=(
        "The slope fitted to runs of the published stopping rule depends on the first sample size "
        "that is kept: in at least 40 percent of runs it is flat (within 0.1) without a small one "
        "and steeper by more than 0.3 with it. The same runs carried on to the maximum do not "
        "show that."
    ),
    formula='PP(abs(s_1) < 0.1 "and" s_0 < s_1 - 0.3) >= 0.4, quad s_i = "slope"(n_i, ..., n_L)',
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Three sizes (500, 10,000, 20,000) and the separation of the over-fitted pair as the loss, "
        "cut off at that of the starts; the published plots use D_2 and sizes from 10,000 on, so "
        "that the first size here lies outside them. That the slope must be flat without it was "
        "added after data had been seen: being steeper by 0.3 alone does not tell the stopping "
        "rule from converged fits, whose slopes scatter (three experts at the maximum: about 0.4 "
        "of runs against 0.6). The thresholds 0.3 and 0.4 are older."
    ),
    simulate=published_shift,
    expect=(
        Probability("moved").at_least(0.4),
        Probability("steeper").shown(),
        Mean("shift").shown(),
    ),
    controls=(
        FalseTheory("it makes no difference", Probability("moved").at_most(0.3)),
        BrokenWorld("three experts, carried on to the maximum", simulate=continued_shift),
    ),
    block=40,
    cap=ByEffort(smoke=2000, standard=2000, full=4000),
)


MISLABELLED = (3000, 6000, 24_000)


def mislabelled_shift(cell: Cell, rng: Generator, size: int) -> Columns:
    """Label the first of three sizes six times too large (as in part of the stored results)."""
    del cell
    real = (MISLABELLED[0] // 6, *MISLABELLED[1:])
    losses = published.exact_errors(rng, size, real)
    return _shift(losses, MISLABELLED)


CONVERGED_SLOPE = Claim(
    id="softmax_gmoe.converged-slope-keeps-without-first-size",
    paper=theory.PAPER,
    source="Exact-specified setting; the counterpart of the plots in 50 versions",
    statement=(
        "The slope fitted to converged fits with the true number of experts is the same with and "
        "without the first sample size."
    ),
    formula='"slope"(n_0, ..., n_L) - "slope"(n_1, ..., n_L) = 0',
    scope=Scope.SCALED_DOWN,
    does_not_show="Three sizes from 1000 to 16,000; the exactly specified case only.",
    simulate=converged_shift,
    expect=(Mean("shift").near(0, 0.2),),
    controls=(
        FalseTheory("the slope shifts by a third", Mean("shift").at_most(-0.33)),
        BrokenWorld("the first size is mislabelled by a factor of six", simulate=mislabelled_shift),
    ),
    block=50,
    cap=ByEffort(smoke=800, standard=800, full=2000),
)
