"""Sufficient statistics of labelled points from a two-class Gaussian mixture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    both_classes,
    finite_array,
    signs,
    whole_number,
)


@dataclass(frozen=True)
class ClassStatistics:
    """Class means and one pooled diagonal variance, as naive Bayes with a shared variance has.

    Attributes
    ----------
    positive, negative
        Class means, shape (size, d).
    variance
        Prior-weighted mean of the two class variances per coordinate, shape (size, d).
    """

    positive: Floats
    negative: Floats
    variance: Floats


def mean_estimator(x: ArrayLike, y: ArrayLike) -> Floats:
    """Average the signed points, ``(1/n) sum y_i x_i``.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n), labels in {-1, +1}.

    Returns
    -------
    Floats
        Shape (size, d): the maximum-likelihood direction for symmetric isotropic classes.
    """
    points = finite_array("x", x, ndim=3)
    labels = signs("y", y, points.shape[:2])
    return np.asarray(np.einsum("sn,snd->sd", labels, points) / points.shape[1])


def class_statistics(x: ArrayLike, y: ArrayLike, ddof: int = 1) -> ClassStatistics:
    """Fit class means and the pooled diagonal variance.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n), labels in {-1, +1}.
    ddof
        1 for the unbiased class variances, 0 for the maximum-likelihood ones.

    Raises
    ------
    ValueError
        If shapes disagree, a class has fewer than ``ddof + 1`` points, or `ddof` is not 0 or 1.
    """
    whole_number("ddof", ddof, 0, 1)
    points = finite_array("x", x, ndim=3)
    labels = signs("y", y, points.shape[:2])
    both_classes("y", labels)
    plus, plus_var = _moments(points, labels > 0, ddof)
    minus, minus_var = _moments(points, labels < 0, ddof)
    share = (labels > 0).mean(axis=1)[:, None]
    return ClassStatistics(plus, minus, share * plus_var + (1 - share) * minus_var)


def _moments(points: Floats, member: np.ndarray, ddof: int) -> tuple[Floats, Floats]:
    weight = member.astype(np.float64)
    members = weight.sum(axis=1)[:, None]
    if (members <= ddof).any():
        raise ValueError(f"y leaves a class with at most {ddof} points: give more for its variance")
    mean = np.einsum("sn,snd->sd", weight, points) / members
    square = np.einsum("sn,snd->sd", weight, (points - mean[:, None, :]) ** 2)
    return mean, square / (members - ddof)
