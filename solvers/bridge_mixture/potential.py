"""The adjusted potential v, its normaliser c, and the plan given where the bridge starts.

``v(x1) = sum_k a_k N(x1 | r_k, eps S_k)`` and ``c(x0) = sum_k a_k exp((x0' S_k x0 + 2 r_k' x0) /
(2 eps))``; given x0 the plan is a mixture of ``N(r_k + S_k x0, eps S_k)`` whose weights are the
shares of the terms of c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    generator,
    positive,
    positive_array,
    refuse,
    symmetric,
)
from refutable.solvers.mixture_em.mixture import Mixture

__all__ = ["Potential", "draw_ends", "log_normaliser", "log_potential", "log_terms", "plan"]

Floats = NDArray[np.float64]
_ASYMMETRY = 1e-10  # rounding of a product of two thousand terms


@dataclass(frozen=True)
class Potential:
    """Terms of an adjusted potential; the matrices S are given by their eigenvalues and axes.

    Parameters
    ----------
    epsilon : float
        Variance of the Wiener prior over unit time, above 0.
    log_weights : ndarray, shape (..., K)
        log a_k; a need not sum to 1.
    centres : ndarray, shape (..., K, d)
        r_k.
    scales : ndarray, shape (..., K, d)
        Eigenvalues of S_k, above 0; its diagonal where there are no axes.
    axes : ndarray, shape (..., K, d, d), optional
        Eigenvectors of S_k as columns; the coordinate axes by default.

    Raises
    ------
    ValueError
        If a shape or a range is not as above.
    """

    epsilon: float
    log_weights: Floats
    centres: Floats
    scales: Floats
    axes: Floats | None = None

    def __post_init__(self) -> None:
        centres = finite_array("centres", self.centres, least=2)
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon))
        object.__setattr__(self, "centres", centres)
        weights = finite_array("log_weights", self.log_weights, shape=centres.shape[:-1])
        object.__setattr__(self, "log_weights", weights)
        object.__setattr__(
            self, "scales", positive_array("scales", self.scales, shape=centres.shape)
        )
        if self.axes is not None:
            shape = (*centres.shape, centres.shape[-1])
            object.__setattr__(self, "axes", finite_array("axes", self.axes, shape=shape))

    @classmethod
    def of_matrices(
        cls, epsilon: float, log_weights: Floats, centres: Floats, matrices: ArrayLike
    ) -> Potential:
        """Return the potential with symmetric positive matrices S, shape (..., K, d, d)."""
        scales, axes = np.linalg.eigh(symmetric("matrices", matrices, _ASYMMETRY))
        if scales.min() <= 0:
            refuse("matrices", np.asarray(matrices), "positive definite matrices")
        return cls(epsilon, log_weights, centres, scales, axes)

    @property
    def d(self) -> int:
        """Dimension."""
        return int(self.centres.shape[-1])

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading shape."""
        return tuple(self.centres.shape[:-2])

    def turned(self, x: Floats) -> Floats:
        """Return points (..., n, d) in the axes of every term, (..., n, K, d) or (..., n, 1, d)."""
        if self.axes is None:
            return x[..., None, :]
        return np.asarray(np.einsum("...kij,...ni->...nkj", self.axes, x))

    def turned_back(self, y: Floats) -> Floats:
        """Undo `turned`, from shape (..., n, K, d)."""
        if self.axes is None:
            return y
        return np.asarray(np.einsum("...kij,...nkj->...nki", self.axes, y))

    @property
    def turned_centres(self) -> Floats:
        """Centres in the axes of their terms, (..., 1, K, d)."""
        r = self.centres
        if self.axes is not None:
            r = np.einsum("...kij,...ki->...kj", self.axes, r)
        return np.asarray(r[..., None, :, :])

    def points(self, name: str, x: ArrayLike) -> Floats:
        """Return points of shape (n, d), or (..., n, d) with the batch in front, checked."""
        array = finite_array(name, x, least=2)
        if array.shape[-1] != self.d or array.shape[:-2] not in ((), self.batch):
            refuse(name, array, f"shape (n, {self.d}), or {self.batch} in front of it")
        return array


