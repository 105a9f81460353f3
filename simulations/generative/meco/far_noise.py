"""Where compositional optimisation goes when the noise is far from the data."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.generative.meco._line import REACHED, Normal
from refutable.simulations.generative.meco._races import BATCH, RUN, composed_run

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Origin,
    Probability,
    Quantile,
    Scope,
)

ITERATIONS = 300


def far_runs(
    cell: Cell,
    rng: Generator,
    size: int,
    toward: float = 0.0,
    batch: int = BATCH,
    iterations: int = ITERATIONS,
) -> Columns:
    """Run the composition with noise N(0, 1).

    Parameters
    ----------
    cell : Cell
        With ``distance``.
    toward : float
        Share of the distance by which the noise is moved towards the data.
    batch, iterations : int

    Returns
    -------
    dict of ndarray, shape (size,)
        ``passes``: whether it ever comes within a tenth of R; ``ends_there``: whether it is there
        at the end; ``final``: distance of the last estimate from R.
    """
    distance = float(cell.distance)
    noise = Normal(toward * distance)
    found = composed_run(rng, size, distance, noise, iterations, batch)
    return {
        "passes": found.arrived <= iterations,
        "ends_there": found.final < REACHED * distance,
        "final": found.final,
    }


FAR = Claim(
    id="meco.far-noise",
    title="With noise far from the data compositional optimisation passes the optimum and leaves",
    source="abstract: the rate depends on the noise through the variance of stochastic estimators",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With noise N(0, 1) and batches of 128 the composition ends within a tenth of R for "
    "$R = 1$, in at least 80 % of the runs; for R of 3 or more it comes that near in 80 "
    "% of them, and in at most 20 % it ends there: the relative variance of its inner "
    "estimate is $exp(R^2) - 1$, 8102 for $R = 3$.",
    formula="PP(abs(theta_300 - R) < R/10) <= 0.2, quad "
    "PP(min_t abs(theta_t - R) < R/10) >= 0.8, quad R >= 3",
    scope=Scope.SCALED_DOWN,
    does_not_show="That the paper says otherwise: it makes its rate depend on the noise. Larger "
    "batches, which move the distance at which it leaves; smaller steps.",
    assumptions=RUN,
    notes=(
        "The landscape is that of the likelihood for this noise, too (likelihood-whatever-noise); "
        "what fails is the estimate.",
        "NCE with the same noise does arrive, if slowly: in 257 iterations at $R = 3$ and 2113 at "
        "4.",
        "First passage alone would call this arrival, in fewer iterations than with near noise.",
    ),
    cells=ByEffort(
        smoke=Cells(distance=(1, 3)),
        standard=Cells(distance=(1, 2, 3, 4)),
        full=Cells(distance=(1, 2, 3, 4, 5)),
    ),
    simulate=far_runs,
    expect=(
        Probability("ends_there", distance=1).at_least(0.8),
        Probability("ends_there", distance=(3, 4, 5)).at_most(0.2),
        Probability("passes").at_least(0.8),
        Quantile("final").shown(),
    ),
    controls=(
        BrokenWorld(
            "noise half-way to the data",
            change={"toward": 0.5},
            at={"distance": 3},
            judged_by="ends_there",
        ),
        BrokenWorld(
            "batches of eight", change={"batch": 8}, at={"distance": 1}, judged_by="ends_there"
        ),
        BrokenWorld(
            "forty iterations", change={"iterations": 40}, at={"distance": 3}, judged_by="passes"
        ),
    ),
    block=32,
    cap=ByEffort(smoke=512, standard=1024, full=2048),
    figure=Axis(x="distance", label="distance R of data and noise"),
)
