"""Errors that say what was wrong and what to do about it."""

from __future__ import annotations

import re

_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LONGEST = 4000


def printable(text: str) -> str:
    r"""Return text that does nothing where it is shown.

    Control characters, lone surrogates and marks that turn the direction of writing are written as
    escapes such as ``\x1b``.
    """
    return _UNSHOWN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def text_of(error: BaseException) -> str:
    """Return what an error says, printable and of moderate length, whoever made it."""
    try:
        said = str.__str__(str(error))
    except BaseException as another:
        said = f"(its text cannot be had: {type(another).__name__})"
    more = f" ... ({len(said)} letters)" if len(said) > _LONGEST else ""
    return printable(said[:_LONGEST]) + more


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
