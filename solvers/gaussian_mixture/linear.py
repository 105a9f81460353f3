"""Exact errors of linear rules ``sign(<w, x> + b)`` on ``x | y ~ N(y mean, sigma^2 I)``.

No test points are needed: the projection of x on w is a Gaussian, so each error is one value of
its distribution function. Every argument broadcasts over leading axes.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    directions,
    finite_array,
    inside,
    nonnegative,
    positive_array,
    refuse,
)


def class_accuracies(
    w: ArrayLike, mean: ArrayLike, sigma: ArrayLike = 1.0, bias: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
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
    offset = finite_array("bias", bias)
    return scipy.special.ndtr((signal + offset) / scale), scipy.special.ndtr(
        (signal - offset) / scale
    )


def accuracy(
    w: ArrayLike,
    mean: ArrayLike,
    sigma: ArrayLike = 1.0,
    bias: ArrayLike = 0.0,
    prior: float = 0.5,
) -> Floats:
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
) -> tuple[Floats, Floats]:
    """Error on each class under the worst perturbation of l_p length `radius`.

    The second route to the closed forms of robust errors in `theory`, whose tests call it.

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
    nonnegative("radius", radius)
    if nonnegative("dual_order", dual_order, endless=True) < 1:
        refuse("dual_order", dual_order, "a number, at least 1")
    normal, scale, signal = _projection(w, mean, sigma)
    margin = signal - radius * np.linalg.norm(normal, ord=dual_order, axis=-1)
    offset = finite_array("bias", bias)
    return scipy.special.ndtr(-(margin + offset) / scale), scipy.special.ndtr(
        -(margin - offset) / scale
    )


def _projection(w: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> tuple[Floats, Floats, Floats]:
    normal, centre = directions("w", w), finite_array("mean", mean, least=1)
    if normal.shape[-1] != centre.shape[-1]:
        refuse("mean", centre, f"the last axis of w, {normal.shape[-1]}")
    scale = positive_array("sigma", sigma) * np.linalg.norm(normal, axis=-1)
    return normal, scale, np.sum(normal * centre, axis=-1)


def _share(prior: float) -> float:
    return inside("prior", prior, 0, 1)
