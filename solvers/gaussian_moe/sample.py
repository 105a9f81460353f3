"""Data drawn from a Gaussian mixture of experts."""

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import generator
from refutable.solvers.gaussian_moe.density import _columns, log_gate
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Parameters

__all__ = ["sample"]

Array = NDArray[np.float64]


def sample(rng: np.random.Generator, parameters: Parameters, gate: Gate, x: Array) -> Array:
    """Draw y given x.

    Parameters
    ----------
    rng : numpy.random.Generator
    parameters : Parameters
        One parameter (no batch).
    gate : Gate
    x : ndarray, shape (..., n) for d = 1 or (..., n, d)

    Returns
    -------
    ndarray, shape (..., n)
    """
    weights = np.exp(log_gate(parameters, gate, x))
    u = generator("rng", rng).random(weights.shape[:-1])
    label = (u[..., None] > np.cumsum(weights, axis=-1)[..., :-1]).sum(axis=-1)
    columns = _columns(parameters, x)
    mean = (columns * parameters.a[label]).sum(axis=-1) + parameters.c[label]
    return np.asarray(mean + np.sqrt(parameters.v[label]) * rng.standard_normal(label.shape))
