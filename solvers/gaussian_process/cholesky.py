"""Cholesky factors of covariances that may be singular in double precision.

LAPACK matrix by matrix where NumPy has nothing batched: its inverse of a triangle is that of any
matrix, three times the work (measured: twice to three times the time from 20 rows on).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import Bools, Floats, between, symmetric

Rows = NDArray[np.intp]

ASYMMETRY = 1e-9
"""Share of the largest entry by which a covariance may differ from its transpose; products of
matrices leave 1e-13."""

LEAST = 1e-15
"""First jitter that is tried after none, as a share of the mean variance: rounding of an entry."""


@dataclass(frozen=True)
class Factor:
    """What `jittered_cholesky` found: ``L L' = C + jitter I``.

    Attributes
    ----------
    lower : array, shape (..., n, n)
        L.
    jitter : array, shape (...)
        What was added to the diagonal of each matrix, in its own units; 0 where nothing was.
    """

    lower: Floats
    jitter: Floats

    @cached_property
    def inverse(self) -> Floats:
        """``L^(-1)``, lower triangular, shape (..., n, n)."""
        flat = self.lower.reshape(-1, *self.lower.shape[-2:])
        # The transpose of an array in C order is one in LAPACK's order: nothing is copied.
        found = [scipy.linalg.lapack.dtrtri(one.T, lower=0)[0].T for one in flat]
        return np.stack(found).reshape(self.lower.shape)

    @cached_property
    def precision(self) -> Floats:
        """Inverse of ``C + jitter I``, shape (..., n, n)."""
        return np.asarray(np.swapaxes(self.inverse, -1, -2) @ self.inverse)

    @property
    def log_determinant(self) -> Floats:
        """Of ``C + jitter I``, shape (...)."""
        diagonal = np.diagonal(self.lower, axis1=-2, axis2=-1)
        return np.asarray(2 * np.log(diagonal).sum(axis=-1))


def jittered_cholesky(covariance: ArrayLike, jitter: float = 0.0, most: float = 1e-6) -> Factor:
    """Factorise each matrix with as little on its diagonal as makes that possible.

    Parameters
    ----------
    covariance : array_like, shape (..., n, n)
        Symmetric up to rounding; of each the lower triangle is read.
    jitter : float
        What every matrix gets in any case, as a share of the mean of its diagonal, from 0 to 1.
    most : float
        Where that does not do, 1e-15 or ten times the last share are tried, up to this one.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, or not positive definite with the largest share either.
    """
    matrices = symmetric("covariance", covariance, ASYMMETRY)
    first, last = between("jitter", jitter, 0.0, 1.0), between("most", most, 0.0, 1.0)
    if first == 0:
        try:
            return Factor(np.asarray(np.linalg.cholesky(matrices)), np.zeros(matrices.shape[:-2]))
        except np.linalg.LinAlgError:
            pass  # one of them at least needs jitter
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    level = np.abs(np.diagonal(flat, axis1=-2, axis2=-1).mean(axis=-1))
    added, lower = np.zeros(len(flat)), np.empty_like(flat)
    left, share = np.arange(len(flat)), first
    while left.size:
        added[left] = share * level[left]
        left = left[_factorise(flat, added, left, lower)]
        share = max(10 * share, LEAST)
        if left.size and share > last * (1 + 1e-9):  # ten times over is not exact
            raise ValueError(
                f"covariance is not positive definite with {max(first, last):g} of its mean "
                "variance on the diagonal: give a covariance matrix, or more jitter"
            )
    return Factor(lower.reshape(matrices.shape), added.reshape(matrices.shape[:-2]))


def _factorise(flat: Floats, added: Floats, rows: Rows, lower: Floats) -> Bools:
    """Write the factors of some of the matrices; return which of them have none."""
    tried, diagonal = flat[rows], np.arange(flat.shape[-1])
    tried[:, diagonal, diagonal] += added[rows, None]
    try:
        lower[rows] = np.linalg.cholesky(tried)
        return np.zeros(len(rows), dtype=bool)
    except np.linalg.LinAlgError:  # of one of them at least
        if len(rows) == 1:
            return np.ones(1, dtype=bool)
    halves = np.array_split(rows, 2)
    return np.concatenate([_factorise(flat, added, half, lower) for half in halves])
