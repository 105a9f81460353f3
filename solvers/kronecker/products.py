"""A Kronecker product, or its inverse, times a tensor: one axis after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, refuse, whole_number
from refutable.solvers.kronecker import _arguments as check


def mode_product(tensor: ArrayLike, matrix: ArrayLike, axis: int) -> Floats:
    """Multiply a matrix onto one axis of a tensor.

    Parameters
    ----------
    tensor : array_like, shape (..., n, ...)
    matrix : array_like, shape (m, n)
    axis : int
        Which of the axes of the tensor, the first being 0.

    Returns
    -------
    ndarray, shape (..., m, ...)

    Raises
    ------
    ValueError
        If an array is empty or not finite, the axis is not there, or the sizes differ.
    """
    array, factor = finite_array("tensor", tensor, least=1), finite_array("matrix", matrix, 2)
    axis = whole_number("axis", axis, 0, array.ndim - 1)
    if factor.shape[1] != array.shape[axis]:
        refuse("matrix", factor, f"one with {array.shape[axis]} columns, the length of the axis")
    return np.moveaxis(np.tensordot(factor, array, (1, axis)), 0, axis)


def multiply(factors: Sequence[ArrayLike], tensor: ArrayLike) -> Floats:
    """Return ``(F_1 (x) ... (x) F_d) vec(T)`` as a tensor.

    For square factors it takes ``(n_1 + ... + n_d) n_1 ... n_d`` multiplications, where the
    product, if it were formed, would take ``(n_1 ... n_d)^2``.

    Parameters
    ----------
    factors : sequence of array_like, shapes (..., m_i, n_i)
    tensor : array_like, shape (..., n_1, ..., n_d)

    Returns
    -------
    ndarray, shape (..., m_1, ..., m_d)

    Raises
    ------
    ValueError
        If an array is empty or not finite, or the sizes differ.
    """
    matrices = check.matrices("factors", factors)
    return apply(matrices, check.tensor("tensor", tensor, [f.shape[-1] for f in matrices]))


def apply(factors: Sequence[Floats], tensor: Floats) -> Floats:
    """Do as `multiply` does, without its checks."""
    d = len(factors)
    for i, factor in enumerate(factors):
        batch, sizes = tensor.shape[:-d], tensor.shape[-d:]
        if i == d - 1:  # as rows: a product with single columns would be many small ones
            product = tensor.reshape(*batch, -1, sizes[i]) @ np.swapaxes(factor, -1, -2)
        else:
            columns = tensor.reshape(*batch, int(np.prod(sizes[:i])), sizes[i], -1)
            product = factor[..., None, :, :] @ columns
        kept = product.shape[: product.ndim - (2 if i == d - 1 else 3)]
        tensor = product.reshape(*kept, *sizes[:i], factor.shape[-2], *sizes[i + 1 :])
    return tensor


def inverse_multiply(factors: Sequence[ArrayLike], tensor: ArrayLike) -> Floats:
    """Return ``(F_1 (x) ... (x) F_d)^{-1} vec(T)`` as a tensor, by a solve along each axis.

    Parameters
    ----------
    factors : sequence of array_like, shapes (..., n_i, n_i)
        Square and regular.
    tensor : array_like, shape (..., n_1, ..., n_d)

    Returns
    -------
    ndarray, shape (..., n_1, ..., n_d)

    Raises
    ------
    ValueError
        If an array is empty or not finite, the sizes differ, or a factor is singular.
    """
    matrices = check.matrices("factors", factors)
    for i, factor in enumerate(matrices):
        if factor.shape[-1] != factor.shape[-2]:
            refuse(f"factors[{i}]", factor, "square matrices")
    array = check.tensor("tensor", tensor, [f.shape[-1] for f in matrices])
    for i, factor in enumerate(matrices):
        array = _solve_along(factor, array, i, len(matrices))
    return np.ascontiguousarray(array)


def _solve_along(factor: Floats, array: Floats, i: int, d: int) -> Floats:
    moved = np.moveaxis(array, i - d, -d)
    columns = moved.reshape(*moved.shape[: moved.ndim - d + 1], -1)
    try:
        solved = np.linalg.solve(factor, columns)
    except np.linalg.LinAlgError:
        refuse(f"factors[{i}]", factor, "regular matrices, one of these is singular")
    others = moved.shape[moved.ndim - d + 1 :]
    unfolded = np.asarray(solved.reshape(*solved.shape[:-1], *others), dtype=np.float64)
    return np.moveaxis(unfolded, -d, i - d)
