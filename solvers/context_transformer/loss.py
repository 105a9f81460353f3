"""The Gaussian head, its negative log likelihood and the gradient of that."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, flags
from refutable.solvers.context_transformer.layout import Floats, Layout
from refutable.solvers.context_transformer.network import backward, forward

FLOOR = 1e-3
"""Least standard deviation: a likelihood without one may grow without end on few points."""


class Gaussians(NamedTuple):
    """Predictions.

    Attributes
    ----------
    mean, deviation : ndarray, shape (b, queries)
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def predict(
    parameters: ArrayLike,
    layout: Layout,
    x: ArrayLike,
    y: ArrayLike,
    visible: ArrayLike,
    *,
    single: bool = False,
) -> Gaussians:
    """Return the predictive Gaussians of the queries.

    Parameters
    ----------
    parameters : array_like, shape (layout.count,)
    layout : Layout
    x : array_like, shape (b, context + queries, features)
        Inputs, those of the context first.
    y : array_like, shape (b, context)
        Labels of the context; at least one query follows them.
    visible : array_like of bool, shape (b, context)
        Which of the context may be seen.
    single : bool
        Work in single precision, twice as fast.

    Raises
    ------
    ValueError
        If an argument is malformed.
    """
    flat, inputs, labels, seen = _checked(parameters, layout, x, y, visible, single)
    mean, raw = _outputs(forward(layout.split(flat), layout, inputs, labels, seen).outputs)
    return Gaussians(mean, np.logaddexp(0, raw) + FLOOR)


def gaussian_loss(
    parameters: ArrayLike,
    layout: Layout,
    x: ArrayLike,
    y: ArrayLike,
    targets: ArrayLike,
    visible: ArrayLike,
    *,
    single: bool = False,
) -> tuple[float, NDArray[np.float64]]:
    """Return the mean negative log likelihood of the targets, and its gradient.

    Parameters
    ----------
    parameters, layout, x, y, visible
        As in `predict`.
    targets : array_like, shape (b, queries)
    single : bool
        Work in single precision, twice as fast.

    Returns
    -------
    loss : float
    gradient : ndarray, shape (layout.count,)

    Raises
    ------
    ValueError
        If an argument is malformed.
    """
    flat, inputs, labels, seen = _checked(parameters, layout, x, y, visible, single)
    wanted = finite_array(
        "targets", targets, shape=(len(labels), inputs.shape[1] - labels.shape[1])
    )
    weights = layout.split(flat)
    run = forward(weights, layout, inputs, labels, seen)
    loss, back = _likelihood(run.outputs, wanted)
    gradient = np.empty_like(flat)
    backward(weights, layout, run, back.astype(flat.dtype, copy=False), layout.split(gradient))
    return loss, gradient.astype(np.float64, copy=False)


def _outputs(outputs: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return outputs[..., 0].astype(np.float64), outputs[..., 1].astype(np.float64)


def _likelihood(outputs: Floats, targets: NDArray[np.float64]) -> tuple[float, Floats]:
    mean, raw = _outputs(outputs)
    deviation = np.logaddexp(0, raw) + FLOOR
    z = (targets - mean) / deviation
    loss = float(np.mean(0.5 * z * z + np.log(deviation))) + 0.5 * math.log(2 * math.pi)
    slope_of_deviation = np.exp(raw - np.logaddexp(0, raw))  # of softplus: the sigmoid
    back = np.stack([-z, (1 - z * z) * slope_of_deviation], axis=-1)
    return loss, back / (deviation[..., None] * z.size)


def _checked(
    parameters: ArrayLike,
    layout: Layout,
    x: ArrayLike,
    y: ArrayLike,
    visible: ArrayLike,
    single: bool,
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    flat = finite_array("parameters", parameters, shape=(layout.count,))
    labels = finite_array("y", y, ndim=2)
    inputs = finite_array("x", x, ndim=3)
    rows, context = labels.shape
    if inputs.shape[::2] != (rows, layout.features) or inputs.shape[1] <= context:
        raise ValueError(
            f"x has shape {inputs.shape}: give ({rows}, more than {context}, {layout.features})"
        )
    seen = flags("visible", visible, shape=labels.shape)
    if single:
        return _single(flat), _single(inputs), _single(labels), seen
    return flat, inputs, labels, seen


def _single(values: NDArray[np.float64]) -> Floats:
    return values.astype(np.float32)
