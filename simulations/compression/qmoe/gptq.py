"""Random layers for GPTQ and random rows for the sparsity of ternary rounding."""

from __future__ import annotations

import numpy as np
from refutable.solvers import quantization
from refutable.theory.compression import qmoe as theory
from scipy.linalg import cholesky

STEP = 0.5


def random_layer(cell, rng):
    """Weights (rows, columns) and damped Hessian of AR(1)-correlated inputs."""
    columns = cell.columns
    lag = np.abs(np.subtract.outer(np.arange(columns), np.arange(columns)))
    root = cholesky(float(cell.correlation) ** lag, lower=True)
    inputs = rng.standard_normal((2 * columns, columns)) @ root.T
    weights = rng.standard_normal((cell.rows, columns))
    return weights, quantization.damped(inputs.T @ inputs / len(inputs))


def wrong_factor(hessian):
    """Upper triangular R with H^-1 = R R^T: the factor the other way round."""
    inverse = np.linalg.inv(hessian)
    return cholesky(inverse[::-1, ::-1], lower=True)[::-1, ::-1]


def solve(cell, rng, factor_of, uniform):
    """One layer: identity, bound, means and zeros of GPTQ and of plain rounding."""
    weights, hessian = random_layer(cell, rng)
    factor = factor_of(hessian)
    low, high = quantization.ternary_range(weights)
    ternary = quantization.ternary_quantizer(low, high)
    rounded = ternary(weights.T).T
    result = quantization.gptq(weights, factor, ternary)
    error = quantization.quadratic_error(weights, result.quantized, hessian)
    plain = quantization.quadratic_error(weights, rounded, hessian)
    grid = quantization.gptq(weights, factor, uniform)
    nearest = quantization.quadratic_error(weights, grid.quantized, hessian)
    simple = quantization.quadratic_error(weights, uniform(weights), hessian)
    return {
        "identity_error": np.abs(result.loss - error).max() / error.max(),
        "worst_over_bound": nearest.max() / theory.worst_error(STEP, factor),
        "mean_over_predicted": nearest.mean() / theory.mean_error(STEP, factor),
        "rounding_over_predicted": simple.mean() / theory.mean_rounding_error(STEP, hessian),
        "trace_ratio": theory.mean_error(STEP, factor) / theory.mean_rounding_error(STEP, hessian),
        "worse_rows": (error > plain).sum(),
        "zeros_gained": (result.quantized == 0).mean() - (rounded == 0).mean(),
        "gptq_over_rounding": error.mean() / plain.mean(),
    }


def layers(factor_of=quantization.inverse_factor, largest=np.inf):
    """Solve one random layer per replicate."""

    def simulate(cell, rng, size):
        uniform = quantization.uniform_quantizer(STEP, largest)
        solved = [solve(cell, rng, factor_of, uniform) for _ in range(size)]
        return {name: np.array([s[name] for s in solved]) for name in solved[0]}

    return simulate


def zero_share(draw):
    """Share of zeros of min/max ternary rounding in rows of the cell's length."""

    def simulate(cell, rng, size):
        weights = draw(rng, (size, cell.n))
        codes = quantization.ternary_codes(weights, *quantization.ternary_range(weights))
        return {"zeros": (codes == 0).mean(axis=1)}

    return simulate
