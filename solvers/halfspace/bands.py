"""Weighted moments of a labelled sample in the band around a halfspace's boundary."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    directions,
    finite_array,
    matrix,
    positive,
    signs,
    unit_vector,
)
from refutable.solvers.halfspace.ramp import ramp_slope
from refutable.solvers.halfspace.spectral import fourth_moment_bound


@dataclass(frozen=True)
class BandMoments:
    """Moments with weight ``k_i = K_sigma(<w, x_i>)``; z_i is x_i orthogonal to w.

    Attributes
    ----------
    points : int
        Sample points of positive weight.
    mass : float
        ``p = (1/n) sum k_i``, the density of <w, x> near 0 (1/sqrt(2 pi) for N(0, I)).
    margin : float
        ``B = (1/n) sum k_i |t_i|``.
    lam_min, lam_max : float
        Extreme eigenvalues of ``(1/n) sum k_i z_i z_i^T``.
    lam4 : float
        Upper bound on ``sup_u (1/n) sum k_i <u, z_i>^4`` over unit u.
    gradient : float
        Norm of ``(1/n) sum k_i y_i z_i``.
    spread : float
        ``(1/n) sqrt(sum k_i^2 |z_i|^2)``, the scale of the label noise in that gradient.
    """

    points: int
    mass: float
    margin: float
    lam_min: float
    lam_max: float
    lam4: float
    gradient: float
    spread: float


def orthogonal_coordinates(x: Floats, w: Floats) -> Floats:
    """Coordinates of the rows of `x` in an orthonormal basis of the complement of `w`, (n, d-1)."""
    normal = directions("w", finite_array("w", w, ndim=1))
    d = len(normal)
    rows = finite_array("x", x, ndim=2)
    if rows.shape[1] != d:
        raise ValueError(f"x has shape {rows.shape}: give the {d} columns that w has entries")
    basis, _ = np.linalg.qr(np.column_stack([normal, np.eye(d)]))
    return np.asarray(rows @ basis[:, 1:d])


def band_moments(x: ArrayLike, y: ArrayLike, w: ArrayLike, sigma: float) -> BandMoments:
    """Moments of the sample in the band ``|<w, x>| < sigma/2``.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points, ``d >= 2``.
    y : array_like, shape (n,)
        Labels -1 or +1.
    w : array_like, shape (d,)
        Unit vector that must not depend on these points.
    sigma : float
        Bandwidth, positive.

    Returns
    -------
    BandMoments
        All zero if no point lies in the band.

    Raises
    ------
    ValueError
        For bad shapes, NaN, labels other than -1 and +1, a `w` that is not unit, ``sigma <= 0``.
    """
    array = matrix("x", x, 2)
    labels, direction = signs("y", y, (len(array),)), unit_vector("w", w, array.shape[1])
    t = array @ direction
    near = np.flatnonzero(np.abs(t) < positive("sigma", sigma) / 2)
    if near.size == 0:
        return BandMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    weights = ramp_slope(t[near], sigma) / len(array)
    z = orthogonal_coordinates(array.take(near, axis=0), direction)
    return _weighted(z, labels[near], np.abs(t[near]), weights)


def _weighted(z: Floats, y: Floats, distance: Floats, k: Floats) -> BandMoments:
    spectrum = np.linalg.eigvalsh((z * k[:, None]).T @ z)
    return BandMoments(
        points=len(z),
        mass=float(k.sum()),
        margin=float(k @ distance),
        lam_min=max(float(spectrum[0]), 0.0),
        lam_max=float(spectrum[-1]),
        lam4=fourth_moment_bound(z, k),
        gradient=float(np.linalg.norm((k * y) @ z)),
        spread=float(np.sqrt(k**2 @ (z**2).sum(axis=1))),
    )
