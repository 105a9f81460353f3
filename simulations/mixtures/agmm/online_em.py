"""How fast stepwise EM nears the truth in one pass, and batch EM in many."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.agmm._mixture import near_starts, truth
from refutable.simulations.mixtures.agmm._online import (
    DECAY,
    ONE_PASS,
    Steps,
    constant,
    fast_decay,
    mean_square_error,
    one_pass,
    slow_decay,
)
from refutable.solvers.mixture_em import Mixture, Rule, fit, sample

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
    Scope,
    Slope,
)

LADDER = (500, 2000, 8000, 32_000)
ROUNDS = Rule(tolerance=1e-9, iterations=200)


def many_rounds(x: FloatArray, start: Mixture) -> Mixture:
    """Run batch EM from the same starts to its end, 200 iterations at most."""
    return fit(x, start, rule=ROUNDS).mixture


def error_ladder(cell: Cell, rng: Generator, size: int, steps: Steps = slow_decay) -> Columns:
    """Root mean squared error of the centres after the first n pixels, for every n.

    Returns
    -------
    dict of ndarray, shape (size, 4)
    """
    x, _ = sample(rng, truth(), LADDER[-1], size)
    start = near_starts(rng, size)
    fitted = [
        many_rounds(x[:, :n], start) if cell.method == "batch" else one_pass(x[:, :n], start, steps)
        for n in LADDER
    ]
    return {"error": np.sqrt(np.stack([mean_square_error(one) for one in fitted], axis=1))}


RATES = Claim(
    id="agmm.online-em",
    title="Stepwise EM typically converges at the root of its step, batch EM at n^(-1/2)",
    source="abstract: online EM; rate by the theory of stochastic approximation",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With steps t^(-0.6) the error of the centres typically falls like n^(-0.3) in one "
    "pass, that of batch EM like n^(-1/2). Typical is the median slope.",
    formula='"med" "RMSE"_n = Theta(n^(-alpha/2)), quad gamma_t = (t+2)^(-alpha), alpha = 0.6',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The online EM of the paper, whose formulas were not readable. The expected "
    "error: about one start in four hundred ends in a wrong optimum whatever the method.",
    assumptions=ONE_PASS,
    notes=(
        "The slope is nearer to -0.33 than to -0.3: with 500 pixels, ten steps, the start is not "
        "forgotten. With alpha = 0.8 and 0.9 that bias is larger, and slopes are -0.51 and -0.62.",
    ),
    cells=Cells(method=("stepwise", "batch")),
    simulate=error_ladder,
    expect=(
        Slope("error", LADDER, method="stepwise").near(-DECAY / 2, 0.1),
        Slope("error", LADDER, method="batch").near(-0.5, 0.1),
    ),
    controls=(
        FalseTheory(
            "stepwise EM at the rate of batch EM",
            Slope("error", LADDER, method="stepwise").near(-0.5, 0.1),
        ),
        FalseTheory(
            "batch EM at the rate of stepwise EM",
            Slope("error", LADDER, method="batch").near(-0.3, 0.1),
        ),
        BrokenWorld(
            "a constant step of 0.3", change={"steps": constant}, at={"method": "stepwise"}
        ),
        BrokenWorld(
            "steps t^(-2), whose sum is finite",
            change={"steps": fast_decay},
            at={"method": "stepwise"},
        ),
    ),
    block=24,
    cap=ByEffort(smoke=384, standard=1024, full=2048),
    figure=Axis(x="n", log=True),
)
