"""How alike neighbouring cells of a grid are.

The variance of absolute differences (VAD) is that of fraunhoferhhi/PLAS, ``plas/vad.py``: absolute
differences of neighbours in x, over all rows and channels, and in y; the mean of their variances.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse, whole_array

__all__ = ["absolute_difference_variance", "neighbour_distance", "residual_entropy"]

Floats = NDArray[np.float64]


def _differences(grids: ArrayLike) -> tuple[Floats, Floats]:
    """Differences in x and in y of grids (R, n, m, C), n and m at least 2."""
    given = finite_array("grids", grids, ndim=4)
    if min(given.shape[1:3]) < 2:
        refuse("grids", given, "shape (R, n, m, C) with two rows and two columns at least")
    return np.diff(given, axis=2), np.diff(given, axis=1)


def absolute_difference_variance(grids: ArrayLike) -> Floats:
    """Return the VAD of each grid; small where the grid is smooth.

    Parameters
    ----------
    grids : array_like, shape (R, n, m, C)
        n and m at least 2.

    Returns
    -------
    ndarray, shape (R,)
    """
    x, y = (np.abs(step).reshape(len(step), -1).var(axis=1) for step in _differences(grids))
    return np.asarray((x + y) / 2)


def neighbour_distance(grids: ArrayLike) -> Floats:
    """Return the mean squared distance to the right neighbour plus that to the one below.

    Parameters
    ----------
    grids : array_like, shape (R, n, m, C)
        n and m at least 2.

    Returns
    -------
    ndarray, shape (R,)
    """
    x, y = ((step**2).sum(axis=3).mean(axis=(1, 2)) for step in _differences(grids))
    return np.asarray(x + y)


def residual_entropy(grids: ArrayLike) -> Floats:
    """Return the bits per number that are left when each is predicted from its neighbours.

    The prediction is left + up - upper left; the entropy is that of the frequencies of the
    residuals modulo 256, over all channels and all cells but those of the first row and column.

    Parameters
    ----------
    grids : array_like of int, shape (R, n, m, C)
        0 to 255; n and m at least 2.

    Returns
    -------
    ndarray, shape (R,)
        0 to 8.
    """
    given = whole_array("grids", grids, 0, 255, ndim=4)
    if min(given.shape[1:3]) < 2:
        refuse("grids", given, "shape (R, n, m, C) with two rows and two columns at least")
    residuals = np.diff(np.diff(given, axis=1), axis=2).reshape(len(given), -1) % 256
    codes = residuals + 256 * np.arange(len(given))[:, None]
    counts = np.bincount(codes.ravel(), minlength=256 * len(given)).reshape(-1, 256)
    shares = counts / residuals.shape[1]
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    return np.asarray(-(shares * logs).sum(axis=1))
