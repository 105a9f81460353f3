"""An exact relation that was never seen to fail, and how often it may fail all the same."""

from __future__ import annotations

import math

CONFIDENCE = 0.95
"""Of the bound that is shown. It is a remark about what was seen, and draws on no ledger."""

LEAST = 20
"""Instances that an identity should be seen on: then the bound is 14 %."""


def violation_bound(instances: int, confidence: float = CONFIDENCE) -> float:
    """Return the largest P(violation) that so many instances without one leave possible.

    The exact binomial bound ``1 - (1 - confidence)**(1 / instances)`` (Clopper & Pearson 1934).
    It holds whenever one stops looking: for a P(violation) of p, the bound is below p only from
    some number m on, and with the stated confidence the first m instances hold a violation.

    Parameters
    ----------
    instances : int
        At least 1; independent, none of them a violation.
    confidence : float in (0, 1)

    Raises
    ------
    ValueError
        If there is no instance.
    """
    if instances < 1:
        raise ValueError(f"instances={instances}: at least one must have been seen")
    return -math.expm1(math.log1p(-confidence) / instances)


def words(instances: int) -> str:
    """Say what so many instances without a violation show, and whether they are few."""
    bound = violation_bound(instances)
    few = f", fewer than the {LEAST} that it should be seen on" if instances < LEAST else ""
    noun = "instance" if instances == 1 else "instances"
    return (
        f"{instances} {noun} without a violation{few}: "
        f"P(violation) <= {bound:.2g} at {CONFIDENCE:.0%} confidence"
    )
