"""Likelihoods of all assignments, filled in all orders."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, refuse
from refutable.solvers.marginal_lattice.lattice import Steps, digits

MOST_ORDERS = 5040
"""7 factorial."""


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
