"""Logarithms of marginals by least squares on the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, bounded_array, finite_array, refuse
from refutable.solvers.marginal_lattice.lattice import Steps


@dataclass(frozen=True)
class LatticeFit:
    """Logarithms of marginals, by least squares.

    Attributes
    ----------
    log_marginals : array, shape (..., (K+1)^D)
    residual : array, shape (...)
        Root of the weighted mean square by which the steps are missed.
    rank : int
        Of the system: the number of marginals, less one for each part that no chain of steps ties
        to the empty assignment. The mean logarithm of such a part is set to zero.
    """

    log_marginals: Floats
    residual: Floats
    rank: int


def fit_log_marginals(targets: ArrayLike, weights: ArrayLike, lattice: Steps) -> LatticeFit:
    """Minimise the weighted squares of ``log p(child) - log p(parent) - target``.

    The logarithm at the empty assignment is 0. The normal equations are those of a graph's
    Laplacian, whose condition is about that of the weights.

    Parameters
    ----------
    targets : array_like, shape (..., D, M, K)
        Logarithms of conditionals; they need not belong to one law.
    weights : array_like, shape (D, M, K)
        At least 0, one of them positive; steps of weight 0 are not asked for.
    lattice : Steps
    """
    shape = lattice.children.shape
    wanted = finite_array("targets", targets, least=3)
    if wanted.shape[-3:] != shape:
        refuse("targets", wanted, f"shape (..., {', '.join(map(str, shape))})")
    weight = bounded_array("weights", weights, 0, shape=shape)
    if weight.max() == 0:
        refuse("weights", weight, "a positive weight to at least one step")
    tied, rank = _normal_matrix(weight, lattice)
    batch = wanted.shape[:-3]
    pull = weight * wanted.reshape(-1, *shape)
    side = np.zeros((lattice.nodes, len(pull)))
    np.add.at(side, lattice.children, np.moveaxis(pull, 0, -1))
    np.add.at(side, lattice.parents, -np.moveaxis(pull.sum(axis=-1), 0, -1))
    found = np.asarray(np.linalg.solve(tied, side).T.reshape(*batch, lattice.nodes), np.float64)
    missed = found[..., lattice.children] - found[..., lattice.parents][..., None] - wanted
    square = (weight * missed**2).sum(axis=(-3, -2, -1)) / weight.sum()
    return LatticeFit(found, np.asarray(np.sqrt(square)), rank)


def _normal_matrix(weight: Floats, lattice: Steps) -> tuple[Floats, int]:
    """Laplacian of the weighted steps, made regular, and the rank of the system."""
    ends = np.broadcast_to(lattice.parents[..., None], weight.shape).ravel()
    heads, values = lattice.children.ravel(), weight.ravel()
    links = scipy.sparse.coo_array((values, (ends, heads)), shape=(lattice.nodes,) * 2).tocsr()
    links.eliminate_zeros()
    parts, part = scipy.sparse.csgraph.connected_components(links, directed=False)
    dense = links.toarray()
    matrix = -dense - dense.T
    matrix[np.diag_indices(lattice.nodes)] = dense.sum(axis=0) + dense.sum(axis=1)
    # The empty assignment, all digits K, is fixed; the mean of any part without it is set to zero.
    # The scale keeps the condition: it is the mean weight that meets in a node.
    scale = 2 * weight.sum() / lattice.nodes
    loose = part != part[-1]
    matrix += scale * (loose[:, None] & (part[:, None] == part))
    matrix[-1, -1] += scale
    return matrix, lattice.nodes - (parts - 1)
