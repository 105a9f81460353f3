"""The optimum of a deep linear kernel machine against its closed forms."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.deep_kernel_machine._objective import (
    FREE,
    Machine,
    draw_data,
    draw_start,
    optimum,
)
from refutable.solvers.log_cholesky import positive_definite
from refutable.theory.bayes import deep_kernel_machine as theory

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
    FloatArray,
    Origin,
    Scope,
)

DATA = (
    "four inputs; Grams of six Gaussian input features plus 0.1 and of seven outputs plus 0.05, "
    "drawn anew for every replicate",
    "BFGS on log-Cholesky coordinates, from a random start to every replicate",
)


def _apart(found: FloatArray, said: FloatArray) -> float:
    """Distance relative to what is said, in the Frobenius norm, the largest over layers."""
    gap = np.linalg.norm(found - said, axis=(-2, -1)) / np.linalg.norm(said, axis=(-2, -1))
    return float(gap.max())


def interpolation(
    cell: Cell,
    rng: Generator,
    size: int,
    later: float = 0.0,
    straight: float = 0.0,
    last_weight: float = 1.0,
) -> Columns:
    """Distance of the optimum of a noiseless deep linear machine from the closed form.

    Parameters
    ----------
    cell : Cell
        With ``layers``, hidden ones.
    later : float
        Added to each layer's share of the way.
    straight : float
        Share of the arithmetic interpolation that is mixed into the closed form.
    last_weight : float
        nu of the outputs, that of the layers being 1.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    layers = int(cell.layers)
    apart = np.empty(size)
    for r in range(size):
        first, last = draw_data(rng)
        machine = Machine(first, last, (1.0,) * layers + (last_weight,))
        _, x = optimum(machine, draw_start(rng, layers))
        shares = np.arange(1, layers + 1) / (layers + 1)
        said = np.stack([theory.geometric_interpolation(first, last, s + later) for s in shares])
        line = first + shares[:, None, None] * (last - first)
        said = (1.0 - straight) * said + straight * line
        apart[r] = _apart(positive_definite(x.reshape(layers, FREE)), said)
    return {"apart": apart}


TOLERANCE = 1e-6

INTERPOLATION = Claim(
    id="deep_kernel_machine.linear-geometric-interpolation",
    title="In a deep linear kernel machine the layers are geometric steps from inputs to outputs",
    source="the closed form for deep linear machines, recalled and derived again",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Without noise and with layers of equal width the optimal Gram of layer l of L is "
    "$(G_(L+1) G_0^(-1))^(l/(L+1)) G_0$, from every start.",
    formula="G_l^* = (G_(L+1) G_0^(-1))^(l slash (L+1)) G_0",
    scope=Scope.SCALED_DOWN,
    does_not_show="Nonlinear kernels; starts and data of other laws than those drawn.",
    assumptions=DATA,
    cells=ByEffort(
        smoke=Cells(layers=(1, 2, 4)),
        standard=Cells(layers=(1, 2, 3, 4)),
        full=Cells(layers=(1, 2, 3, 4, 6, 8)),
    ),
    simulate=interpolation,
    expect=(Exact("apart").at_most(TOLERANCE),),
    controls=(
        BrokenWorld("a share larger by 1e-5", change={"later": 1e-5}, at={"layers": 1}),
        BrokenWorld(
            "an arithmetic interpolation, mixed in by 1e-5",
            change={"straight": 1e-5},
            at={"layers": 2},
        ),
        BrokenWorld(
            "outputs weighted more by 2e-5", change={"last_weight": 1.00002}, at={"layers": 2}
        ),
    ),
    block=4,
    cap=ByEffort(smoke=4, standard=64, full=256),
    figure=Axis(x="layers", label="hidden layers"),
)


def unequal(
    cell: Cell, rng: Generator, size: int, skewed: float = 1.0, noise: float = 0.0
) -> Columns:
    """Distance of the optimum of one hidden layer from the closed form, any ratio of widths.

    `skewed` multiplies the ratio that is put into the closed form, `noise` is the variance of the
    outputs about their function, which the closed form knows nothing of.
    """
    apart = np.empty(size)
    for r in range(size):
        first, last = draw_data(rng)
        machine = Machine(first, last, (1.0, float(cell.ratio)), noise=noise)
        _, x = optimum(machine, draw_start(rng, 1))
        said = theory.one_layer_optimum(first, last, skewed * cell.ratio)
        apart[r] = _apart(positive_definite(x), said)
    return {"apart": apart}


UNEQUAL = Claim(
    id="deep_kernel_machine.linear-unequal-widths",
    title="One linear hidden layer of any width has an optimum in closed form",
    source="the stationarity condition for one layer, derived",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="With one hidden layer and r outputs to a feature the optimal Gram, where that of "
    "the inputs is the identity, has the eigenvalues $(1-r)/2 + sqrt((1-r)^2/4 + r b)$, "
    "b being those of the outputs.",
    formula="h = (1-r)/2 + sqrt((1-r)^2/4 + r b)",
    scope=Scope.SCALED_DOWN,
    does_not_show="More than one hidden layer, where widths differ.",
    assumptions=DATA,
    cells=Cells(ratio=(0.25, 0.5, 1.0, 2.0, 4.0)),
    simulate=unequal,
    expect=(Exact("apart").at_most(TOLERANCE),),
    controls=(
        BrokenWorld("a ratio larger by 1e-5", change={"skewed": 1.00001}, at={"ratio": (0.5, 2.0)}),
        BrokenWorld(
            "outputs with a noise of 1e-5", change={"noise": 1e-5}, at={"ratio": (0.5, 2.0)}
        ),
    ),
    block=4,
    cap=ByEffort(smoke=4, standard=64, full=256),
    figure=Axis(x="ratio", label="outputs to a feature", log=True),
)
