"""``s I + K_1 (x) ... (x) K_d`` for symmetric matrices that have no eigenvalue below 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, refuse
from refutable.solvers.kronecker import _arguments as check
from refutable.solvers.kronecker.products import apply


@dataclass(frozen=True)
class Spectrum:
    """Eigenvectors and eigenvalues of a Kronecker product.

    Attributes
    ----------
    vectors : tuple of ndarray, shapes (..., n_i, n_i)
        Columns of each are the eigenvectors of a factor.
    values : ndarray, shape (..., n_1, ..., n_d)
        Products of the eigenvalues of the factors.
    """

    vectors: tuple[Floats, ...]
    values: Floats


def outer(vectors: Sequence[Floats]) -> Floats:
    """Return the outer product of vectors (..., n_i), as a tensor (..., n_1, ..., n_d)."""
    tensor = vectors[0]
    for axes, vector in enumerate(vectors[1:], start=1):
        tensor = tensor[..., None] * vector.reshape(*vector.shape[:-1], *(1,) * axes, -1)
    return tensor


def decompose(factors: Sequence[ArrayLike]) -> Spectrum:
    """Return the spectrum of ``K_1 (x) ... (x) K_d`` from those of its factors.

    Parameters
    ----------
    factors : sequence of array_like, shapes (..., n_i, n_i)
        Symmetric and positive semidefinite.

    Raises
    ------
    ValueError
        If a factor is empty, not finite, not symmetric or has an eigenvalue below 0.
    """
    found = [np.linalg.eigh(f) for f in check.symmetric_matrices("factors", factors)]
    for i, (values, _) in enumerate(found):
        if (values[..., 0] < -check.ROUNDING * np.abs(values).max(axis=-1)).any():
            refuse(f"factors[{i}]", float(values.min()), "matrices without eigenvalues below 0")
    values = outer([np.maximum(values, 0.0) for values, _ in found])
    return Spectrum(tuple(vectors for _, vectors in found), values)


def _shifted(spectrum: Spectrum, noise: ArrayLike) -> Floats:
    values = spectrum.values + check.batched("noise", noise, len(spectrum.vectors))
    if values.min() <= 0:
        refuse("noise", noise, "a number large enough that no eigenvalue is 0 or less")
    return np.asarray(values)


def solve(spectrum: Spectrum, noise: ArrayLike, tensor: ArrayLike) -> Floats:
    """Return ``(noise I + K_1 (x) ... (x) K_d)^{-1} vec(T)`` as a tensor.

    Parameters
    ----------
    spectrum : Spectrum
        Of the Kronecker product.
    noise : array_like, shape (...)
        Added to the diagonal; 0 will do if the product is regular.
    tensor : array_like, shape (..., n_1, ..., n_d)

    Raises
    ------
    ValueError
        If the tensor is not finite or has other sizes, or the sum is not positive definite.
    """
    array = check.tensor("tensor", tensor, [v.shape[-1] for v in spectrum.vectors])
    shifted = _shifted(spectrum, noise)
    rotated = apply([np.swapaxes(v, -1, -2) for v in spectrum.vectors], array)
    return apply(spectrum.vectors, rotated / shifted)


def logdet(spectrum: Spectrum, noise: ArrayLike = 0.0) -> Floats:
    """Return ``log det(noise I + K_1 (x) ... (x) K_d)``, shape (...).

    Parameters
    ----------
    spectrum : Spectrum
        Of the Kronecker product.
    noise : array_like, shape (...)
        Added to the diagonal.

    Raises
    ------
    ValueError
        If the sum is not positive definite.
    """
    axes = tuple(range(-len(spectrum.vectors), 0))
    return np.asarray(np.log(_shifted(spectrum, noise)).sum(axis=axes))
