"""Exact errors of linear rules ``sign(<w, x> + b)`` on ``x | y ~ N(y mean, sigma^2 I)``.

No test points are needed: the projection of x on w is a Gaussian, so each error is one value of
its distribution function. Every argument broadcasts over leading axes.
"""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_mixture.validation import Array, directions, finite, positive
from scipy.special import ndtr


def class_accuracies(
    w: ArrayLike, mean: ArrayLike, sigma: ArrayLike = 1.0, bias: ArrayLike = 0.0
) -> tuple[Array, Array]:
    """Accuracy on each class.

    Parameters
    ----------
    w, mean
        Normal vector and class mean, shape (..., d); `w` must not be zero.
    sigma
        Noise standard deviation (> 0).
    bias
        The offset b, in the scale of `w`.

    Returns
    -------
    positive, negative
        ``Phi((<w, mean> + b)/(sigma |w|))`` and ``Phi((<w, mean> - b)/(sigma |w|))``.
    """
    _, scale, signal = _projection(w, mean, sigma)
    offset = finite("bias", bias)
    return ndtr((signal + offset) / scale), ndtr((signal - offset) / scale)


def accuracy(
    w: ArrayLike,
    mean: ArrayLike,
    sigma: ArrayLike = 1.0,
    bias: ArrayLike = 0.0,
    prior: float = 0.5,
) -> Array:
    """Accuracy over both classes, `prior` being the probability of y = +1."""
    plus, minus = class_accuracies(w, mean, sigma, bias)
    return np.asarray(_share(prior) * plus + (1 - prior) * minus)


def robust_class_errors(
    w: ArrayLike,
    mean: ArrayLike,
    radius: float,
    dual_order: float,
    sigma: ArrayLike = 1.0,
    bias: ArrayLike = 0.0,
) -> tuple[Array, Array]:
    """Error on each class under the worst perturbation of l_p length `radius`.

    Parameters
    ----------
    w, mean, sigma, bias
        As in `class_accuracies`.
    radius
        Largest perturbation (>= 0).
    dual_order
        q with 1/p + 1/q = 1: 2 for l_2 attacks, 1 for l_inf attacks.

    Raises
    ------
    ValueError
        If `radius` is negative or `dual_order` is below 1.
    """
    if radius < 0 or dual_order < 1:
        raise ValueError(f"need radius >= 0 and dual_order >= 1, got {radius!r}, {dual_order!r}")
    normal, scale, signal = _projection(w, mean, sigma)
    margin = signal - radius * np.linalg.norm(normal, ord=dual_order, axis=-1)
    offset = finite("bias", bias)
    return ndtr(-(margin + offset) / scale), ndtr(-(margin - offset) / scale)


def bayes_error(mean: ArrayLike, sigma: ArrayLike = 1.0, prior: float = 0.5) -> Array:
    """Smallest possible error, reached by the log-likelihood-ratio rule.

    With ``a = |mean|/sigma`` and ``c = log(prior/(1-prior))/(2a)`` it is
    ``prior Phi(-a-c) + (1-prior) Phi(-a+c)`` (Fisher's linear discriminant).

    Raises
    ------
    ValueError
        If `mean` is zero: the classes then coincide and the larger prior decides.
    """
    centre = directions("mean", mean)
    reach = np.linalg.norm(centre, axis=-1) / positive("sigma", sigma)
    shift = np.log(_share(prior) / (1 - prior)) / (2 * reach)
    return np.asarray(prior * ndtr(-reach - shift) + (1 - prior) * ndtr(-reach + shift))


def _projection(w: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> tuple[Array, Array, Array]:
    normal, centre = directions("w", w), finite("mean", mean)
    if centre.ndim == 0 or normal.shape[-1] != centre.shape[-1]:
        raise ValueError(
            f"w and mean must agree on their last axis, got {normal.shape} and {centre.shape}"
        )
    scale = positive("sigma", sigma) * np.linalg.norm(normal, axis=-1)
    return normal, scale, np.sum(normal * centre, axis=-1)


def _share(prior: float) -> float:
    if not 0 < prior < 1:
        raise ValueError(f"prior must lie inside (0, 1), got {prior!r}")
    return prior
