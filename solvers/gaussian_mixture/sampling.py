"""Draw from two-class Gaussian mixtures, replicates on the leading axis."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    generator,
    inside,
    positive,
    refuse,
    whole_number,
)


def balanced_labels(size: int, n: int) -> Floats:
    """Give labels with exactly n/2 of each class.

    Parameters
    ----------
    size, n
        Replicates (>= 1), and points in each (even, >= 2).

    Returns
    -------
    Floats
        Shape (size, n): +1 in the first half, -1 in the second.

    Raises
    ------
    ValueError
        If `n` is odd or a count is below its minimum.
    """
    n = whole_number("n", n, 2)
    if n % 2:
        refuse("n", n, "an even number, for exactly balanced classes")
    row = np.repeat((1.0, -1.0), n // 2)
    return np.tile(row, (whole_number("size", size), 1))


def sample_signed(rng: Generator, size: int, n: int, mean: ArrayLike, sigma: float = 1.0) -> Floats:
    """Draw signed points ``u = y x ~ N(mean, sigma^2 I_d)``.

    Parameters
    ----------
    rng
        Source of randomness.
    size, n
        Replicates and points in each (>= 1).
    mean
        Shape (d,) or (size, d).
    sigma
        Standard deviation of each coordinate (> 0).

    Returns
    -------
    Floats
        Shape (size, n, d).
    """
    size = whole_number("size", size)
    centre = _centres(size, mean)
    spread, points = positive("sigma", sigma), whole_number("n", n)
    noise = generator("rng", rng).standard_normal((size, points, centre.shape[-1]))
    return centre[:, None, :] + spread * noise


def sample_mixture(
    rng: Generator,
    size: int,
    n: int,
    mean: ArrayLike,
    sigma: float = 1.0,
    *,
    prior: float = 0.5,
    balanced: bool = False,
) -> tuple[Floats, Floats]:
    """Draw points and labels of the two-class mixture.

    Parameters
    ----------
    rng, size, n, mean, sigma
        As in `sample_signed`.
    prior
        Probability of y = +1, in (0, 1).
    balanced
        Take exactly n/2 points of each class instead of drawing the labels.

    Returns
    -------
    x, y
        Shapes (size, n, d) and (size, n).

    Raises
    ------
    ValueError
        If `prior` is not inside (0, 1) or another argument is out of range.
    """
    inside("prior", prior, 0, 1)
    size, n = whole_number("size", size), whole_number("n", n)
    signed = sample_signed(rng, size, n, mean, sigma)
    if balanced:
        labels = balanced_labels(size, n)
    else:
        labels = np.where(rng.random((size, n)) < prior, 1.0, -1.0)
    return labels[..., None] * signed, labels


def sample_mean_estimator(
    rng: Generator, size: int, n: int, mean: ArrayLike, sigma: float = 1.0
) -> Floats:
    """Draw ``(1/n) sum y_i x_i ~ N(mean, sigma^2/n I_d)`` directly, without the n points.

    Returns
    -------
    Floats
        Shape (size, d); the law is that of `mean_estimator` on `sample_signed`.
    """
    size = whole_number("size", size)
    centre = _centres(size, mean)
    spread = positive("sigma", sigma) / np.sqrt(whole_number("n", n))
    noise = generator("rng", rng).standard_normal((size, centre.shape[-1]))
    return np.asarray(centre + spread * noise)


def random_directions(rng: Generator, size: int, dim: int) -> Floats:
    """Draw `size` independent uniform unit vectors, shape (size, dim)."""
    shape = (whole_number("size", size), whole_number("dim", dim))
    raw = generator("rng", rng).standard_normal(shape)
    unit: Floats = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return unit


def _centres(size: int, mean: ArrayLike) -> Floats:
    centre = finite_array("mean", mean)
    if centre.ndim == 1:
        centre = centre[None, :]
    if centre.ndim != 2 or centre.shape[0] not in (1, size):
        refuse("mean", np.asarray(mean), f"shape (d,) or ({size}, d)")
    return centre
