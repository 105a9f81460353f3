"""Second moments of Gaussian samples, drawn without the samples, and their top directions."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    generator,
    square,
    whole_number,
)


def second_moment(x: ArrayLike) -> Floats:
    """Average ``x x^T`` over points, shape (size, n, d) to (size, d, d).

    The literal route to what `sample_mixture_moment` draws without the points.
    """
    points = finite_array("x", x, ndim=3)
    return np.asarray(np.swapaxes(points, 1, 2) @ points / points.shape[1])


def sample_wishart(rng: Generator, size: int, degrees: int, dim: int) -> Floats:
    """Draw ``sum of z z^T`` over `degrees` standard Gaussian vectors z, by Bartlett's factor.

    Parameters
    ----------
    rng
        Source of randomness.
    size, degrees, dim
        Replicates, degrees of freedom and dimension (>= 1). Below `dim` degrees of freedom the
        matrix is singular and the vectors are drawn one by one.

    Returns
    -------
    Floats
        Shape (size, dim, dim).
    """
    size, degrees = whole_number("size", size), whole_number("degrees", degrees)
    dim = whole_number("dim", dim)
    generator("rng", rng)
    if degrees < dim:
        points = rng.standard_normal((size, degrees, dim))
        return np.asarray(np.swapaxes(points, 1, 2) @ points)
    factor = np.tril(rng.standard_normal((size, dim, dim)), -1)
    axis = np.arange(dim)
    factor[:, axis, axis] = np.sqrt(rng.chisquare(degrees - axis, (size, dim)))
    return np.asarray(factor @ np.swapaxes(factor, 1, 2))


def sample_mixture_moment(rng: Generator, size: int, n: int, mean: ArrayLike) -> Floats:
    """Draw the second moment of n points ``u mean + z``, u = +-1 and z standard Gaussian.

    An orthogonal turn of the rows collects the means in one row, so that the sum of squares is
    ``(sqrt(n) mean + z)(sqrt(n) mean + z)^T`` plus a Wishart matrix with n - 1 degrees of freedom.

    Parameters
    ----------
    rng, size
        Source of randomness and replicates.
    n
        Points (>= 2).
    mean
        Shape (d,).

    Returns
    -------
    Floats
        Shape (size, d, d).
    """
    centre = finite_array("mean", mean, ndim=1)
    points, shape = whole_number("n", n, 2), (whole_number("size", size), centre.size)
    row = np.sqrt(points) * centre + generator("rng", rng).standard_normal(shape)
    rest = sample_wishart(rng, size, points - 1, centre.size)
    return np.asarray((row[:, :, None] * row[:, None, :] + rest) / points)


def top_directions(moment: ArrayLike, rank: int = 1) -> Floats:
    """Find the eigenvectors of the `rank` largest eigenvalues.

    Parameters
    ----------
    moment
        Symmetric, shape (size, d, d).
    rank
        How many (1 to d).

    Returns
    -------
    Floats
        Orthonormal columns, largest eigenvalue first, shape (size, d, rank).
    """
    matrix = square("moment", moment, ndim=3)
    rank = whole_number("rank", rank, 1, matrix.shape[1])
    vectors = np.linalg.eigh(matrix).eigenvectors
    return np.asarray(vectors[:, :, : -rank - 1 : -1])
