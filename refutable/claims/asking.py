"""What an onset or a map asks of a claim, with nothing left open."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refutable.claims.cells import Cell, Scalar, at_effort
from refutable.claims.claim import Claim
from refutable.claims.expectations import Expectation, Functional
from refutable.claims.onsets import STEPS, Holds, Onset
from refutable.claims.planes import Map
from refutable.claims.records import Effort
from refutable.errors import MisuseError

PART = 4
"""Part of the cells that may take a claim's cap, in the default budget: those near the boundary."""

_WORDS = re.compile(r"^(?P<label>.+?)\s*(?P<sign>>=|<=|in)\s*(?P<rest>.+)$")


def resolved_map(claim: Claim, asked: Map, effort: Effort = Effort.STANDARD) -> Map:
    """Return what is asked of a claim with nothing left open.

    Raises
    ------
    MisuseError
        If the claim has no such parameters, or it is not clear what is meant.
    """
    for name in asked.names:
        check_parameter(claim, name)
    at = others(claim, asked.at, asked.names)
    many = math.prod(len(values) for values in asked.over.values())
    budget = asked.budget
    if budget is None:
        budget = -(-many // PART) * at_effort(claim.cap, effort)
    return replace(asked, holds=stated(claim, asked.holds), at=at, budget=budget)


def resolved(claim: Claim, asked: Onset, effort: Effort = Effort.STANDARD) -> Onset:
    """Return what is asked of a claim with nothing left open: expectation, cell and budget.

    Raises
    ------
    MisuseError
        If the claim has no such parameter, or it is not clear which cell or expectation is meant.
    """
    check_parameter(claim, asked.along)
    expectation = stated(claim, asked.holds)
    fixed = {name: v for name, v in expectation.functional.where.items() if name != asked.along}
    at = others(claim, {**_plain(fixed), **asked.at}, (asked.along,))
    budget = asked.budget
    if budget is None:
        budget = STEPS * at_effort(claim.cap, effort)
    return replace(asked, holds=expectation, at=at, budget=budget, tolerance=asked.width)


def check_parameter(claim: Claim, name: str) -> None:
    """Refuse a parameter that the cells of a claim have not got.

    Raises
    ------
    MisuseError
        Naming those that they have.
    """
    names = dict.fromkeys(name for cell in _cells(claim) for name in cell)
    if name not in names:
        raise MisuseError(
            f"the cells of {claim.id} have no parameter {name!r}; they have "
            f"{', '.join(names) or 'none'}."
        )


def others(claim: Claim, given: Mapping[str, Scalar], varied: tuple[str, ...]) -> dict[str, Scalar]:
    """Return the parameters that are held fixed, in the order of the claim's cells.

    Raises
    ------
    MisuseError
        If one has several values in the grid and none is given, or one is given that is not there.
    """
    cells = _cells(claim)
    names = dict.fromkeys(name for cell in cells for name in cell)
    for name in given:
        if name not in names or name in varied:
            why = "is what varies" if name in varied else "is no parameter of its cells"
            raise MisuseError(f"at: {name!r} {why} ({claim.id} has {', '.join(names)}).")
    found: dict[str, Scalar] = {}
    for name in names:
        if name in varied:
            continue
        values = list(dict.fromkeys(cell[name] for cell in cells if name in cell))
        if name not in given and len(values) > 1:
            listed = ", ".join(map(str, values[:6]))
            raise MisuseError(
                f"{claim.id} has several values of {name!r} ({listed}); say which: "
                f"at={{{name!r}: {values[0]!r}}}, or --at {name}={values[0]}."
            )
        found[name] = given.get(name, values[0])
    return found


def _plain(where: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return the filters that name one value; other filters do not say which cell is meant."""
    return {k: v for k, v in where.items() if isinstance(v, int | float | str | bool)}


def _cells(claim: Claim) -> list[Cell]:
    every = [cell for effort in Effort for cell in claim.worlds(effort)[0].cells]
    return list(dict.fromkeys(every))


def stated(claim: Claim, holds: Holds) -> Expectation:
    """Return the expectation that is meant.

    Raises
    ------
    MisuseError
        If there is none, several, or the words cannot be read; those that can be meant are listed.
    """
    deciding = [e for e in claim.expect if e.decides]
    if isinstance(holds, Expectation):
        return holds
    if isinstance(holds, str) and not holds.strip().isdecimal():
        return _in_words(claim, holds)
    if holds is None and len(deciding) == 1:
        return deciding[0]
    place = None if holds is None else int(holds)
    if place is not None and 0 <= place < len(deciding):
        return deciding[place]
    listed = "; ".join(f"{i}: {_said(e)}" for i, e in enumerate(deciding))
    raise MisuseError(
        f"{claim.id} has {len(deciding)} expectations that decide; say which is to hold, by its "
        f"number or in words such as 'P(x) >= 0.8'. They are {listed}."
    )


def _said(expectation: Expectation) -> str:
    where = ", ".join(f"{k}={v}" for k, v in expectation.functional.where.items())
    return expectation.functional.label + (f" at {where}" if where else "")


def _in_words(claim: Claim, words: str) -> Expectation:
    known: dict[str, Functional] = {}
    for world in claim.worlds(Effort.FULL):
        for expectation in world.expect:
            known.setdefault(expectation.functional.label, expectation.functional)
    found = _WORDS.match(words.strip())
    functional = known.get(found["label"].strip()) if found else None
    if found is None or functional is None:
        raise MisuseError(
            f"holds={words!r} cannot be read; write one of {', '.join(map(repr, known))} with "
            "'>= a', '<= a' or 'in [a, b]'."
        )
    try:
        ends = [float(part) for part in found["rest"].strip(" []").split(",")]
    except ValueError as error:
        raise MisuseError(f"holds={words!r}: {found['rest']!r} holds no numbers.") from error
    sign = found["sign"]
    if len(ends) != (2 if sign == "in" else 1) or not all(map(math.isfinite, ends)):
        raise MisuseError(f"holds={words!r}: give one number after >= or <=, two after in.")
    if sign == "in":
        return functional.within(*ends)
    return functional.at_least(ends[0]) if sign == ">=" else functional.at_most(ends[0])
