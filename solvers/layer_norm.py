"""Layer normalisation (Ba, Kiros & Hinton, arXiv 1607.06450) of features along the last axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, nonnegative, refuse

__all__ = ["layer_norm"]

FLOOR = 1e-6
"""Added to the variance before its root is taken, as in vision transformers."""


def layer_norm(
    features: ArrayLike, scale: ArrayLike = 1.0, shift: ArrayLike = 0.0, floor: float = FLOOR
) -> Floats:
    r"""Return :math:`\gamma\,(h-\bar h)/\sqrt{\mathrm{var}(h)+\epsilon}+\beta` of every token h.

    Parameters
    ----------
    features : array_like, shape (..., d)
        Tokens; mean and variance (over d, not d - 1) are those of the last axis.
    scale, shift : array_like
        gamma and beta: numbers, or arrays that broadcast to the features.
    floor : float
        epsilon, at least 0; 0 needs tokens that are not constant.

    Returns
    -------
    ndarray, shape (..., d)

    Raises
    ------
    ValueError
        If an argument is malformed, does not broadcast to the features, or a constant token meets
        a floor of 0.
    """
    tokens = finite_array("features", features, least=1)
    gamma, beta = (_goes_with(n, v, tokens) for n, v in (("scale", scale), ("shift", shift)))
    centred = tokens - tokens.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True) + nonnegative("floor", floor)
    if variance.min() <= 0:
        refuse("floor", floor, "a number above 0, because a token is constant")
    return np.asarray(centred / np.sqrt(variance) * gamma + beta)


def _goes_with(name: str, values: ArrayLike, tokens: Floats) -> Floats:
    given = finite_array(name, values)
    try:
        fits = np.broadcast_shapes(given.shape, tokens.shape) == tokens.shape
    except ValueError:
        fits = False
    if not fits:
        refuse(name, given, f"a number, or an array that goes with shape {tokens.shape}")
    return given
