"""Moments of a law from samples that carry Gaussian noise of known deviations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, positive_array, whole_number


def _hermite(x: Floats, variance: Floats) -> Iterator[Floats]:
    """Yield ``s^j He_j(x / s)`` for j = 1, 2, ..., by the three-term recursion."""
    before, now = np.ones_like(x), x
    for j in itertools.count(1):
        yield now
        before, now = now, x * now - j * variance * before


def denoised_moments(
    x: ArrayLike, noise: ArrayLike, degree: int, *, discounted: bool = True
) -> Floats:
    """Unbiased estimates of ``E mu^j``, j = 1, ..., degree, from ``x = mu + noise z``.

    The polynomial ``s^j He_j(x / s)`` has the mean ``mu^j``, and for large noise the variance
    ``j! s^(2j)``: so samples of unequal noise are averaged with the weights ``s^(-2j)``.

    Parameters
    ----------
    x : array, shape (..., n)
        Samples.
    noise : array, shape (n,), or shape () for all alike
        Standard deviations of the noise, above 0.
    degree : int
        The highest moment, at least 1.
    discounted : bool
        Weight samples by ``s^(-2j)``; equally if False.

    Returns
    -------
    array, shape (..., degree)

    Raises
    ------
    ValueError
        For samples that are not finite, noise that is not positive, or shapes that do not fit.
    """
    samples = finite_array("x", x, least=1)
    deviations = positive_array("noise", noise)
    degrees = range(1, whole_number("degree", degree) + 1)
    if deviations.ndim and deviations.shape != samples.shape[-1:]:
        raise ValueError(f"noise has shape {deviations.shape}: give ({samples.shape[-1]},) or ()")
    # only ratios count, and with the least noise at 1 no weight overflows
    relative = np.broadcast_to(deviations / deviations.min(), samples.shape[-1:])
    found = []
    for j, values in zip(degrees, _hermite(samples, deviations**2), strict=False):
        weights = relative ** (-2.0 * j) if discounted else np.ones_like(relative)
        found.append(values @ weights / weights.sum())
    return np.stack(found, axis=-1)
