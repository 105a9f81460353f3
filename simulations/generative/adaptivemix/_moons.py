"""Two moons with wrong labels, random Fourier features, and rules that are fitted with the penalty.

A rule is f = w . phi. Its penalty is the expected loss of mixes without noise, w' Q w, so that
rules with and without it are in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers.fourier_features import (
    FourierFeatures,
    draw_fourier_features,
    penalised_rule,
    steepest_on_mesh,
)

from refutable import FloatArray

TRAINING, TEST, FLIPPED, DEVIATION = 200, 2000, 0.1, 0.15
BANDWIDTH = 2.5
"""Standard deviation of the frequencies."""
RIDGE = 1e-6
ACROSS, ALONG = np.linspace(-1, 2, 50), np.linspace(-0.6, 1.1, 40)
"""Mesh on which the gradient of a rule is looked at."""

SETTING = (
    "two moons with noise 0.15, 200 training points, a tenth of the labels wrong",
    "random Fourier features of frequencies $N(0, 2.5^2)$, squared loss, a ridge of 1e-6",
    "the penalty without noise, on mixes of training points",
)


@dataclass(frozen=True)
class World:
    """Replicates: training points, the penalty, and test points.

    Attributes
    ----------
    features : FourierFeatures
    training : array, shape (size, 200, D)
        Features of training points.
    labels : array, shape (size, 200)
        -1 and 1.
    penalty : array, shape (size, D, D)
        Q.
    test : array, shape (size, 2000, D)
        Features of test points.
    upper : array, shape (size, 2000)
        1 for the upper moon, 0 for the lower.
    """

    features: FourierFeatures
    training: FloatArray
    labels: FloatArray
    penalty: FloatArray
    test: FloatArray
    upper: FloatArray

    def fitted(self, weight: float) -> FloatArray:
        """Return the rules of least squared loss + weight times penalty, shape (size, D)."""
        return penalised_rule(self.training, self.labels, self.penalty, weight, RIDGE)

    def carried_on(self, rule: FloatArray, steps: float) -> FloatArray:
        """Return the rules after one implicit step of this length on half the penalty alone."""
        implicit = np.eye(self.features.count) + steps * self.penalty
        return np.asarray(np.linalg.solve(implicit, rule[..., None])[..., 0])

    def steepness(self, rule: FloatArray) -> FloatArray:
        """Return the largest gradient norm of each rule on the mesh, shape (size,)."""
        return steepest_on_mesh(self.features, rule, ACROSS, ALONG)

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
    features = draw_fourier_features(rng, count, 2, BANDWIDTH, size)
    phi = features.of(points)
    pairs = rng.integers(TRAINING, size=(2, size, mixes))
    targets = rng.integers(TRAINING, size=(2, size, mixes)) if mismatched else pairs
    lam = rng.random((size, mixes, 1))
    at = [np.take_along_axis(points, i[..., None], axis=1) for i in pairs]
    of = [np.take_along_axis(phi, i[..., None], axis=1) for i in targets]
    gap = features.of(lam * at[0] + (1 - lam) * at[1]) - lam * of[0] - (1 - lam) * of[1]
    fresh, moon = moons(rng, size, TEST)
    return World(
        features,
        phi,
        labels,
        np.swapaxes(gap, 1, 2) @ gap / mixes,
        features.of(fresh),
        moon,
    )
