"""Least squares in the whole space or on a learned subspace, batched over replicates."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    positive,
    positive_array,
    refuse,
    square,
)


def least_squares(x: ArrayLike, y: ArrayLike) -> Floats:
    """Fit ordinary least squares without intercept.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n), with n >= d.

    Returns
    -------
    Floats
        Coefficients, shape (size, d), by the normal equations.

    Raises
    ------
    ValueError
        If shapes disagree, there are fewer points than features, or the Gram matrix is singular.
    """
    points = finite_array("x", x, ndim=3)
    answers = finite_array("y", y, shape=points.shape[:2])
    if points.shape[1] < points.shape[2]:
        refuse("x", points, "at least as many points as features")
    flipped = np.swapaxes(points, 1, 2)
    return solve_moments(flipped @ points, (flipped @ answers[..., None])[..., 0])


def solve_moments(gram: ArrayLike, cross: ArrayLike, basis: ArrayLike | None = None) -> Floats:
    """Fit least squares from its sufficient statistics.

    Parameters
    ----------
    gram
        ``sum x x^T``, shape (size, d, d).
    cross
        ``sum x y``, shape (size, d).
    basis
        Restricts the rule to the span of these columns, shape (size, d, r); no restriction if None.

    Returns
    -------
    Floats
        Coefficients in the whole space, shape (size, d).

    Raises
    ------
    ValueError
        If shapes disagree or the Gram matrix is singular on the span.
    """
    moments = square("gram", gram, ndim=3)
    product = finite_array("cross", cross, shape=moments.shape[:2])
    columns = None if basis is None else _basis(basis, moments.shape[1], len(moments))
    if columns is not None:
        flipped = np.swapaxes(columns, 1, 2)
        moments, product = flipped @ moments @ columns, (flipped @ product[..., None])[..., 0]
    try:
        solution = np.asarray(np.linalg.solve(moments, product[..., None])[..., 0])
    except np.linalg.LinAlgError as error:
        raise ValueError("gram is singular on the span: remove dependent features") from error
    return solution if columns is None else _lift(columns, solution)


def ridge(x: ArrayLike, y: ArrayLike, penalty: float) -> tuple[Floats, Floats]:
    """Fit ridge regression with an unpenalised intercept.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n).
    penalty
        Weight of the squared coefficients (> 0).

    Returns
    -------
    coefficients, intercept
        Shapes (size, d) and (size,), minimising ``|y - x w - b|^2 + penalty |w|^2``.

    Raises
    ------
    ValueError
        If shapes disagree or `penalty` is not positive.
    """
    points = finite_array("x", x, ndim=3)
    answers = finite_array("y", y, shape=points.shape[:2])
    positive("penalty", penalty)
    centre, level = points.mean(axis=1), answers.mean(axis=1)
    shifted = points - centre[:, None, :]
    flipped = np.swapaxes(shifted, 1, 2)
    gram = flipped @ shifted + penalty * np.eye(points.shape[2])
    solution = np.linalg.solve(gram, flipped @ answers[..., None])[..., 0]
    return np.asarray(solution), np.asarray(level - (centre * solution).sum(axis=1))


def subspace_least_squares(x: ArrayLike, y: ArrayLike, basis: ArrayLike) -> Floats:
    """Fit least squares on the features ``x basis`` and give the rule in the whole space.

    The literal route to what `solve_moments` computes from sums alone.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n).
    basis
        Columns spanning the subspace, shape (size, d, r).

    Returns
    -------
    Floats
        ``basis @ coefficients``, shape (size, d).
    """
    points = finite_array("x", x, ndim=3)
    columns = _basis(basis, points.shape[2], len(points))
    return _lift(columns, least_squares(points @ columns, y))


def population_regression(theta: ArrayLike, variances: ArrayLike, basis: ArrayLike) -> Floats:
    """Give the best rule inside a subspace: the limit of infinitely many labelled points.

    Parameters
    ----------
    theta
        Best rule of the whole space, shape (d,).
    variances
        Diagonal of the covariance of x, shape (d,), positive.
    basis
        Shape (size, d, r).

    Returns
    -------
    Floats
        ``B (B^T S B)^{-1} B^T S theta``, shape (size, d).
    """
    best = finite_array("theta", theta, ndim=1)
    scale = positive_array("variances", variances, shape=best.shape)
    columns = _basis(basis, len(best))
    flipped = np.swapaxes(columns, 1, 2)
    gram = flipped @ (scale[:, None] * columns)
    coefficients = np.linalg.solve(gram, flipped @ (scale * best)[:, None])
    return _lift(columns, np.asarray(coefficients[..., 0], dtype=np.float64))


def quadratic_excess(w: ArrayLike, theta: ArrayLike, variances: ArrayLike) -> Floats:
    """Excess squared risk ``(w - theta)^T S (w - theta)`` for a diagonal S.

    Parameters
    ----------
    w
        Rules, shape (..., d).
    theta, variances
        Best rule and diagonal of the covariance, shape (d,).

    Returns
    -------
    Floats
        Shape (...).
    """
    best, rules = finite_array("theta", theta, ndim=1), finite_array("w", w, least=1)
    if rules.shape[-1] != len(best):
        refuse("w", rules, f"the last axis of theta, {len(best)}")
    scale = positive_array("variances", variances, shape=best.shape)
    return np.asarray(((rules - best) ** 2 * scale).sum(axis=-1))


def _basis(basis: ArrayLike, d: int, size: int | None = None) -> Floats:
    columns = finite_array("basis", basis, ndim=3)
    replicates = len(columns) if size is None else size
    if columns.shape[:2] != (replicates, d) or columns.shape[2] > d:
        refuse("basis", columns, f"shape ({replicates}, {d}, r) with r at most {d}")
    return columns


def _lift(columns: Floats, coefficients: Floats) -> Floats:
    return np.asarray(np.einsum("sdr,sr->sd", columns, coefficients))
