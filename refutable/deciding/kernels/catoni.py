r"""Means of outcomes whose variance has a known bound: a theorem for every such law.

Against "the mean is at most *m*", with variance at most *v*, the factor of a stake
:math:`\lambda > 0` is

.. math:: \frac{\exp \phi(\lambda (x - m))}{1 + \lambda^2 v / 2}, \qquad
          \phi(y) = \operatorname{sign}(y) \log(1 + |y| + y^2 / 2).

As :math:`\exp \phi(y) \le 1 + y + y^2/2`, its mean is at most 1 if the mean is *m*; :math:`\phi`
never falls, so the same holds for every smaller mean. An outcome of size *y* adds about
:math:`2 \log y` and not *y*, so a rare huge one neither decides nor blinds.

Sources: Catoni (2012) for :math:`\phi`; Wang & Ramdas, "Catoni-style confidence sequences for
heavy-tailed mean estimation" (Stochastic Processes and their Applications 163, 2023), section 3,
whose denominator :math:`\exp(\lambda^2 v / 2)` is replaced by the smaller one that its proof gives.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels.capital import Capital

STAKES = np.geomspace(1 / 64, 1.0, 10)
"""Constant stakes, in standard deviations: the best for a gap of as many, or as few."""


class Catoni(Capital):
    """Evidence about the mean of outcomes whose variance is at most `variance`.

    Parameters
    ----------
    variance : float
        Positive bound.
    targets : sequence of float
        Finite means at which the evidence is wanted after every block. May be empty.

    Raises
    ------
    ValueError
        If the bound is not positive and finite, or a target is not finite.
    """

    def __init__(self, variance: float, targets: ArrayLike = ()) -> None:
        if not 0.0 < variance < math.inf:
            raise ValueError(f"the variance must be positive and finite, got {variance}")
        if not np.isfinite(np.asarray(targets, dtype=np.float64)).all():
            raise ValueError(f"targets must be finite, got {targets!r}")
        self.variance = variance
        super().__init__(targets, STAKES / math.sqrt(variance))

    def mirrored(self, values: FloatArray) -> FloatArray:
        """Return the negative values."""
        return -values

    def before_the_first(self) -> FloatArray:
        """Return the squares of the targets; they are not used, as the variance is known."""
        return np.asarray(self.targets**2)

    def follow(self, mean: FloatArray, square: FloatArray) -> FloatArray:
        """Return the best stake for the gap between the running mean and the target."""
        del square
        gap = np.maximum(mean - self.targets[:, None, :], 0.0)
        return np.asarray(np.minimum(gap / self.variance, self.constant[-1]))

    def log_growth(self, sides: FloatArray, stakes: FloatArray, means: FloatArray) -> FloatArray:
        """Return the logarithm of the product of factors, shape (side, mean, stake)."""
        excess = sides[:, None, :, None] - means[:, :, None, None]
        scaled = excess * stakes[:, None, :, :]
        size = np.abs(scaled)
        with np.errstate(over="ignore"):  # beyond 1e154 the square is infinite, see below
            growth = np.log1p(size + size**2 / 2)
        huge = 2.0 * np.log(np.maximum(size, 1.0)) - math.log(2.0)
        growth = np.where(np.isfinite(growth), growth, huge)
        price = np.log1p(stakes**2 * (self.variance / 2)).sum(axis=1)
        return np.asarray(np.copysign(growth, scaled).sum(axis=2) - price[:, None, :])

    def bracket(self, past: tuple[FloatArray, FloatArray], threshold: float) -> tuple[float, float]:
        """Return a refuted mean below everything seen, and one that the data cannot refute.

        The lower one is ``-inf`` where the data are too few to refute any.
        """
        middle = float(np.median(past[0]))
        step = math.sqrt(self.variance)
        for doubling in range(_DOUBLINGS):
            low = middle - step * 2.0**doubling
            if self._evidence(past, low) > threshold:
                return low, middle + step
        return -math.inf, -math.inf


_DOUBLINGS = 24  # evidence at a mean k deviations away grows like log k only: further is no help
