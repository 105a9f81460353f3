"""The moments of a law on an interval that are nearest to a given vector."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, positive


def _hankel(moments: Any, order: int, shift: int) -> Any:
    """Return the sum over j of ``moments[j]`` times the 0/1 matrix of the places with that moment.

    Parameters
    ----------
    moments : sequence of 2 order numbers or expressions, the first of which is 1
    order, shift : int
        The entry (i, l) is ``moments[i + l + shift]``.
    """
    place = np.add.outer(np.arange(order), np.arange(order)) + shift
    return sum(moments[j] * (place == j).astype(float) for j in range(shift, 2 * order - 1 + shift))


@functools.cache
def _program(order: int, radius: float) -> Callable[[Floats], Floats]:
    """Compile the program for `order` atoms; return what solves it for a vector of moments."""
    # Imported here because cvxpy takes a second to load and only the projection needs it.
    cp: Any = import_module("cvxpy")

    target = cp.Parameter(2 * order - 1)
    nearest = cp.Variable(2 * order - 1)
    moments = [1.0, *(nearest[j] for j in range(2 * order - 1))]
    even, odd = _hankel(moments, order, 0), _hankel(moments, order, 1)
    # 2 order - 1 moments belong to a law on [-A, A] if and only if A M_0 +- M_1 are semidefinite
    # (Schmuedgen, The Moment Problem, Theorem 10.1, for an odd highest moment)
    limits = [radius * even + odd >> 0, radius * even - odd >> 0]
    task = cp.Problem(cp.Minimize(cp.sum_squares(nearest - target)), limits)

    def solve(values: Floats) -> Floats:
        target.value = values
        task.solve(solver="CLARABEL")
        return np.asarray(nearest.value)

    return solve


def project_moments(moments: ArrayLike, radius: float) -> Floats:
    """Nearest point, by least squares, of the moments of laws on ``[-radius, radius]``.

    A semidefinite program for each vector (cvxpy and Clarabel, some milliseconds each).

    Parameters
    ----------
    moments : array, shape (..., 2k - 1)
        Estimates of the first 2k - 1 moments.
    radius : float
        Above 0.

    Returns
    -------
    array, shape (..., 2k - 1)

    Raises
    ------
    ValueError
        For an even number of moments, or values that are not finite.
    """
    given = finite_array("moments", moments, least=1)
    positive("radius", radius)
    if given.shape[-1] % 2 == 0:
        raise ValueError(f"moments has shape {given.shape}: give an odd number along the last axis")
    solve = _program((given.shape[-1] + 1) // 2, float(radius))
    rows = given.reshape(-1, given.shape[-1])
    return np.stack([solve(row) for row in rows]).reshape(given.shape)
