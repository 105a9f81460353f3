"""Partial assignments, the steps between them, and the marginals and conditionals of a law."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    bounded_array,
    probabilities,
    refuse,
    whole_array,
    whole_number,
)

MOST_NODES = 3000
"""Partial assignments; least squares takes a matrix with their square of entries. 3^7 is 2187."""


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


def _on_nodes(name: str, values: ArrayLike, lattice: Steps, least: float) -> Floats:
    table = bounded_array(name, values, least, least=1)
    if table.shape[-1] != lattice.nodes:
        refuse(name, table, f"shape (..., {lattice.nodes}), one entry for each partial assignment")
    return table
