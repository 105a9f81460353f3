"""Networks of finite width beside the kernel of the infinite one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.random import Generator
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
    FloatArray,
    Mean,
    Origin,
    Scope,
)

DEPTH, WEIGHT, BIAS = 3, 10.0, 1.6
CORNERS = np.array([[1.0, 0.0], [1.0, 1.0]])
"""Two corners of the square: their correlation is 0.75 at first, 0.85 after three layers."""

Unit = Callable[[FloatArray], FloatArray]
UNITS: dict[str, Unit] = {
    "relu": lambda h: np.maximum(h, 0.0),
    "leaky": lambda h: np.maximum(h, 0.2 * h),
    "erf": lambda h: np.asarray(scipy.special.erf(h)),
}


def _affine(
    rng: Generator, layer: FloatArray, width: int, weight: float, shared: int
) -> FloatArray:
    """Draw a layer of each network, `shared` of whose units are the same."""
    size, _, before = layer.shape
    weights = rng.standard_normal((size, before, width // shared)) * np.sqrt(weight / before)
    biases = rng.standard_normal((size, 1, width // shared)) * np.sqrt(BIAS)
    return np.repeat(layer @ weights + biases, shared, axis=-1)


def network_kernels(
    rng: Generator, size: int, width: int, units: Unit, weight: float, shared: int
) -> FloatArray:
    """Draw networks; return the covariances of their outputs, the hidden layers being given.

    Returns
    -------
    ndarray, shape (size, 2, 2)
    """
    layer = np.broadcast_to(CORNERS, (size, *CORNERS.shape))
    for _ in range(DEPTH):
        layer = units(_affine(rng, layer, width, weight, shared))
    return np.asarray(BIAS + weight / width * layer @ layer.swapaxes(1, 2))


def _predicted() -> FloatArray:
    inner = CORNERS @ CORNERS.T / CORNERS.shape[1]
    squares = np.diagonal(inner)
    return theory.relu_recursion(inner, squares[:, None], squares, DEPTH, WEIGHT, BIAS)


def _moments(width: int) -> tuple[float, float]:
    """Return variance and fourth central moment of a network's kernel at the second point."""
    first = BIAS + WEIGHT * float(CORNERS[1] @ CORNERS[1]) / CORNERS.shape[1]
    a, b, c, d = theory.diagonal_moments(first, width, DEPTH, WEIGHT, BIAS)
    return b - a**2, d - 4 * a * c + 6 * a**2 * b - 3 * a**4


def deviations(
    cell: Cell,
    rng: Generator,
    size: int,
    units: str = "relu",
    weight: float = WEIGHT,
    shared: int = 1,
) -> Columns:
    """Compare networks of one width with the kernel of the infinite one.

    Parameters
    ----------
    cell : Cell
        With ``width``.
    units : str
        One of `UNITS`.
    weight : float
        Variance of the weights, times the width before.
    shared : int
        Units that have the same weights.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``own``: kernel at the second point, over the predicted one; ``square``: its squared error,
        over the predicted one; ``correlation`` of both points.
    """
    found = network_kernels(rng, size, cell.width, UNITS[units], weight, shared)
    predicted = _predicted()[1, 1]
    own = found[:, 1, 1]
    correlation = found[:, 0, 1] / np.sqrt(found[:, 0, 0] * own)
    return {
        "own": own / predicted,
        "square": (own - predicted) ** 2 / _moments(cell.width)[0],
        "correlation": np.clip(correlation, -1.0, 1.0),  # rounding, where no unit is active
    }


def _own_variance(cell: Cell) -> float:
    return float(_moments(cell.width)[0] / _predicted()[1, 1] ** 2)


def _square_variance(cell: Cell) -> float:
    variance, fourth = _moments(cell.width)
    return fourth / variance**2 - 1


def _correlation() -> float:
    kernel = _predicted()
    return float(kernel[0, 1] / np.sqrt(kernel[0, 0] * kernel[1, 1]))


WIDE = Claim(
    id="bnn_bo.ibnn-kernel-is-infinite-width-bnn",
    title="The infinite network's kernel is that of random networks, to one over their width",
    source="the I-BNN surrogate: a Gaussian process with the kernel of an infinitely wide network",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="In random ReLU networks with three hidden layers of width m the variance of an "
    "output, given the hidden layers, is the kernel of the released code on average, "
    "whatever m is. Its mean squared error is 15 to 20 of the kernel's square over m, as "
    "the moments of rectified normals say, to within a quarter; the mean correlation of "
    "two outputs is that of the kernel to within $0.01 + 0.5/m$.",
    formula='EE K_m (x, x) = k_3 (x, x), quad "Var" K_m (x, x) = c/m + O(1/m^2), quad '
    "EE rho_m (x, x') = rho (x, x') + O(1/m)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That trained networks, or posteriors of networks of finite width, are near the "
    "Gaussian process.",
    assumptions=(
        "weights N(0, 10 over the width before) and biases N(0, 1.6), those of the released code's "
        "kernel; inputs (1, 0) and (1, 1)",
    ),
    notes=(
        "At one input the layers multiply independent factors, so that all moments of the kernel "
        "are known at any width: on them the error probability of two of the checks rests.",
    ),
    cells=ByEffort(
        smoke=Cells(width=(16, 32)),
        standard=Cells(width=(16, 32, 64)),
        full=Cells(width=(16, 32, 64, 128)),
    ),
    simulate=deviations,
    expect=(
        Mean("own", variance_at_most=_own_variance).near(
            1.0, lambda cell: 0.5 / np.sqrt(cell.width)
        ),
        Mean("square", variance_at_most=_square_variance).near(1.0, 0.25),
        Mean("correlation", bounds=(-1, 1)).near(
            lambda cell: _correlation(), lambda cell: 0.01 + 0.5 / cell.width
        ),
    ),
    controls=(
        BrokenWorld(
            "weights whose variance is larger by six hundredths",
            change={"weight": 10.6},
            at={"width": 16},
            judged_by="own",
        ),
        BrokenWorld(
            "units in pairs with the same weights",
            change={"shared": 2},
            at={"width": 16},
            judged_by="square",
        ),
        BrokenWorld(
            "units of the error function, with the ReLU formula",
            change={"units": "erf"},
            at={"width": 32},
            judged_by="correlation",
        ),
        BrokenWorld(
            "leaky units with a slope of a fifth",
            change={"units": "leaky"},
            at={"width": 32},
            judged_by="correlation",
        ),
    ),
    block=512,
    cap=ByEffort(smoke=32_768, standard=65_536, full=262_144),
    figure=Axis(x="width", label="width of the hidden layers", log=True),
)
