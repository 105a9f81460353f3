"""Compiled moments of the groups of a partition, from which EM starts."""

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.mixture_em.mixture import Array

__all__ = ["label_sums"]


@compiled(nogil=True, error_model="numpy")
def _means(points, label, mass, centre):  # type: ignore[no-untyped-def]
    """Write how many of the points (d, n) each group has, and their mean; 0 without any."""
    d, n = points.shape
    mass[:] = 0.0
    centre[:] = 0.0
    for j in range(n):
        i = label[j]
        mass[i] += 1.0
        for p in range(d):
            centre[i, p] += points[p, j]
    for i in range(mass.shape[0]):
        for p in range(d):
            centre[i, p] /= max(mass[i], 1.0)


@compiled(nogil=True, error_model="numpy")
def _scatter(points, label, centre, dense, second):  # type: ignore[no-untyped-def]
    """Add the squares (or the products, if `dense`) of the points about their groups' means."""
    d, n = points.shape
    apart = np.empty(d)
    for j in range(n):
        i = label[j]
        for p in range(d):
            apart[p] = points[p, j] - centre[i, p]
        for p in range(d):
            if dense:
                for q in range(d):
                    second[i, p * d + q] += apart[p] * apart[q]
            else:
                second[i, p] += apart[p] * apart[p]


@compiled(nogil=True, error_model="numpy")
def _all_groups(x, row, label, dense, mass, centre, second):  # type: ignore[no-untyped-def]
    """Fill the moments of every fit f, whose points are x[row[f]]."""
    for f in range(label.shape[0]):
        _means(x[row[f]], label[f], mass[f], centre[f])
        _scatter(x[row[f]], label[f], centre[f], dense, second[f])


def label_sums(
    x: Array, row: NDArray[np.intp], label: NDArray[np.int64], k: int, dense: bool
) -> tuple[Array, Array, Array, Array]:
    """Return mass, first and second moments of every group about its mean, and the means.

    x (rows, d, n), row (fits,), label (fits, n) from 0 to k - 1. The second moments are products
    (fits, k, d, d) if `dense`, else squares (fits, k, d).
    """
    fits, d = label.shape[0], x.shape[1]
    mass, centre = np.empty((fits, k)), np.empty((fits, k, d))
    second = np.zeros((fits, k, d * d if dense else d))
    _all_groups(x, row, label, dense, mass, centre, second)
    shape = (fits, k, d, d) if dense else (fits, k, d)
    return mass, np.zeros((fits, k, d)), second.reshape(shape), centre
