"""Fisher information by quadrature on a line, and its spectrum where it is nearly singular.

An information matrix ``I = sum_i w_i s_i s_i'`` of scores s_i at nodes of weight w_i has the
eigenvectors and the squared singular values of the matrix with rows ``sqrt(w_i) s_i'``. Taken from
that matrix, an eigenvalue has the relative error ``eps sqrt(K)``, K being the largest eigenvalue
over it; taken from the formed matrix, ``eps K``, which leaves no digit at K = 1e16. Nothing here
asks for scores of a log-likelihood: any weighted second moment is served, such as the Hessian of a
logistic loss, ``sum_i w_i T_i T_i'``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    bounded_array,
    finite,
    finite_array,
    refuse,
    whole_number,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class InformationSpectrum:
    """Eigenvalues and eigenvectors of information matrices.

    Attributes
    ----------
    values : ndarray, shape (..., P)
        At least 0, ascending.
    vectors : ndarray, shape (..., P, P)
        Unit vectors in columns, in the order of `values`; the sign of each is arbitrary.
    """

    values: Array
    vectors: Array

    @property
    def least(self) -> Array:
        """The smallest eigenvalue, shape (...)."""
        return np.asarray(self.values[..., 0])

    @property
    def greatest(self) -> Array:
        """The largest eigenvalue, shape (...)."""
        return np.asarray(self.values[..., -1])


def line_rule(low: float, high: float, count: int) -> tuple[Array, Array]:
    """Return nodes and weights of the trapezoidal rule on [low, high].

    For smooth integrands that vanish at both ends, such as a Gaussian twelve deviations out, its
    error falls faster than any power of the spacing: 1e-15 once that is half a deviation or so.

    Parameters
    ----------
    low, high : float
        Ends of the interval, in order.
    count : int
        Nodes, at least 2.

    Returns
    -------
    nodes, weights : ndarray, shape (count,)
        The weights sum to ``high - low``.

    Raises
    ------
    ValueError
        If the ends are not finite or not in order, or there are fewer than two nodes.
    """
    start, end = finite("low", low), finite("high", high)
    if not start < end:
        refuse("high", high, f"a number above low, {start:g}")
    nodes = np.linspace(start, end, whole_number("count", count, 2))
    weights = np.full(len(nodes), (end - start) / (len(nodes) - 1))
    weights[[0, -1]] /= 2
    return nodes, weights


def information_spectrum(scores: ArrayLike, weights: ArrayLike) -> InformationSpectrum:
    """Eigenvalues and eigenvectors of ``sum_i w_i s_i s_i'``, without forming it.

    Parameters
    ----------
    scores : array_like, shape (..., nodes, P)
        Score of each parameter at each node; at least P nodes.
    weights : array_like, shape (..., nodes), or (nodes,) for all
        At least 0: density times the weight of the quadrature, or 1/n for a sample.

    Raises
    ------
    ValueError
        If an array is malformed, a weight is negative, or there are fewer nodes than parameters.
    """
    columns = finite_array("scores", scores, least=2)
    if columns.shape[-2] < columns.shape[-1]:
        refuse("scores", columns, "at least as many nodes as parameters")
    masses = bounded_array("weights", weights, 0, least=1)
    if masses.shape not in (columns.shape[:-1], columns.shape[-2:-1]):
        refuse("weights", masses, f"shape {columns.shape[:-1]}, or one weight for each node")
    rows = np.sqrt(masses)[..., None] * columns
    _, singular, right = np.linalg.svd(rows, full_matrices=False)
    ascending = np.swapaxes(right, -1, -2)[..., ::-1]
    return InformationSpectrum(singular[..., ::-1] ** 2, ascending)
