"""Answering mechanisms that look at one query at a time: exact, perturbed, split."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.adaptive_queries.interaction import FloatArray, checked_values
from refutable.solvers.argument_checks import (
    generator,
    nonnegative,
    probabilities,
    refuse,
    whole_number,
)


def sample_means(values: FloatArray) -> FloatArray:
    """Means over the sample points, (runs, points, b) -> (runs, b)."""
    return _finite(np.asarray(values.mean(axis=1, dtype=np.float64)))


def expected(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Means under distributions: (runs, points), (runs, points, b) -> (runs, b), in float64."""
    means = np.matmul(weights[:, None, :].astype(values.dtype), values)[:, 0]
    return _finite(np.asarray(means, dtype=np.float64))


def _finite(means: FloatArray) -> FloatArray:
    # Looked for here because a mean shows what one of its many values was, at no second pass.
    if not np.isfinite(means).all():
        raise ValueError("values has NaN or infinite values: remove or replace them")
    return means


class ExactAnswers:
    """Empirical means: the naive mechanism that adaptivity defeats.

    Parameters
    ----------
    sample : array_like, shape (runs, points), optional
        Empirical distributions over a finite universe; without it the support points of a query
        are the sample's own points.

    Raises
    ------
    ValueError
        If a run's sample is not a distribution.
    """

    def __init__(self, sample: ArrayLike | None = None) -> None:
        self.sample = None if sample is None else probabilities("sample", sample, ndim=2)

    def answer(self, values: FloatArray) -> FloatArray:
        """Return the empirical means.

        Parameters
        ----------
        values : ndarray, shape (runs, points, b)
            Values of the queries at the support points.

        Returns
        -------
        ndarray, shape (runs, b)
            Their means.

        Raises
        ------
        ValueError
            If `values` is empty, not three-dimensional, or does not fit the sample.
        """
        if self.sample is None:
            return sample_means(checked_values(values))
        return expected(self.sample, checked_values(values, *self.sample.shape))


class GaussianAnswers:
    """Empirical means plus independent Gaussian noise.

    Parameters
    ----------
    scale : float
        Standard deviation of the noise, at least 0.
    rng : numpy.random.Generator
        Draws it.

    Raises
    ------
    ValueError
        If `scale` is negative or NaN.
    """

    def __init__(self, scale: float, rng: np.random.Generator) -> None:
        self.scale = nonnegative("scale", scale)
        self.rng = generator("rng", rng)

    def answer(self, values: FloatArray) -> FloatArray:
        """Return perturbed means, shapes as in `ExactAnswers.answer`."""
        means = sample_means(checked_values(values))
        return means + self.scale * self.rng.standard_normal(means.shape)


class SplitAnswers:
    """Sample splitting: the j-th query is answered by the j-th of equal parts of the sample.

    Parameters
    ----------
    parts : int
        Number of parts; no more queries than this can be answered.

    Raises
    ------
    ValueError
        If `parts` is below 1.
    """

    def __init__(self, parts: int) -> None:
        self.parts = whole_number("parts", parts)
        self.asked = 0

    def answer(self, values: FloatArray) -> FloatArray:
        """Return the means over the next unused parts.

        Parameters
        ----------
        values : ndarray, shape (runs, n, b)
            Values of the queries at all sample points, ``n >= parts``.

        Returns
        -------
        ndarray, shape (runs, b)
            Query by query, the mean over a part of ``n // parts`` points.

        Raises
        ------
        ValueError
            If the parts are used up or there are fewer points than parts.
        """
        array = checked_values(values)
        _, n, b = array.shape
        if n < self.parts:
            refuse("values", array, f"at least parts={self.parts} points")
        if self.asked + b > self.parts:
            raise ValueError(f"parts={self.parts} are used up: give more parts")
        size = n // self.parts
        rows = np.arange(self.asked, self.asked + b)[:, None] * size + np.arange(size)
        self.asked += b
        return sample_means(array[:, rows.T, np.arange(b)])
