"""Moments of a density in few dimensions, by importance sampling about its mode.

Proposals are Student t with the curvature at the mode for their precision, in pairs that lie
opposite to one another. Where the density is nearly Gaussian, both of the errors of first order
cancel in a pair, so that for a posterior of n observations the moments are right to some
``1 / (n sqrt(pairs))`` and not ``1 / sqrt(n pairs)``. The tails of the t keep weights bounded
where the density has exponential ones (Geweke 1989).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    generator,
    positive,
    refuse,
    symmetric,
    whole_number,
)

__all__ = ["Weighted", "student_pairs", "weighted"]

Floats = NDArray[np.float64]

ROUNDING = 1e-6
"""Asymmetry, relative to the largest entry, of a curvature from differences of gradients."""


@dataclass(frozen=True)
class Weighted:
    """States and how much each counts.

    Attributes
    ----------
    states : array, shape (n, d)
    weights : array, shape (n,)
        They sum to 1.
    """

    states: Floats
    weights: Floats

    @property
    def effective_share(self) -> float:
        """``1 / (n sum w^2)``: 1 where all count the same."""
        return float(1.0 / (len(self.weights) * (self.weights**2).sum()))


def student_pairs(rng: Generator, pairs: int, dimension: int, freedom: float) -> Floats:
    """Draw from the standard multivariate t, shape (2 pairs, dimension), then what lies opposite.

    Parameters
    ----------
    rng : Generator
    pairs, dimension : int
    freedom : float
        Degrees of freedom, positive.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    generator("rng", rng)
    shape = (whole_number("pairs", pairs), whole_number("dimension", dimension))
    freedom = positive("freedom", freedom)
    z = rng.standard_normal(shape) / np.sqrt(rng.chisquare(freedom, (shape[0], 1)) / freedom)
    return np.concatenate([z, -z])


def weighted(
    log_density: Callable[[Floats], Floats],
    centre: ArrayLike,
    curvature: ArrayLike,
    points: ArrayLike,
    freedom: float,
) -> Weighted:
    """Place points about a mode and weigh them by the density over that of the proposal.

    Parameters
    ----------
    log_density : callable
        Of states, shape (n, d), to numbers, shape (n,), up to a constant; minus infinity outside
        of the support.
    centre : array_like, shape (d,)
        The mode, or near it.
    curvature : array_like, shape (d, d)
        Of minus the log density there, positive definite.
    points : array_like, shape (n, d)
        From `student_pairs`, with this `freedom`. The same points may serve several densities.
    freedom : float

    Raises
    ------
    ValueError
        If shapes do not go together, the curvature is not positive definite, or no point has a
        finite log density.
    """
    middle, z = finite_array("centre", centre, ndim=1), finite_array("points", points, ndim=2)
    d, freedom = len(middle), positive("freedom", freedom)
    if z.shape[1] != d:
        refuse("points", z, f"shape (n, {d}), to go with centre")
    matrix = symmetric("curvature", curvature, ROUNDING, ndim=2)
    if len(matrix) != d:
        refuse("curvature", matrix, f"shape ({d}, {d}), to go with centre")
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        refuse("curvature", matrix, "a positive definite matrix: is centre a mode?")
    # Rows z L^-1 have the covariance (L L')^-1.
    states = middle + np.linalg.solve(root.T, z.T).T
    level = np.asarray(log_density(states), dtype=np.float64)
    proposed = -(freedom + d) / 2 * np.log1p((z**2).sum(axis=1) / freedom)
    surplus = level - proposed
    if level.shape != (len(z),) or np.isnan(level).any() or not np.isfinite(surplus.max()):
        refuse("log_density", level, "one number to a state, not all of them minus infinity")
    weights = np.exp(surplus - surplus.max())
    return Weighted(states, weights / weights.sum())
