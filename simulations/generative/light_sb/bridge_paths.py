"""Whether paths that follow the drift of a mixture potential have the laws of its bridge."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.solvers import bridge_mixture as bm
from refutable.theory.generative import light_sb as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Distribution,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
)

Cdf = Callable[[FloatArray], FloatArray]

EPSILON = 2.0
STEPS = 64
"""The law at the end is then 0.005 from that of the bridge: see the tests."""
MARGIN = 0.027
"""Of a distribution function: the error of the steps, and what 32,768 paths leave open, 0.016."""
LOG_WEIGHTS = np.log([0.5, 0.3, 0.2])
CENTRES = np.array([-2.0, 0.5, 2.5])
SCALES = np.array([0.2, 0.8, 0.4])


def potential(equal: bool = False) -> bm.Potential:
    """Return three terms on the line, or with their mean scale for all."""
    scales = np.full(3, SCALES.mean()) if equal else SCALES
    return bm.Potential(EPSILON, LOG_WEIGHTS, CENTRES[:, None], scales[:, None])


def paths(
    cell: Cell, rng: Generator, size: int, steps: int = STEPS, equal: bool = False
) -> Columns:  # fmt: skip
    """States half-way and at the end of paths from N(0, 1).

    Parameters
    ----------
    cell : Cell
    rng : Generator
    size : int
        Paths.
    steps : int
        Of the Euler-Maruyama scheme, an even number.
    equal : bool
        Give all terms the mean of the three scales.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    del cell
    start = rng.standard_normal((size, 1))
    keep = (steps // 2, steps)
    states = bm.bridge_states(rng, potential(equal), start, steps, keep)
    return {"middle": states[0, :, 0], "end": states[1, :, 0]}


@functools.cache
def _table(time: float, straight: bool) -> tuple[FloatArray, FloatArray]:
    """Return the predicted distribution function on a grid: lines between are right to 1e-5."""
    grid = np.linspace(-8.0, 8.0, 2001)
    laws = (LOG_WEIGHTS, CENTRES, SCALES, EPSILON, straight)
    return grid, theory.bridge_cdf(grid, time, *laws)


def _cdf_at(time: float, straight: bool = False) -> Callable[[Cell], Cdf]:
    def of_cell(cell: Cell) -> Cdf:
        del cell
        return lambda x: np.interp(x, *_table(time, straight))

    return of_cell


HALF_WAY, AT_THE_END = _cdf_at(0.5), _cdf_at(1.0)
STRAIGHT = _cdf_at(0.5, straight=True)

PATHS = Claim(
    id="light_sb.drift-follows-the-plan",
    title="Paths with the drift of a mixture potential have the laws of its transport plan",
    source="get_drift and forward of the public code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Paths of the equation with the drift of a potential of three terms end in the law "
    "of the plan that the same potential gives, and half-way have the law of a Brownian bridge "
    "between the two ends of the plan.",
    formula="dif X_t = g(X_t, t) dif t + sqrt(epsilon) dif W_t, quad g = epsilon nabla log "
    "integral cal(N)(x_1 | x, (1-t) epsilon) e^(x_1^2 \\/ (2 epsilon)) v(x_1) dif x_1",
    scope=Scope.SCALED_DOWN,
    does_not_show="More than one dimension, and paths of few steps: the code's number of steps is "
    "a free argument.",
    assumptions=("starts are N(0, 1) on the line", "three terms", f"{STEPS} Euler-Maruyama steps"),
    simulate=paths,
    expect=(
        Distribution("middle", HALF_WAY).within(MARGIN),
        Distribution("end", AT_THE_END).within(MARGIN),
    ),
    controls=(
        FalseTheory(
            "half-way, the ends are joined by straight lines",
            Distribution("middle", STRAIGHT).within(MARGIN),
        ),
        BrokenWorld("four steps", change={"steps": 4}, judged_by="end"),
        BrokenWorld("one scale for all terms", change={"equal": True}, judged_by="end"),
    ),
    block=2048,
    cap=ByEffort(smoke=65_536, standard=131_072, full=262_144),
)
