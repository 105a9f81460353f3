"""The probability of an event, by the beta-binomial mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from refutable.claims.expectations.base import OfOutcome


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

    Examples
    --------
    >>> from refutable import Cell, Probability
    >>> above = Probability("recovered", ratio=1.4).at_least(0.8)
    >>> above.functional.label, above.decides
    ('P(recovered)', True)
    >>> above.selects(Cell({"ratio": 1.4})), above.selects(Cell({"ratio": 0.6}))
    (True, False)
    """

    span: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def label(self) -> str:
        """`P(outcome)`."""
        return f"P({self.outcome})"
