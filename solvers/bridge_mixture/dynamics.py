"""Drift of the bridge, and its paths by Euler and Maruyama.

The drift is ``-x / (1 - t) + eps grad log sum_k (...)`` with the matrices ``A_k = (t / (1 - t) I +
S_k^-1) / eps`` in the sum. With ``G_k = (t S_k + (1 - t) I)^-1`` it is, without a division by
1 - t and without differences of large numbers, ``sum_k w_k G_k ((S_k - I) x + r_k)``, where

    log w_k = log a_k + log det G_k / 2 + (x' (S_k - I) G_k x + 2 x' G_k r_k - t r_k' G_k r_k) /
    (2 eps) + a number that all terms share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import between, generator, whole_array, whole_number
from refutable.solvers.bridge_mixture.potential import Floats, Potential

__all__ = ["bridge_states", "drift"]


def drift(potential: Potential, x: ArrayLike, time: float) -> Floats:
    """Return the drift of the bridge at points, shape (..., n, d).

    Parameters
    ----------
    potential : Potential
    x : array_like, shape (n, d) or (..., n, d)
    time : float
        In [0, 1]; the end of the bridge is at 1.
    """
    t = between("time", time, 0, 1)
    return _drift(potential, potential.points("x", x), t)


def _drift(potential: Potential, x: Floats, t: float) -> Floats:
    y, r = potential.turned(x), potential.turned_centres
    s = potential.scales[..., None, :, :]
    g = 1 / (t * s + (1 - t))
    square = (g * ((s - 1) * y**2 + 2 * y * r - t * r**2)).sum(axis=-1) / (2 * potential.epsilon)
    level = potential.log_weights[..., None, :] + 0.5 * np.log(g).sum(axis=-1) + square
    weights = scipy.special.softmax(level, axis=-1)
    pulls = potential.turned_back(g * ((s - 1) * y + r))
    return np.asarray(np.einsum("...nk,...nki->...ni", weights, pulls))


def bridge_states(
    rng: np.random.Generator,
    potential: Potential,
    start: ArrayLike,
    steps: int,
    keep: Sequence[int] | None = None,
) -> Floats:
    """Follow paths of the bridge by the Euler-Maruyama scheme.

    Parameters
    ----------
    rng : numpy.random.Generator
    potential : Potential
    start : array_like, shape (n, d) or (..., n, d)
        States at time 0.
    steps : int
        Steps of equal length in unit time, at least 1.
    keep : sequence of int, optional
        Steps, 1 to `steps`, after which the states are returned; the last one by default.

    Returns
    -------
    ndarray, shape (len(keep), ..., n, d)
    """
    count = whole_number("steps", steps)
    kept = whole_array("keep", [count] if keep is None else list(keep), 1, count, ndim=1)
    x = potential.points("start", start)
    shape = np.broadcast_shapes(x.shape, (*potential.batch, 1, potential.d))
    spread, held = np.sqrt(potential.epsilon / count), {}
    generator("rng", rng)
    for step in range(count):
        noise = rng.standard_normal(shape)
        x = x + _drift(potential, x, step / count) / count + spread * noise
        held[step + 1] = x
        if step + 1 not in kept:
            del held[step + 1]
    return np.stack([held[int(step)] for step in kept])
