r"""Least squares whose weight entries are trained one random group at a time.

A weight matrix W (o x r) is cut into groups; each step descends the squared loss of *one* group
alone, the others being absent from the model. Row k settles where
:math:`(\Sigma\odot B^{(k)})w_k=c_k`, :math:`B^{(k)}_{jl}=1` iff entries (k,j), (k,l) share a group.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    finite_array,
    generator,
    nonnegative,
    positive,
    refuse,
    square,
    whole_array,
    whole_number,
)


def _checked(covariance: ArrayLike, cross: ArrayLike) -> tuple[Floats, Floats]:
    sigma = square("covariance", covariance)
    c = finite_array("cross", cross, least=2)
    if c.shape[-1] != sigma.shape[-1]:
        refuse("cross", c, f"shape (..., o, {sigma.shape[-1]}), to go with covariance")
    return sigma, c


def _labels(groups: ArrayLike, c: Floats) -> Ints:
    """Return the group of every weight; `c` has the shape of the weights."""
    return whole_array("groups", groups, shape=c.shape)


def masked_fixed_point(covariance: ArrayLike, cross: ArrayLike, groups: ArrayLike) -> Floats:
    """Solution of the grouped normal equations, row by row.

    Parameters
    ----------
    covariance : array, shape (..., r, r)
        Second moment of the features, positive definite.
    cross : array, shape (..., o, r)
        Cross moment of outputs and features.
    groups : int array, shape (..., o, r)
        Group of every weight.

    Returns
    -------
    weights : array, shape (..., o, r)
    """
    sigma, c = _checked(covariance, cross)
    labels = _labels(groups, c)
    together = labels[..., :, None] == labels[..., None, :]
    system = np.where(together, sigma[..., None, :, :], 0.0)
    return np.asarray(np.linalg.solve(system, c[..., None])[..., 0])


def consistent_fixed_point(
    covariance: ArrayLike, cross: ArrayLike, groups: ArrayLike, parts: int, consistency: float
) -> Floats:
    r"""Stationary point of the mean loss with a penalty on two passes that disagree.

    Two groups A, B are drawn independently; the loss is the mean of both passes' halved squared
    errors plus :math:`\frac\lambda4\|f_A-f_B\|^2`. In the mean over A and B, row k solves
    :math:`\big((1+\lambda)\,\Sigma\odot B^{(k)}-\frac\lambda N\Sigma\big)w_k=c_k`; the matrix is
    positive definite because :math:`NB^{(k)}-11^\top` is positive semidefinite.

    Parameters
    ----------
    covariance, cross, groups : array
        As in `masked_fixed_point`.
    parts : int
        Number of groups N.
    consistency : float
        lambda >= 0; at 0 this is `masked_fixed_point`.
    """
    sigma, c = _checked(covariance, cross)
    whole_number("parts", parts)
    nonnegative("consistency", consistency)
    labels = _labels(groups, c)
    together = labels[..., :, None] == labels[..., None, :]
    factor = (1 + consistency) * together - consistency / parts
    return np.asarray(np.linalg.solve(factor * sigma[..., None, :, :], c[..., None])[..., 0])


def ordinary_least_squares(covariance: ArrayLike, cross: ArrayLike) -> Floats:
    """Solution of the full normal equations, shape (..., o, r)."""
    sigma, c = _checked(covariance, cross)
    return np.asarray(np.swapaxes(np.linalg.solve(sigma, np.swapaxes(c, -1, -2)), -1, -2))


def random_group_descent(
    rng: np.random.Generator,
    covariance: ArrayLike,
    cross: ArrayLike,
    groups: ArrayLike,
    parts: int,
    step: float = 0.2,
    steps: int = 3000,
) -> Floats:
    """Descend from 0, drawing one group per step; only that group is in the model.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the group of every step (and every problem of the batch).
    covariance, cross, groups : array
        As in `masked_fixed_point`.
    parts : int
        Number of groups.
    step : float, optional
        Step size; below 2 / (largest eigenvalue of the covariance).
    steps : int, optional
        Number of steps.

    Returns
    -------
    weights : array, shape (..., o, r)
        Sum of the separately trained groups.
    """
    sigma, c = _checked(covariance, cross)
    labels = _labels(groups, c)
    positive("step", step)
    shape = (whole_number("steps", steps), *c.shape[:-2])
    drawn = generator("rng", rng).integers(whole_number("parts", parts), size=shape)
    weights = np.zeros_like(c)
    for group in drawn:
        mask = labels == group[..., None, None]
        weights -= step * mask * ((mask * weights) @ sigma - c)
    return weights
