"""From the truths of the theory to the solver's parameters, and replicated data."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.gaussian_moe import Gate, Parameters, sample, scalar
from refutable.theory.experts.softmax_gmoe import Atoms

FloatArray = NDArray[np.float64]


def parameters(truth: Atoms, tau: float = 1.0) -> Parameters:
    """Return the solver's parameters of a truth."""
    return scalar(truth.b0, truth.b1, truth.a, truth.c, truth.v, tau)


def as_atoms(fitted: Parameters) -> Atoms:
    """Return fitted parameters (scalar x) as atoms."""
    return Atoms(fitted.b0, fitted.b1[..., 0], fitted.a[..., 0], fitted.c, fitted.v)


def draw(
    rng: Generator, truth: Parameters, gate: Gate, shape: tuple[int, int],
    x_range: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Draw x uniform on `x_range` and y from the model; both of shape (replicates, n)."""
    x = rng.uniform(*x_range, shape)
    return x, sample(rng, truth, gate, x)
