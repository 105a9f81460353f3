"""Label noises of a halfspace: Massart rates (a flip probability per point) and attacks (flips)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.halfspace._validate import (
    FloatArray,
    noise_rate,
    noise_rates,
    normal,
    points,
    signs,
    unit,
)

Rate = Callable[[FloatArray, FloatArray, FloatArray, float], FloatArray]
Harm = Callable[[FloatArray, FloatArray, FloatArray, float, np.random.Generator], FloatArray]


def halfspace_labels(x: ArrayLike, w: ArrayLike) -> FloatArray:
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
    array = points(x)
    return _labels(array, normal(w, array.shape[1]))


def _labels(x: FloatArray, w: FloatArray) -> FloatArray:
    return np.where(x @ w >= 0, 1.0, -1.0)


def massart_rates(
    name: str, x: ArrayLike, w_star: ArrayLike, v: ArrayLike, eta: float
) -> FloatArray:
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
    if name not in MASSART:
        raise ValueError(f"unknown noise {name!r}: choose one of {', '.join(MASSART)}")
    array = points(x)
    d = array.shape[1]
    return MASSART[name](array, unit(w_star, d, "w_star"), unit(v, d, "v"), noise_rate(eta))


def flipped(labels: ArrayLike, rates: ArrayLike, rng: np.random.Generator) -> FloatArray:
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
    array = signs(labels, np.size(labels), "labels")
    chances = noise_rates(rates, len(array))
    return np.where(rng.random(len(array)) < chances, -array, array)


def _half(x: FloatArray, w_star: FloatArray, v: FloatArray, eta: float) -> FloatArray:
    return np.where(x @ v > 0, eta, 0.0)


def _constant(x: FloatArray, w_star: FloatArray, v: FloatArray, eta: float) -> FloatArray:
    return np.full(len(x), eta)


def _quadrant(x: FloatArray, w_star: FloatArray, v: FloatArray, eta: float) -> FloatArray:
    return np.where(_labels(x, w_star) * (x @ v) > 0, eta, 0.0)


def _boundary(x: FloatArray, w_star: FloatArray, v: FloatArray, eta: float) -> FloatArray:
    return np.where(np.abs(x @ w_star) < 0.5, eta, 0.0)


MASSART: Mapping[str, Rate] = MappingProxyType(
    {"half": _half, "constant": _constant, "quadrant": _quadrant, "boundary": _boundary}
)
"""Massart noises: on the side <v, x> > 0; everywhere; where y* and <v, x> agree in sign (this
rotates the mean of y x away from w*); near the boundary of w*."""


def attack(
    name: str, x: ArrayLike, w_star: ArrayLike, u: ArrayLike, opt: float, rng: np.random.Generator
) -> FloatArray:
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
    if name not in ATTACKS:
        raise ValueError(f"unknown attack {name!r}: choose one of {', '.join(ATTACKS)}")
    array = points(x)
    d = array.shape[1]
    truth = unit(w_star, d, "w_star")
    labels = _labels(array, truth)
    harm = ATTACKS[name](
        array @ truth, labels * (array @ unit(u, d, "u")), np.linalg.norm(array, axis=1), opt, rng
    )
    flips = round(noise_rate(opt) * len(array))
    worst = np.argpartition(-harm, flips)[:flips]
    labels[worst] *= -1
    return labels


def _random(
    t: FloatArray, pull: FloatArray, norm: FloatArray, opt: float, rng: np.random.Generator
) -> FloatArray:
    return rng.random(len(t))


def _far(
    t: FloatArray, pull: FloatArray, norm: FloatArray, opt: float, rng: np.random.Generator
) -> FloatArray:
    return pull


def _band(
    t: FloatArray, pull: FloatArray, norm: FloatArray, opt: float, rng: np.random.Generator
) -> FloatArray:
    return np.where(pull > 0, -np.abs(t), -np.inf)


def _band_wide(
    t: FloatArray, pull: FloatArray, norm: FloatArray, opt: float, rng: np.random.Generator
) -> FloatArray:
    return np.where(np.abs(t) < 4 * opt, pull, -np.inf)


def _norm(
    t: FloatArray, pull: FloatArray, norm: FloatArray, opt: float, rng: np.random.Generator
) -> FloatArray:
    return norm


ATTACKS: Mapping[str, Harm] = MappingProxyType(
    {"random": _random, "far": _far, "band": _band, "band_wide": _band_wide, "norm": _norm}
)
"""Attacks, as the harm of flipping a point given ``<w*, x>``, ``y <u, x>``, ``|x|``: random flips;
largest pull along u; nearest the boundary with positive pull; largest pull among ``|<w*, x>| < 4
opt``; largest norm."""
