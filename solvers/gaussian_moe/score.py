"""The score: of every observation in plain NumPy, and of whole data sets by compiled sums."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.gaussian_moe._sums import score_sums
from refutable.solvers.gaussian_moe.activations import ACTIVATIONS
from refutable.solvers.gaussian_moe.data import Observations, Problem
from refutable.solvers.gaussian_moe.density import _columns, checked_y, log_gate, log_joint
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters

__all__ = ["score", "total_score"]

Array = NDArray[np.float64]


def _responsibilities(parameters: Parameters, gate: Gate, x: Array, y: Array) -> Array:
    joint = np.exp(log_joint(parameters, gate, x, y))
    total = joint.sum(axis=-1, keepdims=True)
    return np.asarray(joint / np.where(total > 0, total, 1.0))


def score(parameters: Parameters, gate: Gate, x: Array, y: Array) -> Array:
    r"""Return the score of each observation in the order of :class:`Layout`.

    With responsibility t, gate weight g, logit z and residual r of expert i: b0: (t-g)/tau;
    b1: (t-g) s'(b1'x) x/tau; log tau: -sum_i (t-g) z; c: t r/v; a: t r x/v;
    log v: t (r^2/v - 1)/2.

    Parameters
    ----------
    parameters : Parameters
        One parameter (no batch), last gate pinned at 0.
    gate : Gate
    x : ndarray, shape (n,) or (n, d)
    y : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, size)
    """
    p, u = parameters, _columns(parameters, x)
    activation = ACTIVATIONS[gate.activation]
    raw = u @ p.b1.T
    lift = _responsibilities(p, gate, x, y) - np.exp(log_gate(p, gate, x))
    slope = activation.slope(raw)[:, :-1, None] * u[:, None, :]
    gates = lift[:, :-1, None] * np.concatenate([np.ones_like(slope[..., :1]), slope], -1) / p.tau
    blocks = [gates.reshape(len(u), -1)]
    if gate.free_temperature:
        logits = (activation.value(raw) + p.b0) / p.tau
        blocks.append(-(lift * logits).sum(axis=-1, keepdims=True))
    return np.concatenate([*blocks, *_expert_score(p, gate, x, y)], axis=-1)


def total_score(x: ArrayLike, y: ArrayLike, parameters: Parameters, gate: Gate) -> Array:
    """Return the gradient of the log-likelihood of every data set, the sum of its scores.

    Parameters
    ----------
    x : array_like, shape (R, n) or (R, n, d)
    y : array_like, shape (R, n)
    parameters : Parameters
        One parameter (no batch), last gate pinned at 0.
    gate : Gate

    Returns
    -------
    ndarray, shape (R, size)
        In the order of :class:`Layout`.

    Raises
    ------
    ValueError
        If data are malformed (see :class:`Observations`).
    """
    data = Observations.of(x, y)
    rows = np.arange(len(data.y))
    layout = Layout.of(parameters, gate)
    theta = np.tile(layout.pack(parameters), (len(rows), 1))
    problem = Problem(data, rows, gate, layout, np.full(len(rows), float(parameters.tau)))
    return np.asarray(score_sums(*problem.arguments(theta, rows))[1])


def _expert_score(p: Parameters, gate: Gate, x: Array, y: Array) -> tuple[Array, Array]:
    u = _columns(p, x)
    t = _responsibilities(p, gate, x, y)
    r = checked_y(y, (len(u),))[:, None] - u @ p.a.T - p.c
    w = t * r / p.v
    rows = w[..., None] * np.concatenate([np.ones((len(u), 1)), u], axis=-1)[:, None, :]
    return rows.reshape(len(u), -1), 0.5 * (w * r - t)
