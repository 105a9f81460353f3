"""The probability of an event, by the beta-binomial mixture (kernel (a))."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Probability
from refutable.deciding.estimating.base import Accumulator, Look, start
from refutable.deciding.guarantee import Guarantee, theorem
from refutable.deciding.kernels import bernoulli
from refutable.errors import OutcomeError


class Count(Accumulator):
    """How often an event happened, of how many times."""

    def __init__(self, outcome: str) -> None:
        self.outcome, self.successes, self.trials = outcome, 0, 0

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem("Ville's inequality, beta-binomial mixture")

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        values = columns[self.outcome]
        if values.ndim != 1 or not _zeros_and_ones(values):
            raise OutcomeError(
                f"outcome {self.outcome!r} is used as an event, so it must be a bool column of "
                f"shape (size,); it has dtype {values.dtype} and shape {values.shape}."
            )
        self.successes += int(np.count_nonzero(values))
        self.trials += values.shape[0]

    def look(self, alpha: float) -> Look:
        """Return the share of successes and the interval of the probability."""
        interval = bernoulli.interval(self.successes, self.trials, alpha)
        if not self.trials:
            return Look(None, interval)
        share = self.successes / self.trials
        return Look(
            share,
            interval,
            f"{self.successes} of {self.trials}",
            math.sqrt(share * (1 - share) / self.trials),
        )


def _zeros_and_ones(values: NDArray[Any]) -> bool:
    return values.dtype == bool or bool(((values == 0) | (values == 1)).all())


@start.register
def _(functional: Probability, cell: Cell) -> Accumulator:
    del cell
    return Count(functional.outcome)
