r"""Parallel mean-field updates of soft assignments on a graph.

:math:`z_i\leftarrow\mathrm{softmax}(\log q_i+s\sum_jw_{ij}z_j)`, all i at once, from z = q. For a
symmetric positive semidefinite W this is the concave-convex procedure (Yuille and Rangarajan 2003)
for :math:`\sum_i\mathrm{KL}(z_i|q_i)-\frac s2\sum_{ij}w_{ij}z_i^\top z_j`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    Floats,
    finite,
    finite_array,
    nonnegative,
    probabilities,
    refuse,
    square,
    whole_number,
)


@dataclass(frozen=True)
class MeanField:
    """Where the updates stopped.

    Attributes
    ----------
    assignment : array, shape (..., n, k)
    steps : int array, shape (...)
        Updates made.
    change : array, shape (...)
        Largest change of an entry in the last update.
    """

    assignment: Floats
    steps: NDArray[np.int64]
    change: Floats


def _softmax(logits: Floats) -> Floats:
    """Normalise exponentials over the last axis, in place."""
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    return logits


def _problem(log_prior: ArrayLike, affinity: ArrayLike, strength: float) -> tuple[Floats, Floats]:
    prior = finite_array("log_prior", log_prior, least=2)
    weights = square("affinity", affinity)
    if weights.shape[:-1] != prior.shape[:-1]:
        refuse("affinity", weights, f"shape {(*prior.shape[:-1], prior.shape[-2])}, to go with it")
    return prior, finite("strength", strength) * weights


def mean_field_step(
    log_prior: ArrayLike, affinity: ArrayLike, assignment: ArrayLike, strength: float = 1.0
) -> Floats:
    """Make one update.

    Parameters
    ----------
    log_prior : array, shape (..., n, k)
        log q, up to a constant per row.
    affinity : array, shape (..., n, n)
        W; it need be neither symmetric nor semidefinite.
    assignment : array, shape (..., n, k)
        Rows sum to 1.
    strength : float
        s.

    Returns
    -------
    array, shape (..., n, k)
    """
    prior, weights = _problem(log_prior, affinity, strength)
    return _softmax(prior + weights @ probabilities("assignment", assignment, shape=prior.shape))


def mean_field_path(
    log_prior: ArrayLike, affinity: ArrayLike, steps: int, strength: float = 1.0
) -> Floats:
    """Return q and the assignments after each of `steps` updates, shape (steps + 1, ..., n, k).

    Parameters
    ----------
    log_prior, affinity, strength
        As in `mean_field_step`.
    steps : int
    """
    prior, weights = _problem(log_prior, affinity, strength)
    path = np.empty((whole_number("steps", steps) + 1, *prior.shape))
    path[0] = _softmax(prior.copy())
    for before, after in pairwise(path):
        after[...] = _softmax(prior + weights @ before)
    return path


def mean_field(
    log_prior: ArrayLike,
    affinity: ArrayLike,
    steps: int = 100,
    tolerance: float = 1e-6,
    strength: float = 1.0,
) -> MeanField:
    """Update from q until no entry changes by more than `tolerance`, or the steps are used up.

    Problems that have stopped cost nothing any more.

    Parameters
    ----------
    log_prior, affinity, strength
        As in `mean_field_step`.
    steps : int
        The most updates.
    tolerance : float
        At least 0.
    """
    prior, weights = _problem(log_prior, affinity, strength)
    limit, least = whole_number("steps", steps), nonnegative("tolerance", tolerance)
    batch = prior.shape[:-2]
    prior, weights = (a.reshape(-1, *a.shape[-2:]) for a in (prior, weights))
    found, active = _softmax(prior.copy()), np.arange(len(prior))
    made, change = np.full(len(prior), limit), np.empty(len(prior))
    current = found
    for step in range(1, limit + 1):
        updated = _softmax(prior + weights @ current)
        moved = np.abs(updated - current).max(axis=(-2, -1))
        stops = (moved <= least) | (step == limit)
        if stops.any():
            stopped = active[stops]
            found[stopped], change[stopped], made[stopped] = updated[stops], moved[stops], step
        if stops.all():
            break
        current = updated
        if stops.any():
            going = ~stops
            active, prior, weights, current = (a[going] for a in (active, prior, weights, current))
    shape = (*batch, *found.shape[-2:])
    return MeanField(found.reshape(shape), made.reshape(batch), change.reshape(batch))
