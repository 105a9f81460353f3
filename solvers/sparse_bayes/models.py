"""E-steps: the posterior of the coefficients, from factors or from one matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import Floats, finite_array, positive_array, refuse
from refutable.solvers.kronecker import Posterior, sparse_posterior


class Moments(Protocol):
    """Of the coefficients under the posterior."""

    @property
    def mean(self) -> Floats:
        """Mean of each coefficient, shape (R, n_1, ..., n_d)."""
        ...

    @property
    def variance(self) -> Floats:
        """Variance of each coefficient, shape (R, n_1, ..., n_d)."""
        ...


class Model(Protocol):
    """Data sets, one for each of R replicates, and what is known of their coefficients."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many scales each factor has."""
        ...

    @property
    def replicates(self) -> int:
        """Return how many data sets there are."""
        ...

    def posterior(self, scales: Sequence[Floats]) -> Moments:
        """Return the moments for prior variances that are the outer product of the scales."""
        ...

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return the model of some of the replicates."""
        ...


def _data_sets(data: Floats, noise: ArrayLike, arrays: Sequence[tuple[str, Floats]]) -> Floats:
    """Return the noise, one number for each data set; refuse arrays of other numbers of them."""
    variances = positive_array("noise", noise, ndim=1)
    for name, array in (*arrays, ("noise", variances)):
        if len(array) != len(data):
            refuse(name, array, f"one for each of the {len(data)} data sets")
    return variances


@dataclass(frozen=True)
class KroneckerModel:
    """Data sets whose matrices are Kronecker products; see `kronecker.sparse_posterior`.

    Attributes
    ----------
    matrices : tuple of ndarray, shapes (R, m_i, n_i)
    data : ndarray, shape (R, m_1, ..., m_d)
    noise : ndarray, shape (R,)
        Its variance, positive.

    Raises
    ------
    ValueError
        If an array is empty or not finite, sizes differ, or a variance is not above 0.
    """

    matrices: Sequence[Floats]
    data: Floats
    noise: Floats

    def __post_init__(self) -> None:
        if not isinstance(self.matrices, np.ndarray | list | tuple) or len(self.matrices) == 0:
            refuse("matrices", self.matrices, "a list of arrays, one for each axis")
        found = [finite_array(f"matrices[{i}]", a, 3) for i, a in enumerate(self.matrices)]
        data = finite_array("data", self.data, ndim=len(found) + 1)
        noise = _data_sets(data, self.noise, [(f"matrices[{i}]", a) for i, a in enumerate(found)])
        sizes = tuple(a.shape[1] for a in found)
        if data.shape[1:] != sizes:
            refuse("data", data, f"data sets with the axes {sizes}, the rows of the matrices")
        for name, value in (("matrices", tuple(found)), ("data", data), ("noise", noise)):
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many scales each factor has."""
        return tuple(a.shape[-1] for a in self.matrices)

    @property
    def replicates(self) -> int:
        """Return how many data sets there are."""
        return len(self.data)

    def posterior(self, scales: Sequence[Floats]) -> Posterior:
        """Return the posterior for prior variances that are the outer product of the scales."""
        return sparse_posterior(self.matrices, scales, self.noise, self.data)

    def take(self, rows: NDArray[np.intp]) -> KroneckerModel:
        """Return the model of some of the replicates."""
        matrices = tuple(a[rows] for a in self.matrices)
        return KroneckerModel(matrices, self.data[rows], self.noise[rows])


WORTH_CUTTING = 0.8
"""Share of columns up to which picking them out takes less time than it saves."""


class DenseMoments(NamedTuple):
    """Mean and variance of each coefficient, shape (R, n)."""

    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class DenseModel:
    """Data sets with a matrix of their own each, and a variance for every coefficient.

    Attributes
    ----------
    matrix : ndarray, shape (R, m, n)
    data : ndarray, shape (R, m)
    noise : ndarray, shape (R,)
        Its variance, positive.

    Raises
    ------
    ValueError
        If an array is empty or not finite, sizes differ, or a variance is not above 0.
    """

    matrix: Floats
    data: Floats
    noise: Floats

    def __post_init__(self) -> None:
        matrix = finite_array("matrix", self.matrix, ndim=3)
        data = finite_array("data", self.data, shape=matrix.shape[:2])
        noise = _data_sets(data, self.noise, ())
        for name, value in (("matrix", matrix), ("data", data), ("noise", noise)):
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many scales there are."""
        return (self.matrix.shape[2],)

    @property
    def replicates(self) -> int:
        """Return how many data sets there are."""
        return len(self.data)

    def posterior(self, scales: Sequence[Floats]) -> DenseMoments:
        """Return the moments; the columns of variances that are 0 are left out.

        Where some data sets have more columns left than others, these are filled up with some of
        variance 0, which do no harm. The inverse is that of the smaller of the two matrices.
        """
        gamma = scales[0]
        most = max(1, np.count_nonzero(gamma, axis=1).max())
        if most > WORTH_CUTTING * gamma.shape[1]:
            return _by_rows(self.matrix, gamma, self.noise[:, None, None], self.data)
        kept = np.argsort(gamma == 0, axis=1, kind="stable")[:, :most]
        columns = np.take_along_axis(self.matrix, kept[:, None, :], axis=2)
        few = kept.shape[1] <= columns.shape[1]
        found = (_by_columns if few else _by_rows)(
            columns, np.take_along_axis(gamma, kept, axis=1), self.noise[:, None, None], self.data
        )
        mean, variance = np.zeros_like(gamma), np.zeros_like(gamma)
        np.put_along_axis(mean, kept, found.mean, axis=1)
        np.put_along_axis(variance, kept, found.variance, axis=1)
        return DenseMoments(mean, variance)

    def take(self, rows: NDArray[np.intp]) -> DenseModel:
        """Return the model of some of the replicates."""
        return DenseModel(self.matrix[rows], self.data[rows], self.noise[rows])


def _by_columns(matrix: Floats, gamma: Floats, noise: Floats, data: Floats) -> DenseMoments:
    """``S = G (I + G A'A G / s)^{-1} G``, ``G^2 = diag(gamma)``, and ``S A' y / s``."""
    root = np.sqrt(gamma)
    scaled = matrix * root[:, None, :]
    transposed = np.swapaxes(scaled, -1, -2)
    inverse = np.linalg.inv(transposed @ scaled / noise + np.eye(root.shape[1]))
    mean = (inverse @ (transposed @ data[..., None] / noise))[..., 0]
    return DenseMoments(root * mean, gamma * np.diagonal(inverse, axis1=-2, axis2=-1))


def _by_rows(matrix: Floats, gamma: Floats, noise: Floats, data: Floats) -> DenseMoments:
    """``gamma A' C^{-1} y`` and ``gamma - gamma^2 a' C^{-1} a``, ``C = s I + A diag(gamma) A'``."""
    scaled = matrix * np.sqrt(gamma)[:, None, :]
    covariance = scaled @ np.swapaxes(scaled, -1, -2) + noise * np.eye(matrix.shape[1])
    whitened = np.linalg.inv(covariance) @ matrix
    mean = gamma * (data[:, None, :] @ whitened)[:, 0]
    known = gamma * np.einsum("rij,rij->rj", matrix, whitened)
    return DenseMoments(mean, gamma * np.maximum(1.0 - known, 0.0))  # below 0 by rounding only