def log_potential(potential: Potential, x1: ArrayLike) -> Floats:
    """Return log v at points (n, d) or (..., n, d): shape (..., n)."""
    y = potential.turned(potential.points("x1", x1)) - potential.turned_centres
    variance = potential.epsilon * potential.scales[..., None, :, :]
    terms = -0.5 * (y**2 / variance + np.log(2 * np.pi * variance)).sum(axis=-1)
    terms = terms + potential.log_weights[..., None, :]
    return np.asarray(scipy.special.logsumexp(terms, axis=-1))


def log_terms(potential: Potential, x0: Floats) -> Floats:
    """Return the logarithms of the terms of c at checked points, shape (..., n, K)."""
    if potential.axes is None:
        s, r = (np.swapaxes(part, -1, -2) for part in (potential.scales, potential.centres))
        square = x0**2 @ s + 2 * x0 @ r
    else:
        y, centre = potential.turned(x0), potential.turned_centres
        square = (potential.scales[..., None, :, :] * y**2 + 2 * centre * y).sum(axis=-1)
    square /= 2 * potential.epsilon
    square += potential.log_weights[..., None, :]
    return np.asarray(square)


def log_normaliser(potential: Potential, x0: ArrayLike) -> Floats:
    """Return log c at points (n, d) or (..., n, d): shape (..., n)."""
    x = potential.points("x0", x0)
    return np.asarray(scipy.special.logsumexp(log_terms(potential, x), axis=-1))


def _means(potential: Potential, x: Floats) -> Floats:
    shift = potential.turned_back(potential.scales[..., None, :, :] * potential.turned(x))
    return np.asarray(potential.centres[..., None, :, :] + shift)


def plan(potential: Potential, x0: ArrayLike) -> Mixture:
    """Return the law of the end given each start.

    Parameters
    ----------
    potential : Potential
    x0 : array_like, shape (n, d) or (..., n, d)

    Returns
    -------
    Mixture
        Batch (..., n): diagonal, or full where the potential has axes.
    """
    x = potential.points("x0", x0)
    weights = scipy.special.softmax(log_terms(potential, x), axis=-1)
    means = _means(potential, x)
    if potential.axes is None:
        spread = np.broadcast_to(potential.epsilon * potential.scales[..., None, :, :], means.shape)
        return Mixture.trusted(weights, means, spread, "diag")
    axes = potential.axes
    full = potential.epsilon * (axes * potential.scales[..., None, :]) @ np.swapaxes(axes, -1, -2)
    spread = np.broadcast_to(full[..., None, :, :, :], (*means.shape, potential.d))
    return Mixture.trusted(weights, means, spread, "full")


def draw_ends(rng: np.random.Generator, potential: Potential, x0: ArrayLike) -> Floats:
    """Draw one end of the bridge for each start, shape (..., n, d).

    Parameters
    ----------
    rng : numpy.random.Generator
    potential : Potential
    x0 : array_like, shape (n, d) or (..., n, d)
    """
    x = potential.points("x0", x0)
    terms = log_terms(potential, x)
    levels = np.cumsum(np.exp(terms - terms.max(axis=-1, keepdims=True)), axis=-1)
    shape = levels.shape[:-1]
    uniform = levels[..., -1:] * generator("rng", rng).random((*shape, 1))
    chosen = (uniform >= levels[..., :-1]).sum(axis=-1)
    noise = rng.standard_normal((*shape, potential.d))
    if potential.axes is None:
        scales = _picked(potential.scales, chosen)
        move = scales * x + np.sqrt(potential.epsilon * scales) * noise
        return np.asarray(_picked(potential.centres, chosen) + move)
    spread = np.sqrt(potential.epsilon * potential.scales)[..., None, :, :]
    ends = _means(potential, x) + potential.turned_back(spread * noise[..., None, :])
    return np.asarray(np.take_along_axis(ends, chosen[..., None, None], axis=-2)[..., 0, :])


def _picked(values: Floats, chosen: NDArray[np.int64]) -> Floats:
    """Return the rows (..., n, d) of values (..., K, d) with the numbers `chosen`, (..., n)."""
    return np.asarray(np.take_along_axis(values, chosen[..., None], axis=-2))
