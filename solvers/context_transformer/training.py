"""Training on data sets that are drawn afresh at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.adam import adam
from refutable.solvers.argument_checks import finite_array, positive, whole_number
from refutable.solvers.context_transformer.layout import Layout
from refutable.solvers.context_transformer.loss import gaussian_loss

Array = NDArray[np.float64]


class Batch(NamedTuple):
    """Data sets, as `gaussian_loss` takes them."""

    x: Array
    y: Array
    targets: Array
    visible: NDArray[np.bool_]


def cosine_rates(steps: int, rate: float) -> Array:
    """Return step sizes that fall from `rate` along half a cosine, the last one above 0.

    Parameters
    ----------
    steps : int
        At least 1.
    rate : float
        Above 0.

    Returns
    -------
    ndarray, shape (steps,)
    """
    count = whole_number("steps", steps)
    return np.asarray(positive("rate", rate) * (1 + np.cos(np.pi * np.arange(count) / count)) / 2)


def train(
    start: ArrayLike,
    layout: Layout,
    draw: Callable[[int], Batch],
    rates: ArrayLike,
    *,
    clip: float = 1.0,
    keep: Iterable[int] = (),
) -> dict[int, Array]:
    """Descend by Adam on the loss of fresh data sets, in single precision.

    Parameters
    ----------
    start : array_like, shape (layout.count,)
    layout : Layout
    draw : callable (step) -> Batch
    rates : array_like, shape (steps,)
        Step sizes, above 0; see `cosine_rates`.
    clip : float
        The greatest norm of a gradient; a longer one is shortened to it.
    keep : iterable of int
        Steps before which the parameters are kept; 0 is the start.

    Returns
    -------
    dict of ndarray, shape (layout.count,)
        Parameters by the number of steps that led to them: those of `keep`, and the last.

    Raises
    ------
    ValueError
        If an argument is malformed.
    """
    first = finite_array("start", start, shape=(layout.count,))
    most, wanted, kept = positive("clip", clip), set(keep), {}

    def gradient(parameters: Array, step: int) -> Array:
        if step in wanted:
            kept[step] = parameters.copy()
        batch = draw(step)
        _, slope = gaussian_loss(parameters, layout, *batch, single=True)
        norm = float(np.linalg.norm(slope))
        return slope * min(1.0, most / norm) if norm > 0 else slope

    last = adam(first, gradient, rates)
    return kept | {len(np.asarray(rates)): last}
