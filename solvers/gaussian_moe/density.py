r"""The density, point by point, in plain NumPy.

.. math:: p(y|x) = \sum_i \mathrm{softmax}_i\big((s(b_{1i}^\top x)+b_{0i})/\tau\big)\,
          N(y; a_i^\top x + c_i, v_i)

(Nguyen, Nguyen & Ho 2023, eq. 1; the top-K and the temperature gates of arXiv 2309.13850 and
2401.13875). Fits run on compiled loops; this is the readable route they are checked against.
"""

import numpy as np
import scipy
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, refuse
from refutable.solvers.gaussian_moe.activations import ACTIVATIONS
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Parameters

__all__ = ["kept_experts", "log_density", "log_gate", "log_joint"]

Array = NDArray[np.float64]


def _columns(parameters: Parameters, x: Array) -> Array:
    """Return x as (..., n, d): a last axis is added for a scalar covariate."""
    x = finite_array("x", x)
    if parameters.d == 1 and (x.ndim < 2 or x.shape[-1] != 1):
        return x[..., None]
    if x.ndim < 2 or x.shape[-1] != parameters.d:
        refuse("x", x, f"shape (..., n, {parameters.d}), the dimension of the slopes")
    return x


def kept_experts(parameters: Parameters, gate: Gate, x: Array) -> NDArray[np.bool_]:
    """Return which experts the gate keeps at each x: shape (..., n, k).

    Parameters
    ----------
    parameters : Parameters
    gate : Gate
    x : ndarray, shape (..., n) for d = 1 or (..., n, d)
    """
    scores = _columns(parameters, x) @ np.swapaxes(parameters.b1, -1, -2)
    if gate.kept(parameters.k) == parameters.k:
        return np.ones(scores.shape, dtype=np.bool_)
    order = np.argsort(-scores, axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    return np.asarray(rank < gate.kept(parameters.k))


def log_gate(parameters: Parameters, gate: Gate, x: Array) -> Array:
    """Return the log gate weights, shape (..., n, k); -inf for an expert that is not kept."""
    scores = _columns(parameters, x) @ np.swapaxes(parameters.b1, -1, -2)
    active = ACTIVATIONS[gate.activation].value(scores)
    logits = (active + parameters.b0[..., None, :]) / parameters.tau[..., None, None]
    logits = np.where(kept_experts(parameters, gate, x), logits, -np.inf)
    return np.asarray(logits - scipy.special.logsumexp(logits, axis=-1, keepdims=True))


def log_joint(parameters: Parameters, gate: Gate, x: Array, y: Array) -> Array:
    """Return log gate weight + log normal density of each expert, shape (..., n, k)."""
    mean = _columns(parameters, x) @ np.swapaxes(parameters.a, -1, -2) + parameters.c[..., None, :]
    v = parameters.v[..., None, :]
    square = (checked_y(y, mean.shape[:-1])[..., None] - mean) ** 2 / v
    return np.asarray(log_gate(parameters, gate, x) - 0.5 * (square + np.log(2 * np.pi * v)))


def checked_y(y: Array, shape: tuple[int, ...]) -> Array:
    """Return finite y that goes with points (..., n) of a shape, else raise ValueError."""
    array = finite_array("y", y)
    try:
        np.broadcast_shapes(array.shape, shape)
    except ValueError:
        refuse("y", array, f"one value for each x, shape {shape}")
    return array


def log_density(parameters: Parameters, gate: Gate, x: Array, y: Array) -> Array:
    """Return log p(y|x) at each point, shape (..., n).

    Parameters
    ----------
    parameters : Parameters
    gate : Gate
    x : ndarray, shape (..., n) for d = 1 or (..., n, d)
    y : ndarray, shape (..., n)

    Raises
    ------
    ValueError
        If x does not have the dimension of the slopes.
    """
    return np.asarray(scipy.special.logsumexp(log_joint(parameters, gate, x, y), axis=-1))
