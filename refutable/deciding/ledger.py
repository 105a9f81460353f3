"""The error ledger: who may spend how much of the suite's error probability."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from refutable.claims.cells import Cell
from refutable.claims.claim import Claim
from refutable.claims.controls import BrokenWorld
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort, Evidence
from refutable.errors import ClaimError

SUITE_ERROR = 0.01
"""Family-wise probability that any verdict of the suite is wrong."""


def alpha(claim: Claim) -> float:
    """Return the error probability that a claim owns: a fixed weight, whatever else runs."""
    return SUITE_ERROR * float(claim.weight)


def alpha_per_check(claim: Claim, effort: Effort, share: float = 1.0) -> float:
    """Return a claim's error probability split evenly over its checks and its controls'.

    Parameters
    ----------
    claim : Claim
    effort : Effort
    share : float
        Part of the ledger that this run owns (see `refutable.storing.fresh`).
    """
    return alpha(claim) * share / max(checks(claim, effort), 1)


def checks(claim: Claim, effort: Effort) -> int:
    """Count the checks of a claim and of its controls at an effort."""
    own, *broken = claim.worlds(effort)
    theories = [e for control in claim.false_theories for e in control.expect]
    total = _count((*claim.expect, *theories), own.cells)
    return total + sum(_count(world.expect, world.cells) for world in broken)


def _count(expectations: Iterable[Expectation], cells: Iterable[Cell]) -> int:
    parts = [p for e in expectations if e.decides for p in e.parts]
    return sum(part.speaks_of(cell) for part in parts for cell in cells)


def spends(claim: Claim) -> bool:
    """Say whether chance has a part in a claim's verdict; only then it needs a share."""
    broken = [c.expect or () for c in claim.controls if isinstance(c, BrokenWorld)]
    theories = [control.expect for control in claim.false_theories]
    every = [e for group in (claim.expect, *broken, *theories) for e in group]
    return any(e.functional.evidence is Evidence.STATISTICAL for e in every if e.decides)


def check_weights(claims: Iterable[Claim]) -> Fraction:
    """Return the sum of the weights of a suite's claims; proofs and arithmetic spend nothing.

    Raises
    ------
    ClaimError
        If they sum to more than 1, so that the family-wise error would exceed `SUITE_ERROR`.
    """
    claims = [claim for claim in claims if spends(claim)]
    total = sum((claim.weight for claim in claims), Fraction(0))
    if total > 1:
        heaviest = max(claims, key=lambda claim: claim.weight)
        raise ClaimError(
            heaviest.id,
            f"the weights of the {len(claims)} claims sum to {float(total):.3f}, more than 1.",
            f"Lower the weights (this one has {heaviest.weight}) or run fewer claims in one suite.",
        )
    return total
