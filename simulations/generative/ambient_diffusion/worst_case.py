"""How the risk falls with n at the least favourable separation, and where atoms are far apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.ambient_diffusion._moments import draw, loss
from refutable.theory.generative.ambient_diffusion import two_atoms

from refutable import (
    Axis,
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
    Probability,
    RateOfMean,
    Scope,
)
from refutable.claims.expectations import Expectation

STEPS = (1, 3, 9)
"""Sizes of a ladder, in units of its first. Below 3000 samples the clipping at 2 and the noise of
the variance still bend the curve."""
WIDE, WIDE_NOISE = 1.5, 0.5
"""Atoms six deviations of the noise apart."""
MARGIN = {"worst": 0.055, "apart": 0.08}
"""Of the exponents. That of the normal approximation is -0.176 at the worst separation from 3000 to
27,000 samples, and -1/4 is 0.083 off; where atoms are far apart it is -0.4993."""
NARROW = 0.03
"""Of the wrong exponents: their regions meet the claim's."""
CUT = {"worst": 1.5, "apart": 8.0}
"""Losses are cut off at so many times the predicted power of n: 1.8 and 4.3 times their means."""
RATE = {"worst": two_atoms.EXPONENT, "apart": 0.5}


def ladders(cell: Cell, rng: Generator, size: int, merged: bool = False) -> Columns:
    """Losses of the denoised method of moments for two atoms of equal weight.

    A replicate has nine times ``cell.first`` samples, which are one data set of the largest size,
    three of the next and nine of the first: a loss is the mean over the data sets of its size.

    Parameters
    ----------
    merged : bool
        Both atoms are at 0 instead of at the least favourable separation.

    Returns
    -------
    dict of ndarray
        ``worst``, ``apart``, shape (size, 3); ``beyond``, shape (size,): whether any was cut off.
    """
    sums = draw(rng, size, STEPS[-1], cell.first)
    worst = 0.0 if merged else two_atoms.least_favourable()[0]
    found: dict[str, list[FloatArray]] = {"worst": [], "apart": []}
    beyond = np.zeros(size, dtype=np.bool_)
    for step in STEPS:
        n, group = cell.first * step, sums.merged(step)
        e = worst * n**-two_atoms.EXPONENT
        losses = {
            "worst": loss(group.moments(e), e),
            "apart": loss(group.moments(WIDE, WIDE_NOISE), WIDE),
        }
        for name, values in losses.items():
            most = CUT[name] * n ** -RATE[name]
            beyond |= (values > most).any(axis=1)
            found[name].append(np.minimum(values, most).mean(axis=1))
    return {name: np.stack(means, axis=1) for name, means in found.items()} | {"beyond": beyond}


def _most(outcome: str) -> Callable[[Cell], FloatArray]:
    """Bound of the losses at each size: where they are cut off."""
    return lambda cell: CUT[outcome] * (cell.first * np.array(STEPS)) ** -RATE[outcome]


def _power(exponent: float) -> Callable[[Cell, FloatArray], FloatArray]:
    return lambda cell, sizes: (cell.first * sizes) ** -exponent


def _rate(outcome: str, exponent: float, margin: float) -> Expectation:
    """Expect a mean loss to fall as ``n^-exponent``, up to the margin."""
    bounds = (0.0, _most(outcome))
    return RateOfMean(outcome, STEPS, _power(exponent), bounds=bounds).near(0.0, margin)


WORST_CASE_RATE = Claim(
    id="ambient_diffusion.dmm-worst-case-rate",
    title="At the worst separation of two atoms the error falls only as the sixth root of n",
    source="The rate $n^(-1/(4k-2))$ of reviews of the paper, at $k = 2$ and equal noise",
    origin=Origin.IMPLIED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "The mean $W_1$ error of the denoised method of moments for two atoms of equal weight "
        "falls as $n^(-1/6)$ at the least favourable separation, which shrinks as $n^(-1/6)$ "
        "itself, and as $n^(-1/2)$ at a wide one. Errors are cut off at $1.5 n^(-1/6)$ and at $8 "
        "n^(-1/2)$, which less than 2 percent of the ladders notice."
    ),
    formula="sup_c EE W_1 (hat(D)_n, D_(c n^(-1 slash 6))) prop n^(-1 slash 6), quad "
    "EE W_1 (hat(D)_n, D_(e)) prop n^(-1 slash 2)",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "That no estimator does better. Other weights, three atoms or more, dimensions above one. "
        "The supremum over all laws: it is over the separation, at the peak of its limit law."
    ),
    assumptions=(
        "two atoms of equal weight at -e and e on the line, noise of unit deviation",
        "wide: $e = 1.5$ and noise of deviation 0.5",
        "estimated atoms are clipped to [-2, 2]",
    ),
    notes=(
        "With normal moments the slope is -0.176 from 3000 to 27,000 samples at the worst "
        "separation, and -0.42 for merged atoms: the worst case is not where atoms merge.",
    ),
    cells=ByEffort(
        smoke=Cells(first=(3000,)),
        standard=Cells(first=(3000, 9000, 27_000)),
        full=Cells(first=(3000, 9000, 27_000, 81_000)),
    ),
    simulate=ladders,
    expect=(
        _rate("worst", two_atoms.EXPONENT, MARGIN["worst"]),
        _rate("apart", 0.5, MARGIN["apart"]),
        Probability("beyond").at_most(0.02),
    ),
    controls=(
        FalseTheory("the rate $n^(-1/(2k))$, a fourth root", _rate("worst", 0.25, NARROW)),
        FalseTheory("a rate of $n^(-0.4)$ where they are far apart", _rate("apart", 0.4, NARROW)),
        FalseTheory("a tenth is cut off", Probability("beyond").within(0.012, 0.1)),
        BrokenWorld(
            "both atoms are one: the easiest law, not the worst",
            change={"merged": True},
            cells=Cells(first=(1000,)),
            judged_by="worst",
        ),
    ),
    figure=Axis("n", "samples, in units of the first size"),
    block=16,
    cap=ByEffort(smoke=8192, standard=8192, full=16_384),
)
