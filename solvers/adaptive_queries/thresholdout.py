"""Thresholdout: answer from the training set unless it disagrees with the holdout.

From Dwork, Feldman, Hardt, Pitassi, Reingold and Roth, "Generalization in adaptive data analysis
and holdout reuse" (NIPS 2015) and "The reusable holdout" (Science 2015).
"""

import numpy as np
from refutable.solvers.adaptive_queries.interaction import FloatArray, checked_values
from refutable.solvers.adaptive_queries.mechanisms import sample_means
from refutable.solvers.argument_checks import generator, nonnegative, refuse, whole_number


class Thresholdout:
    """Reusable holdout with Gaussian noise on the threshold and on the answer.

    Parameters
    ----------
    n_train : int
        The first so many points are the training set, the others the holdout.
    threshold : float
        Difference of the two means up to which the training mean is answered; infinity never
        looks at the holdout, 0 without noise always answers from it (the naive holdout).
    scale : float
        Standard deviation of both noises, at least 0.
    rng : numpy.random.Generator
        Draws them.

    Attributes
    ----------
    spent : int
        How often the holdout was answered, over all runs.

    Raises
    ------
    ValueError
        For ``n_train < 1``, or a negative threshold or scale.
    """

    def __init__(
        self, n_train: int, threshold: float, scale: float, rng: np.random.Generator
    ) -> None:
        self.n_train = whole_number("n_train", n_train)
        self.threshold = nonnegative("threshold", threshold, endless=True)
        self.scale = nonnegative("scale", scale)
        self.rng = generator("rng", rng)
        self.spent = 0

    def answer(self, values: FloatArray) -> FloatArray:
        """Return training means, or noisy holdout means where the two differ too much.

        Parameters
        ----------
        values : ndarray, shape (runs, n_train + n_holdout, b)
            Values of the queries at all points.

        Returns
        -------
        ndarray, shape (runs, b)
            The answers.

        Raises
        ------
        ValueError
            If no holdout points are left.
        """
        array = checked_values(values)
        if array.shape[1] <= self.n_train:
            refuse("values", array, f"more than n_train={self.n_train} points")
        train = sample_means(array[:, : self.n_train])
        holdout = sample_means(array[:, self.n_train :])
        noise = self.scale * self.rng.standard_normal((2, *train.shape))
        overfit = np.abs(train - holdout) > self.threshold + noise[0]
        self.spent += int(overfit.sum())
        return np.where(overfit, holdout + noise[1], train)
