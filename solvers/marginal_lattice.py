"""The lattice of partial assignments: every marginal of a discrete law, and what ties them.

A partial assignment gives each of D coordinates a value 0..K-1 or leaves it open, written K; its
number has these digits in base K + 1, coordinate 0 the lowest. A *step* fills one coordinate: the
D (K+1)^(D-1) K steps are stored as (coordinate, parent among those that leave it open, value),
and ``log p(child) - log p(parent) = log p(value | parent)`` for the marginals of one law.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import comb, factorial

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    bounded_array,
    finite_array,
    probabilities,
    refuse,
    whole_array,
    whole_number,
)

MOST_NODES = 3000
"""Partial assignments of a least-squares problem, whose matrix has their square of entries: 3^7 is
2187."""
MOST_ORDERS = 5040
"""7 factorial."""


@dataclass(frozen=True)
class Steps:
    """Every way to fill one open coordinate; `steps` makes it.

    Attributes
    ----------
    dimension, values : int
        D and K.
    parents : int64 array, shape (D, M)
        M = (K+1)^(D-1) partial assignments that leave the coordinate open, in increasing order.
    children : int64 array, shape (D, M, K)
    filled : int64 array, shape (D, M)
        Coordinates that the parent has filled.
    """

    dimension: int
    values: int
    parents: Ints
    children: Ints
    filled: Ints

    @property
    def nodes(self) -> int:
        """Number of partial assignments, (K+1)^D."""
        return int((self.values + 1) ** self.dimension)

    @property
    def chance(self) -> Floats:
        """Probability, shape (D, M), that a uniform order fills the coordinate at this parent.

        It is the one of a full assignment that the parent agrees with: 1/(D C(D-1, filled)).
        """
        ways = np.array([comb(self.dimension - 1, r) for r in range(self.dimension)])
        return np.asarray(1.0 / (self.dimension * ways[self.filled]))


def digits(numbers: ArrayLike, dimension: int, base: int) -> Ints:
    """Digits of whole numbers, shape (..., dimension), lowest first; base at least 2."""
    base, dimension = whole_number("base", base, 2), whole_number("dimension", dimension)
    number = whole_array("numbers", numbers)
    return np.asarray(number[..., None] // base ** np.arange(dimension) % base)


def steps(dimension: int, values: int) -> Steps:
    """List the steps of D coordinates with K values each.

    Parameters
    ----------
    dimension, values : int
        D at least 1, K at least 2; at most 3000 partial assignments.

    Raises
    ------
    ValueError
        If either is out of range.
    """
    values = whole_number("values", values, 2, MOST_NODES - 1)
    dimension = whole_number("dimension", dimension)
    if (values + 1) ** dimension > MOST_NODES:
        refuse("dimension", dimension, f"(values + 1)^dimension of at most {MOST_NODES}")
    base = values + 1
    words = digits(np.arange(base**dimension), dimension, base)
    parents = np.stack([np.flatnonzero(words[:, i] == values) for i in range(dimension)])
    weight = base ** np.arange(dimension)
    shift = weight[:, None] * (np.arange(values) - values)
    filled = (words[parents] != values).sum(axis=-1)
    return Steps(dimension, values, parents, parents[..., None] + shift[:, None, :], filled)


def marginals(joint: ArrayLike, lattice: Steps) -> Floats:
    """Sum a law over the coordinates that are left open.

    Parameters
    ----------
    joint : array_like, shape (..., K^D)
        Laws; the number of an assignment has its values as digits in base K, the lowest first.
    lattice : Steps

    Returns
    -------
    array, shape (..., (K+1)^D)
    """
    dimension, values = lattice.dimension, lattice.values
    law = probabilities("joint", joint)
    if law.shape[-1] != values**dimension:
        refuse("joint", law, f"shape (..., {values**dimension}), one entry for each assignment")
    table = law.reshape(*law.shape[:-1], *(values,) * dimension)
    for axis in range(-dimension, 0):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return np.asarray(table.reshape(*law.shape[:-1], lattice.nodes))


def log_conditionals(marginal: ArrayLike, lattice: Steps) -> Floats:
    """``log p(value | parent)`` of every step, shape (..., D, M, K), from positive marginals."""
    table = np.log(_on_nodes("marginal", marginal, lattice, np.finfo(float).tiny))
    return np.asarray(table[..., lattice.children] - table[..., lattice.parents][..., None])


def visits(joint: ArrayLike, lattice: Steps) -> Floats:
    """Probability of each step: assignment drawn from a law, order and place in it uniform.

    Parameters
    ----------
    joint : array_like, shape (K^D,)
    lattice : Steps

    Returns
    -------
    array, shape (D, M, K)
        Sums to 1.
    """
    reached = marginals(joint, lattice)[..., lattice.children]
    return np.asarray(reached * lattice.chance[..., None] / lattice.dimension)


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


def order_log_likelihoods(conditionals: ArrayLike, lattice: Steps) -> Floats:
    """Log-likelihood of every assignment, filled in every order.

    Parameters
    ----------
    conditionals : array_like, shape (..., D, M, K)
        Logarithms.
    lattice : Steps
        At most 7 coordinates.

    Returns
    -------
    array, shape (..., D!, K^D)
        Orders as `itertools.permutations` lists them.
    """
    dimension, values = lattice.dimension, lattice.values
    if factorial(dimension) > MOST_ORDERS:
        refuse("lattice", dimension, "a lattice of at most 7 coordinates: every order is listed")
    table = finite_array("conditionals", conditionals, least=3)
    if table.shape[-3:] != lattice.children.shape:
        refuse("conditionals", table, f"shape (..., {lattice.children.shape})")
    orders = np.array(list(permutations(range(dimension))))
    words = digits(np.arange(values**dimension), dimension, values)
    place = np.zeros((dimension, lattice.nodes), dtype=np.int64)
    np.put_along_axis(place, lattice.parents, np.arange(lattice.parents.shape[1])[None], axis=1)
    node = np.full((len(orders), len(words)), lattice.nodes - 1)
    total = np.zeros((*table.shape[:-3], *node.shape))
    for coordinate in orders.T:
        value = words.T[coordinate]
        total += table[..., coordinate[:, None], place[coordinate[:, None], node], value]
        node = node + ((values + 1) ** coordinate)[:, None] * (value - values)
    return total


def _on_nodes(name: str, values: ArrayLike, lattice: Steps, least: float) -> Floats:
    table = bounded_array(name, values, least, least=1)
    if table.shape[-1] != lattice.nodes:
        refuse(name, table, f"shape (..., {lattice.nodes}), one entry for each partial assignment")
    return table
