"""Private multiplicative weights: answer from a public hypothesis, correct it when it fails.

Hardt and Rothblum (2010), the mechanism behind Theorem 1 of Dwork et al. (2015). The hypothesis is
a distribution over a finite universe; only the rare queries on which it fails touch the sample.
"""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.adaptive_queries.interaction import FloatArray, checked_values
from refutable.solvers.adaptive_queries.mechanisms import expected
from refutable.solvers.argument_checks import generator, nonnegative, probabilities


class MultiplicativeWeights:
    """Private multiplicative weights over a finite universe.

    Parameters
    ----------
    sample : array_like, shape (runs, points)
        Empirical distribution of every run over the universe.
    threshold : float
        Largest difference between a noisy answer and the hypothesis that is overlooked; 0 updates
        on every query and so answers empirically.
    scale : float
        Scale of the Laplace noise on the empirical answer, at least 0.
    rate : float
        Learning rate of an update, at least 0.
    rng : numpy.random.Generator
        Draws the noise.

    Attributes
    ----------
    hypothesis : ndarray, shape (runs, points)
        Public distribution, uniform at first.
    updates : ndarray, shape (runs,)
        Number of updates so far.

    Raises
    ------
    ValueError
        If a run's sample is not a distribution, or a parameter is negative.
    """

    def __init__(
        self,
        sample: ArrayLike,
        threshold: float,
        scale: float,
        rate: float,
        rng: np.random.Generator,
    ) -> None:
        self.sample = probabilities("sample", sample, ndim=2).astype(np.float32)
        self.threshold = nonnegative("threshold", threshold, endless=True)
        self.scale = nonnegative("scale", scale)
        self.rate = nonnegative("rate", rate)
        self.rng = generator("rng", rng)
        runs, points = self.sample.shape
        self.hypothesis = np.full((runs, points), 1 / points)
        self.updates = np.zeros(runs, dtype=int)

    def answer(self, values: FloatArray) -> FloatArray:
        """Answer the queries of a block in order.

        Parameters
        ----------
        values : ndarray, shape (runs, points, b)
            Values of the queries on the universe.

        Returns
        -------
        ndarray, shape (runs, b)
            The hypothesis's means, or the noisy empirical ones where an update was made.

        Raises
        ------
        ValueError
            If the shape does not fit the sample's.
        """
        array = checked_values(values, *self.sample.shape)
        noisy = expected(self.sample, array)
        noisy = noisy + self.rng.laplace(0, self.scale, noisy.shape)
        answers = expected(self.hypothesis, array)
        pending = np.arange(len(array))
        start = np.zeros(len(array), dtype=int)
        # The hypothesis only changes at updates, so everything up to the next one is final.
        while pending.size:
            pending, start = self._advance(array, noisy, answers, pending, start)
        return answers

    def _advance(
        self,
        values: FloatArray,
        noisy: FloatArray,
        answers: FloatArray,
        pending: np.ndarray,
        start: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Make the next update of every pending run; return the runs that had one, and where."""
        open_ = np.arange(noisy.shape[1]) >= start[:, None]
        failed = open_ & (np.abs(noisy[pending] - answers[pending]) > self.threshold)
        hit = failed.any(axis=1)
        runs, first = pending[hit], failed[hit].argmax(axis=1)
        if not runs.size:
            return runs, first
        sign = np.sign(noisy[runs, first] - answers[runs, first])
        self._update(runs, values[runs, :, first], sign)
        later = np.arange(noisy.shape[1]) > first[:, None]
        fresh = expected(self.hypothesis[runs], values[runs])
        answers[runs] = np.where(later, fresh, answers[runs])
        answers[runs, first] = noisy[runs, first]
        return runs, first + 1

    def _update(self, runs: np.ndarray, values: FloatArray, sign: FloatArray) -> None:
        moved = self.hypothesis[runs] * np.exp(self.rate * sign[:, None] * values)
        self.hypothesis[runs] = moved / moved.sum(axis=1, keepdims=True)
        self.updates[runs] += 1
