"""Collocation of u'' = f on [0, 1] by an exact Gaussian process, fitted by its evidence.

Seen are u at both ends and f on an even grid that holds them, f in units of its root mean square.
The kernel's derivatives are the covariances; its parameters climb the evidence by Adam, many data
sets at once, whose grids are filled up to one size with points that are seen as pure noise.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.bayes.gp_hm._family import Kernel
from refutable.solvers.adam import adam
from refutable.solvers.gaussian_process import Process, condition
from refutable.solvers.kernels import SpectralMixture

from refutable import FloatArray

NOISE = 1e-4
"""Standard deviation of the noise, in units of what is seen."""
RATE = 0.1
"""First step size of Adam; it falls to 0 along half a cosine."""


@dataclass(frozen=True)
class Problems:
    """What is seen of each data set.

    Attributes
    ----------
    cells : ndarray of int, shape (size,)
        Intervals of the grid, one less than its points.
    ends : ndarray, shape (size, 2)
        u(0) and u(1).
    forces : ndarray, shape (size, points)
        f on the grid, and zeros after it.
    """

    cells: NDArray[np.int64]
    ends: FloatArray
    forces: FloatArray

    @cached_property
    def grid(self) -> FloatArray:
        """Shape (size, points); what lies beyond 1 is not seen."""
        return np.asarray(np.arange(self.forces.shape[1]) / self.cells[:, None])

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Which points belong to the grid, shape (size, points)."""
        return np.asarray(np.arange(self.forces.shape[1]) <= self.cells[:, None])

    @cached_property
    def unit(self) -> FloatArray:
        """Root mean square of f on the grid, shape (size, 1)."""
        return np.asarray(np.sqrt((self.forces**2).sum(axis=1) / (self.cells + 1))[:, None])

    @cached_property
    def observations(self) -> FloatArray:
        """Both ends and the scaled forces, shape (size, points + 2)."""
        return np.hstack([self.ends, self.forces / self.unit])

    @cached_property
    def inner(self) -> FloatArray:
        """What a fourth derivative is to be multiplied with, shape (size, points, points)."""
        return np.asarray(
            (self.seen[:, :, None] & self.seen[:, None, :]) / self.unit[..., None] ** 2
        )


def covariance(k: FloatArray, problems: Problems) -> FloatArray:
    """Return that of the observations, shape (size, points + 2, points + 2).

    Parameters
    ----------
    k : ndarray, shape (size, 3, points)
        Derivatives of order 0, 2 and 4 at the points of the grid, as lags.
    problems : Problems
    """
    size, points = problems.forces.shape
    rows, last = np.arange(size), problems.cells
    seen, unit = problems.seen, problems.unit
    found = np.zeros((size, points + 2, points + 2))
    found[:, 0, 0] = found[:, 1, 1] = k[:, 0, 0]
    found[:, 0, 1] = found[:, 1, 0] = k[rows, 0, last]
    found[:, 0, 2:] = k[:, 1] / unit * seen
    found[:, 1, 2:] = np.take_along_axis(k[:, 1], _mirrored(problems), axis=1) / unit * seen
    found[:, 2:, :2] = np.swapaxes(found[:, :2, 2:], 1, 2)
    found[:, 2:, 2:] = k[:, 2][:, _gaps(points)] * problems.inner
    diagonal = np.arange(points + 2)
    found[:, diagonal, diagonal] += NOISE**2
    found[:, diagonal[2:], diagonal[2:]] += ~seen
    return found


def at_lags(slope: FloatArray, problems: Problems) -> FloatArray:
    """Return the gradient in k of ``sum(slope * covariance)``, shape (size, 3, points)."""
    size, points = problems.forces.shape
    rows, last = np.arange(size), problems.cells
    seen, unit = problems.seen, problems.unit
    found = np.zeros((size, 3, points))
    found[:, 0, 0] = slope[:, 0, 0] + slope[:, 1, 1]
    found[rows, 0, last] += 2 * slope[:, 0, 1]
    near, far = (2 * slope[:, end, 2:] / unit * seen for end in (0, 1))
    found[:, 1] = near + np.take_along_axis(far, _mirrored(problems), axis=1) * seen
    inner = slope[:, 2:, 2:] * problems.inner
    places = _gaps(points) + points * rows[:, None, None]
    found[:, 2] = np.bincount(places.ravel(), inner.ravel(), size * points).reshape(size, points)
    return found


@functools.cache
def _gaps(points: int) -> NDArray[np.int64]:
    """Return the lag of each pair of grid points, in steps."""
    places = np.arange(points)
    return np.asarray(np.abs(places[:, None] - places))


def _mirrored(problems: Problems) -> NDArray[np.int64]:
    """Return each point's distance from the far end, in steps; 0 beyond it."""
    return np.asarray(np.maximum(problems.cells[:, None] - np.arange(problems.forces.shape[1]), 0))


@dataclass(frozen=True)
class Fit:
    """Kernels of great evidence and what they were fitted to.

    Attributes
    ----------
    kernel : Kernel
    problems : Problems
    free : ndarray, shape (size, 3, components)
    """

    kernel: Kernel
    problems: Problems
    free: FloatArray

    def mixture(self, lags: FloatArray) -> SpectralMixture:
        """Return the kernel at lags, shape (size, n)."""
        weights, lengths, angles = np.moveaxis(self.free, 1, 0)
        frequencies = self.kernel.frequencies(angles)[0]
        return SpectralMixture(self.kernel.envelope, lags, weights, lengths, frequencies)

    @property
    def process(self) -> Process:
        """The process with what was seen of it."""
        k = self.mixture(self.problems.grid).derivatives
        return condition(covariance(k, self.problems), self.problems.observations)

    def solution(self, x: FloatArray) -> FloatArray:
        """Return the posterior mean of u, shape (size, points), at x, shape (points,)."""
        size = len(self.problems.cells)
        ends, grid = np.array([0.0, 1.0]), self.problems.grid
        lags = np.concatenate(
            [
                np.broadcast_to(x[:, None] - ends, (size, len(x), 2)),
                x[:, None] - grid[:, None, :],
            ],
            axis=-1,
        )
        k = self.mixture(lags.reshape(size, -1)).derivatives.reshape(size, 3, len(x), -1)
        unseen = self.problems.seen / self.problems.unit
        cross = np.concatenate([k[:, 0, :, :2], k[:, 1, :, 2:] * unseen[:, None]], axis=-1)
        return np.asarray((cross @ self.process.weights[..., None])[..., 0])


def gradient(free: FloatArray, kernel: Kernel, problems: Problems) -> FloatArray:
    """Return that of minus the log evidence, in the free parameters."""
    fit = Fit(kernel, problems, free)
    mixture = fit.mixture(problems.grid)
    process = condition(covariance(mixture.derivatives, problems), problems.observations)
    found = -mixture.pull_back(at_lags(process.slope, problems))
    found[:, 2] *= kernel.frequencies(free[:, 2])[1]
    return found


def fitted(kernel: Kernel, problems: Problems, steps: int) -> Fit:
    """Climb the evidence from the kernel's start."""
    rates = RATE * (1 + np.cos(np.pi * np.arange(steps) / steps)) / 2
    start = kernel.start(len(problems.cells))
    found = adam(start, lambda free, _: gradient(free, kernel, problems), rates, memory=0.99)
    return Fit(kernel, problems, found)
