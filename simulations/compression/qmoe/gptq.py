"""Whether GPTQ's loss is the error of the row and obeys the nearest-plane bound (Babai).

Layers are random and small, with AR(1)-correlated inputs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from refutable.solvers import quantization
from refutable.theory.compression import qmoe as theory

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
    FloatArray,
    Mean,
    Origin,
    Scope,
)

Matrix = Callable[[FloatArray], FloatArray]

STEP = 0.5


def random_layer(cell: Cell, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Weights (rows, columns) and damped Hessian of AR(1)-correlated inputs."""
    columns = cell.columns
    lag = np.abs(np.subtract.outer(np.arange(columns), np.arange(columns)))
    root = scipy.linalg.cholesky(float(cell.correlation) ** lag, lower=True)
    inputs = rng.standard_normal((2 * columns, columns)) @ root.T
    weights = rng.standard_normal((cell.rows, columns))
    return weights, quantization.damped(inputs.T @ inputs / len(inputs))


def wrong_factor(hessian: FloatArray) -> FloatArray:
    """Upper triangular R with H^-1 = R R^T: the factor the other way round."""
    inverse = np.linalg.inv(hessian)
    return np.asarray(scipy.linalg.cholesky(inverse[::-1, ::-1], lower=True)[::-1, ::-1])


def on_uniform_grid(
    weights: FloatArray, hessian: FloatArray, factor: FloatArray, largest: float
) -> dict[str, float]:
    """Errors of GPTQ and of plain rounding beside their bound and their means."""
    uniform = quantization.uniform_quantizer(STEP, largest)
    grid = quantization.gptq(weights, factor, uniform)
    nearest = quantization.quadratic_error(weights, grid.quantized, hessian)
    simple = quantization.quadratic_error(weights, uniform(weights), hessian)
    mean, rounding = theory.mean_error(STEP, factor), theory.mean_rounding_error(STEP, hessian)
    return {
        "worst_over_bound": nearest.max() / theory.worst_error(STEP, factor),
        "mean_over_predicted": nearest.mean() / mean,
        "rounding_over_predicted": simple.mean() / rounding,
        "trace_ratio": mean / rounding,
    }


def solve(
    cell: Cell, rng: np.random.Generator, factor_of: Matrix, largest: float
) -> dict[str, float]:
    """One layer: identity, bound, means and zeros of GPTQ and of plain rounding."""
    weights, hessian = random_layer(cell, rng)
    factor = factor_of(hessian)
    ternary = quantization.ternary_quantizer(*quantization.ternary_range(weights))
    rounded = ternary(weights.T).T
    result = quantization.gptq(weights, factor, ternary)
    error = quantization.quadratic_error(weights, result.quantized, hessian)
    plain = quantization.quadratic_error(weights, rounded, hessian)
    return {
        "identity_error": np.abs(result.loss - error).max() / error.max(),
        **on_uniform_grid(weights, hessian, factor, largest),
        "worse_rows": (error > plain).sum(),
        "zeros_gained": (result.quantized == 0).mean() - (rounded == 0).mean(),
        "gptq_over_rounding": error.mean() / plain.mean(),
    }


def layers(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    factor_of: Matrix = quantization.inverse_factor,
    largest: float = np.inf,
) -> Columns:
    """Solve one random layer per replicate, on a uniform grid up to `largest`."""
    solved = [solve(cell, rng, factor_of, largest) for _ in range(size)]
    return {name: np.array([s[name] for s in solved]) for name in solved[0]}


def layer_cells(rows: int, columns: int, *correlations: float) -> Cells:
    """Layers of one shape at several input correlations."""
    return Cells(correlation=correlations, rows=(rows,), columns=(columns,))


GPTQ = Claim(
    id="qmoe.gptq-identity",
    title="The loss that GPTQ adds up is the error of the row, and is bounded",
    source="Section on compression with GPTQ (Frantar et al., 2023); nearest-plane bound (Babai)",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "GPTQ's accumulated loss is the quadratic error of the row, for any grid. On an unclipped "
        "uniform grid of step s the error of every row obeys the nearest-plane bound, its mean is "
        "a third of that bound, and never more than that of plain rounding."
    ),
    formula="sum_i (w_i - q_i)^2 / U_(i i)^2 = (w - q)^top H (w - q) <= s^2/4 sum_i U_(i i)^(-2), "
    "quad sum_i U_(i i)^(-2) <= tr H",
    scope=Scope.SCALED_DOWN,
    does_not_show="Losses of the language models; layers here are random and small.",
    assumptions=(
        "H includes the damping",
        "for the mean: rounding errors are uniform, which a step of half a standard deviation "
        "makes true to about 2%",
    ),
    cells=ByEffort(
        smoke=layer_cells(128, 64, 0.0, 0.9),
        standard=layer_cells(128, 128, 0.0, 0.5, 0.9),
        full=layer_cells(256, 256, 0.0, 0.5, 0.9),
    ),
    simulate=layers,
    expect=(
        Exact("identity_error").at_most(1e-8),
        Exact("worst_over_bound").at_most(1),
        Mean("mean_over_predicted").near(1, 0.03),
        Mean("rounding_over_predicted").near(1, 0.03),
        Exact("trace_ratio").at_most(1),
        Mean("zeros_gained").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "the factor of the inverse the other way round",
            change={"factor_of": wrong_factor},
            cells=layer_cells(64, 64, 0.9),
            judged_by="identity_error",
        ),
        BrokenWorld(
            "a clipped grid",
            change={"largest": STEP},
            cells=layer_cells(64, 64, 0.9),
            judged_by="worst_over_bound",
        ),
        FalseTheory(
            "never worse than rounding, on any row", Exact("worse_rows", correlation=0.0).equals(0)
        ),
    ),
    block=16,
    cap=ByEffort(smoke=320, standard=512, full=512),
    figure=Axis(x="correlation", label="input correlation"),
)
