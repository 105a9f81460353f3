r"""Evidence about a mean as the capital of a mixture of bets: what two kernels have in common.

Before each outcome a stake is chosen from the earlier ones, and never from the mean *m* under test.
The capital is a product over the outcomes whose factors fall with *m* and have mean at most 1 if
the mean is at most *m*. So by Ville's inequality it exceeds ``1/alpha`` with probability at most
*alpha*, at any stopping time; an average of such capitals does too; and the means that stand are an
interval whose end is found by bisection. "At least *m*" is "at most" for the mirrored outcomes.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import _validate
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.kernels.search import last_above

ABOVE, BELOW = 0, 1
"""The two sides: evidence that the mean is greater, or less, than some value."""
FOLLOWING = 0.3
"""Weight of the stakes that follow the data, together; measured: .2 to .4 differ by under 3 %."""
_HUGE = 1e140  # stakes may follow anything; clipped here, sums of squares stay finite
_LEAST = 1e-300  # a spread of zero would otherwise divide zero by zero


class Capital(ABC):
    """Evidence about the mean of outcomes that are taken in order.

    Parameters
    ----------
    targets : sequence of float
        Means at which the evidence is wanted after every block (the ends of a region); a stake
        follows each. May be empty.
    constant : ndarray, shape (k,)
        Stakes that stay.
    watched : int, optional
        How many targets share the weight of the stakes that follow; those at hand by default. More
        than that leaves room for capitals kept elsewhere, so that all are one mixture.
    """

    def __init__(
        self, targets: ArrayLike, constant: FloatArray, watched: int | None = None
    ) -> None:
        wanted = np.asarray(targets, dtype=np.float64).reshape(-1)
        self.targets = np.stack([wanted, self.mirrored(wanted)])  # (side, target)
        self.constant = constant
        self.count = 0
        self.sums = np.zeros((2, 2))  # of outcomes and of their squares, on each side
        self.log_weights = _log_weights(len(constant), wanted.size, watched or wanted.size)
        self.logs = np.zeros((2, wanted.size, len(self.log_weights)))
        self.seen: list[tuple[FloatArray, FloatArray]] = []  # outcomes and the stakes that followed

    @abstractmethod
    def mirrored(self, values: FloatArray) -> FloatArray:
        """Return values as the side `BELOW` counts them."""

    @abstractmethod
    def follow(self, mean: FloatArray, square: FloatArray) -> FloatArray:
        """Return stakes from running means of outcomes and of squares, (side, n, target)."""

    @abstractmethod
    def before_the_first(self) -> FloatArray:
        """Return the square that stands, beside an outcome equal to the target, before all."""

    @abstractmethod
    def log_growth(self, sides: FloatArray, stakes: FloatArray, means: FloatArray) -> FloatArray:
        """Return the logarithm of the product of factors.

        Parameters
        ----------
        sides : ndarray, shape (s, n)
            Outcomes as each side counts them.
        stakes : ndarray, shape (s, n, k)
        means : ndarray, shape (s, m)

        Returns
        -------
        ndarray, shape (s, m, k)
        """

    @abstractmethod
    def bracket(self, past: tuple[FloatArray, FloatArray], threshold: float) -> tuple[float, float]:
        """Return, as a side counts, where the end of the interval is looked for.

        Evidence at the lower mean is above the threshold, or the mean is the least there can be.
        """

    def add(self, outcomes: FloatArray) -> None:
        """Take the next outcomes, shape (n,); the order matters."""
        sides = np.empty((2, len(outcomes)))
        sides[ABOVE], sides[BELOW] = outcomes, self.mirrored(outcomes)
        follow = self._following(sides)
        self.seen.append((outcomes, follow))
        if self.targets.size:
            self.logs += self.log_growth(sides, self._stakes(follow), self.targets)
        self.count += len(outcomes)

    def _following(self, sides: FloatArray) -> FloatArray:
        """Return the stakes that follow the outcomes so far, (side, n, target); count them."""
        if not self.targets.size:
            return np.empty((*sides.shape, 0))
        tame, n = self.tamed(sides), sides.shape[1]
        sums = np.empty((2, 2, n + 1))  # filled in place: joining arrays costs more than the sums
        sums[:, :, 0], sums[0, :, 1:] = self.sums, tame
        np.multiply(tame, tame, out=sums[1, :, 1:])
        np.cumsum(sums, axis=2, out=sums)
        self.sums = sums[:, :, n].copy()
        counts = np.arange(self.count + 1.0, self.count + 1.0 + n)[:, None]
        until = sums[:, :, :n, None]
        mean = (until[0] + self.targets[:, None, :]) / counts
        square = (until[1] + self.before_the_first()[:, None, :]) / counts
        return self.follow(mean, square)

    def tamed(self, sides: FloatArray) -> FloatArray:
        """Return outcomes that can be squared and summed, for stakes that may follow anything."""
        return np.clip(sides, -_HUGE, _HUGE)

    def _stakes(self, follow: FloatArray) -> FloatArray:
        """Return every stake on each outcome, shape (side, n, k)."""
        kept = len(self.constant)
        stakes = np.empty((*follow.shape[:2], kept + follow.shape[2]))
        stakes[..., :kept] = self.constant
        stakes[..., kept:] = follow
        return stakes

    def log_evidence(self) -> FloatArray:
        """Return log e-values, shape (2, targets).

        Row `ABOVE` is against "the mean is at most the target", row `BELOW` against "at least".
        """
        return np.asarray(np.logaddexp.reduce(self.logs + self.log_weights, axis=-1))

    def log_evidence_at(self, side: int, mean: float) -> float:
        """Return the log e-value at any mean, as the side counts it, from all outcomes so far."""
        return self._evidence(self._past(side), mean)

    def _past(self, side: int) -> tuple[FloatArray, FloatArray]:
        """Return all outcomes as a side counts them, (1, n), and every stake on them, (1, n, k)."""
        if len(self.seen) > 1:
            parts, followed = zip(*self.seen, strict=True)
            self.seen = [(np.concatenate(parts), np.concatenate(followed, axis=1))]
        nothing = (np.empty(0), np.empty((2, 0, self.targets.shape[1])))
        outcomes, follow = self.seen[0] if self.seen else nothing
        counted = self.mirrored(outcomes) if side == BELOW else outcomes
        return counted[None], self._stakes(follow[side : side + 1])

    def _evidence(self, past: tuple[FloatArray, FloatArray], mean: float) -> float:
        logs = self.log_growth(*past, np.array([[mean]]))[0, 0] + self.log_weights
        return float(np.logaddexp.reduce(logs))

    def interval(self, alpha: float) -> Interval:
        """Return the means that stand, half of `alpha` for each end, at any stopping time.

        Raises
        ------
        ValueError
            If `alpha` is not in (0, 1).
        """
        threshold = math.log(2.0 / _validate.error_rate(alpha))
        if not self.count:
            return Interval.everything()
        low = self._end(ABOVE, threshold)
        high = float(self.mirrored(np.asarray(self._end(BELOW, threshold))))
        return Interval(min(low, high), max(low, high))

    def _end(self, side: int, threshold: float) -> float:
        """Return a mean, as the side counts, below which every one is refuted."""
        past = self._past(side)
        low, high = self.bracket(past, threshold)
        if math.isinf(low):
            return low
        return last_above(lambda mean: self._evidence(past, mean) - threshold, low, high)


def _log_weights(constant: int, following: int, watched: int) -> FloatArray:
    weights = np.full(constant + following, 1.0 / constant)
    if watched:
        weights[:constant] *= 1.0 - FOLLOWING
        weights[constant:] = FOLLOWING / watched
    return np.asarray(np.log(weights))


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return a quotient of nonnegative numbers that is huge, not NaN, where both are zero."""
    return np.asarray(numerator / np.maximum(denominator, _LEAST))
