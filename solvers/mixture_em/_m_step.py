"""Sums of an E-step and the M-step that turns them into a mixture, batched over fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, refuse
from refutable.solvers.mixture_em._sums import em_sums
from refutable.solvers.mixture_em.mixture import DIAGONAL, Array, Kind, Mixture

__all__ = ["Data", "Moments", "e_step", "m_step"]

_ABSENT = -1e300  # log of a weight that is 0, finite for the compiled loops
LEAST_MASS = 1e-6  # observations; a component with fewer stays where it is


@dataclass(frozen=True)
class Data:
    """Replicated observations, laid out for the compiled sums.

    Parameters
    ----------
    x : ndarray, shape (rows, d, n)
    weights : ndarray, shape (rows, n), or (rows, 0) if every observation counts 1
    """

    x: Array
    weights: Array

    @classmethod
    def of(cls, x: object, sample_weight: object = None) -> Data:
        """Check observations (R, n, d), or (n, d) for one row, and their weights (R, n) or (n,)."""
        points = finite_array("x", x, least=2)  # type: ignore[arg-type]
        points = points[None] if points.ndim == 2 else points
        if points.ndim != 3:
            refuse("x", points, "shape (R, n, d), or (n, d) for one data set")
        rows, n, _ = points.shape
        laid = np.ascontiguousarray(np.swapaxes(points, 1, 2))
        if sample_weight is None:
            return cls(laid, np.empty((rows, 0)))
        weights = finite_array("sample_weight", sample_weight)  # type: ignore[arg-type]
        if weights.shape not in ((n,), (rows, n)):
            refuse("sample_weight", weights, f"shape ({n},) or ({rows}, {n})")
        weights = np.ascontiguousarray(np.broadcast_to(weights, (rows, n)))
        if weights.min() < 0 or (weights.sum(axis=1) <= 0).any():
            raise ValueError("sample_weight is negative or all 0: give some weight above 0")
        return cls(laid, weights)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, dimension, observations."""
        rows, d, n = self.x.shape
        return rows, d, n

    @property
    def total(self) -> Array:
        """Weight of each row, shape (rows,)."""
        rows, _, n = self.shape
        return np.full(rows, float(n)) if self.weights.size == 0 else self.weights.sum(axis=1)


@dataclass(frozen=True)
class Moments:
    """Sums about `centre`: mass (F, K), first (F, K, d), second (F, K, d, d) or its diagonal."""

    mass: Array
    first: Array
    second: Array
    centre: Array

    @property
    def parts(self) -> tuple[Array, Array, Array, Array]:
        """Mass, first and second moments, and their centre."""
        return self.mass, self.first, self.second, self.centre

    def at(self, index: NDArray[np.intp]) -> Moments:
        """Return the moments of some of the fits."""
        return Moments(
            self.mass[index], self.first[index], self.second[index], self.centre[index]
        )  # fmt: skip

    def about(self, centre: Array) -> Moments:
        """Return the same sums about other points."""
        shift, mass = self.centre - centre, self.mass[..., None]
        first = self.first + mass * shift
        if self.second.ndim == self.first.ndim:
            second = self.second + shift * (self.first + first)
        else:
            cross = self.first[..., :, None] * shift[..., None, :]
            cross = cross + shift[..., :, None] * first[..., None, :]
            second = self.second + cross
        return Moments(self.mass, first, second, centre)


def e_step(
    data: Data, row: NDArray[np.intp], mixture: Mixture, hard: bool = False,
    span: tuple[int, int] | None = None,
) -> tuple[Array, Moments]:  # fmt: skip
    """Return the log-likelihood of each fit and its moments about the means.

    Parameters
    ----------
    data : Data
    row : ndarray of int, shape (F,)
        The row of `data` each fit uses.
    mixture : Mixture
        Batch (F,).
    hard : bool
        Give every observation whole to its likeliest component.
    span : tuple of int, optional
        Use observations from the first to before the second; all if left out.
    """
    dense = mixture.kind not in DIAGONAL
    weights = mixture.weights
    logs = np.where(weights > 0, np.log(np.where(weights > 0, weights, 1.0)), _ABSENT)
    spread = np.ascontiguousarray(mixture.expanded().reshape(len(row), mixture.k, -1))
    weighted = data.weights.size > 0
    low, high = span or (0, data.shape[2])
    value, mass, first, second = em_sums(
        data.x, data.weights, row, logs, np.ascontiguousarray(mixture.means), spread,
        dense, hard, weighted, low, high,
    )  # fmt: skip
    if dense:
        second = second + np.swapaxes(np.tril(second, -1), -1, -2)
    else:
        second = np.einsum("fkpp->fkp", second)
    return value, Moments(mass, first, second, mixture.means)


def m_step(old: Mixture, sums: Moments, floor: float) -> Mixture:
    """Return the mixture that fits the moments best, `floor` added to every variance.

    A component without mass keeps its mean, and its covariance if that is its own.
    """
    alive = sums.mass > LEAST_MASS
    mass = np.where(alive, sums.mass, 1.0)[..., None]
    delta = np.where(alive[..., None], sums.first / mass, 0.0)
    means = np.where(alive[..., None], sums.centre + delta, old.means)
    weights = sums.mass / sums.mass.sum(axis=-1, keepdims=True)
    spread = _covariances(old, sums, delta, alive, floor)
    return Mixture.trusted(weights, means, spread, old.kind)


def _covariances(
    old: Mixture, sums: Moments, delta: Array, alive: NDArray[np.bool_], floor: float
) -> Array:
    kind, diagonal = old.kind, sums.second.ndim == 3
    outer = delta**2 if diagonal else delta[..., :, None] * delta[..., None, :]
    ones = (1,) * (sums.second.ndim - 2)
    mass = np.where(alive, sums.mass, 0.0).reshape(*alive.shape, *ones)
    scatter = np.where(mass > 0, sums.second - mass * outer, 0.0)
    if kind.startswith("tied"):
        pooled = scatter.sum(axis=1) / mass.sum(axis=1)
        return _floored(pooled, kind, floor)
    own = _floored(scatter / np.where(mass > 0, mass, 1.0), kind, floor)
    return np.asarray(
        np.where(alive.reshape(alive.shape + (1,) * (own.ndim - 2)), own, old.covariances)
    )


def _floored(spread: Array, kind: Kind, floor: float) -> Array:
    if kind in ("spherical", "tied_spherical"):
        return np.asarray(np.maximum(spread.mean(axis=-1), 0.0) + floor)
    if kind == "diag":
        return np.maximum(spread, 0.0) + floor
    return spread + floor * np.eye(spread.shape[-1])
