"""Numbers as printed: the interval behind a decimal string, and exact arithmetic on such entries.

A value reproduces a printed entry iff it lies within half a unit of the last printed digit, the
two ends included: tables are rounded half up, half down and half to even, and none of these is
wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction

from refutable.solvers.argument_checks import refuse

Number = int | float | Decimal | Fraction


def _exact(name: str, value: Number) -> Fraction:
    try:
        if isinstance(value, bool | str):
            raise TypeError
        return Fraction(value)
    except (ValueError, OverflowError, TypeError):
        refuse(name, value, "a finite number")


@dataclass(frozen=True)
class Interval:
    """All values between `low` and `high`, both included, with exact interval arithmetic.

    Raises
    ------
    ValueError
        If ``low > high``, or on division by an interval that holds 0.
    """

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if self.low > self.high:
            refuse("low", self.low, f"at most high, {self.high}")

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise ValueError("the divisor interval holds 0: the quotient is unbounded")
        return self * Interval(1 / other.high, 1 / other.low)

    def __contains__(self, value: Number) -> bool:
        return self.low <= _exact("value", value) <= self.high

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals share a value: what rounded inputs leave open."""
        return self.low <= other.high and other.low <= self.high

    def scaled(self, factor: Number) -> Interval:
        """Return the interval times an exact number."""
        exact = _exact("factor", factor)
        return self * Interval(exact, exact)

    @staticmethod
    def mean(entries: Iterable[Interval]) -> Interval:
        """Mean of several intervals; raises ValueError if there is none."""
        items = list(entries)
        if not items:
            raise ValueError("entries is empty: give at least one")
        total = sum(items[1:], items[0])
        return total.scaled(Fraction(1, len(items)))


class Agreement(Enum):
    """What became of a printed number."""

    REPRODUCED = "reproduced"
    UNDER_CONVENTION = "reproduced only under a named convention"
    NOT_REPRODUCED = "not reproduced"


def _decimal(printed: str) -> Decimal:
    try:
        value = Decimal(printed.replace(",", ""))
    except (InvalidOperation, AttributeError):
        refuse("printed", printed, "a decimal number as text, like '3.2'")
    if not value.is_finite():
        refuse("printed", printed, "a finite decimal number")
    return value


def printed_interval(printed: str) -> Interval:
    """All values that round to the decimal string: ``"3.2"`` is [3.15, 3.25].

    Raises
    ------
    ValueError
        If `printed` is no finite decimal number.
    """
    value = _decimal(printed)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # finite, checked above
    half = Fraction(10) ** exponent / 2
    return Interval(Fraction(value) - half, Fraction(value) + half)


def prints(value: Number, printed: str) -> bool:
    """Whether an exact value rounds to the printed string (a boundary counts as yes).

    Raises
    ------
    ValueError
        If `value` is NaN or infinite, or `printed` is no finite decimal number.
    """
    return value in printed_interval(printed)


def agreement(
    value: Number, printed: str, conventions: Mapping[str, Number] | None = None
) -> tuple[Agreement, str]:
    """Compare a value with a printed number, and with other readings of it.

    Parameters
    ----------
    value
        The number computed under the main convention.
    printed
        The decimal string in the paper.
    conventions
        Other readings by name, tried in their order if the main one fails.

    Returns
    -------
    tuple[Agreement, str]
        The outcome and the name of the convention ("" unless one was needed).
    """
    if prints(value, printed):
        return Agreement.REPRODUCED, ""
    for name, other in (conventions or {}).items():
        if prints(other, printed):
            return Agreement.UNDER_CONVENTION, name
    return Agreement.NOT_REPRODUCED, ""


def exact_mean(entries: Iterable[str]) -> Fraction:
    """Mean of printed entries taken as exact decimals; raises ValueError if there is none."""
    values = [Fraction(_decimal(entry)) for entry in entries]
    if not values:
        raise ValueError("entries is empty: give at least one")
    return sum(values, Fraction(0)) / len(values)
