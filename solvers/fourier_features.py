r"""Random Fourier features, and linear rules on them with a quadratic penalty; batched.

:math:`\varphi(x)=\sqrt{2/D}\cos(W^\top x+b)` with W of independent N(0, s^2) and b uniform has
:math:`E\,\varphi(x)\cdot\varphi(x')=e^{-s^2|x-x'|^2/2}` (Rahimi and Recht 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    generator,
    nonnegative,
    positive,
    refuse,
    whole_number,
)


@dataclass(frozen=True)
class FourierFeatures:
    """Features of points of R^d; any leading axes, the same for both parts.

    Parameters
    ----------
    frequencies : array, shape (..., d, D)
    phases : array, shape (..., D)
    """

    frequencies: Floats
    phases: Floats

    def __post_init__(self) -> None:
        frequencies = finite_array("frequencies", self.frequencies, least=2)
        phases = finite_array("phases", self.phases, least=1)
        if phases.shape != (*frequencies.shape[:-2], frequencies.shape[-1]):
            refuse("phases", phases, f"one for each of the frequencies, {frequencies.shape}")
        object.__setattr__(self, "frequencies", frequencies)
        object.__setattr__(self, "phases", phases)

    @property
    def count(self) -> int:
        """Number of features, D."""
        return int(self.phases.shape[-1])

    @property
    def height(self) -> float:
        """Amplitude of a feature, (2 / D)^(1/2)."""
        return float(np.sqrt(2 / self.count))

    def of(self, points: ArrayLike) -> Floats:
        """Return the features, (..., n, D), of points (..., n, d)."""
        at, d = finite_array("points", points, least=2), self.frequencies.shape[-2]
        batch = self.frequencies.shape[:-2]
        if at.shape[-1] != d or at.shape[:-2] not in ((), batch):
            refuse("points", at, f"shape (n, {d}), or {batch} in front of it")
        return np.asarray(self.height * np.cos(at @ self.frequencies + self.phases[..., None, :]))


def draw_fourier_features(
    rng: Generator, count: int, d: int, bandwidth: float, size: int
) -> FourierFeatures:
    """Draw features of a Gaussian kernel, batch (size,).

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Features, D.
    d : int
        Dimension of the points.
    bandwidth : float
        Standard deviation of the frequencies, positive.
    size : int
        Replicates.
    """
    number, replicates = whole_number("count", count), whole_number("size", size)
    shape = (replicates, whole_number("d", d), number)
    frequencies = positive("bandwidth", bandwidth) * generator("rng", rng).standard_normal(shape)
    return FourierFeatures(frequencies, rng.uniform(0, 2 * np.pi, (replicates, number)))


def steepest_on_mesh(
    features: FourierFeatures, rule: ArrayLike, across: ArrayLike, along: ArrayLike
) -> Floats:
    """Return the largest gradient norm of linear rules on a mesh of the plane, shape (...).

    The phase of a feature is a sum over both coordinates, so that its exponential is a product and
    the gradient on all of the mesh a product of matrices.

    Parameters
    ----------
    features : FourierFeatures
        Of points of R^2, batch (...).
    rule : array, shape (..., D)
    across, along : array, shapes (p,) and (q,)
        Coordinates of the mesh.
    """
    weights = finite_array("rule", rule, shape=features.phases.shape)
    first_axis, second_axis = (
        finite_array(name, value, ndim=1)[:, None]
        for name, value in (("across", across), ("along", along))
    )
    if features.frequencies.shape[-2] != 2:
        refuse("features", features.frequencies, "frequencies of shape (..., 2, D)")
    first = np.exp(1j * first_axis * features.frequencies[..., :1, :])
    phase = second_axis * features.frequencies[..., 1:, :] + features.phases[..., None, :]
    second = np.swapaxes(np.exp(1j * phase), -1, -2)
    slopes = -features.height * weights[..., None, :] * features.frequencies
    parts = [(slopes[..., i : i + 1, :] * first @ second).imag for i in range(2)]
    return np.asarray(np.hypot(*parts).max(axis=(-2, -1)))


def penalised_rule(
    phi: ArrayLike, y: ArrayLike, penalty: ArrayLike, weight: float, ridge: float
) -> Floats:
    r"""Minimise :math:`\frac1n|y-\varphi w|^2+\mu\,w^\top Qw+r|w|^2` over w, shape (..., D).

    Parameters
    ----------
    phi : array, shape (..., n, D)
    y : array, shape (..., n)
    penalty : array, shape (..., D, D)
        Q, symmetric and positive semidefinite.
    weight : float
        mu, at least 0.
    ridge : float
        r, positive.
    """
    rows = finite_array("phi", phi, least=2)
    values = finite_array("y", y, shape=rows.shape[:-1])
    n, d = rows.shape[-2:]
    quadratic = finite_array("penalty", penalty, shape=(*rows.shape[:-2], d, d))
    turned = np.swapaxes(rows, -1, -2)
    normal = turned @ rows / n + nonnegative("weight", weight) * quadratic
    normal = normal + positive("ridge", ridge) * np.eye(d)
    return np.asarray(np.linalg.solve(normal, turned @ values[..., None] / n)[..., 0])
