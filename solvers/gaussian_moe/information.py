"""Fisher information by quadrature, the Cramer-Rao bound, and the observed information."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    positive,
    refuse,
    square,
    whole_number,
)
from refutable.solvers.gaussian_moe._sums import score_sums
from refutable.solvers.gaussian_moe.data import Observations, Problem
from refutable.solvers.gaussian_moe.density import log_density, log_gate
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters
from refutable.solvers.gaussian_moe.score import score

__all__ = [
    "Nodes",
    "cramer_rao",
    "fisher_information",
    "null_vector",
    "observed_information",
    "quadrature",
    "scaled_spectrum",
]

Array = NDArray[np.float64]
_SINGULAR = 1e-12  # least eigenvalue of the correlation-scaled information; rounding leaves 1e-15


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes of the joint law of (x, y): the weights sum to 1.

    Attributes
    ----------
    x, y, weight : ndarray, shape (nodes,)
    log_density : ndarray, shape (nodes,)
        log p(y|x) of the law itself.
    """

    x: Array
    y: Array
    weight: Array
    log_density: Array


def _legendre(pieces: tuple[tuple[float, float], ...], count: int) -> tuple[Array, Array]:
    """Return nodes and weights of the uniform law on a union of intervals."""
    from numpy.polynomial.legendre import leggauss  # loads slowly

    node, weight = leggauss(count)
    length = sum(high - low for low, high in pieces)
    x = [low + (high - low) * (node + 1) / 2 for low, high in pieces]
    w = [weight / 2 * (high - low) / length for low, high in pieces]
    return np.concatenate(x), np.concatenate(w)


def quadrature(
    parameters: Parameters, gate: Gate, pieces: tuple[tuple[float, float], ...],
    x_nodes: int = 200, y_nodes: int = 60,
) -> Nodes:  # fmt: skip
    """Return nodes for x uniform on `pieces` and y from the mixture of experts.

    Gauss-Legendre in x on each piece (put a border wherever a top-K region ends: the integrand
    has a kink there), Gauss-Hermite in y around each expert.

    Parameters
    ----------
    parameters : Parameters
        One parameter, d = 1.
    gate : Gate
    pieces : tuple of (low, high)
    x_nodes, y_nodes : int
        Nodes per piece, and per x and expert.

    Raises
    ------
    ValueError
        If d is not 1, a batch is given, a piece is empty, or there is no node.
    """
    from numpy.polynomial.hermite_e import hermegauss  # loads slowly

    if parameters.d != 1 or parameters.batch:
        refuse("parameters", parameters.a, "a single parameter with d = 1")
    ends = finite_array("pieces", pieces, ndim=2)
    if ends.shape[1] != 2 or (ends[:, 0] >= ends[:, 1]).any():
        refuse("pieces", pieces, "pairs (low, high) with low < high")
    x, wx = _legendre(pieces, whole_number("x_nodes", x_nodes))
    h, wh = hermegauss(whole_number("y_nodes", y_nodes))
    share = np.exp(log_gate(parameters, gate, x))
    mean = x[:, None] * parameters.a[:, 0] + parameters.c
    y = mean[..., None] + np.sqrt(parameters.v)[:, None] * h
    weight = (wx[:, None] * share)[..., None] * (wh / wh.sum())
    xs = np.broadcast_to(x[:, None, None], y.shape)
    used = weight.ravel() > 0
    x_, y_ = xs.ravel()[used], y.ravel()[used]
    return Nodes(x_, y_, weight.ravel()[used], log_density(parameters, gate, x_, y_))


def fisher_information(parameters: Parameters, gate: Gate, nodes: Nodes) -> Array:
    """Return the information of one observation in the order of :class:`Layout`.

    Parameters
    ----------
    parameters : Parameters
        One parameter, last gate at 0.
    gate : Gate
        The gate of the *model*; `nodes` come from the law of the data.
    nodes : Nodes

    Returns
    -------
    ndarray, shape (size, size)
        Coordinates are log v and log tau where variances and temperature stand.
    """
    s = score(parameters, gate, nodes.x, nodes.y)
    return np.asarray(s.T @ (s * nodes.weight[:, None]))


def cramer_rao(information: Array) -> Array:
    """Return sqrt(diag(I^-1)): the smallest standard deviations, times sqrt(n).

    Parameters
    ----------
    information : ndarray, shape (P, P)
        Positive definite.

    Raises
    ------
    ValueError
        If it is not square, not finite, or singular to rounding.
    """
    information = square("information", information, ndim=2)
    if (np.diag(information) <= 0).any() or scaled_spectrum(information)[0][0] < _SINGULAR:
        raise ValueError(
            "information is singular: some direction of the parameters is not determined (see "
            "null_vector), drop or fix it"
        )
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))))


def scaled_spectrum(information: Array) -> tuple[Array, Array]:
    """Return eigenvalues (ascending) and vectors of I_ij / sqrt(I_ii I_jj)."""
    information = square("information", information, ndim=2)
    if (np.diag(information) <= 0).any():
        raise ValueError("information has a diagonal that is not positive: drop what it lacks")
    scale = np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    return values, vectors


def null_vector(information: Array) -> Array:
    """Return the unit vector of least information (smallest scaled eigenvector, unscaled)."""
    vector = scaled_spectrum(information)[1][:, 0] / np.sqrt(np.diag(information))
    vector = vector / np.linalg.norm(vector)
    return np.asarray(vector * np.sign(vector[np.argmax(np.abs(vector))]))


def _row(name: str, values: ArrayLike) -> Array:
    """Return one data set as a batch of one."""
    return finite_array(name, values)[None]


def observed_information(
    x: ArrayLike, y: ArrayLike, parameters: Parameters, gate: Gate, step: float = 1e-5
) -> Array:
    """Return minus the Hessian of the log-likelihood of one data set.

    Central differences of the analytic gradient: relative error about 1e-9. A second route to
    `fisher_information`, and what a standard error of one fit is made of.

    Parameters
    ----------
    x : array_like, shape (n,) or (n, d)
    y : array_like, shape (n,)
    parameters : Parameters
        One parameter, last gate at 0.
    gate : Gate
    step : float

    Returns
    -------
    ndarray, shape (size, size)
    """
    data = Observations.of(_row("x", x), _row("y", y))
    positive("step", step)
    layout = Layout.of(parameters, gate)
    theta, size = layout.pack(parameters), layout.size
    shifts = step * np.concatenate([np.eye(size), -np.eye(size)])
    fits = np.zeros(2 * size, dtype=np.int64)
    problem = Problem(data, fits, gate, layout, np.full(2 * size, float(parameters.tau)))
    gradient = score_sums(*problem.arguments(theta + shifts, np.arange(2 * size)))[1]
    hessian = (gradient[:size] - gradient[size:]) / (2 * step)
    return np.asarray(-0.5 * (hessian + hessian.T))
