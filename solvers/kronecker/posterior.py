"""Posterior of independent Gaussian coefficients seen through a Kronecker product, and noise.

``y = (A_1 (x) ... (x) A_d) x + n``, with ``x ~ N(0, diag(g_1 (x) ... (x) g_d))`` and
``n ~ N(0, s I)``. With ``A_i diag(g_i) A_i' = U_i D_i U_i'`` the covariance of y is
``U (s + D) U'``, U and D being Kronecker products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, bounded_array, refuse
from refutable.solvers.kronecker import _arguments as check
from refutable.solvers.kronecker.products import apply
from refutable.solvers.kronecker.spectrum import outer


@dataclass(frozen=True)
class Posterior:
    """What is known of the coefficients, and how probable the data are.

    With C the covariance of the data and a the column of a coefficient, of prior variance g:

    Attributes
    ----------
    mean, variance : ndarray, shape (..., n_1, ..., n_d)
        ``g a' C^{-1} y`` and ``g - g^2 a' C^{-1} a``.
    slope : ndarray, shape (..., n_1, ..., n_d)
        ``a' C^{-1} a - (a' C^{-1} y)^2``, the derivative of the cost by g, where g is 0, too.
    cost : ndarray, shape (...)
        ``log det C + y' C^{-1} y``: minus twice the log likelihood, up to a constant.
    """

    mean: Floats
    variance: Floats
    slope: Floats
    cost: Floats


def sparse_posterior(
    matrices: Sequence[ArrayLike], scales: Sequence[ArrayLike], noise: ArrayLike, data: ArrayLike
) -> Posterior:
    """Return the posterior of the coefficients; the product of the matrices is never formed.

    Parameters
    ----------
    matrices : sequence of array_like, shapes (..., m_i, n_i)
        A_i. The leading axes of all arguments broadcast.
    scales : sequence of array_like, shapes (..., n_i)
        g_i, at least 0.
    noise : array_like, shape (...)
        s, positive.
    data : array_like, shape (..., m_1, ..., m_d)
        y.

    Raises
    ------
    ValueError
        If an array is empty or not finite, sizes differ, a scale is below 0 or the noise not above.
    """
    factors = check.matrices("matrices", matrices)
    g = _scales(scales, [a.shape[-1] for a in factors])
    y = check.tensor("data", data, [a.shape[-2] for a in factors])
    s = check.batched("noise", noise, len(factors))
    if s.min() <= 0:
        refuse("noise", float(s.min()), "numbers above 0")
    return _posterior(factors, g, s, y)


def _scales(scales: Sequence[ArrayLike], sizes: Sequence[int]) -> list[Floats]:
    if not hasattr(scales, "__len__") or len(scales) != len(sizes):
        refuse("scales", scales, f"a sequence of {len(sizes)} arrays, one for each matrix")
    found = [bounded_array(f"scales[{i}]", g, 0, least=1) for i, g in enumerate(scales)]
    for i, (g, size) in enumerate(zip(found, sizes, strict=True)):
        if g.shape[-1] != size:
            refuse(f"scales[{i}]", g, f"{size} numbers, one for each column of the matrix")
    return found


def _posterior(factors: Sequence[Floats], g: Sequence[Floats], s: Floats, y: Floats) -> Posterior:
    axes = tuple(range(-len(factors), 0))
    spectra = [_gram_spectrum(a, scale) for a, scale in zip(factors, g, strict=True)]
    values = s + outer([np.maximum(d, 0.0) for d, _ in spectra])
    rotated = apply([np.swapaxes(u, -1, -2) for _, u in spectra], y)
    back = [np.swapaxes(a, -1, -2) @ u for a, (_, u) in zip(factors, spectra, strict=True)]
    gamma, whitened = outer(g), rotated / values
    score = apply(back, whitened)
    information = apply([b**2 for b in back], 1.0 / values)
    variance = gamma * np.maximum(1.0 - gamma * information, 0.0)  # below 0 by rounding only
    cost = (np.log(values) + rotated * whitened).sum(axis=axes)
    return Posterior(gamma * score, variance, information - score**2, np.asarray(cost))


def _gram_spectrum(matrix: Floats, scale: Floats) -> tuple[Floats, Floats]:
    gram = (matrix * scale[..., None, :]) @ np.swapaxes(matrix, -1, -2)
    values, vectors = np.linalg.eigh(gram)
    return values, vectors
