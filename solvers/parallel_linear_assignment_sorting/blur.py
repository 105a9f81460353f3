"""The blurred grids that cells are moved towards.

The blur is a product in the Fourier domain (x) and in that of the cosine transform (y), where the
released code convolves: the same numbers in n log n steps for n cells of a row, rather than n times
the radius.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse, whole_number

Floats = NDArray[np.float64]

SHRINK = 0.95
"""Each radius is this share of the one before, as released."""


def square_grids(name: str, grids: ArrayLike) -> Floats:
    """Return grids (R, n, n, C) with n from 4 to 32767, else raise ValueError."""
    given = finite_array(name, grids, ndim=4)
    if given.shape[1] != given.shape[2] or not 4 <= given.shape[1] < 2**15:
        refuse(name, given, "shape (R, n, n, C) with n from 4 to 32767")
    return given


def radii(side: int) -> list[int]:
    """Radii of the blurs of a grid, falling: whole parts of ``(side / 2 - 1) 0.95^k`` from 1 on.

    Parameters
    ----------
    side : int
        Rows of the grid, at least 4.

    Returns
    -------
    list of int
        Small ones several times, as in the released code.
    """
    radius, found = whole_number("side", side, low=4) / 2 - 1, []
    while radius >= 1:
        found.append(int(radius))
        radius *= SHRINK
    return found


def blurred(grids: ArrayLike, radius: int) -> Floats:
    """Blur grids by a Gaussian cut off at the radius: round in x, mirrored in y.

    The deviation is ``2 radius + 1``, the number of taps, so that it is nearly a moving mean.

    Parameters
    ----------
    grids : array_like, shape (R, n, n, C)
        Rows, columns and channels.
    radius : int
        From 0, which changes nothing, to (n - 1) / 2.

    Returns
    -------
    ndarray, shape (R, n, n, C)
    """
    given = square_grids("grids", grids)
    return blur(given, whole_number("radius", radius, 0, (given.shape[1] - 1) // 2))


def blur(grids: NDArray[np.floating], radius: int) -> Floats:
    """Blur without checks, in the precision of the grids."""
    from scipy import fft  # loads slowly

    n, taps = grids.shape[1], 2 * radius + 1
    half = np.exp(-0.5 * (np.arange(radius + 1) / taps) ** 2)
    half /= 2 * half.sum() - half[0]
    reach = np.zeros(n)
    reach[: radius + 1] = half
    in_y = fft.dct(reach, type=1).astype(grids.dtype)
    reach[n - radius :] += half[:0:-1]
    in_x = fft.rfft(reach).real.astype(grids.dtype)
    along = fft.irfft(fft.rfft(grids, axis=2) * in_x[:, None], n=n, axis=2)
    both = fft.idct(fft.dct(along, type=1, axis=1) * in_y[:, None, None], type=1, axis=1)
    return np.asarray(both)
