"""Whether GPTQ's loss is the error of the row and obeys the nearest-plane bound (Babai).

Layers are random and small, with AR(1)-correlated inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    Quantile,
    Scope,
)
from refutable.claims.expectations import Expectation

Matrix = Callable[[FloatArray], FloatArray]

STEP = 0.5
"""Of the uniform grid, in standard deviations of the weights."""
OFF = 0.1
"""How far the thresholds of a control lie from the middle, in steps."""
ROUNDED = 2
"""Times as many rows are rounded plainly: it costs little, and their errors scatter more."""


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


@dataclass(frozen=True)
class Grid:
    """A uniform grid: its step, its ends, and how far its thresholds are off, in steps."""

    step: float = STEP
    largest: float = np.inf
    off: float = 0.0

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Round to the grid."""
        nearest = quantization.uniform_quantizer(self.step, self.largest)
        return nearest(weights - self.off * self.step)


def on_uniform_grid(
    weights: FloatArray, more: FloatArray, hessian: FloatArray, factor: FloatArray, uniform: Grid
) -> dict[str, float]:
    """Errors of GPTQ, and of plain rounding of more weights, beside their bound and their means."""
    step = uniform.step
    grid = quantization.gptq(weights, factor, uniform)
    nearest = quantization.quadratic_error(weights, grid.quantized, hessian)
    simple = quantization.quadratic_error(more, uniform(more), hessian)
    mean, rounding = theory.mean_error(step, factor), theory.mean_rounding_error(step, hessian)
    return {
        "worst_over_bound": nearest.max() / theory.worst_error(step, factor),
        "mean_over_predicted": nearest.mean() / mean,
        "rounding_over_predicted": simple.mean() / rounding,
        "trace_ratio": mean / rounding,
    }


def solve(
    cell: Cell, rng: np.random.Generator, factor_of: Matrix, uniform: Grid
) -> dict[str, float]:
    """One layer: identity, bound, means and zeros of GPTQ and of plain rounding."""
    weights, hessian = random_layer(cell, rng)
    more = rng.standard_normal((ROUNDED * cell.rows, cell.columns))
    factor = factor_of(hessian)
    ternary = quantization.ternary_quantizer(*quantization.ternary_range(weights))
    rounded = ternary(weights.T).T
    result = quantization.gptq(weights, factor, ternary)
    error = quantization.quadratic_error(weights, result.quantized, hessian)
    plain = quantization.quadratic_error(weights, rounded, hessian)
    return {
        "identity_error": np.abs(result.loss - error).max() / error.max(),
        **on_uniform_grid(weights, more, hessian, factor, uniform),
        "worse_rows": (error > plain).sum(),
        "zeros_gained": (result.quantized == 0).mean() - (rounded == 0).mean(),
        "gptq_over_rounding": error.mean() / plain.mean(),
    }


def layers(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    factor_of: Matrix = quantization.inverse_factor,
    uniform: Grid = Grid(),
) -> Columns:
    """Solve one random layer per replicate, on the ternary and on a uniform grid."""
    solved = [solve(cell, rng, factor_of, uniform) for _ in range(size)]
    return {name: np.array([s[name] for s in solved]) for name in solved[0]}


def layer_cells(rows: int, columns: int, *correlations: float) -> Cells:
    """Layers of one shape at several input correlations."""
    return Cells(correlation=correlations, rows=(rows,), columns=(columns,))


def mean_near_one(off: float = 0.0) -> Expectation:
    """Expect GPTQ's mean error to be a third of the bound, within 3%."""

    def variance(cell: Cell) -> float:
        return theory.mean_ratio_variance(cell.rows, off)

    return Mean("mean_over_predicted", variance_at_most=variance).near(1, 0.03)


def rounding_variance(cell: Cell) -> float:
    """Bound on the variance of the mean error of plain rounding, over its expectation."""
    return theory.rounding_ratio_variance(ROUNDED * cell.rows)


GPTQ = Claim(
    id="qmoe.gptq-identity",
    title="The loss that GPTQ adds up is the error of the row, and is bounded",
    source="Section on compression with GPTQ (Frantar et al., 2023); nearest-plane bound (Babai)",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "GPTQ's accumulated loss is the quadratic error of the row, for any grid. On an unclipped "
        "uniform grid of step s the error of every row obeys the nearest-plane bound, its mean is "
        "a third of that bound, and never more than that of plain rounding. On the ternary grid it "
        "leaves fewer zeros than plain rounding in a typical layer (the median)."
    ),
    formula="sum_i (w_i - q_i)^2 / U_(i i)^2 = (w - q)^top H (w - q) <= s^2/4 sum_i U_(i i)^(-2), "
    "quad sum_i U_(i i)^(-2) <= tr H",
    scope=Scope.SCALED_DOWN,
    does_not_show="Losses of the language models; layers here are random and small.",
    assumptions=(
        "H includes the damping",
        "for the mean: rounding errors are uniform, which a step of half a standard deviation of "
        "Gaussian weights makes true to 1e-34",
    ),
    cells=ByEffort(
        smoke=layer_cells(512, 64, 0.0, 0.9),
        standard=layer_cells(512, 128, 0.0, 0.5, 0.9),
        full=layer_cells(512, 256, 0.0, 0.5, 0.9),
    ),
    simulate=layers,
    expect=(
        Exact("identity_error").at_most(1e-8),
        Exact("worst_over_bound").at_most(1),
        mean_near_one(),
        Mean("rounding_over_predicted", variance_at_most=rounding_variance).near(1, 0.03),
        Exact("trace_ratio").at_most(1),
        Quantile("zeros_gained").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "the factor of the inverse the other way round",
            change={"factor_of": wrong_factor},
            cells=layer_cells(64, 64, 0.9),
            judged_by="identity_error",
        ),
        BrokenWorld(
            "a grid that ends four steps off",
            change={"uniform": Grid(largest=4 * STEP)},
            cells=layer_cells(64, 64, 0.9),
            judged_by="worst_over_bound",
        ),
        BrokenWorld(
            "thresholds a tenth of a step off the middle",
            change={"uniform": Grid(off=OFF)},
            at={"correlation": 0.0},
            expect=(mean_near_one(OFF),),
        ),
        BrokenWorld(
            "a step of three standard deviations",
            change={"uniform": Grid(step=3.0)},
            at={"correlation": 0.0},
            judged_by="rounding_over_predicted",
        ),
        FalseTheory(
            "a quarter is saved without any correlation",
            Exact("trace_ratio", correlation=0.0).at_most(0.75),
        ),
        FalseTheory("one zero in a hundred is lost", Quantile("zeros_gained").at_least(-0.01)),
        FalseTheory(
            "never worse than rounding, on any row", Exact("worse_rows", correlation=0.0).equals(0)
        ),
    ),
    block=16,
    cap=ByEffort(smoke=320, standard=512, full=512),
    figure=Axis(x="correlation", label="input correlation"),
)
