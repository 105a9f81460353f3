"""Whole distributions and their quantiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from refutable.claims.arrays import FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Expectation, OfOutcome
from refutable.claims.regions import Bound

Cdf = Callable[[FloatArray], Any]


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
