"""What the Langevin corrector does to a variance: by the exact recursion and on drawn chains."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.sgmse._sampler import iterates
from refutable.solvers.linear_gaussian import Affine, Gaussian, law_after, laws_along
from refutable.theory.generative import sgmse as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Mean,
    Origin,
    Scope,
    Values,
)

ITERATES = 400
SETTLED = 1e-6
"""Tolerance of the recursion; 400 steps with r = 0.1 leave 1e-9 of where they began."""

ONE_LEVEL = (
    "one level of noise, N(0, 1), whose score is known exactly",
    "step $2 (r sigma)^2$, as in the released code",
)


def corrector_steps(snr: float, step: float, count: int) -> Affine:
    """Return steps ``x + d score + (2 d)^(1/2) z`` on N(0, 1), d = 2 r^2 times `step`."""
    d = 2 * step * snr**2
    shape = (count, 1, 1)
    return Affine(np.full(shape, 1 - d), np.zeros((count, 1)), np.full(shape, 2 * d))


UNIT = Gaussian(np.zeros(1), np.eye(1))


def settled_variance(cell: Cell, step: float = 1.0, count: int = ITERATES) -> Values:
    """Return the variance after `count` corrector steps from N(0, 1), in ``variance``.

    Parameters
    ----------
    step : float
        Factor on the step size.
    """
    end = law_after(corrector_steps(cell.snr, step, count), UNIT)
    return {"variance": float(end.covariance[0, 0])}


def inflation(cell: Cell) -> float:
    """Return 1 / (1 - r^2)."""
    return theory.inflation(cell.snr)


INFLATION = Claim(
    id="sgmse.ald-corrector-inflation",
    title="Endless corrector steps inflate the variance by a known factor",
    source="The annealed Langevin corrector, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Repeated with an exact score, the corrector settles at the variance $sigma^2/(1 - "
    "r^2)$ in place of $sigma^2$: a third too much with the default $r = 0.5$.",
    formula='"Var" arrow.r sigma^2 \\/ (1 - r^2)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The sampler's own use of it: one step at each level, between predictor steps.",
    assumptions=ONE_LEVEL,
    notes=(
        "One step inflates by $1 + 4 r^4$, a quarter for $r = 0.5$.",
        "The code's complex coefficients have half the variance and half the noise in each part: "
        "the factor is the same.",
    ),
    cells=Cells(snr=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    compute=settled_variance,
    expect=(Exact("variance").equals(inflation, SETTLED),),
    controls=(
        BrokenWorld("steps of half the size", change={"step": 0.5}, at={"snr": (0.3, 0.5, 0.7)}),
        BrokenWorld("one step in place of many", change={"count": 1}, at={"snr": (0.3, 0.5, 0.7)}),
        BrokenWorld("steps that are a thousandth smaller", change={"step": 0.999}, at={"snr": 0.1}),
    ),
    figure=Axis(x="snr", label="r of the corrector", curve=True),
)


BURN_IN = 50
TOGETHER = 16
"""Chains of a replicate."""


def chain_averages(cell: Cell, rng: Generator, size: int, step: float = 1.0) -> Columns:
    """Run chains of corrector steps from N(0, 1).

    Returns
    -------
    dict of ndarray, shape (size,)
        ``square``, the mean of x^2 over `TOGETHER` chains, the first `BURN_IN` iterates left out.
    """
    steps, total = corrector_steps(cell.snr, step, ITERATES), np.zeros(size * TOGETHER)
    for x in islice(iterates(rng, steps, rng.standard_normal(len(total))), BURN_IN, None):
        total += x**2
    return {"square": total.reshape(size, TOGETHER).mean(axis=1) / (ITERATES - BURN_IN)}


def variance_of_average(snr: float, step: float = 1.0) -> float:
    """Return the variance of ``square``, exactly.

    The iterates are jointly Gaussian with mean 0, so that Cov(x_j^2, x_k^2) = 2 Cov(x_j, x_k)^2,
    and Cov(x_j, x_k) = (1 - d)^(k - j) Var x_j for j <= k.
    """
    steps = corrector_steps(snr, step, ITERATES)
    variances = laws_along(steps, UNIT).covariance[BURN_IN + 1 :, 0, 0]
    lag = np.abs(np.subtract.outer(np.arange(len(variances)), np.arange(len(variances))))
    earlier = np.minimum.outer(np.arange(len(variances)), np.arange(len(variances)))
    covariances = (1 - 2 * step * snr**2) ** lag * variances[earlier]
    return float(2 * (covariances**2).mean()) / TOGETHER


HALF = 0.5


def most_of_average(cell: Cell) -> float:
    """Return a bound for the claim's chains and for those with half the step."""
    return max(variance_of_average(cell.snr), variance_of_average(cell.snr, HALF))


