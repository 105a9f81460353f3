"""Random networks to be learned, and which of two surrogates predicts them better."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.bayes.bnn_bo._surrogates import (
    Inputs,
    Surrogate,
    fitted,
    infinite,
    predict,
    with_gamma_prior,
)

from refutable import Cell, Columns, FloatArray

SEEN, UNSEEN = 100, 200
HIDDEN = (256, 256)

CONTEST = (
    "inputs are uniform on the unit cube; 100 points are seen, 200 judged, outputs have no noise",
    "outputs are standardised by mean and deviation of those seen; scale profiled out, noise and "
    "length-scale from a grid, one length-scale for all inputs",
    "the infinite network has depth 3, var_w 10 and var_b 1.6, as the released code has for its "
    "400-dimensional network",
)


def tanh_network(rng: Generator, x: FloatArray) -> FloatArray:
    """Draw a tanh network of widths 256 and 256, all weights N(0, 1), for each set of points.

    Parameters
    ----------
    x : ndarray, shape (size, points, d)

    Returns
    -------
    ndarray, shape (size, points)
    """
    layer = x.astype(np.float32)
    for width in HIDDEN:
        layer = np.tanh(_affine(rng, layer, width))
    return _affine(rng, layer, 1)[..., 0].astype(np.float64)


def _affine(rng: Generator, layer: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Weights and biases N(0, 1); single precision is far below the noise that is fitted."""
    size, _, before = layer.shape
    weights = rng.standard_normal((size, before, width), dtype=np.float32)
    return layer @ weights + rng.standard_normal((size, 1, width), dtype=np.float32)


def surrogate(name: str, dimension: int) -> Surrogate:
    """Return one of ``infinite``, ``linear`` (it without hidden layers), ``fitted``, ``prior``."""
    if name == "fitted":
        return fitted()
    if name == "prior":
        return with_gamma_prior(dimension)
    return infinite({"infinite": 3, "linear": 0}[name])


def errors(
    rng: Generator, size: int, surrogates: tuple[Surrogate, ...], dimension: int, noise: float = 0.0
) -> FloatArray:
    """Return the root mean squared errors of surrogates on the same data sets.

    Parameters
    ----------
    noise : float
        Deviation of what is added to the outputs, seen or judged, in units of their own.

    Returns
    -------
    ndarray, shape (number of surrogates, size)
        In standard deviations of the outputs that are judged.
    """
    x = rng.random((size, SEEN + UNSEEN, dimension))
    y = tanh_network(rng, x)
    if noise:
        y = y + noise * y.std(axis=1, keepdims=True) * rng.standard_normal(y.shape)
    inputs = Inputs.of(x, SEEN)
    mean, deviation = (f(y[:, :SEEN], axis=1, keepdims=True) for f in (np.mean, np.std))
    seen, judged = np.split((y - mean) / deviation, [SEEN], axis=1)
    squares = [((predict(each, inputs, seen) - judged) ** 2).mean(axis=1) for each in surrogates]
    return np.asarray(np.sqrt(np.stack(squares)) / judged.std(axis=1))


def contest(
    cell: Cell,
    rng: Generator,
    size: int,
    noise: float = 0.0,
    network_noise: float | None = None,
    rival_noise: float | None = None,
    rival_length: float | None = None,
) -> Columns:
    """Let the infinite network and a rival predict the same networks.

    Parameters
    ----------
    cell : Cell
        With the dimension ``d`` and the ``rival``.
    noise : float
        As for `errors`.
    network_noise, rival_noise : float or None
        Relative noises that are not fitted.
    rival_length : float or None
        Length-scale over the root of d that is not fitted.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``network_wins``: whether the infinite network's error is smaller.
    """
    network = surrogate("infinite", cell.d).held(None, network_noise)
    rival = surrogate(cell.rival, cell.d).held(rival_length, rival_noise)
    own, other = errors(rng, size, (network, rival), cell.d, noise)
    return {"network_wins": own < other}
