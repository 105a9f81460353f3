"""Label noises of a halfspace: Massart rates (a flip probability per point) and attacks (flips)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    below,
    bounded_array,
    directions,
    finite_array,
    generator,
    matrix,
    one_of,
    signs,
    unit_vector,
)

Rate = Callable[[Floats, Floats, Floats, float], Floats]
Harm = Callable[[Floats, Floats, Floats, float, np.random.Generator], Floats]


def halfspace_labels(x: ArrayLike, w: ArrayLike) -> Floats:
    """Labels sign(<w, x>), with sign(0) = +1.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points.
    w : array_like, shape (d,)
        Normal vector of the halfspace; its length does not matter.

    Returns
    -------
    ndarray, shape (n,)
        Labels -1.0 and +1.0.

    Raises
    ------
    ValueError
        For bad shapes, NaN or infinite entries, or a `w` that is zero.
    """
    array = matrix("x", x)
    normal = finite_array("w", w, shape=(array.shape[1],))
    return _labels(array, directions("w", normal))


def _labels(x: Floats, w: Floats) -> Floats:
    return np.where(x @ w >= 0, 1.0, -1.0)


def massart_rates(name: str, x: ArrayLike, w_star: ArrayLike, v: ArrayLike, eta: float) -> Floats:
    """Flip probability ``eta(x) <= eta < 1/2`` of every point.

    Parameters
    ----------
    name : str
        A key of `MASSART`.
    x : array_like, shape (n, d)
        Points.
    w_star, v : array_like, shape (d,)
        Unit vectors: the true halfspace and a direction that the noise may use.
    eta : float
        Largest rate, in [0, 1/2).

    Returns
    -------
    ndarray, shape (n,)
        The rates.

    Raises
    ------
    ValueError
        For an unknown name, bad shapes, vectors that are not unit, or ``eta >= 1/2``.
    """
    rates = MASSART[one_of("name", name, MASSART)]
    array = matrix("x", x)
    truth = unit_vector("w_star", w_star, array.shape[1])
    return rates(array, truth, unit_vector("v", v, array.shape[1]), below("eta", eta, 0, 0.5))


def flipped(labels: ArrayLike, rates: ArrayLike, rng: np.random.Generator) -> Floats:
    """Flip every label independently with its own probability.

    Parameters
    ----------
    labels : array_like, shape (n,)
        Labels -1 or +1.
    rates : array_like, shape (n,)
        Flip probabilities, in [0, 1/2).
    rng : numpy.random.Generator
        Draws the flips.

    Returns
    -------
    ndarray, shape (n,)
        Labels -1.0 and +1.0.

    Raises
    ------
    ValueError
        For labels other than -1 and +1, a rate that is NaN or outside [0, 1/2), or bad shapes.
    """
    array = signs("labels", finite_array("labels", labels, ndim=1))
    chances = bounded_array("rates", rates, 0, 0.5, shape=array.shape)
    if chances.max() == 0.5:
        raise ValueError("rates holds 0.5, at which labels say nothing: give rates below it")
    return np.where(generator("rng", rng).random(len(array)) < chances, -array, array)


def _half(x: Floats, w_star: Floats, v: Floats, eta: float) -> Floats:
    return np.where(x @ v > 0, eta, 0.0)


def _constant(x: Floats, w_star: Floats, v: Floats, eta: float) -> Floats:
    return np.full(len(x), eta)


def _quadrant(x: Floats, w_star: Floats, v: Floats, eta: float) -> Floats:
    return np.where(_labels(x, w_star) * (x @ v) > 0, eta, 0.0)


def _boundary(x: Floats, w_star: Floats, v: Floats, eta: float) -> Floats:
    return np.where(np.abs(x @ w_star) < 0.5, eta, 0.0)


MASSART: Mapping[str, Rate] = MappingProxyType(
    {"half": _half, "constant": _constant, "quadrant": _quadrant, "boundary": _boundary}
)
"""Massart noises: on the side <v, x> > 0; everywhere; where y* and <v, x> agree in sign (this
rotates the mean of y x away from w*); near the boundary of w*."""


def attack(
    name: str, x: ArrayLike, w_star: ArrayLike, u: ArrayLike, opt: float, rng: np.random.Generator
) -> Floats:
    """Labels of w* with the ``opt * n`` most harmful ones flipped.

    Parameters
    ----------
    name : str
        A key of `ATTACKS`.
    x : array_like, shape (n, d)
        Points.
    w_star, u : array_like, shape (d,)
        The true halfspace and the direction in which the attack pulls, orthogonal unit vectors.
    opt : float
        Share of flipped labels, in [0, 1/2).
    rng : numpy.random.Generator
        Used by random flips only.

    Returns
    -------
    ndarray, shape (n,)
        Labels -1.0 and +1.0.

    Raises
    ------
    ValueError
        For an unknown name, bad shapes, vectors that are not unit, or ``opt >= 1/2``.
    """
    harm_of = ATTACKS[one_of("name", name, ATTACKS)]
    array, share = matrix("x", x), below("opt", opt, 0, 0.5)
    truth = unit_vector("w_star", w_star, array.shape[1])
    labels = _labels(array, truth)
    pull = labels * (array @ unit_vector("u", u, array.shape[1]))
    norms = np.linalg.norm(array, axis=1)
    harm = harm_of(array @ truth, pull, norms, share, generator("rng", rng))
    flips = round(share * len(array))
    worst = np.argpartition(-harm, flips)[:flips]
    labels[worst] *= -1
    return labels


def _random(t: Floats, pull: Floats, norm: Floats, opt: float, rng: np.random.Generator) -> Floats:
    return rng.random(len(t))


def _far(t: Floats, pull: Floats, norm: Floats, opt: float, rng: np.random.Generator) -> Floats:
    return pull


def _band(t: Floats, pull: Floats, norm: Floats, opt: float, rng: np.random.Generator) -> Floats:
    return np.where(pull > 0, -np.abs(t), -np.inf)


def _band_wide(
    t: Floats, pull: Floats, norm: Floats, opt: float, rng: np.random.Generator
) -> Floats:
    return np.where(np.abs(t) < 4 * opt, pull, -np.inf)


def _norm(t: Floats, pull: Floats, norm: Floats, opt: float, rng: np.random.Generator) -> Floats:
    return norm


ATTACKS: Mapping[str, Harm] = MappingProxyType(
    {"random": _random, "far": _far, "band": _band, "band_wide": _band_wide, "norm": _norm}
)
"""Attacks, as the harm of flipping a point given ``<w*, x>``, ``y <u, x>``, ``|x|``: random flips;
largest pull along u; nearest the boundary with positive pull; largest pull among ``|<w*, x>| < 4
opt``; largest norm."""
