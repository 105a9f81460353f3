"""Wasserstein-2 distributionally robust least squares of linear rules.

Over all distributions within W2 distance `radius` of the sample, features moving at l_2 cost and
labels fixed, the worst mean square is (Blanchet, Kang and Murthy 2019, Proposition 2)

    sup E (y - <w, x>)^2 = (sqrt(mean (y_i - <w, x_i>)^2) + radius |w|_2)^2,

so that its minimiser is ridge regression with a penalty fixed by itself: with G and h the second
moments, ``(G + lambda I) w = h`` and ``lambda |w| = radius sqrt(mean square)``. One eigenvalue
decomposition and one bracketed root per replicate, all replicates at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, positive

BISECTIONS = 200


@dataclass(frozen=True)
class RobustLeastSquares:
    """Minimisers of the worst-case mean square.

    Attributes
    ----------
    w
        Shape (size, d); zero where the radius is so large that nothing can be learned.
    value
        Worst-case mean square at `w`, shape (size,).
    penalty
        The equivalent ridge penalty lambda, shape (size,); infinite where `w` is zero.
    """

    w: Floats
    value: Floats
    penalty: Floats


def robust_least_squares(x: ArrayLike, y: ArrayLike, radius: float) -> RobustLeastSquares:
    """Minimise the worst-case mean square.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n).
    radius
        Radius of the Wasserstein-2 ball (> 0).

    Raises
    ------
    ValueError
        If shapes disagree, an array is empty or not finite, `radius` is not positive, or every y
        of a replicate is fitted exactly without any penalty (more features than points).
    """
    points, answers = _data(x, y)
    positive("radius", radius)
    n = points.shape[1]
    flipped = np.swapaxes(points, 1, 2)
    eigenvalues, vectors = np.linalg.eigh(flipped @ points / n)
    eigenvalues = np.clip(eigenvalues, 0, None)
    target = (np.swapaxes(vectors, 1, 2) @ (flipped @ answers[..., None] / n))[..., 0]
    power = (answers**2).mean(axis=1)
    penalty = _penalty(eigenvalues, target, power, radius)
    turned = target / (eigenvalues + penalty[:, None])
    w = np.einsum("sde,se->sd", vectors, turned)
    return RobustLeastSquares(w, worst_mean_square(w, points, answers, radius), penalty)


def worst_mean_square(w: ArrayLike, x: ArrayLike, y: ArrayLike, radius: float) -> Floats:
    """Evaluate the worst-case mean square of rules `w`, shape (size, d)."""
    points, answers = _data(x, y)
    positive("radius", radius)
    rule = finite_array("w", w, shape=(points.shape[0], points.shape[2]))
    square = ((answers - np.einsum("snd,sd->sn", points, rule)) ** 2).mean(axis=1)
    return np.asarray((np.sqrt(square) + radius * np.linalg.norm(rule, axis=1)) ** 2)


def worst_sample(w: ArrayLike, x: ArrayLike, y: ArrayLike, radius: float) -> Floats:
    """Move the sample to where `w` has its worst mean square.

    Each point moves along ``w/|w|`` by an amount proportional to its residual; the root mean
    square move is `radius`.

    Returns
    -------
    Floats
        Moved points, shape (size, n, d).

    Raises
    ------
    ValueError
        If a rule is zero or fits its sample exactly: no direction is worse than another.
    """
    points, answers = _data(x, y)
    positive("radius", radius)
    rule = finite_array("w", w, shape=(points.shape[0], points.shape[2]))
    residual = answers - np.einsum("snd,sd->sn", points, rule)
    root = np.sqrt((residual**2).mean(axis=1))
    length = np.linalg.norm(rule, axis=1)
    if (length == 0).any() or (root == 0).any():
        raise ValueError("w is zero or fits the sample exactly: no worst sample is singled out")
    step = -radius * residual / root[:, None]
    return np.asarray(points + step[..., None] * (rule / length[:, None])[:, None, :])


def _penalty(eigenvalues: Floats, target: Floats, power: Floats, radius: float) -> Floats:
    """Solve ``lambda |w(lambda)| = radius sqrt(mean square)`` by bisection on log lambda."""
    low = np.full(power.shape, -60.0)
    high = np.full(power.shape, 60.0)
    nothing = np.linalg.norm(target, axis=1) <= radius * np.sqrt(power)
    if (_surplus(low, eigenvalues, target, power, radius)[~nothing] > 0).any():
        raise ValueError("x fits y exactly, which is no ridge: give more points than features")
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = _surplus(middle, eigenvalues, target, power, radius) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(nothing, np.inf, np.exp(high))


def _surplus(
    log_penalty: Floats, eigenvalues: Floats, target: Floats, power: Floats, radius: float
) -> Floats:
    penalty = np.exp(log_penalty)[:, None]
    w = target / (eigenvalues + penalty)
    square = power - 2 * (target * w).sum(axis=1) + (eigenvalues * w**2).sum(axis=1)
    root = np.sqrt(np.clip(square, 0, None))
    return np.asarray(penalty[:, 0] * np.linalg.norm(w, axis=1) - radius * root)


def _data(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    points = finite_array("x", x, ndim=3)
    return points, finite_array("y", y, shape=points.shape[:2])
