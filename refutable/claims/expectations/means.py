"""Means and ratios of means, by the anytime-valid t on means of 8 replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refutable.claims.expectations.base import Functional, OfOutcome


@dataclass(frozen=True, init=False)
class Mean(OfOutcome):
    """E[outcome]. A paired difference is the mean of a column `a - b`.

    Kernel (b): the exact anytime-valid t of Wang and Ramdas on means of 8 replicates.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    **where : scalar or tuple
        Selects cells.
    """

    @property
    def label(self) -> str:
        """`E[outcome]`."""
        return f"E[{self.outcome}]"


@dataclass(frozen=True, init=False)
class RatioOfMeans(Functional):
    """E[numerator] / E[denominator], the denominator's mean being positive.

    Parameters
    ----------
    numerator, denominator : str
        Numeric columns of shape (size,), paired by replicate.
    **where : scalar or tuple
        Selects cells.
    """

    numerator: str
    denominator: str

    def __init__(self, numerator: str, denominator: str, **where: Any) -> None:
        object.__setattr__(self, "numerator", numerator)
        object.__setattr__(self, "denominator", denominator)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """`E[a] / E[b]`."""
        return f"E[{self.numerator}] / E[{self.denominator}]"
