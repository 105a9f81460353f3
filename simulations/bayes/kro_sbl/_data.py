"""Sparse vectors of three kinds, seen through Kronecker products of Gaussian matrices."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers.kronecker import multiply
from refutable.solvers.sparse_bayes import DenseModel, KroneckerModel

from refutable import FloatArray

TINY = (5, (4, 4, 5))
SMALL = (8, (5, 6, 8))
PUBLISHED = (15, (8, 12, 15))
"""Entries along each of three axes, and rows of the three matrices."""


@dataclass(frozen=True)
class Sample:
    """Data sets and the vectors that they were made from.

    Attributes
    ----------
    truth : ndarray, shape (size, n, n, n)
    model : KroneckerModel
    """

    truth: FloatArray
    model: KroneckerModel

    def error(self, estimate: FloatArray) -> FloatArray:
        """Return the squared error of each estimate over the squared norm of the truth."""
        axes = (1, 2, 3)
        wrong = (estimate.reshape(self.truth.shape) - self.truth) ** 2
        return np.asarray(wrong.sum(axes) / (self.truth**2).sum(axes))

    @functools.cached_property
    def dense(self) -> DenseModel:
        """The same data for the product of the matrices; for small sizes only."""
        a, b, c = self.model.matrices
        size = len(self.truth)
        product = np.einsum("rad,rbe,rcf->rabcdef", a, b, c)
        matrix = product.reshape(size, self.model.data[0].size, -1)
        return DenseModel(matrix, self.model.data.reshape(size, -1), self.model.noise)


def _places(rng: Generator, size: int, n: int, kept: int) -> FloatArray:
    """Return rows of n zeros and ones, with so many ones at random places."""
    return np.asarray(rng.random((size, n)).argsort(axis=1) < kept, dtype=np.float64)


def vectors(rng: Generator, size: int, n: int, kept: int, kind: str) -> FloatArray:
    """Draw sparse vectors with kept^3 entries that are not 0, shape (size, n, n, n).

    Parameters
    ----------
    kind : str
        ``product``: the product of three vectors, each with Gaussian entries in `kept` random
        places; ``block``: Gaussian entries wherever three such vectors have one; ``scattered``:
        Gaussian entries in random places.
    """
    if kind == "scattered":
        places = _places(rng, size, n**3, kept**3).reshape(size, n, n, n)
        return places * rng.standard_normal(places.shape)
    factors = [_places(rng, size, n, kept) for _ in range(3)]
    if kind == "product":
        factors = [f * rng.standard_normal(f.shape) for f in factors]
    product = np.asarray(np.einsum("ra,rb,rc->rabc", *factors))
    return product if kind == "product" else product * rng.standard_normal(product.shape)


def draw(
    rng: Generator,
    size: int,
    shape: tuple[int, tuple[int, ...]],
    kept: int,
    decibels: float,
    kind: str,
) -> Sample:
    """Draw matrices, vectors and noise.

    Parameters
    ----------
    shape : pair
        `SMALL` or `PUBLISHED`.
    kept : int
        Entries along each axis that are not 0; ``kept^3`` in all.
    decibels : float
        Of signal over noise, in the data of each data set.
    kind : str
        See `vectors`.
    """
    n, rows = shape
    matrices = tuple(rng.standard_normal((size, m, n)) for m in rows)
    truth = vectors(rng, size, n, kept, kind)
    clean = multiply(matrices, truth)
    noise = (clean**2).mean(axis=(1, 2, 3)) / 10 ** (decibels / 10)
    disturbance = np.sqrt(noise)[:, None, None, None] * rng.standard_normal(clean.shape)
    return Sample(truth, KroneckerModel(matrices, clean + disturbance, noise))
