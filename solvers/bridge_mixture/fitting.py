"""Fit a mixture potential to two samples: E log c(X0) - E log v(X1), by Adam or by L-BFGS.

The objective differs from the Kullback-Leibler divergence of the fitted plan from the true one by a
number that does not depend on the fit, so that samples of both ends alone are enough. Terms have
diagonal matrices; parameters are log a_k, r_k and the logarithms of the diagonal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.adam import adam
from refutable.solvers.argument_checks import probabilities, refuse, whole_number
from refutable.solvers.bridge_mixture.potential import Floats, Potential

__all__ = ["fit_minibatches", "fit_weighted", "loss_gradient"]

Minibatch = Callable[[int], tuple[Floats, Floats]]


def _packed(potential: Potential) -> Floats:
    """Return the parameters, shape (..., K, 1 + 2 d)."""
    if potential.axes is not None:
        refuse("potential", potential.axes, "one without axes: diagonal matrices are fitted")
    parts = (potential.log_weights[..., None], potential.centres, np.log(potential.scales))
    return np.concatenate(parts, axis=-1)


def _unpacked(packed: Floats, epsilon: float) -> Potential:
    d = (packed.shape[-1] - 1) // 2
    return Potential(epsilon, packed[..., 0], packed[..., 1 : 1 + d], np.exp(packed[..., 1 + d :]))


def loss_gradient(
    potential: Potential,
    x0: ArrayLike,
    x1: ArrayLike,
    weights0: ArrayLike | None = None,
    weights1: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Return the loss, and its gradient by log a, r and the logarithm of the diagonal of S.

    Parameters
    ----------
    potential : Potential
        Without axes, batch (...).
    x0, x1 : array_like, shape (n, d) or (..., n, d), (m, d) or (..., m, d)
        Starts and ends, which need not be paired.
    weights0, weights1 : array_like, shape (n,), (m,), optional
        Probabilities of the points; equal ones by default.

    Returns
    -------
    loss : ndarray, shape (...)
    gradient : ndarray, shape (..., K, 1 + 2 d)
    """
    starts, ends = potential.points("x0", x0), potential.points("x1", x1)
    first = _weights("weights0", weights0, starts.shape[-2])
    last = _weights("weights1", weights1, ends.shape[-2])
    return _loss_gradient(_packed(potential), potential.epsilon, starts, ends, first, last)


def _weights(name: str, weights: ArrayLike | None, count: int) -> Floats:
    if weights is None:
        return np.full(count, 1 / count)
    return probabilities(name, weights, shape=(count,))


def _loss_gradient(
    packed: Floats, epsilon: float, x0: Floats, x1: Floats, first: Floats, last: Floats
) -> tuple[Floats, Floats]:
    d = x0.shape[-1]
    level, r, log_s = packed[..., 0], packed[..., 1 : 1 + d], packed[..., 1 + d :]
    s = np.exp(log_s)
    # The terms of log c, and those of log v but for (2 pi eps)^(-d/2), by matrix products; points
    # are the last axis, over which sums over the few terms run fast.
    up = (s @ _turn(x0**2) + 2 * r @ _turn(x0)) / (2 * epsilon)
    log_c, share0 = _shares(level[..., None] + up, first)
    precision = 1 / (epsilon * s)
    flat = level - 0.5 * (log_s + r**2 * precision).sum(axis=-1)
    down = (r * precision) @ _turn(x1) - 0.5 * precision @ _turn(x1**2)
    log_v, share1 = _shares(flat[..., None] + down, last)
    loss = log_c - log_v + 0.5 * d * np.log(2 * np.pi * epsilon)
    mass0, mass1 = share0.sum(axis=-1), share1.sum(axis=-1)
    mean1, square1 = share1 @ x1, share1 @ x1**2
    m = mass1[..., None]
    apart = square1 - 2 * r * mean1 + r**2 * m
    by_r = share0 @ x0 / epsilon - (mean1 - r * m) * precision
    by_s = share0 @ x0**2 * s / (2 * epsilon) - 0.5 * (apart * precision - m)
    by_level = (mass0 - mass1)[..., None]
    return np.asarray(loss), np.concatenate((by_level, by_r, by_s), axis=-1)


def _turn(values: Floats) -> Floats:
    return np.swapaxes(values, -1, -2)


def _shares(terms: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weighted mean of log sum exp over terms (..., K, n), and their weighted shares."""
    top = terms.max(axis=-2, keepdims=True)
    terms = np.exp(terms - top)
    total = terms.sum(axis=-2, keepdims=True)
    value = ((top + np.log(total))[..., 0, :] * weights).sum(axis=-1)
    terms *= weights / total
    return value, terms


def fit_minibatches(minibatch: Minibatch, start: Potential, rates: ArrayLike) -> Potential:
    """Fit a batch of potentials by Adam, each on its own minibatches.

    Parameters
    ----------
    minibatch : callable step -> (x0, x1)
        Starts and ends of a step, shapes (..., b, d), with the batch of `start` in front.
    start : Potential
        Without axes, batch (...).
    rates : array_like, shape (steps,)
        Step sizes of Adam, above 0.

    Returns
    -------
    Potential

    Raises
    ------
    ValueError
        If an argument is malformed, or a fit does not stay finite.
    """

    def gradient(packed: Floats, step: int) -> Floats:
        x0, x1 = minibatch(step)
        first, last = (np.full(x.shape[-2], 1 / x.shape[-2]) for x in (x0, x1))
        return _loss_gradient(packed, start.epsilon, x0, x1, first, last)[1]

    return _unpacked(adam(_packed(start), gradient, rates), start.epsilon)


def fit_weighted(
    start: Potential,
    x0: ArrayLike,
    x1: ArrayLike,
    weights0: ArrayLike | None = None,
    weights1: ArrayLike | None = None,
    iterations: int = 1000,
) -> tuple[Potential, float]:
    """Fit one potential to two weighted samples by L-BFGS, from one start.

    Parameters
    ----------
    start : Potential
        Without axes and without a batch.
    x0, x1, weights0, weights1
        As for `loss_gradient`.
    iterations : int
        The most iterations, at least 1.

    Returns
    -------
    potential : Potential
    loss : float
    """
    if start.batch:
        refuse("start", start.centres, "one potential, centres of shape (K, d)")
    starts, ends = start.points("x0", x0), start.points("x1", x1)
    first = _weights("weights0", weights0, len(starts))
    last = _weights("weights1", weights1, len(ends))
    packed = _packed(start)

    def objective(flat: Floats) -> tuple[float, Floats]:
        here = flat.reshape(packed.shape)
        loss, slope = _loss_gradient(here, start.epsilon, starts, ends, first, last)
        return float(loss), slope.ravel()

    # The loss is a mean of order 1: what changes it by less than rounding ends the search.
    found = scipy.optimize.minimize(
        objective,
        packed.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": whole_number("iterations", iterations), "ftol": 1e-15, "gtol": 1e-9},
    )
    return _unpacked(found.x.reshape(packed.shape), start.epsilon), float(found.fun)
