"""What either kernel is in 200 dimensions: one without correlations, the other linear."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.kernels import matern52
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
    Origin,
    Probability,
    Scope,
)

POINTS = 100
HIGH = 200
UNIFORM = ("100 points, uniform on the unit cube",)


def _pairs(rng: Generator, size: int, dimension: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw points; return ``x.x'/d`` of all pairs, (size, n, n), and both squares over d."""
    x = rng.random((size, POINTS, dimension))
    squares = np.einsum("sid,sid->si", x, x) / dimension
    return x @ x.swapaxes(1, 2) / dimension, squares[:, :, None], squares[:, None]


def neighbours(
    cell: Cell, rng: Generator, size: int, length: float = 1.0, cube: float = 1.0
) -> Columns:
    """Find the two points of each set that a Matern process takes for the most alike.

    Parameters
    ----------
    cell : Cell
        With the dimension ``d``.
    length : float
        Length-scale.
    cube : float
        Side of the cube.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``alone``: whether no two points have a correlation of a hundredth; ``far``: whether the
        root mean square distance is within 3 % of `theory.typical_distance`.
    """
    inner, left, right = _pairs(rng, size, cell.d)
    squares = cell.d * np.maximum(left + right - 2 * inner, 0.0)
    rows, columns = np.tril_indices(POINTS, -1)
    lags = cube * np.sqrt(squares[:, rows, columns])
    typical = np.sqrt((lags**2).mean(axis=1)) / theory.typical_distance(cell.d)
    nearest = matern52(lags.min(axis=1), length)[0]
    return {"alone": nearest < 0.01, "far": np.abs(typical - 1) < 0.03}


BLIND = Claim(
    id="bnn_bo.old-prior-leaves-no-correlation",
    title="In 200 dimensions the old length-scale prior leaves no correlation between points",
    source="the GP surrogate: BoTorch's default until its pull request 2449 (July 2024), which "
    "replaced the prior because it favours ever more local models as the dimension grows",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="Uniform points of the cube are some $sqrt(d/6)$ apart, 5.8 for 200 inputs, and with "
    "length-scales up to 1, where Gamma(3, 6) has 94 % of its mass, a Matern-5/2 process "
    "takes no two of a hundred points to have a correlation of a hundredth.",
    formula="EE abs(x - x')^2 = d/6, quad P(max_(i != j) rho_1 (x_i, x_j) < 0.01) >= 0.95 "
    '" at " d = 200',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What a fit does that leaves the bulk of the prior, or with a length-scale for "
    "each input, as the released code has: some can be long. Points that an optimiser has chosen "
    "are nearer to each other.",
    assumptions=UNIFORM,
    notes=(
        "So the comparison of the infinite network with this process in high dimension is one "
        "with a process that predicts nearly its mean; no review that was read mentions the prior.",
    ),
    cells=Cells(d=(HIGH,)),
    simulate=neighbours,
    expect=(
        Probability("alone").at_least(0.95),
        Probability("far").at_least(0.95),
    ),
    controls=(
        BrokenWorld("a length-scale of 1.5", change={"length": 1.5}, judged_by="alone"),
        BrokenWorld("a cube with sides of 0.95", change={"cube": 0.95}, judged_by="far"),
    ),
    block=64,
    cap=ByEffort(smoke=1024, standard=2048, full=4096),
)


def linearity(
    cell: Cell, rng: Generator, size: int, depth: int = 3, dimension: int | None = None
) -> Columns:
    """Regress the infinite network's kernel on inner products, both centred as a fit does.

    Parameters
    ----------
    cell : Cell
        With the dimension ``d``.
    depth : int
        Hidden layers.
    dimension : int or None
        Another one than the cell's.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``unexplained``: share of the variance over pairs of different points that a linear
        kernel leaves; ``linear``: whether that is below 0.002.
    """
    inner, left, right = _pairs(rng, size, dimension or cell.d)
    rows, columns = np.tril_indices(POINTS, -1)
    kernel, plain = (
        _centred(each)[:, rows, columns]
        for each in (theory.relu_recursion(inner, left, right, depth), inner)
    )
    kernel, plain = (each - each.mean(axis=1, keepdims=True) for each in (kernel, plain))
    explained = (kernel * plain).sum(axis=1) ** 2
    explained /= (kernel**2).sum(axis=1) * (plain**2).sum(axis=1)
    return {"unexplained": 1 - explained, "linear": 1 - explained < 0.002}


def _centred(gram: FloatArray) -> FloatArray:
    means = gram.mean(axis=1, keepdims=True)
    return np.asarray(gram - means - means.swapaxes(1, 2) + means.mean(axis=2, keepdims=True))


LINEAR = Claim(
    id="bnn_bo.infinite-network-is-linear",
    title="In 200 dimensions the infinite network is a linear model with noise",
    source="the I-BNN surrogate of the released code, on inputs of the unit cube",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="At 200 inputs a linear kernel leaves less than 0.002 of the variance of the "
    "infinite network's kernel over pairs of different points, both being centred: but for its "
    "diagonal, which acts as noise, three hidden layers add next to nothing.",
    formula="1 - R^2 (H K H, H X X^T H) < 0.002, quad d = 200",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Other inputs than uniform ones of the unit cube: where points gather, as they "
    "do in the course of an optimisation, the kernel's bend may matter.",
    assumptions=(*UNIFORM, "depth 3, var_w 10, var_b 1.6"),
    notes=(
        "In the median 0.0011 at 200 inputs, 0.0044 at 50, 0.019 at 10 and 0.043 at 2. Without "
        "hidden layers the network predicts the networks of ibnn-promising-high-d better in some "
        "65 % of the data sets.",
    ),
    cells=ByEffort(
        smoke=Cells(d=(HIGH,)),
        standard=Cells(d=(2, 10, 50, HIGH)),
        full=Cells(d=(2, 10, 50, HIGH)),
    ),
    simulate=linearity,
    expect=(
        Probability("linear", d=HIGH).at_least(0.9),
        Probability("linear").shown(),
    ),
    controls=(
        BrokenWorld("four hidden layers", change={"depth": 4}, at={"d": HIGH}),
        BrokenWorld("inputs of 100 dimensions", change={"dimension": 100}, at={"d": HIGH}),
    ),
    block=16,
    cap=ByEffort(smoke=512, standard=1024, full=2048),
    figure=Axis(x="d", label="inputs", log=True),
)
