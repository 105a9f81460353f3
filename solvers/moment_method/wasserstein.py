"""The distance W_1 of laws of finitely many atoms on the line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, equal_shapes, finite_array, probabilities


def wasserstein(
    atoms: ArrayLike, weights: ArrayLike, other_atoms: ArrayLike, other_weights: ArrayLike
) -> Floats:
    """W_1 between two laws, ``integral |F - G|``, for each of a batch.

    Parameters
    ----------
    atoms, weights : array, shape (..., k)
    other_atoms, other_weights : array, shape (..., l)
        Their leading axes are those of the first, or broadcast against them.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    ValueError
        For weights that are negative or do not sum to 1, or shapes that do not fit.
    """
    at, mass = _law("atoms", atoms, "weights", weights)
    other_at, other_mass = _law("other_atoms", other_atoms, "other_weights", other_weights)
    try:
        batch = np.broadcast_shapes(at.shape[:-1], other_at.shape[:-1])
    except ValueError:
        raise ValueError(
            f"other_atoms has shape {other_at.shape}: give leading axes like {at.shape[:-1]}"
        ) from None
    parts = [np.broadcast_to(a, batch + a.shape[-1:]) for a in (at, other_at, mass, -other_mass)]
    places, jumps = np.concatenate(parts[:2], axis=-1), np.concatenate(parts[2:], axis=-1)
    order = np.argsort(places, axis=-1)
    gaps = np.diff(np.take_along_axis(places, order, axis=-1), axis=-1)
    apart = np.cumsum(np.take_along_axis(jumps, order, axis=-1), axis=-1)[..., :-1]
    return np.asarray((gaps * np.abs(apart)).sum(axis=-1))


def _law(
    at_name: str, atoms: ArrayLike, mass_name: str, weights: ArrayLike
) -> tuple[Floats, Floats]:
    at = finite_array(at_name, atoms, least=1)
    mass = probabilities(mass_name, weights)
    equal_shapes(at_name, at, mass_name, mass)
    return at, mass
