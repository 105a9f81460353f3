"""The losses behind a slope: what a replicate's ladder of sizes typically looks like."""

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
        Their median where the slope is the median of the replicates' own, their mean where it is
        of the expected loss.
    relative_error : float or None
        Monte Carlo standard error of the logarithm; None for a single replicate.
    curve : float or None
        What theory predicts there, up to a constant; None where no curve was given.
    """

    size: float
    loss: float
    relative_error: float | None
    curve: float | None


class LogMedians:
    """The medians of columns of logarithms, and how far chance moves them."""

    def __init__(self, width: int) -> None:
        self.parts: list[FloatArray] = [np.empty((0, width))]

    def add(self, logs: FloatArray) -> None:
        """Take rows of shape (n, width)."""
        self.parts.append(logs)

    def rungs(self, sizes: tuple[float, ...], curve: FloatArray | None) -> tuple[Rung, ...]:
        """Return one rung per size, none before the first row."""
        self.parts = [np.concatenate(self.parts)]
        if not len(self.parts[0]):
            return ()
        medians, errors = np.median(self.parts[0], axis=0), _errors(self.parts[0])
        return tuple(
            Rung(
                size,
                math.exp(medians[i]),
                None if errors is None else float(errors[i]),
                None if curve is None else float(curve[i]),
            )
            for i, size in enumerate(sizes)
        )


def _errors(logs: FloatArray) -> FloatArray | None:
    """Return the standard errors of the medians of columns; None for one row.

    The share of n rows below the median has the standard deviation 1 / (2 sqrt(n)): the quantiles
    as far above and below 1/2 are two standard errors apart.
    """
    if len(logs) < 2:
        return None
    off = 0.5 / math.sqrt(len(logs))
    low, high = np.quantile(logs, (0.5 - off, 0.5 + off), axis=0)
    between: FloatArray = high - low
    return between / 2
