"""Least squares in the whole space or on a learned subspace, batched over replicates."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_mixture.validation import Array, finite


def least_squares(x: ArrayLike, y: ArrayLike) -> Array:
    """Fit ordinary least squares without intercept.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n), with n >= d.

    Returns
    -------
    Array
        Coefficients, shape (size, d), by the normal equations.

    Raises
    ------
    ValueError
        If shapes disagree, there are fewer points than features, or the Gram matrix is singular.
    """
    points, answers = finite("x", x, ndim=3), finite("y", y, ndim=2)
    if answers.shape != points.shape[:2]:
        raise ValueError(f"y must have shape {points.shape[:2]}, got {answers.shape}")
    if points.shape[1] < points.shape[2]:
        raise ValueError(
            f"x has {points.shape[1]} points for {points.shape[2]} features; "
            "least squares needs at least as many points as features"
        )
    flipped = np.swapaxes(points, 1, 2)
    return solve_moments(flipped @ points, (flipped @ answers[..., None])[..., 0])


def solve_moments(gram: ArrayLike, cross: ArrayLike, basis: ArrayLike | None = None) -> Array:
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
    Array
        Coefficients in the whole space, shape (size, d).

    Raises
    ------
    ValueError
        If shapes disagree or the Gram matrix is singular on the span.
    """
    square, product = finite("gram", gram, ndim=3), finite("cross", cross, ndim=2)
    if square.shape != (*product.shape, product.shape[1]):
        raise ValueError(f"gram and cross do not fit: shapes {square.shape} and {product.shape}")
    columns = None if basis is None else _basis(basis)
    if columns is not None:
        flipped = np.swapaxes(columns, 1, 2)
        square, product = flipped @ square @ columns, (flipped @ product[..., None])[..., 0]
    try:
        solution = np.asarray(np.linalg.solve(square, product[..., None])[..., 0])
    except np.linalg.LinAlgError as error:
        raise ValueError("x has linearly dependent features; remove them") from error
    return solution if columns is None else _lift(columns, solution)


def ridge(x: ArrayLike, y: ArrayLike, penalty: float) -> tuple[Array, Array]:
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
    points, answers = finite("x", x, ndim=3), finite("y", y, ndim=2)
    if answers.shape != points.shape[:2]:
        raise ValueError(f"y must have shape {points.shape[:2]}, got {answers.shape}")
    if not penalty > 0:
        raise ValueError(f"penalty must be positive, got {penalty!r}")
    centre, level = points.mean(axis=1), answers.mean(axis=1)
    shifted = points - centre[:, None, :]
    flipped = np.swapaxes(shifted, 1, 2)
    gram = flipped @ shifted + penalty * np.eye(points.shape[2])
    solution = np.linalg.solve(gram, flipped @ answers[..., None])[..., 0]
    return np.asarray(solution), np.asarray(level - (centre * solution).sum(axis=1))


def subspace_least_squares(x: ArrayLike, y: ArrayLike, basis: ArrayLike) -> Array:
    """Fit least squares on the features ``x basis`` and give the rule in the whole space.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n).
    basis
        Columns spanning the subspace, shape (size, d, r).

    Returns
    -------
    Array
        ``basis @ coefficients``, shape (size, d).
    """
    points, columns = finite("x", x, ndim=3), _basis(basis)
    if columns.shape[:2] != (points.shape[0], points.shape[2]):
        raise ValueError(
            f"basis must have shape ({points.shape[0]}, {points.shape[2]}, r), got {columns.shape}"
        )
    return _lift(columns, least_squares(points @ columns, y))


def population_regression(theta: ArrayLike, variances: ArrayLike, basis: ArrayLike) -> Array:
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
    Array
        ``B (B^T S B)^{-1} B^T S theta``, shape (size, d).
    """
    best, scale, columns = finite("theta", theta, ndim=1), _scale(variances), _basis(basis)
    flipped = np.swapaxes(columns, 1, 2)
    gram = flipped @ (scale[:, None] * columns)
    coefficients = np.linalg.solve(gram, flipped @ (scale * best)[:, None])
    return _lift(columns, np.asarray(coefficients[..., 0], dtype=np.float64))


def quadratic_excess(w: ArrayLike, theta: ArrayLike, variances: ArrayLike) -> Array:
    """Excess squared risk ``(w - theta)^T S (w - theta)`` for a diagonal S.

    Parameters
    ----------
    w
        Rules, shape (..., d).
    theta, variances
        Best rule and diagonal of the covariance, shape (d,).

    Returns
    -------
    Array
        Shape (...).
    """
    gap = finite("w", w) - finite("theta", theta, ndim=1)
    return np.asarray((gap**2 * _scale(variances)).sum(axis=-1))


def _basis(basis: ArrayLike) -> Array:
    columns = finite("basis", basis, ndim=3)
    if columns.shape[2] > columns.shape[1]:
        raise ValueError(f"basis has more columns than rows: {columns.shape}; transpose it")
    return columns


def _scale(variances: ArrayLike) -> Array:
    scale = finite("variances", variances, ndim=1)
    if (scale <= 0).any():
        raise ValueError(f"variances must be positive, got {scale.min()!r}")
    return scale


def _lift(columns: Array, coefficients: Array) -> Array:
    return np.asarray(np.einsum("sdr,sr->sd", columns, coefficients))
