"""On what the error probability of a check stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How firm the ground is, firmest first."""

    COMPUTED = "computed"  # nothing is random
    THEOREM = "theorem"  # holds for every law that the declared facts allow
    APPROXIMATE = "approximate"  # holds if the law is as it is assumed to be
    UNKNOWN = "unknown"  # of a result that was stored before grades were


@dataclass(frozen=True)
class Guarantee:
    """The ground of one check.

    Parameters
    ----------
    grade : str
        One of `Grade`.
    name : str
        The theorem, or what is assumed.
    detail : str
        What it leaves out, such as the rare events that the sample cannot exclude.
    """

    grade: str = str(Grade.UNKNOWN)
    name: str = ""
    detail: str = ""

    @property
    def label(self) -> str:
        """The grade with its name, such as `theorem: betting, bounds [0, 1]`."""
        ground = "; ".join(part for part in (self.name, self.detail) if part)
        return f"{self.grade}: {ground}" if ground else self.grade


UNGRADED = Guarantee()
"""Of a result that was stored before grades were."""


def theorem(name: str, detail: str = "") -> Guarantee:
    """Return the ground of a check that needs no more than was declared."""
    return Guarantee(str(Grade.THEOREM), name, detail)


def computed(name: str) -> Guarantee:
    """Return the ground of a check without randomness."""
    return Guarantee(str(Grade.COMPUTED), name)


RULE_OF_THREE = 3.0
"""An event of probability p is missed by n replicates with probability (1 - p)^n; at p = 3/n that
is 5 %: what is rarer than 1 in n/3 may well not have been seen."""


def approximate(name: str, replicates: int) -> Guarantee:
    """Return the ground of a check that assumes more than is known.

    Parameters
    ----------
    name : str
        What is assumed.
    replicates : int
        Seen so far. None of them holds an event rarer than 1 in ``m = replicates / 3``, with
        probability 5 % or more.
    """
    m = int(replicates / RULE_OF_THREE)
    rare = f"events rarer than 1 in {m} are not excluded" if m else "nothing is excluded yet"
    return Guarantee(str(Grade.APPROXIMATE), name, rare)


def weakest(grades: Iterable[str]) -> str:
    """Return the weakest of several grades, `unknown` for none; unknown words are the weakest."""
    order = [str(grade) for grade in Grade]
    known = [grade if grade in order else order[-1] for grade in grades]
    return max(known, key=order.index, default=order[-1])
