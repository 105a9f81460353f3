r"""Many fully connected networks of finite width at once: drawn, and trained to convergence.

They have the parametrisation of `refutable.solvers.kernels.infinite_width`, whose recursions give
the limits. An output is :math:`\sigma\,v\cdot\varphi/\sqrt n`, with features
:math:`\varphi` of the last hidden layer and v standard normal. Only the readout trained, gradient
flow on the squared error is linear and has a limit in closed form (Lee et al. 2019, section 2.3.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    generator,
    matrix,
    positive_array,
    refuse,
    whole_number,
)
from refutable.solvers.kernels.infinite_width import InfiniteWidth


def features(
    net: InfiniteWidth,
    points: ArrayLike,
    width: int,
    count: int,
    rng: Generator,
    gain: ArrayLike = 1.0,
) -> Floats:
    """Draw the last hidden layer of `count` networks at the points.

    Given the layer below, the units of a layer are independent and their values at the points
    jointly Gaussian; from the second layer on those are drawn, and not the weights: the same law,
    for points times width normal numbers instead of the squared width.

    Parameters
    ----------
    net : InfiniteWidth
        Activation, depth and variances; its readout is not used.
    points : array_like, shape (P, d)
    width : int
        Of every hidden layer.
    count : int
    rng : Generator
    gain : array_like, shape () or (count,)
        Factor of all parameters of the first layer, positive.

    Returns
    -------
    array, shape (count, P, width)
    """
    x = matrix("points", points)
    width, count = whole_number("width", width), whole_number("count", count)
    generator("rng", rng)
    factor = positive_array("gain", gain)
    if factor.shape not in ((), (count,)):
        refuse("gain", factor, f"one number, or {count}")
    weights = np.sqrt(net.weight / x.shape[1]) * rng.standard_normal((count, x.shape[1], width))
    hidden = x @ weights + np.sqrt(net.bias) * rng.standard_normal((count, 1, width))
    hidden *= factor[..., None, None]
    for _ in range(net.depth - 1):
        below = _activate(net, hidden)
        gram = net.weight / width * (below @ np.swapaxes(below, 1, 2)) + net.bias
        hidden = _root(gram) @ rng.standard_normal((count, len(x), width))
    return _activate(net, hidden)


def readout_limit(hidden: ArrayLike, start: ArrayLike, y: ArrayLike) -> Floats:
    """Return where gradient flow on the readout takes the outputs at points without a target.

    ``f_0(x*) + k* K^-1 (y - f_0(X))``, k being products of the network's own features: of all
    readouts that fit y the flow reaches the one nearest to where it began.

    Parameters
    ----------
    hidden : array_like, shape (count, n + m, width)
        Features; those at the n points with targets first.
    start : array_like, shape (count, n + m)
        Outputs before training.
    y : array_like, shape (n,)

    Returns
    -------
    array, shape (count, m)
    """
    phi = finite_array("hidden", hidden, ndim=3)
    outputs = finite_array("start", start, shape=phi.shape[:2])
    target = finite_array("y", y, ndim=1)
    seen = len(target)
    if seen >= phi.shape[1]:
        refuse("y", target, f"fewer targets than the {phi.shape[1]} points")
    if seen > phi.shape[2]:
        refuse("y", target, f"at most as many targets as the {phi.shape[2]} units")
    left = phi[:, :seen]
    gram, cross = left @ np.swapaxes(left, 1, 2), phi[:, seen:] @ np.swapaxes(left, 1, 2)
    pull = np.linalg.solve(gram, (target - outputs[:, :seen])[..., None])
    return np.asarray(outputs[:, seen:] + (cross @ pull)[..., 0])


@dataclass(frozen=True)
class ErfNetworks:
    """Networks with one hidden layer of erf units and no bias in the readout.

    Parameters
    ----------
    net : InfiniteWidth
        Its variances; depth 1, erf, no readout bias.
    weights : array_like, shape (count, d, width)
    biases : array_like, shape (count, width)
    readout : array_like, shape (count, width)
    scale : array_like, shape (count,)
        sigma, positive, which is not trained.
    """

    net: InfiniteWidth
    weights: Floats
    biases: Floats
    readout: Floats
    scale: Floats

    def __post_init__(self) -> None:
        if self.net.activation != "erf" or self.net.depth != 1 or self.net.readout_bias:
            raise ValueError(f"net={self.net}: give one hidden layer of erf, and no readout bias")
        weights = finite_array("weights", self.weights, ndim=3)
        count, _, width = weights.shape
        object.__setattr__(self, "weights", weights)
        for name in ("biases", "readout"):
            given = finite_array(name, getattr(self, name), shape=(count, width))
            object.__setattr__(self, name, given)
        object.__setattr__(self, "scale", positive_array("scale", self.scale, shape=(count,)))

    @classmethod
    def draw(
        cls, net: InfiniteWidth, dimension: int, width: int, scale: ArrayLike, rng: Generator
    ) -> Self:
        """Draw all parameters from the standard normal law, a network for each scale.

        Parameters
        ----------
        net : InfiniteWidth
        dimension, width : int
        scale : array_like, shape (count,)
        rng : Generator
        """
        d, width = whole_number("dimension", dimension), whole_number("width", width)
        scales, draw = positive_array("scale", scale, ndim=1), generator("rng", rng).standard_normal
        count = len(scales)
        return cls(net, draw((count, d, width)), draw((count, width)), draw((count, width)), scales)

    def outputs(self, points: ArrayLike) -> Floats:
        """Return the outputs, shape (count, P), at points of shape (P, d)."""
        into = np.sqrt(self.net.weight / self.weights.shape[1]) * self._points(points)
        hidden = into @ self.weights + np.sqrt(self.net.bias) * self.biases[:, None]
        units = scipy.special.erf(hidden) @ self.readout[..., None]
        return np.asarray(self._unit[:, None] * units[..., 0])

    def descend(self, points: ArrayLike, y: ArrayLike, rate: ArrayLike, steps: int) -> Self:
        """Return the networks after gradient descent on half the sum of squared errors.

        All weights and biases are trained.

        Parameters
        ----------
        points : array_like, shape (n, d)
        y : array_like, shape (n,)
        rate : array_like, shape (count,)
            Learning rate of each network, positive. It is stable below 2 over ``scale^2`` times the
            largest eigenvalue of the network's own NTK at scale 1.
        steps : int
            At least 0.
        """
        x = self._points(points)
        target = finite_array("y", y, shape=(len(x),))
        pace = positive_array("rate", rate, shape=self.scale.shape) * self._unit
        into, shift = np.sqrt(self.net.weight / x.shape[1]) * x, np.sqrt(self.net.bias)
        weights, biases, readout = self.weights, self.biases, self.readout
        for _ in range(whole_number("steps", steps, 0)):
            hidden = into @ weights + shift * biases[:, None]
            phi = scipy.special.erf(hidden)
            outputs = self._unit[:, None] * (phi @ readout[..., None])[..., 0]
            pull = pace[:, None] * (outputs - target)
            slope = _erf_slope(hidden)
            slope *= pull[..., None]
            slope *= readout[:, None]
            weights = weights - into.T @ slope
            biases = biases - shift * slope.sum(axis=1)
            readout = readout - (pull[:, None] @ phi)[:, 0]
        return replace(self, weights=weights, biases=biases, readout=readout)

    @property
    def _unit(self) -> Floats:
        """What a unit's activation times its readout weight is multiplied by, shape (count,)."""
        share = self.net.readout_weight / self.readout.shape[1]
        return np.asarray(self.scale * np.sqrt(share))

    def _points(self, points: ArrayLike) -> Floats:
        x = matrix("points", points)
        if x.shape[1] != self.weights.shape[1]:
            refuse("points", x, f"{self.weights.shape[1]} coordinates, as the weights have")
        return x


def _root(gram: Floats) -> Floats:
    """Return roots of Gram matrices, singular ones too: few units, or units of ReLU that are 0."""
    values, vectors = np.linalg.eigh(gram)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])


def _erf_slope(hidden: Floats) -> Floats:
    """Return the derivative of erf, in one array: it is the inner loop of the descent."""
    slope = np.square(hidden)
    np.negative(slope, out=slope)
    np.exp(slope, out=slope)
    slope *= 2 / np.sqrt(np.pi)
    return slope


def _activate(net: InfiniteWidth, hidden: Floats) -> Floats:
    if net.activation == "erf":
        return np.asarray(scipy.special.erf(hidden))
    return np.maximum(hidden, 0.0)
