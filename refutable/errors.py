"""Errors that say what was wrong and what to do about it."""

from __future__ import annotations


class RefutableError(Exception):
    """Base of every error this package raises on purpose."""


class ClaimError(RefutableError):
    """A claim is not well formed.

    Parameters
    ----------
    claim_id : str
        The claim at fault.
    problem : str
        What is wrong.
    mend : str
        What its author can do.
    """

    def __init__(self, claim_id: str, problem: str, mend: str) -> None:
        self.claim_id, self.problem, self.mend = claim_id, problem, mend
        super().__init__(f"Claim {claim_id!r}: {problem} {mend}")

    def __reduce__(self) -> tuple[type[ClaimError], tuple[str, str, str]]:
        """Travel whole between processes."""
        return ClaimError, (self.claim_id, self.problem, self.mend)


class OutcomeError(RefutableError):
    """What `simulate` or `compute` returned cannot be used."""


class NeedsData(RefutableError):
    """Raised by a claim whose data the user must bring; the text says how to get it."""


class UnknownClaim(RefutableError):
    """No claim of that name; the text lists the nearest matches."""


class StoreError(RefutableError):
    """The store cannot be read or written; nothing in it was changed."""


class MisuseError(RefutableError):
    """The command was called with something it cannot use."""
