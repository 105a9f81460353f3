"""Whole distributions and their quantiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Accumulator, Expectation, Look, OfOutcome
from refutable.claims.regions import Bound
from refutable.deciding.kernels import empirical
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError

Cdf = Callable[[NDArray[np.float64]], Any]
FIRST_LOOK = 64
"""Sample size of the first geometric look; the k-th is at 64 * 2**(k-1)."""


class _Sample:
    """Keeps the outcomes of a stream, in order."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.parts: list[NDArray[np.float64]] = []
        self.size = 0

    def add(self, columns: Columns) -> None:
        values = columns[self.outcome]
        if values.ndim != 1 or values.dtype.kind not in "biuf":
            raise OutcomeError(
                f"outcome {self.outcome!r} must be a numeric column of shape (size,); it has "
                f"dtype {values.dtype} and shape {values.shape}."
            )
        self.parts.append(values.astype(np.float64))
        self.size += len(values)

    def first(self, count: int) -> NDArray[np.float64]:
        """Return the first `count` outcomes, sorted."""
        return np.sort(np.concatenate(self.parts)[:count])


@dataclass(frozen=True, init=False)
class Distribution(OfOutcome):
    """Kolmogorov distance between the outcome's law and a predicted one.

    Kernel (c): looks at geometrically growing sample sizes, alpha spent as alpha / (k (k + 1)),
    each with the Dvoretzky-Kiefer-Wolfowitz radius. Showing a distance below eps is an
    equivalence; "KS did not reject" would show nothing.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    cdf : callable of the cell, returning a callable of x
        The predicted distribution function, right-continuous; jumps are fine.
    **where : scalar or tuple
        Selects cells.
    """

    two_ended: ClassVar[bool] = False
    span: ClassVar[tuple[float, float]] = (0.0, 1.0)
    cdf: Callable[[Cell], Cdf]

    def __init__(self, outcome: str, cdf: Callable[[Cell], Cdf], **where: Any) -> None:
        super().__init__(outcome, **where)
        object.__setattr__(self, "cdf", cdf)

    @property
    def label(self) -> str:
        """Distance between the law and the predicted one."""
        return f"sup |F - F_predicted| of {self.outcome}"

    def within(self, lower: Bound, upper: Bound = None, predicted: Bound = None) -> Expectation:
        """Expect a distance of at most `lower` (one argument) or in [lower, upper]."""
        if upper is None:
            return self.at_most(lower, predicted)
        return super().within(lower, upper, predicted)

    @property
    def identity(self) -> tuple[object, ...]:
        """Two distances from different laws differ."""
        return (*super().identity, self.cdf)

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty sample."""
        return _Distance(self.outcome, self.cdf(cell))


class _Distance(_Sample):
    def __init__(self, outcome: str, cdf: Cdf) -> None:
        super().__init__(outcome)
        self.cdf = cdf
        self.looked = 0
        self.last: Look | None = None

    def look(self, alpha: float) -> Look:
        done = empirical.looks_done(self.size, FIRST_LOOK)
        if self.last is None or done > self.looked:
            self.looked = done
            self.last = self._look_at(done, alpha)
        return self.last

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


@dataclass(frozen=True, init=False)
class Quantile(OfOutcome):
    """The q-quantile of an outcome, by inverting the Bernoulli e-process at q.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    q : float in (0, 1)
        0.5 is the median.
    **where : scalar or tuple
        Selects cells.
    """

    q: float

    def __init__(self, outcome: str, q: float = 0.5, **where: Any) -> None:
        if not 0 < q < 1:
            raise ValueError(f"q={q}: a quantile needs 0 < q < 1")
        super().__init__(outcome, **where)
        object.__setattr__(self, "q", q)

    @property
    def identity(self) -> tuple[object, ...]:
        """Two quantiles that are written alike may differ."""
        return (*super().identity, self.q)

    @property
    def label(self) -> str:
        """`median of x` or `0.9-quantile of x`."""
        name = "median" if self.q == 0.5 else f"{self.q:g}-quantile"
        return f"{name} of {self.outcome}"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty sample."""
        del cell
        return _Quantile(self.outcome, self.q)


class _Quantile(_Sample):
    def __init__(self, outcome: str, q: float) -> None:
        super().__init__(outcome)
        self.q = q

    def look(self, alpha: float) -> Look:
        if not self.size:
            return Look(None, Interval.everything())
        sample = self.first(self.size)
        interval = empirical.quantile_interval(sample, self.q, alpha)
        return Look(float(np.quantile(sample, self.q)), interval, f"{self.size} replicates")
