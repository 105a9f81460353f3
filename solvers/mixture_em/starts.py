"""Starts of EM: from the labels of a partition, and from centres."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    nonnegative,
    one_of,
    refuse,
    whole_array,
    whole_number,
)
from refutable.solvers.mixture_em._label_sums import label_sums
from refutable.solvers.mixture_em._m_step import Data, Moments, m_step
from refutable.solvers.mixture_em.centres import checked_centres, nearest
from refutable.solvers.mixture_em.mixture import (
    DIAGONAL,
    KINDS,
    Array,
    Kind,
    Mixture,
    covariance_shape,
)

__all__ = ["mixture_at", "mixture_of_labels"]


def mixture_of_labels(
    x: ArrayLike, labels: ArrayLike, k: int, kind: Kind = "full", floor: float = 1e-6
) -> Mixture:
    """Return the M-step from a partition: the start scikit-learn takes from k-means labels.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    labels : array_like of int, shape (R, starts, n)
        0 to k - 1, every one of them in use.
    k : int
    kind : str
        See `Mixture`.
    floor : float
        At least 0, added to every variance.

    Returns
    -------
    Mixture
        Batch (R, starts).

    Raises
    ------
    ValueError
        If a group is empty or an argument is malformed.
    """
    data, count = Data.of(x), whole_number("k", k)
    one_of("kind", kind, KINDS)
    floor, (rows, d, n) = nonnegative("floor", floor), data.shape
    label = whole_array("labels", labels, 0, count - 1, ndim=3)
    if label.shape[::2] != (rows, n):
        refuse("labels", label, f"shape ({rows}, starts, {n})")
    flat = label.reshape(-1, n)
    row = np.repeat(np.arange(rows), label.shape[1])
    sums = Moments(*label_sums(data.x, row, flat, count, kind not in DIAGONAL))
    if sums.mass.min() == 0:
        raise ValueError(f"labels leaves one of the {count} groups empty: give fewer groups")
    old = _blank(len(flat), count, d, kind)
    flat_fit, batch = m_step(old, sums, floor), label.shape[:2]
    return flat_fit.mapped(lambda part: part.reshape(*batch, *part.shape[1:]))


def _blank(fits: int, k: int, d: int, kind: Kind) -> Mixture:
    shape = (fits, k, d)
    spread = np.zeros(covariance_shape(kind, shape))
    return Mixture.trusted(np.full((fits, k), 1 / k), np.zeros(shape), spread, kind)


def mixture_at(
    x: ArrayLike, centres: ArrayLike, kind: Kind = "full", floor: float = 1e-6
) -> Mixture:
    """Return a start at given centres: equal weights, and the spread about the nearest centre.

    Every component gets the pooled covariance of the points about their nearest centres, so that a
    centre with few points does not start as a spike.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    centres : array_like, shape (R, starts, k, d)
    kind, floor
        As for `mixture_of_labels`.

    Returns
    -------
    Mixture
        Batch (R, starts).
    """
    data, floor = Data.of(x), nonnegative("floor", floor)
    one_of("kind", kind, KINDS)
    at, (rows, d, n) = checked_centres(data.x, centres), data.shape
    starts, k = at.shape[1:3]
    label = nearest(x, at)
    pooled = np.empty((rows, starts, d, d))
    for r in range(rows):
        for s in range(starts):
            apart = data.x[r] - at[r, s, label[r, s]].T
            pooled[r, s] = apart @ apart.T / n
    weights = np.full((rows, starts, k), 1 / k)
    return Mixture(weights, at, _pooled(pooled, kind, k, floor), kind)


def _pooled(spread: Array, kind: Kind, k: int, floor: float) -> Array:
    """Return one covariance (..., d, d) in the shape of a kind, the floor added."""
    d = spread.shape[-1]
    if kind in ("full", "tied"):
        own = spread + floor * np.eye(d)
    else:
        own = np.einsum("...pp->...p", spread) + floor
        own = own if kind == "diag" else own.mean(axis=-1)
    if kind.startswith("tied"):
        return np.asarray(own)
    axis = 2  # after the replicates and the starts
    return np.repeat(np.expand_dims(own, axis), k, axis=axis)
