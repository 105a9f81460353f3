"""Small regression tasks: how they are drawn, and what theory says of them by quadrature."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.theory.bayes import niw_meta as theory

from refutable import FloatArray

MEAN = np.array([1.0, -2.0])
COVARIANCE = np.array([[0.5, 0.3], [0.3, 0.4]])
NOISE, SHOTS = 0.25, 5
NEW = 64
"""New tasks to a replicate."""

TASKS = (
    "regression in two dimensions on five standard normal inputs, noise variance 1/4, known",
    "parameters of the tasks have mean (1, -2) and covariance [[0.5, 0.3], [0.3, 0.4]]",
    "the prior starts at N(0, I) and is iterated until it stands, 500 times at most",
)


@dataclass(frozen=True)
class Tasks:
    """Regression tasks.

    Attributes
    ----------
    truth : array, shape (..., 2)
        Their parameters.
    precision : array, shape (..., 2, 2)
        ``X'X / s^2``.
    linear : array, shape (..., 2)
        ``X'y / s^2``.
    """

    truth: FloatArray
    precision: FloatArray
    linear: FloatArray

    @property
    def least_squares(self) -> FloatArray:
        """Each task's own estimate, shape (..., 2)."""
        return np.asarray(np.linalg.solve(self.precision, self.linear[..., None])[..., 0])

    def under(self, mean: FloatArray, covariance: FloatArray) -> FloatArray:
        """Posterior means under a prior, whose covariance may be zero; shape (..., 2)."""
        total = np.linalg.inv(covariance + np.linalg.inv(self.precision))
        apart = (self.least_squares - mean)[..., None]
        return np.asarray(mean + (covariance @ total @ apart)[..., 0])


def draw_tasks(rng: Generator, shape: tuple[int, int], spread: float, twins: int = 1) -> Tasks:
    """Draw tasks, whose covariance is `spread` times `COVARIANCE`; `twins` in a row are one."""
    root = spread**0.5 * np.linalg.cholesky(COVARIANCE)
    truth = MEAN + rng.standard_normal((shape[0], shape[1] // twins, 2)) @ root.T
    truth = np.repeat(truth, twins, axis=1)
    x = rng.standard_normal((*shape, SHOTS, 2))
    y = (x @ truth[..., None])[..., 0] + NOISE**0.5 * rng.standard_normal((*shape, SHOTS))
    turned = x.swapaxes(-1, -2) / NOISE
    return Tasks(truth, turned @ x, (turned @ y[..., None])[..., 0])


@functools.cache
def designs(nodes: int = 20) -> tuple[FloatArray, FloatArray]:
    """Return noises ``s^2 (X'X)^-1`` and their weights: a quadrature over the inputs.

    ``X'X = L L'`` with independent entries: squares of the diagonal are chi-squared with 5 and 4
    degrees of freedom, the third entry is standard normal (Bartlett 1933).
    """
    from scipy.special import roots_genlaguerre

    (u, wu), (v, wv) = (roots_genlaguerre(nodes, k / 2 - 1) for k in (SHOTS, SHOTS - 1))
    z, wz = np.polynomial.hermite_e.hermegauss(nodes)
    u, v, z = (axis.ravel() for axis in np.meshgrid(u, v, z, indexing="ij"))
    weights = (wu[:, None, None] * wv[:, None] * wz).ravel()
    root = np.zeros((len(u), 2, 2))
    root[:, 0, 0], root[:, 1, 1], root[:, 1, 0] = np.sqrt(2 * u), np.sqrt(2 * v), z
    noises = NOISE * np.linalg.inv(root @ root.swapaxes(-1, -2))
    return np.asarray(noises, dtype=np.float64), np.asarray(weights / weights.sum())


@functools.cache
def oracle_risk() -> float:
    """Return the squared error of a new task under the right prior."""
    return theory.oracle_risk(COVARIANCE, *designs())


@functools.cache
def excess_constant() -> float:
    """Return the limit of T times the excess risk after T tasks, over the oracle's risk."""
    return theory.excess_constant(COVARIANCE, *designs()) / oracle_risk()
