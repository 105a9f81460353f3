"""The probability of an event, by the beta-binomial mixture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Accumulator, Look, OfOutcome
from refutable.deciding.kernels import bernoulli
from refutable.errors import OutcomeError


@dataclass(frozen=True, init=False)
class Probability(OfOutcome):
    """P(outcome), the outcome being a bool column.

    Kernel (a): two one-sided e-processes with a beta mixture (Howard, Ramdas, McAuliffe and
    Sekhon 2021); valid at every look, exact for any success probability.

    Parameters
    ----------
    outcome : str
        A bool column, or one of zeros and ones.
    **where : scalar or tuple
        Selects cells.
    """

    span: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def label(self) -> str:
        """`P(outcome)`."""
        return f"P({self.outcome})"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty counter."""
        del cell
        return _Counter(self.outcome)


class _Counter:
    def __init__(self, outcome: str) -> None:
        self.outcome, self.successes, self.trials = outcome, 0, 0

    def add(self, columns: Columns) -> None:
        values = columns[self.outcome]
        if values.ndim != 1 or not _zeros_and_ones(values):
            raise OutcomeError(
                f"outcome {self.outcome!r} is used as an event, so it must be a bool column of "
                f"shape (size,); it has dtype {values.dtype} and shape {values.shape}."
            )
        self.successes += int(np.count_nonzero(values))
        self.trials += values.shape[0]

    def look(self, alpha: float) -> Look:
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
