"""Exactly smoothed classifiers, and how far a point can move before a condition fails.

Randomised smoothing replaces a classifier by its class probabilities under Gaussian noise. Where
the classes are intervals of a line or quadrants of the plane these are products of normal
distribution functions, so that certified radii can be compared with true ones.
"""

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    between,
    finite_array,
    positive,
    refuse,
    whole_number,
)


def interval_probabilities(x: ArrayLike, cuts: ArrayLike, sigma: float) -> Floats:
    """Class probabilities of ``x + sigma N(0, 1)`` when the classes are intervals.

    Parameters
    ----------
    x : array_like, shape (..., m)
        Points of the line.
    cuts : array_like, shape (..., K - 1)
        Increasing cut points; the leading axes go with those of `x`.
    sigma : float
        Standard deviation of the noise, positive.

    Returns
    -------
    ndarray, shape (..., m, K)
        Probabilities of the K intervals.

    Raises
    ------
    ValueError
        For NaN, cuts that do not increase, or ``sigma <= 0``.
    """
    points, edges = finite_array("x", x, least=1), finite_array("cuts", cuts, least=1)
    if (np.diff(edges, axis=-1) < 0).any():
        raise ValueError("cuts does not increase: sort it")
    # Differences of upper tails keep the digits of a small probability far to the right.
    z = (edges[..., None, :] - points[..., None]) / positive("sigma", sigma)
    below = np.concatenate([np.zeros((*z.shape[:-1], 1)), scipy.special.ndtr(z)], axis=-1)
    above = np.concatenate([np.ones((*z.shape[:-1], 1)), scipy.special.ndtr(-z)], axis=-1)
    left = np.diff(below, axis=-1, append=1.0)
    right = -np.diff(above, axis=-1, append=0.0)
    return np.where(below < 0.5, left, right)


def quadrant_probabilities(x: ArrayLike, corner: ArrayLike, sigma: float) -> Floats:
    """Class probabilities of ``x + sigma N(0, I)`` when the classes are the quadrants at a corner.

    Parameters
    ----------
    x : array_like, shape (..., m, 2)
        Points of the plane.
    corner : array_like, shape (..., 2)
        Where the quadrants meet; the leading axes go with those of `x`.
    sigma : float
        Standard deviation of the noise, positive.

    Returns
    -------
    ndarray, shape (..., m, 4)
        Probabilities of left-below, left-above, right-below, right-above.

    Raises
    ------
    ValueError
        For NaN, points that are not in the plane, or ``sigma <= 0``.
    """
    points, centre = finite_array("x", x, least=1), finite_array("corner", corner, least=1)
    for name, array in (("x", points), ("corner", centre)):
        if array.shape[-1] != 2:
            refuse(name, array, "points of the plane, last axis of length 2")
    z = (points - centre[..., None, :]) / positive("sigma", sigma)
    high, low = scipy.special.ndtr(z), scipy.special.ndtr(-z)
    parts = [a[..., 0] * b[..., 1] for a in (low, high) for b in (low, high)]
    return np.stack(parts, axis=-1)


def exit_radius(
    inside: Callable[[Floats], Bools],
    longest: float,
    step: float,
    *,
    bisections: int = 20,
) -> Floats:
    """First distance at which a condition fails on a ray, by scanning and bisection.

    Parameters
    ----------
    inside : callable
        Maps distances, shape (r,), to whether the condition holds, shape (..., r); after the scan
        it is called with distances of shape (..., 1), one per ray.
    longest : float
        Distance at which the scan gives up, positive.
    step : float
        Step of the scan, positive; a failure that lasts less than this may be missed.
    bisections : int
        Halvings of the step in which the condition first failed.

    Returns
    -------
    ndarray, shape (...)
        0 where the condition fails at once, `longest` where it never does.

    Raises
    ------
    ValueError
        If `longest` or `step` is not positive.
    """
    positive("longest", longest)
    positive("step", step)
    bisections = whole_number("bisections", bisections, 0)
    distances = np.linspace(0.0, longest, int(np.ceil(longest / step)) + 1)
    holds = inside(distances)
    first = np.argmin(holds, axis=-1)
    low = distances[np.maximum(first - 1, 0)]
    high = distances[first]
    for _ in range(bisections):
        middle = (low + high) / 2
        ok = inside(middle[..., None])[..., 0]
        low, high = np.where(ok, middle, low), np.where(ok, high, middle)
    return np.where(holds.all(axis=-1), longest, low)


def mixed_probabilities(g: ArrayLike, h: ArrayLike, alpha: float) -> Floats:
    """Mixture ``(1 - alpha) g + alpha h`` of two classifiers' probabilities.

    Parameters
    ----------
    g, h : array_like, shape (..., K)
        Class probabilities; leading axes broadcast.
    alpha : float
        Weight of h, in [0, 1].

    Returns
    -------
    ndarray, shape (..., K)
        Class probabilities.

    Raises
    ------
    ValueError
        For NaN, different numbers of classes, or a weight outside [0, 1].
    """
    first, second = finite_array("g", g, least=1), finite_array("h", h, least=1)
    if first.shape[-1] != second.shape[-1]:
        refuse("h", second, f"the classes of g, {first.shape[-1]}")
    between("alpha", alpha, 0, 1)
    return np.asarray((1 - alpha) * first + alpha * second)
