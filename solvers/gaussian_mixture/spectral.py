"""Second moments of Gaussian samples, drawn without the samples, and their top directions."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_mixture.validation import Array, count, finite


def second_moment(x: ArrayLike) -> Array:
    """Average ``x x^T`` over points, shape (size, n, d) to (size, d, d)."""
    points = finite("x", x, ndim=3)
    return np.asarray(np.swapaxes(points, 1, 2) @ points / points.shape[1])


def sample_wishart(rng: Generator, size: int, degrees: int, dim: int) -> Array:
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
    Array
        Shape (size, dim, dim).
    """
    size, degrees, dim = count("size", size), count("degrees", degrees), count("dim", dim)
    if degrees < dim:
        points = rng.standard_normal((size, degrees, dim))
        return np.asarray(np.swapaxes(points, 1, 2) @ points)
    factor = np.tril(rng.standard_normal((size, dim, dim)), -1)
    axis = np.arange(dim)
    factor[:, axis, axis] = np.sqrt(rng.chisquare(degrees - axis, (size, dim)))
    return np.asarray(factor @ np.swapaxes(factor, 1, 2))


def sample_mixture_moment(rng: Generator, size: int, n: int, mean: ArrayLike) -> Array:
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
    Array
        Shape (size, d, d).
    """
    centre = finite("mean", mean, ndim=1)
    points = count("n", n, least=2)
    row = np.sqrt(points) * centre + rng.standard_normal((count("size", size), centre.size))
    rest = sample_wishart(rng, size, points - 1, centre.size)
    return np.asarray((row[:, :, None] * row[:, None, :] + rest) / points)


def top_directions(moment: ArrayLike, rank: int = 1) -> Array:
    """Find the eigenvectors of the `rank` largest eigenvalues.

    Parameters
    ----------
    moment
        Symmetric, shape (size, d, d).
    rank
        How many (1 to d).

    Returns
    -------
    Array
        Orthonormal columns, largest eigenvalue first, shape (size, d, rank).
    """
    matrix = finite("moment", moment, ndim=3)
    if matrix.shape[1] != matrix.shape[2]:
        raise ValueError(f"moment must be square in its last two axes, got {matrix.shape}")
    if count("rank", rank) > matrix.shape[1]:
        raise ValueError(f"rank must be at most {matrix.shape[1]}, got {rank}")
    vectors = np.linalg.eigh(matrix).eigenvectors
    return np.asarray(vectors[:, :, : -rank - 1 : -1])
