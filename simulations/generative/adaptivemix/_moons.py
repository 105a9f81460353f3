"""Two moons with wrong labels, random Fourier features, and rules that are fitted with the penalty.

A rule is f = w . phi. Its penalty is the expected loss of mixes without noise, w' Q w, so that
rules with and without it are in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from refutable import FloatArray

TRAINING, TEST, FLIPPED, DEVIATION = 200, 2000, 0.1, 0.15
BANDWIDTH = 2.5
"""Standard deviation of the frequencies."""
RIDGE = 1e-6
ACROSS, ALONG = np.linspace(-1, 2, 50), np.linspace(-0.6, 1.1, 40)
"""Mesh on which the gradient of a rule is looked at."""

SETTING = (
    "two moons with noise 0.15, 200 training points, a tenth of the labels wrong",
    "random Fourier features of frequencies N(0, 2.5^2), squared loss, a ridge of 1e-6",
    "the penalty without noise, on mixes of training points",
)


@dataclass(frozen=True)
class Features:
    """Random Fourier features: frequencies (size, 2, D) and phases (size, 1, D)."""

    frequencies: FloatArray
    phases: FloatArray

    @classmethod
    def drawn(cls, rng: Generator, size: int, count: int) -> Features:
        """Draw `count` features for each replicate."""
        frequencies = BANDWIDTH * rng.standard_normal((size, 2, count))
        return cls(frequencies, rng.uniform(0, 2 * np.pi, (size, 1, count)))

    @property
    def count(self) -> int:
        """Number of features."""
        return int(self.phases.shape[-1])

    def __call__(self, points: FloatArray) -> FloatArray:
        """Features of points (size, n, 2), shape (size, n, D)."""
        angle = points @ self.frequencies + self.phases
        return np.asarray(np.sqrt(2 / self.count) * np.cos(angle))

    def steepest(self, rule: FloatArray) -> FloatArray:
        """Largest gradient norm of rules (size, D) on the mesh, shape (size,).

        The phase is a sum over both coordinates, so that its exponential is a product.
        """
        first = np.exp(1j * ACROSS[:, None] * self.frequencies[:, :1])
        second = np.exp(1j * (ALONG[:, None] * self.frequencies[:, 1:] + self.phases))
        slopes = -np.sqrt(2 / self.count) * rule[:, None, :] * self.frequencies
        parts = [(slopes[:, i : i + 1] * first @ np.swapaxes(second, 1, 2)).imag for i in range(2)]
        return np.asarray(np.hypot(*parts).max(axis=(1, 2)))


@dataclass(frozen=True)
class World:
    """Replicates: features, moments of the training points, the penalty, and test points.

    Attributes
    ----------
    features : Features
    second : array, shape (size, D, D)
        Mean of phi phi' over the training points.
    cross : array, shape (size, D)
        Mean of y phi.
    penalty : array, shape (size, D, D)
        Q.
    test : array, shape (size, 2000, D)
        Features of test points.
    upper : array, shape (size, 2000)
        1 for the upper moon, 0 for the lower.
    """

    features: Features
    second: FloatArray
    cross: FloatArray
    penalty: FloatArray
    test: FloatArray
    upper: FloatArray

    def fitted(self, weight: float) -> FloatArray:
        """Return the rules of least squared loss + weight times penalty, shape (size, D)."""
        ridge = RIDGE * np.eye(self.features.count)
        return _solved(self.second + weight * self.penalty + ridge, self.cross)

    def carried_on(self, rule: FloatArray, steps: float) -> FloatArray:
        """Return the rules after one implicit step of this length on half the penalty alone."""
        return _solved(np.eye(self.features.count) + steps * self.penalty, rule)

    def spread(self, rule: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Deviation within a moon, distance between their means, and accuracy, (size,) each."""
        value = (self.test @ rule[..., None])[..., 0]
        means, within = [], []
        for share in (self.upper, 1 - self.upper):
            count = share.sum(axis=1)
            mean = (share * value).sum(axis=1) / count
            square = (share * (value - mean[:, None]) ** 2).sum(axis=1) / count
            means.append(mean)
            within.append(np.sqrt(square))
        right = ((value > 0) == (self.upper < 0.5)).mean(axis=1)
        return (within[0] + within[1]) / 2, np.abs(means[0] - means[1]), right


def moons(rng: Generator, size: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Draw points (size, n, 2), and 1 for the upper moon, 0 for the lower, (size, n)."""
    t = rng.uniform(0, np.pi, (size, n))
    upper = (rng.random((size, n)) < 0.5).astype(float)
    arc = np.stack([np.cos(t), np.sin(t)], axis=-1)
    lower = np.array([1, 0.5]) - arc
    points = np.where(upper[..., None] > 0.5, arc, lower)
    return points + DEVIATION * rng.standard_normal(points.shape), upper


def world(rng: Generator, size: int, count: int, mixes: int, mismatched: bool = False) -> World:
    """Draw replicates.

    Parameters
    ----------
    count : int
        Features.
    mixes : int
        Mixes of pairs of training points.
    mismatched : bool
        Take the target of a mix from another pair of points.
    """
    points, upper = moons(rng, size, TRAINING)
    sign = np.where(rng.random(upper.shape) < FLIPPED, -1, 1)
    labels = sign * (1 - 2 * upper)
    features = Features.drawn(rng, size, count)
    phi = features(points)
    pairs = rng.integers(TRAINING, size=(2, size, mixes))
    targets = rng.integers(TRAINING, size=(2, size, mixes)) if mismatched else pairs
    lam = rng.random((size, mixes, 1))
    at = [np.take_along_axis(points, i[..., None], axis=1) for i in pairs]
    of = [np.take_along_axis(phi, i[..., None], axis=1) for i in targets]
    gap = features(lam * at[0] + (1 - lam) * at[1]) - lam * of[0] - (1 - lam) * of[1]
    fresh, moon = moons(rng, size, TEST)
    return World(
        features,
        np.swapaxes(phi, 1, 2) @ phi / TRAINING,
        np.einsum("snd,sn->sd", phi, labels) / TRAINING,
        np.swapaxes(gap, 1, 2) @ gap / mixes,
        features(fresh),
        moon,
    )


def _solved(matrices: FloatArray, rows: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrices, rows[..., None])[..., 0])
