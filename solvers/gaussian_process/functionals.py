"""Observations that are linear functionals of a process, such as derivatives or averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, bounded_array, finite_array, refuse, symmetric
from refutable.solvers.gaussian_process.cholesky import ASYMMETRY


@dataclass(frozen=True)
class Functionals:
    """Second moments of observations ``A f + noise``; what `condition` and `predict` ask for.

    Attributes
    ----------
    covariance : array, shape (..., n, n)
        Of the noisy observations, ``A K A' + noise``.
    cross : array, shape (..., m, n)
        Of the values of f and the observations, ``K A'``.
    """

    covariance: Floats
    cross: Floats


def through(prior: ArrayLike, rows: ArrayLike, noise: ArrayLike = 0.0) -> Functionals:
    """Carry the covariance of m values through a linear map.

    Where the functionals have covariances of their own, as derivatives have those of the kernel
    differentiated, no map is needed: give these to `condition` and `predict`.

    Parameters
    ----------
    prior : array_like, shape (..., m, m)
        K.
    rows : array_like, shape (..., n, m)
        A.
    noise : float or array_like, shape (..., n)
        Variance of the noise of each observation, independent; at least 0.

    Raises
    ------
    ValueError
        If the prior is not symmetric, a variance is negative, or shapes do not go together.
    """
    k = symmetric("prior", prior, ASYMMETRY)
    a = finite_array("rows", rows, least=2)
    variance = bounded_array("noise", noise, 0)
    if a.shape[-1] != k.shape[-1]:
        refuse("rows", a, f"a column for each of the {k.shape[-1]} values of the prior")
    if variance.ndim and variance.shape[-1] != a.shape[-2]:
        refuse("noise", variance, f"a variance for each of the {a.shape[-2]} rows")
    try:
        np.broadcast_shapes(k.shape[:-2], a.shape[:-2], variance.shape[:-1])
    except ValueError:
        refuse("rows", a, f"leading axes that broadcast with {k.shape[:-2]} and those of the noise")
    cross = k @ np.swapaxes(a, -1, -2)
    own = a @ cross
    diagonal = variance[..., None] * np.eye(a.shape[-2])
    return Functionals((own + np.swapaxes(own, -1, -2)) / 2 + diagonal, np.asarray(cross))
