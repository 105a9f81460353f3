"""Smoothed ramp surrogate of the 0-1 loss of a halfspace, and its gradient on the sphere.

The surrogate of Gollakota, Klivans, Stavropoulos and Vasilyan (2024, section 3) is a ramp whose
slope lives in the band |<w, x>| <= sigma/2. Ours has the parabolic slope
``K_sigma(t) = 1.5 (1 - (2t/sigma)^2) / sigma``, which integrates to one.
"""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    matrix,
    positive,
    signs,
    unit_vector,
)


def ramp_slope(t: ArrayLike, sigma: float) -> Floats:
    """Slope ``K_sigma(t)`` of the smoothed ramp.

    Parameters
    ----------
    t : array_like
        Signed margins ``<w, x>``, any shape.
    sigma : float
        Bandwidth, positive; the slope vanishes for ``|t| >= sigma / 2``.

    Returns
    -------
    ndarray
        Same shape as `t`, integrates to 1 over the line.
    """
    width = positive("sigma", sigma)
    parabola = 1 - (2 * finite_array("t", t) / width) ** 2
    return np.asarray((1.5 / width) * np.clip(parabola, 0, None))


def ramp_loss(t: ArrayLike, sigma: float) -> Floats:
    """Smoothed 0-1 loss ``ell_sigma(-t)`` of a signed margin `t` (positive = right side).

    What the learner descends; its own steps need only the gradient.

    Parameters
    ----------
    t : array_like
        Margins ``y <w, x>``, any shape.
    sigma : float
        Bandwidth, positive.

    Returns
    -------
    ndarray
        Values in [0, 1]: 1 for ``t <= -sigma/2``, 0 for ``t >= sigma/2``.
    """
    s = np.clip(finite_array("t", t) / positive("sigma", sigma), -0.5, 0.5)
    return np.asarray(0.5 - 1.5 * s + 2 * s**3, dtype=float)


def ramp_gradient(x: ArrayLike, y: ArrayLike, w: ArrayLike, sigma: float) -> Floats:
    """Riemannian gradient at `w` of the mean smoothed ramp loss on the unit sphere.

    The checked form of `gradient_on_rows`, which the learner calls unchecked.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points.
    y : array_like, shape (n,)
        Labels -1 or +1.
    w : array_like, shape (d,)
        Unit vector.
    sigma : float
        Bandwidth, positive.

    Returns
    -------
    ndarray, shape (d,)
        ``-(1/n) sum K_sigma(<w, x_i>) y_i x_i`` without its component along `w`.
    """
    array = matrix("x", x)
    direction = unit_vector("w", w, array.shape[1])
    labels = signs("y", y, (len(array),))
    g = gradient_on_rows(array, labels, direction, positive("sigma", sigma))
    return np.asarray(g - (g @ direction) * direction)


@compiled(fastmath=True)
def gradient_on_rows(x: Floats, y: Floats, w: Floats, sigma: float) -> Floats:
    """Ambient gradient over all rows, unchecked; one fused pass over the memory."""
    n, d = x.shape
    g = np.zeros(d)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += x[i, j] * w[j]
        t *= 2 / sigma
        # Adding zeros outside the band is cheaper than a branch that is often mispredicted.
        k = y[i] * max(0.0, 1 - t * t)
        for j in range(d):
            g[j] -= k * x[i, j]
    g *= 1.5 / (sigma * n)
    return g


@compiled(fastmath=True)
def gradient_on_picks(x: Floats, y: Floats, picks: np.ndarray, w: Floats, sigma: float) -> Floats:
    """Ambient gradient over the rows named by `picks`, unchecked, without copying them."""
    d = x.shape[1]
    g = np.zeros(d)
    for i in picks:
        t = 0.0
        for j in range(d):
            t += x[i, j] * w[j]
        t *= 2 / sigma
        k = y[i] * max(0.0, 1 - t * t)
        for j in range(d):
            g[j] -= k * x[i, j]
    g *= 1.5 / (sigma * picks.size)
    return g
