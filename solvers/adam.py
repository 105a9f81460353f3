"""Adam over batched parameters: many descents at once, each on its own stochastic gradients.

Kingma and Ba (2015), Algorithm 1: running means of the gradient and of its square, both divided by
what their start at 0 took from them, and steps ``rate * m / (sqrt(v) + floor)``. Every coordinate
is on its own, so that leading axes are independent runs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    below,
    between,
    finite_array,
    inside,
    positive,
    positive_array,
    whole_number,
)

__all__ = ["adam", "dropped_rates"]

Floats = NDArray[np.float64]
Gradient = Callable[[Floats, int], Floats]


def dropped_rates(steps: int, rate: float, factor: float = 0.1, after: float = 0.7) -> Floats:
    """Return step sizes that are constant, and smaller by a factor at the end.

    Parameters
    ----------
    steps : int
        At least 1.
    rate : float
        Above 0.
    factor : float
        What the last steps are multiplied with, above 0.
    after : float
        Share of the steps that keep the full rate, in [0, 1].

    Returns
    -------
    ndarray, shape (steps,)
    """
    count = whole_number("steps", steps)
    kept = np.arange(count) < between("after", after, 0, 1) * count
    return np.asarray(positive("rate", rate) * np.where(kept, 1.0, positive("factor", factor)))


def adam(
    start: ArrayLike,
    gradient: Gradient,
    rates: ArrayLike,
    *,
    momentum: float = 0.9,
    memory: float = 0.999,
    floor: float = 1e-8,
) -> Floats:
    """Descend from a start by Adam, one step for each rate.

    Parameters
    ----------
    start : array_like
        Parameters, any shape; it is not written to.
    gradient : callable (parameters, step) -> ndarray
        The gradient, or an unbiased estimate of it, of the shape of `start`. `step` counts from 0,
        so that minibatches can be drawn or cut by it. The array handed over is changed in place
        after the call: copy what is to be kept.
    rates : array_like, shape (steps,)
        Step sizes, above 0; see `dropped_rates`.
    momentum, memory : float
        Decay of the running mean of gradients and of their squares, in [0, 1); as published.
    floor : float
        Added to the root of the second, above 0; as published.

    Returns
    -------
    ndarray
        The last parameters, of the shape of `start`. Where a gradient was not finite they are not
        either, and other coordinates go on.

    Raises
    ------
    ValueError
        If an argument is malformed, or the first gradient has another shape.
    """
    here = np.array(finite_array("start", start))
    sizes = positive_array("rates", rates, ndim=1)
    first, second = below("momentum", momentum, 0, 1), below("memory", memory, 0, 1)
    least = inside("floor", floor, 0, np.inf)
    mean, square, scratch = np.zeros_like(here), np.zeros_like(here), np.empty_like(here)
    for step, size in enumerate(sizes):
        slope = gradient(here, step)
        if step == 0 and np.shape(slope) != here.shape:
            raise ValueError(f"gradient has shape {np.shape(slope)}: give that of start")
        mean *= first
        mean += np.multiply(slope, 1 - first, out=scratch)
        square *= second
        np.multiply(slope, slope, out=scratch)
        scratch *= 1 - second
        square += scratch
        np.sqrt(square, out=scratch)
        scratch /= np.sqrt(1 - second ** (step + 1))
        scratch += least
        np.divide(mean, scratch, out=scratch)
        scratch *= size / (1 - first ** (step + 1))
        here -= scratch
    return here
