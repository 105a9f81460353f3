"""The losses behind a slope: what a replicate's ladder of sizes looks like on average."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from refutable.claims.arrays import FloatArray


@dataclass(frozen=True)
class Rung:
    """The losses at one size, over the replicates.

    Parameters
    ----------
    size : float
        Positive.
    loss : float
        Their geometric mean where the slope is of each replicate's own loss, their mean where it
        is of the expected loss.
    relative_error : float or None
        Monte Carlo standard error of the logarithm; None for a single replicate.
    curve : float or None
        What theory predicts there, up to a constant; None where no curve was given.
    """

    size: float
    loss: float
    relative_error: float | None
    curve: float | None


class LogMeans:
    """Running mean and scatter of rows of logarithms (Chan, Golub & LeVeque 1983)."""

    def __init__(self, width: int) -> None:
        self.count, self.mean, self.scatter = 0, np.zeros(width), np.zeros(width)

    def add(self, logs: FloatArray) -> None:
        """Take rows of shape (n, width)."""
        count = self.count + len(logs)
        if not len(logs):
            return
        mean = logs.mean(axis=0)
        step, share = mean - self.mean, len(logs) / count
        self.scatter += ((logs - mean) ** 2).sum(axis=0) + step**2 * (self.count * share)
        self.mean = self.mean + step * share
        self.count = count

    def rungs(self, sizes: tuple[float, ...], curve: FloatArray | None) -> tuple[Rung, ...]:
        """Return one rung per size, none before the first row."""
        if not self.count:
            return ()
        errors = np.sqrt(self.scatter / max(self.count - 1, 1) / self.count)
        return tuple(
            Rung(
                size,
                math.exp(self.mean[i]),
                float(errors[i]) if self.count > 1 else None,
                None if curve is None else float(curve[i]),
            )
            for i, size in enumerate(sizes)
        )
