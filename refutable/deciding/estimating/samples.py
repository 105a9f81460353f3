"""Whole distributions and their quantiles, from the replicates themselves (kernel (c))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import Distribution, Quantile
from refutable.deciding.estimating.base import Accumulator, Look, start
from refutable.deciding.guarantee import Guarantee, theorem
from refutable.deciding.kernels import empirical
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError

FIRST_LOOK = 64
"""Sample size of the first geometric look; the k-th is at 64 * 2**(k-1)."""


class Sample(Accumulator):
    """Keeps the outcomes of a stream, in order."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.parts: list[FloatArray] = []
        self.size = 0

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        values = columns[self.outcome]
        if values.ndim != 1 or values.dtype.kind not in "biuf":
            raise OutcomeError(
                f"outcome {self.outcome!r} must be a numeric column of shape (size,); it has "
                f"dtype {values.dtype} and shape {values.shape}."
            )
        self.parts.append(values.astype(np.float64))
        self.size += len(values)

    def first(self, count: int) -> FloatArray:
        """Return the first `count` outcomes, sorted."""
        return np.sort(np.concatenate(self.parts)[:count])


class Distance(Sample):
    """The Kolmogorov distance from a predicted law, looked at on a geometric schedule."""

    two_ended: ClassVar[bool] = False  # chance may enlarge it in either direction

    def __init__(self, outcome: str, cdf: Callable[[FloatArray], Any]) -> None:
        super().__init__(outcome)
        self.cdf = cdf
        self.looked: dict[float, tuple[int, Look]] = {}  # the last look at each error

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem("DKW, at a schedule of looks")

    def look(self, alpha: float) -> Look:
        """Return the distance and its interval as of the last look that was due."""
        done = empirical.looks_done(self.size, FIRST_LOOK)
        known = self.looked.get(alpha)
        if known is None or done > known[0]:
            known = self.looked[alpha] = (done, self._look_at(done, alpha))
        return known[1]

    def _look_at(self, k: int, alpha: float) -> Look:
        if k == 0:
            return Look(None, Interval(0.0, 1.0), f"first look at {FIRST_LOOK} replicates")
        count = FIRST_LOOK * 2 ** (k - 1)
        sample = self.first(count)
        at = np.asarray(self.cdf(sample), dtype=float)
        # the law may jump: what lies just below a value is asked for on its own, and is never
        # more than at the value, whatever the rounding of a law that is computed
        below = np.minimum(self.cdf(np.nextafter(sample, -np.inf)), at)
        spent = empirical.spending(alpha, k)
        interval = empirical.distance_interval(sample, at, spent, below)
        distance = empirical.distance(sample, at, below)
        return Look(distance, interval, f"look {k} at {count} replicates")


class Inverted(Sample):
    """A quantile, by inverting the Bernoulli e-process on counts."""

    def __init__(self, outcome: str, q: float) -> None:
        super().__init__(outcome)
        self.q = q

    @property
    def guarantee(self) -> Guarantee:
        """A theorem."""
        return theorem("quantile: Bernoulli", f"q = {self.q:g}")

    def look(self, alpha: float) -> Look:
        """Return the sample's quantile and the interval of the law's."""
        if not self.size:
            return Look(None, Interval.everything())
        sample = self.first(self.size)
        interval = empirical.quantile_interval(sample, self.q, alpha)
        return Look(float(np.quantile(sample, self.q)), interval, f"{self.size} replicates")


@start.register
def _(functional: Distribution, cell: Cell) -> Accumulator:
    return Distance(functional.outcome, functional.cdf(cell))


@start.register
def _(functional: Quantile, cell: Cell) -> Accumulator:
    del cell
    return Inverted(functional.outcome, functional.q)
