"""Answering mechanisms that look at one query at a time: exact, perturbed, split."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.adaptive_queries import _validate
from refutable.solvers.adaptive_queries.interaction import FloatArray


def sample_means(values: FloatArray) -> FloatArray:
    """Means over the sample points, (runs, points, b) -> (runs, b)."""
    return np.asarray(values.mean(axis=1, dtype=np.float64))


def expected(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Means under distributions: (runs, points), (runs, points, b) -> (runs, b), in float64."""
    means = np.matmul(weights[:, None, :].astype(values.dtype), values)[:, 0]
    return np.asarray(means, dtype=np.float64)


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
        self.sample = None if sample is None else _validate.distributions(sample, "sample")

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
            return sample_means(_validate.block(values))
        return expected(self.sample, _validate.block(values, *self.sample.shape))


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
        self.scale = _validate.not_negative(scale, "scale")
        self.rng = rng

    def answer(self, values: FloatArray) -> FloatArray:
        """Return perturbed means, shapes as in `ExactAnswers.answer`."""
        means = sample_means(_validate.block(values))
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
        self.parts = _validate.count(parts, "parts")
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
        array = _validate.block(values)
        _, n, b = array.shape
        if n < self.parts:
            raise ValueError(f"values must hold at least parts={self.parts} points, got {n}")
        if self.asked + b > self.parts:
            raise ValueError(f"all {self.parts} parts are used up: split into more parts")
        size = n // self.parts
        rows = np.arange(self.asked, self.asked + b)[:, None] * size + np.arange(size)
        self.asked += b
        return np.asarray(array[:, rows.T, np.arange(b)].mean(axis=1, dtype=np.float64))
