"""Bayesian optimisation of a function of six inputs by either surrogate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.bnn_bo._optimisation import Candidates, best_values
from refutable.simulations.bayes.bnn_bo._surrogates import fitted, infinite
from refutable.theory.bayes import bnn_bo as theory

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
    Scope,
)

FIRST = 10
NOISES = np.array([1e-4, 1e-2])
"""Of the Matern process, which has the most to fit; the function has no noise."""


def optimisations(
    cell: Cell, rng: Generator, size: int, slope: float = 0.0, length: float | None = None
) -> Columns:
    """Maximise Hartmann's function of six inputs with both surrogates and at random.

    Parameters
    ----------
    cell : Cell
        With ``steps``: evaluations after the first ten.
    slope : float
        Times the sum of the inputs, which is added to the function.
    length : float or None
        Length-scale over the root of d that the Matern process does not fit.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``process_ahead``: whether it has found a larger value than the infinite network;
        ``random_ahead``: whether random search has.
    """

    def function(u: FloatArray) -> FloatArray:
        return np.asarray(theory.hartmann6(u) + slope * u.sum(axis=-1))

    process = replace(fitted(), noises=NOISES).held(length, None)
    pair = (process, infinite(bias=1.3))
    found = best_values(rng, size, function, 6, pair, FIRST, cell.steps, Candidates())
    return {"process_ahead": found[0] > found[1], "random_ahead": found[2] > found[1]}


HARTMANN = Claim(
    id="bnn_bo.process-ahead-on-hartmann",
    title="In optimising a function of six inputs a Matern process beats the infinite network",
    source="abstract: the ranking of methods is highly problem-dependent; Hartmann's function and "
    "the surrogate as in the released code",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="By expected improvement over random candidates, from the same ten points, a Matern "
    "process with fitted length-scale finds a larger value of Hartmann's function than the "
    "infinite network in more than half of the runs, 15 evaluations later and beyond.",
    formula='P(max_t f(x_t^"Matern") > max_t f(x_t^infinity)) >= 1/2',
    scope=Scope.SCALED_DOWN,
    does_not_show="The paper's own runs: they choose ten points at a time, 190 in all, with a "
    "better optimiser of the acquisition and a length-scale for each input. Optimisation in high "
    "dimension, which a hundred evaluations do not decide.",
    assumptions=(
        "one evaluation at a time; candidates are 100 uniform points and 50 about the best point "
        "so far with either of the deviations 0.05 and 0.2, drawn alike for both surrogates",
        "depth 3, var_w 10, var_b 1.3, as the released code has for this function; the network's "
        "scale is profiled out as the process's is",
    ),
    notes=(
        "The network prefers corners of the cube, where its variance is largest and the function "
        "is near 0; what it has found stays near the best of the first ten points.",
    ),
    cells=ByEffort(
        smoke=Cells(steps=(15,)),
        standard=Cells(steps=(15, 30)),
        full=Cells(steps=(15, 30, 50)),
    ),
    simulate=optimisations,
    expect=(
        Probability("process_ahead").at_least(0.5),
        Probability("random_ahead").shown(),
    ),
    controls=(
        BrokenWorld(
            "twice the sum of the inputs added, so that the largest value is in a corner",
            change={"slope": 2.0},
            at={"steps": 15},
        ),
        FalseTheory("in half of the runs, nearly", Probability("process_ahead").at_most(0.55)),
    ),
    block=24,
    cap=ByEffort(smoke=120, standard=240, full=480),
    figure=Axis(x="steps", label="evaluations after the first ten"),
)
