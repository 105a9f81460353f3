"""How near a fit to samples comes to a plan whose potential is known, as benchmarks measure it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers import bridge_mixture as bm
from refutable.solvers.gaussian_algebra import bures_wasserstein
from refutable.solvers.mixture_em import mean_and_covariance

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

TRUE_TERMS, FITTED_TERMS = 5, 20
RADIUS = 5.0
SAMPLES = 50_000
QUERIES = 300
"""Starts at which the plans are compared."""

STEPS = {0.1: 4000, 1.0: 300, 10.0: 300}
BATCH = {0.1: 128, 1.0: 64, 10.0: 64}
RATES = {0.1: (0.05, 0.0003), 1.0: (0.1, 0.003), 10.0: (0.1, 0.003)}
"""By epsilon: steps of Adam, points of a minibatch on each side, first and last step size, between
which they fall geometrically. The largest error is at the smallest epsilon, as in the paper."""


def true_potential(rng: Generator, size: int, d: int, epsilon: float) -> bm.Potential:
    """Draw potentials of five terms in random directions at distance 5, batch (size,)."""
    centres = rng.standard_normal((size, TRUE_TERMS, d))
    centres *= RADIUS / np.linalg.norm(centres, axis=-1, keepdims=True)
    scales = rng.uniform(0.2, 0.8, centres.shape) / max(epsilon, 1.0)
    level = np.full((size, TRUE_TERMS), -np.log(TRUE_TERMS))
    return bm.Potential(epsilon, level, centres, scales)


def fitted(
    x0: FloatArray, x1: FloatArray, epsilon: float, assumed: float, terms: int
) -> bm.Potential:
    """Fit potentials to samples (size, n, d) of starts and of ends, in minibatches of their order.

    Parameters
    ----------
    x0, x1 : ndarray
        Centres start at the first ends.
    epsilon : float
        Of the truth; it names the schedule.
    assumed : float
        Epsilon that is fitted with.
    terms : int
    """
    size, n, d = x0.shape
    batch = BATCH[epsilon]
    level = np.full((size, terms), -np.log(terms))
    scales = np.full((size, terms, d), 0.5 / max(assumed, 1.0))
    start = bm.Potential(assumed, level, x1[:, :terms], scales)

    def minibatch(step: int) -> tuple[FloatArray, FloatArray]:
        at = step * batch % (n - batch + 1)
        return x0[:, at : at + batch], x1[:, at : at + batch]

    return bm.fit_minibatches(minibatch, start, np.geomspace(*RATES[epsilon], STEPS[epsilon]))


def unexplained(truth: bm.Potential, other: bm.Potential, x: FloatArray) -> FloatArray:
    """Return the mean Bures-Wasserstein distance of the plans given x, in % of half a variance.

    The moments of both plans are exact; the variance is that of the ends, over the same x.
    """
    mean, covariance = mean_and_covariance(bm.plan(truth, x))
    found = mean_and_covariance(bm.plan(other, x))
    distance = bures_wasserstein(mean, covariance, *found).mean(axis=-1)
    within = np.trace(covariance, axis1=-2, axis2=-1).mean(axis=-1)
    between = mean.var(axis=-2).sum(axis=-1)
    return np.asarray(100 * distance / (0.5 * (within + between)))


def uvp(
    cell: Cell, rng: Generator, size: int, terms: int = FITTED_TERMS, wrong: float = 1.0,
    samples: int = SAMPLES,
) -> Columns:  # fmt: skip
    """Unexplained variance of fits to samples of random benchmarks.

    Parameters
    ----------
    cell : Cell
        With ``d`` and ``epsilon``.
    rng : Generator
    size : int
        Benchmarks, each with its own samples and fit.
    terms : int
        Of the fit.
    wrong : float
        What epsilon is multiplied with in the fit.
    samples : int
        Points on each side, of which no more are drawn than minibatches are taken from.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``uvp``, in per cent.
    """
    d, epsilon = cell.d, cell.epsilon
    truth = true_potential(rng, size, d, epsilon)
    n = min(samples, STEPS[epsilon] * BATCH[epsilon])
    x0, unseen = rng.standard_normal((2, size, n, d))
    x1 = bm.draw_ends(rng, truth, unseen)
    fit = fitted(x0, x1, epsilon, wrong * epsilon, terms)
    return {"uvp": unexplained(truth, fit, rng.standard_normal((size, QUERIES, d)))}


BENCHMARK = Claim(
    id="light_sb.eot-benchmark-uvp",
    title="On pairs with a known plan a typical fit leaves at most one per cent unexplained",
    source="benchmark of entropic transport, as a summary has it; on pairs of our own",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="Fitted to at most 50,000 starts and, apart from them, as many ends of a plan whose "
    "potential has five terms, a potential of 20 terms has a typical cBW-UVP of at most 1 %. "
    "Typical is the median over random benchmarks.",
    formula='"med" 100 (EE_x "BW"_2^2 (pi^*_x, hat(pi)_x)) / (1/2 "Var"(p_1)) <= 1',
    scope=Scope.SCALED_DOWN,
    does_not_show="The authors' own pairs, which are downloads: their printed cells cannot be "
    "compared with these one to one.",
    assumptions=(
        "starts are N(0, I); centres have norm 5 in random directions, equal weights, S diagonal "
        "from 0.2 to 0.8 (over epsilon where that is above 1)",
        "cBW-UVP with exact moments of both plans, at 300 new starts",
        "Adam in minibatches: one pass of 300 steps of 64 points; at $epsilon = 0.1$, 4000 of 128",
    ),
    notes=(
        "The public notebook takes 50 terms, 10,000 steps and minibatches of 128.",
        "Medians for $epsilon = 0.1$, 1 and 10 are about 0.25, 0.09 and 0.03 in two dimensions and "
        "0.5, 0.27 and 0.07 in 16 (24 to 200 fits each); longer schedules lower them.",
        "With as many terms as the truth has, some fits end where one term stands for two of the "
        "truth's: at $d = 2$ and $epsilon = 1$ half of 200 fits are above 1 %, with 20 terms none.",
    ),
    cells=ByEffort(
        smoke=Cells(d=(2,), epsilon=(1.0,)),
        standard=Cells(d=(2, 16), epsilon=(0.1, 1.0, 10.0)),
        full=Cells(d=(2, 8, 16), epsilon=(0.1, 1.0, 10.0)),
    ),
    simulate=uvp,
    expect=(Quantile("uvp").at_most(1.0),),
    controls=(
        FalseTheory("a hundredth of that", Quantile("uvp", d=2, epsilon=1.0).at_most(0.01)),
        BrokenWorld(
            "a fit with 1.3 times the epsilon",
            change={"wrong": 1.3},
            at={"d": 2, "epsilon": 1.0},
        ),
        BrokenWorld("one term", change={"terms": 1}, at={"d": 2, "epsilon": 1.0}),
    ),
    block=8,
    cap=ByEffort(smoke=96, standard=192, full=384),
)