def averages(**where: Any) -> Mean:
    """Return the mean of ``square``, its variance being known."""
    return Mean("square", variance_at_most=most_of_average, **where)


def within_two_per_cent(cell: Cell) -> float:
    """Return the margin."""
    return 0.02 * inflation(cell)


CHAINS = Claim(
    id="sgmse.corrector-chains",
    title="Drawn chains of the corrector have the inflated variance",
    source="The annealed Langevin corrector, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Chains of 400 corrector steps from N(0, 1) have the variance $1/(1 - r^2)$, to 2 "
    "per cent, once the first 50 steps are left out.",
    formula="EE [1\\/350 sum_(k = 51)^400 x_k^2] = (1 plus.minus 0.02) \\/ (1 - r^2)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The sampler's own use of it: one step at each level, between predictor steps.",
    assumptions=ONE_LEVEL,
    cells=ByEffort(
        smoke=Cells(snr=(0.1, 0.3, 0.5, 0.7)),
        standard=Cells(snr=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
        full=Cells(snr=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    ),
    simulate=chain_averages,
    expect=(averages().near(inflation, within_two_per_cent),),
    controls=(
        FalseTheory(
            "the corrector leaves the variance as it is, to a third",
            averages(snr=0.5).near(1, 0.32),
        ),
        BrokenWorld("steps of half the size", change={"step": HALF}, at={"snr": (0.3, 0.5)}),
    ),
    block=128,
    cap=ByEffort(smoke=4096, standard=8192, full=32_768),
    figure=Axis(x="snr", label="r of the corrector", curve=True),
)


def growth(cell: Cell, step: float = 1.0) -> Values:
    """Return the variance after 40 steps over that after 20, in ``growth``."""
    few, many = (settled_variance(cell, step, count)["variance"] for count in (20, 40))
    return {"growth": float(many) / float(few)}


UNSTABLE = Claim(
    id="sgmse.corrector-stability",
    title="The corrector settles below a ratio of one and blows up from there on",
    source="The annealed Langevin corrector, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Corrector steps settle for $r < 1$. At $r = 1$ each adds four times $sigma^2$ to "
    "the variance, and above it the variance grows geometrically.",
    formula='"Var"_40 \\/ "Var"_20 = 1 "for" r <= 0.9, quad >= 1.98 "for" r >= 1',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What a sampler does with larger steps at few levels.",
    assumptions=ONE_LEVEL,
    cells=Cells(snr=(0.5, 0.7, 0.9, 1.0, 1.02)),
    compute=growth,
    expect=(
        Exact("growth", where=lambda cell: cell.snr < 1).equals(1, SETTLED),
        Exact("growth", where=lambda cell: cell.snr >= 1).at_least(1.98),
    ),
    controls=(
        BrokenWorld(
            "steps that are a hundredth smaller, at $r = 1$", change={"step": 0.99}, at={"snr": 1.0}
        ),
        BrokenWorld(
            "steps that are a tenth larger, at $r = 0.9$", change={"step": 1.1}, at={"snr": 0.9}
        ),
    ),
    draw=Cells(snr=(0.3, 0.6, 0.8, 0.95, 1.01)),
    figure=Axis(x="snr", label="r of the corrector", marks=(("r = 1", 1.0),)),
)
