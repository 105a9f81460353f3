"""Checks that the modules of this package share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, real_array, refuse, symmetric

ROUNDING = 1e-9
"""Asymmetry, and eigenvalues below 0, up to this share of the largest are rounding."""


def matrices(name: str, values: Sequence[ArrayLike]) -> list[Floats]:
    """Return finite matrices, each of shape (..., m, n), at least one of them."""
    if isinstance(values, str) or not np.iterable(values) or len(values) == 0:
        refuse(name, values, "a sequence of matrices, one for each axis")
    return [finite_array(f"{name}[{i}]", value, least=2) for i, value in enumerate(values)]


def symmetric_matrices(name: str, values: Sequence[ArrayLike]) -> list[Floats]:
    """Return finite symmetric matrices, each of shape (..., n, n)."""
    found = matrices(name, values)
    return [symmetric(f"{name}[{i}]", value, ROUNDING) for i, value in enumerate(found)]


def tensor(name: str, values: ArrayLike, sizes: Sequence[int]) -> Floats:
    """Return a finite tensor whose last axes have the sizes given."""
    array = finite_array(name, values, least=len(sizes))
    if array.shape[-len(sizes) :] != tuple(sizes):
        refuse(name, array, f"one whose last axes are {tuple(sizes)}")
    return array


def batched(name: str, values: ArrayLike, axes: int) -> Floats:
    """Return finite numbers, one for each of a batch, with so many axes of length 1 appended."""
    array = np.asarray(real_array(name, values), dtype=np.float64)
    if not np.isfinite(array).all() or array.size == 0:
        refuse(name, values, "finite numbers, one for each of the batch")
    return array.reshape(array.shape + (1,) * axes)
