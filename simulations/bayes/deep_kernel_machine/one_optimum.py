"""Whether searches from many starts end in one optimum."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.deep_kernel_machine._objective import (
    KERNELS,
    Machine,
    draw_data,
    draw_start,
    optimum,
)
from refutable.solvers.log_cholesky import positive_definite

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
    Origin,
    Scope,
)

NOISE = 0.1
STARTS = 3
"""To every replicate; the twenty replicates of a cell make more than the fifty of the plan."""


def searches(cell: Cell, rng: Generator, size: int, louder: float = 0.0) -> Columns:
    """Spread of the optima from several starts, on data of their own for each replicate.

    Parameters
    ----------
    cell : Cell
        With ``kernel`` and ``layers``.
    louder : float
        Share by which the noise is larger in the last search.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``spread``: largest distance of the Grams from those of the first search, relative;
        ``excess``: largest difference of the losses.
    """
    layers, kernel = int(cell.layers), KERNELS[str(cell.kernel)]
    spread, excess = np.empty(size), np.empty(size)
    for r in range(size):
        first, last = draw_data(rng)
        found = []
        for k in range(STARTS):
            noise = NOISE * (1.0 + louder * (k == STARTS - 1))
            machine = Machine(first, last, (1.0,) * (layers + 1), kernel, noise)
            found.append(optimum(machine, draw_start(rng, layers)))
        losses = np.array([loss for loss, _ in found])
        grams = positive_definite(np.stack([x.reshape(layers, -1) for _, x in found]))
        gaps = np.linalg.norm(grams - grams[0], axis=(-2, -1))
        spread[r] = (gaps / np.linalg.norm(grams[0], axis=(-2, -1))).max()
        excess[r] = np.ptp(losses)
    return {"spread": spread, "excess": excess}


UNIMODAL = Claim(
    id="deep_kernel_machine.unimodal-dkm-objective",
    title="Searches from many starts find one optimum of the objective of a deep kernel machine",
    source="talk abstract: unimodality, proved for linear kernels and conjectured in general",
    origin=Origin.PRINTED,
    basis=Basis.THIRD_PARTY,
    statement="On every data set that is drawn, searches from three random starts end in the same "
    "Grams, for linear, arc-cosine and squared exponential kernels.",
    formula="max_(s) norm(G^((s)) - G^((1))) slash norm(G^((1))) <= 10^(-4)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That there is one optimum: a search can only fail to find a second. More "
    "inputs, other data, and starts far from those drawn.",
    assumptions=(
        "four inputs, noise variance 0.1, equal widths",
        "starts: log-Cholesky coordinates N(0, 1/4)",
    ),
    cells=ByEffort(
        smoke=Cells(kernel=tuple(KERNELS), layers=(1,)),
        standard=Cells(kernel=tuple(KERNELS), layers=(1, 2)),
        full=Cells(kernel=tuple(KERNELS), layers=(1, 2, 3)),
    ),
    simulate=searches,
    expect=(Exact("spread").at_most(1e-4), Exact("excess").at_most(1e-8)),
    controls=(
        BrokenWorld(
            "a last search with half a hundredth more noise",
            change={"louder": 0.005},
            at={"kernel": "arc-cosine", "layers": 1},
            judged_by="spread",
        ),
        BrokenWorld(
            "a last search with a millionth more noise",
            change={"louder": 1e-6},
            at={"kernel": "arc-cosine", "layers": 1},
            judged_by="excess",
        ),
    ),
    block=10,
    cap=ByEffort(smoke=20, standard=50, full=200),
    figure=Axis(x="layers", label="hidden layers"),
)
