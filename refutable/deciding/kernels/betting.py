r"""Means of bounded outcomes by betting: a theorem for every law on [0, 1].

Against "the mean is at most *m*" one bets, before seeing each outcome :math:`x_i`, a fraction
:math:`f_i \in [0, 1)` of the capital on outcomes above *m*. The capital

.. math:: K_n(m) = \prod_{i \le n} \bigl(1 - f_i + f_i \, x_i / m\bigr)

has mean at most 1 under that hypothesis whatever the law, so by Ville's inequality it ever exceeds
``1/alpha`` with probability at most *alpha*. Capitals of several ways to bet are averaged. As no
fraction depends on *m*, every capital falls with *m*: the means that stand are an interval, and
its end is found by bisection. "At least *m*" is the same for ``1 - x`` and ``1 - m``.

The ways to bet: constant fractions, which do well at any scale of the law, and for each mean that
is watched (the ends of a region) the fraction that would have grown fastest on the outcomes so far
(Kelly's, from the running mean and variance), which follows laws of small variance.

Sources: Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting" (JRSS B
86, 2024), sections 4 and B; Kelly (1956); Robbins (1970) for mixtures.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels.capital import Capital, ratio

FRACTIONS = np.linspace(0.1, 0.999, 10)
"""Constant fractions; measured: 8 to 16 of them, and other spacings, differ by under 3 %."""
EVERY_SCALE = np.geomspace(0.001, 0.999, 16)
"""Fractions for means that are not watched, so that none follows: a mean of 1 % asks for 1 %."""
MOST = 0.999
"""Greatest fraction that is bet: capital must never reach zero."""
_LARGEST_LOG = 600.0  # of a product of factors; the greatest double is exp(709.8)


class Betting(Capital):
    """Evidence about the mean of outcomes in [0, 1], taken in order.

    Parameters
    ----------
    targets : sequence of float
        Means in (0, 1) at which the evidence is wanted after every block (the ends of a region);
        there is a way to bet that follows each. May be empty.
    watched : int, optional
        As in `Capital`.
    fractions : ndarray, shape (k,)
        Constant fractions.

    Raises
    ------
    ValueError
        If a target is not strictly between 0 and 1.
    """

    def __init__(
        self,
        targets: ArrayLike = (),
        watched: int | None = None,
        fractions: FloatArray = FRACTIONS,
    ) -> None:
        wanted = np.asarray(targets, dtype=np.float64)
        if not ((wanted > 0.0) & (wanted < 1.0)).all():
            raise ValueError(f"targets must lie strictly between 0 and 1, got {wanted}")
        super().__init__(wanted, fractions, watched)

    def add(self, outcomes: FloatArray) -> None:
        """Take the next outcomes, shape (n,), in order.

        Raises
        ------
        ValueError
            If one lies outside [0, 1]; nothing is taken then.
        """
        if not ((outcomes >= 0.0) & (outcomes <= 1.0)).all():
            raise ValueError("an outcome lies outside [0, 1]")
        super().add(outcomes)

    def mirrored(self, values: FloatArray) -> FloatArray:
        """Return 1 minus the values."""
        return 1.0 - values

    def tamed(self, sides: FloatArray) -> FloatArray:
        """Return them as they are."""
        return sides

    def before_the_first(self) -> FloatArray:
        """Return the square of a coin whose mean is the target: nothing speaks for either side."""
        return self.targets

    def follow(self, mean: FloatArray, square: FloatArray) -> FloatArray:
        """Return Kelly's fraction to second order, from running mean and variance."""
        target = self.targets[:, None, :]
        gain = np.maximum(mean - target, 0.0)
        spread = np.maximum(square - mean**2, 0.0) + gain**2
        return np.minimum(target * ratio(gain, spread), MOST)

    def log_growth(self, sides: FloatArray, stakes: FloatArray, means: FloatArray) -> FloatArray:
        """Return log capitals, shape (side, mean, way).

        Factors are multiplied in groups that cannot leave the range of doubles before a logarithm
        is taken: several times faster than a logarithm each.
        """
        group = max(int(_LARGEST_LOG / -math.log(min(float(means.min()), 1.0 - MOST))), 1)
        excess = sides[:, None, :] / means[:, :, None] - 1.0
        logs = np.zeros((*means.shape, stakes.shape[-1]))
        for start in range(0, sides.shape[1], group):
            part = slice(start, start + group)
            factors = 1.0 + excess[:, :, part, None] * stakes[:, None, part, :]
            logs += np.log(np.multiply.reduce(factors, axis=2))
        return logs

    def bracket(self, past: tuple[FloatArray, FloatArray], threshold: float) -> tuple[float, float]:
        """Return all that a mean can be."""
        del past, threshold
        return 0.0, 1.0
