"""Logistic regression with a ridge, by Newton's method with halved steps, batched over problems."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    flags,
    positive,
    refuse,
)

__all__ = ["LogisticFits", "information", "losses", "ridge_logistic"]

STEPS = 100
"""Newton's method takes some twenty, more only where classes are nearly separable."""

SLOPE = 1e-7
"""Entries of the gradient, a sum over points, that count as none: beside curvatures of order 1 the
loss is then right to 1e-14. With larger curvatures it is right to less than rounding."""

ALLOWED = 1e-9
"""Rise of the loss that a step may have: rounding, for a sum over thousands of points."""


class LogisticFits(NamedTuple):
    """Fits of a batch of problems.

    Attributes
    ----------
    coefficients : ndarray, shape (..., p)
    slope : ndarray, shape (...)
        Largest entry of the gradient that is left.
    """

    coefficients: Floats
    slope: Floats


def ridge_logistic(x: ArrayLike, y: ArrayLike, ridge: float) -> LogisticFits:
    """Minimise ``sum log(1 + exp(z)) - y z + ridge |b|^2 / 2`` over b, where ``z = x b``.

    Parameters
    ----------
    x : array_like, shape (..., n, p)
        Without an intercept, unless a column of ones is there.
    y : array_like of bool, shape (..., n)
    ridge : float
        Above 0, so that there is one minimum, also where classes are separable.

    Returns
    -------
    LogisticFits

    Raises
    ------
    ValueError
        If shapes do not go together or an argument is out of range.
    """
    points, labels = _data(x, y)
    penalty = positive("ridge", ridge)
    *batch, n, p = points.shape
    found = _newton(points.reshape(-1, n, p), labels.reshape(-1, n), penalty)
    return LogisticFits(found.coefficients.reshape(*batch, p), found.slope.reshape(batch))


def information(x: ArrayLike, coefficients: ArrayLike) -> Floats:
    """Return the Fisher information ``sum p (1 - p) x x'`` at coefficients, shape (..., p, p).

    It is the Hessian of the loss without the ridge, and for logistic regression the expected and
    the observed information are the same.

    Parameters
    ----------
    x : array_like, shape (..., n, p)
    coefficients : array_like, shape (..., p)

    Raises
    ------
    ValueError
        If shapes do not go together.
    """
    points = finite_array("x", x, least=2)
    return _information(points, _levels(points, _coefficients(coefficients, points)))


def losses(x: ArrayLike, y: ArrayLike, coefficients: ArrayLike) -> Floats:
    """Return the sum of log losses at coefficients, without the ridge, shape (...).

    Parameters
    ----------
    x : array_like, shape (..., n, p)
    y : array_like of bool, shape (..., n)
    coefficients : array_like, shape (..., p)

    Raises
    ------
    ValueError
        If shapes do not go together.
    """
    points, labels = _data(x, y)
    return _losses(labels, _levels(points, _coefficients(coefficients, points)))


def _data(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    points = finite_array("x", x, least=2)
    return points, flags("y", y, shape=points.shape[:-1]).astype(np.float64)


def _coefficients(coefficients: ArrayLike, points: Floats) -> Floats:
    b = finite_array("coefficients", coefficients, least=1)
    if b.shape != (*points.shape[:-2], points.shape[-1]):
        refuse("coefficients", b, f"shape {(*points.shape[:-2], points.shape[-1])}, as x has it")
    return b


def _levels(points: Floats, b: Floats) -> Floats:
    return np.asarray((points @ b[..., None])[..., 0])


def _losses(labels: Floats, level: Floats) -> Floats:
    """Return ``sum log(1 + exp(z)) - y z``, in a form that no level overflows."""
    size = np.abs(level)
    each = np.log1p(np.exp(-size)) + 0.5 * (size + level) - labels * level
    return np.asarray(each.sum(axis=-1))


def _information(points: Floats, level: Floats) -> Floats:
    chance = scipy.special.expit(level)
    return np.asarray(np.swapaxes(points * (chance * (1 - chance))[..., None], -1, -2) @ points)


def _newton(points: Floats, labels: Floats, penalty: float) -> LogisticFits:
    """Fit problems of shape (size, n, p); those that have arrived are left alone."""
    size, n, p = points.shape
    b, left = np.zeros((size, p)), np.full(size, np.inf)
    busy, x, y, level = np.arange(size), points, labels, np.zeros((size, n))
    value = _losses(y, level)
    for step in range(STEPS + 1):
        excess = scipy.special.expit(level) - y
        slope = (np.swapaxes(x, -1, -2) @ excess[..., None])[..., 0] + penalty * b[busy]
        left[busy] = np.abs(slope).max(axis=-1)
        on = left[busy] >= SLOPE
        if step == STEPS or not on.any():
            break
        if not on.all():
            busy, x, y = busy[on], x[on], y[on]
            level, value, slope = level[on], value[on], slope[on]
        curvature = _information(x, level) + penalty * np.eye(p)
        way = np.asarray(np.linalg.solve(curvature, slope[..., None])[..., 0], dtype=np.float64)
        b[busy], level, value = _descend(x, y, penalty, b[busy], level, value, way)
    return LogisticFits(b, left)


def _descend(
    points: Floats,
    labels: Floats,
    penalty: float,
    b: Floats,
    level: Floats,
    value: Floats,
    way: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Take a step, halved in each problem until its loss does not rise; with levels and loss."""
    share = np.ones(len(b))
    change = _levels(points, way)
    for _ in range(40):
        moved, there = b - share[:, None] * way, level - share[:, None] * change
        reached = _losses(labels, there) + 0.5 * penalty * (moved**2).sum(axis=-1)
        rose = reached > value + ALLOWED
        if not rose.any():
            return moved, there, reached
        share = np.where(rose, share / 2, share)
    kept = rose[:, None]
    return np.where(kept, b, moved), np.where(kept, level, there), np.where(rose, value, reached)
