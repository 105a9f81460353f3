r"""Products of activations, and of their slopes, averaged over a Gaussian law.

For :math:`(u,v)` centred Gaussian with Gram matrix K these are :math:`E\,\varphi(u)\varphi(v)` and
:math:`E\,\varphi'(u)\varphi'(v)`: for erf by Williams (1997), for ReLU by Cho and Saul (2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, refuse, symmetric

ASYMMETRY = 1e-9
"""Share of the largest entry by which a Gram matrix may differ from its transpose: far above what
products leave in double precision, far below what moves a result."""

OVERSHOOT = 1e-9
"""Share of ``sqrt(K_ii K_jj)`` by which ``|K_ij|`` may pass it and count as rounding."""


@dataclass(frozen=True)
class ActivationKernel:
    """Averages over a Gaussian law, for every pair of points.

    Attributes
    ----------
    value : array, shape (..., n, n)
        Of the product of the activations.
    slope : array, shape (..., n, n)
        Of the product of their derivatives.
    """

    value: Floats
    slope: Floats


def erf_kernel(gram: ArrayLike) -> ActivationKernel:
    """Return both kernels of erf (not scaled: ``2 / sqrt(pi)`` is its slope at 0).

    ``2/pi arcsin(2 K_ij / sqrt((1 + 2 K_ii)(1 + 2 K_jj)))`` and
    ``4/pi / sqrt((1 + 2 K_ii)(1 + 2 K_jj) - 4 K_ij^2)``.

    Parameters
    ----------
    gram : array_like, shape (..., n, n)
        Symmetric, no entry above the root of the product of its two diagonal entries.

    Raises
    ------
    ValueError
        If it is no array of such matrices.
    """
    inner, scale = _gram(gram)
    broad = 1.0 + 2.0 * scale**2
    product = broad[..., :, None] * broad[..., None, :]
    value = 2.0 / np.pi * np.arcsin(2.0 * inner / np.sqrt(product))
    return ActivationKernel(value, 4.0 / np.pi / np.sqrt(product - 4.0 * inner**2))


def relu_kernel(gram: ArrayLike) -> ActivationKernel:
    """Return both kernels of ReLU, ``max(u, 0)``: half the arc-cosine kernels of degree 1 and 0.

    Parameters
    ----------
    gram : array_like, shape (..., n, n)
        Symmetric, no entry above the root of the product of its two diagonal entries, which are
        positive (a point of length 0 has no angle).

    Raises
    ------
    ValueError
        If it is no array of such matrices.
    """
    inner, scale = _gram(gram)
    lengths, angle = _angles(inner, scale)
    return ActivationKernel(_degree_one(lengths, angle) / 2.0, (1.0 - angle / np.pi) / 2.0)


def arc_cosine(gram: ArrayLike) -> Floats:
    """Return the arc-cosine kernel of degree 1, which keeps the diagonal of the Gram matrix.

    ``sqrt(K_ii K_jj) (sin t + (pi - t) cos t) / pi``, ``cos t = K_ij / sqrt(K_ii K_jj)``.

    Parameters
    ----------
    gram : array_like, shape (..., n, n)
        As for `relu_kernel`.

    Returns
    -------
    array, shape (..., n, n)
    """
    return _degree_one(*_angles(*_gram(gram)))


def _degree_one(lengths: Floats, angle: Floats) -> Floats:
    return np.asarray(lengths * (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi)


def _gram(gram: ArrayLike) -> tuple[Floats, Floats]:
    """Return checked Gram matrices and lengths (..., n), the roots of their diagonals."""
    inner = symmetric("gram", gram, ASYMMETRY)
    diagonal = np.diagonal(inner, axis1=-2, axis2=-1)
    if diagonal.min() < 0:
        refuse("gram", inner, "Gram matrices, whose diagonals have no entry below 0")
    scale = np.sqrt(diagonal)
    most = scale[..., :, None] * scale[..., None, :]
    if (np.abs(inner) > most * (1.0 + OVERSHOOT)).any():
        refuse("gram", inner, "Gram matrices: |K_ij| is at most sqrt(K_ii K_jj)")
    return inner, scale


def _angles(inner: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Return products of lengths, and angles in [0, pi], exactly 0 on the diagonal.

    Raises
    ------
    ValueError
        If a point has length 0.
    """
    if scale.min() <= 0:
        refuse("gram", inner, "Gram matrices with a positive diagonal")
    lengths = scale[..., :, None] * scale[..., None, :]
    cosine = np.clip(inner / lengths, -1.0, 1.0)
    index = np.arange(inner.shape[-1])
    cosine[..., index, index] = 1.0
    return lengths, np.arccos(cosine)
