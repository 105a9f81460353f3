"""Prose of a claim's record with the numbers that it quotes from the claim's result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refutable.claims.fields import TEXTS, Field, filled
from refutable.claims.records import Evidence
from refutable.deciding.results import CheckResult, ClaimResult

NOT_YET = "(not yet known)"
"""Stands for a number of a claim that has no result, or none for this check."""
Number = Callable[[float, int], str]


def plainly(value: float, digits: int) -> str:
    """Return a number with so many digits."""
    return f"{value:.{digits}g}"


def quoted(
    record: dict[str, Any], result: ClaimResult | None, number: Number = plainly
) -> dict[str, Any]:
    """Return a record whose texts hold the numbers that they quote.

    Parameters
    ----------
    record : dict
        As `refutable.claims.describe.record` makes it; texts that are missing stay so.
    result : ClaimResult or None
        None where the claim has not been decided.
    number : callable
        Writes a number with so many significant digits.
    """
    checks = result.checks if result else ()

    def said(text: str) -> str:
        return filled(text, lambda field: _value(field, checks, number))

    texts = {name: said(record[name]) for name in TEXTS if record.get(name)}
    notes = {"notes": [said(note) for note in record["notes"]]} if record.get("notes") else {}
    return {**record, **texts, **notes}


def _value(field: Field, checks: Sequence[CheckResult], number: Number) -> str:
    fitting = [check for check in checks if field.fits(check.functional, check.cell)]
    if field.quantity in ("lowest", "highest"):
        extreme = min if field.quantity == "lowest" else max
        values = [value for check in fitting for value in _values(check)]
        return number(extreme(values), field.digits) if values else NOT_YET
    if len(fitting) != 1:
        return NOT_YET
    (check,) = fitting
    if field.quantity == "interval":
        low, high = check.interval
        return f"[{number(low, field.digits)}, {number(high, field.digits)}]"
    value = getattr(check, field.quantity)
    return NOT_YET if value is None else number(value, field.digits)


def _values(check: CheckResult) -> list[float]:
    """Return the extremes of what was computed, or else the estimate."""
    if check.evidence != Evidence.STATISTICAL:
        return list(check.interval)
    return [] if check.estimate is None else [check.estimate]
