"""The parameter along which an onset is sought."""

from __future__ import annotations

import math
from dataclasses import dataclass

from refutable.errors import MisuseError

DIGITS = 6
"""Significant digits of a real value that is visited: cells are seeds, to the last bit."""


@dataclass(frozen=True)
class Line:
    """A range of one parameter.

    Parameters
    ----------
    name : str
        Of the parameter.
    low, high : int or float
        The ends of the range, in order. If both are integers, so is every value.
    log : bool
        Whether ratios count rather than differences.
    tolerance : float
        The bracket is narrow enough when ``high / low <= 1 + tolerance`` (log) or
        ``high - low <= tolerance`` (linear); two neighbouring integers always are.

    Raises
    ------
    MisuseError
        If the range is empty or not finite, the tolerance is not positive or too fine for reals,
        or the scale is logarithmic and the range not positive.
    """

    name: str
    low: float
    high: float
    log: bool
    tolerance: float

    def __post_init__(self) -> None:
        ends = f"between=({self.low!r}, {self.high!r})"
        if not all(_number(end) and math.isfinite(end) for end in (self.low, self.high)):
            raise MisuseError(f"{ends}: give two finite numbers.")
        if not self.low < self.high:
            raise MisuseError(f"{ends}: the first must be less than the second.")
        if self.log and self.low <= 0:
            raise MisuseError(
                f"{ends}: a logarithmic scale needs positive ends; use scale='linear'."
            )
        if not (math.isfinite(self.tolerance) and self.tolerance > 0):
            raise MisuseError(f"tolerance={self.tolerance!r}: give a positive number.")
        if not self.whole and self.share < 10.0 ** (2 - DIGITS):
            raise MisuseError(
                f"tolerance={self.tolerance:g} is too fine: values are visited to {DIGITS} digits."
            )

    @property
    def whole(self) -> bool:
        """Whether every value is an integer."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def share(self) -> float:
        """The width that is narrow enough, as a share of the range on its scale."""
        if self.log:
            return math.log1p(self.tolerance) / math.log(self.high / self.low)
        return self.tolerance / (self.high - self.low)

    @property
    def step(self) -> float:
        """The smallest distance of two values on the scale, at the low end; 0 for reals."""
        if not self.whole:
            return 0.0
        return self.place(self.low + 1)

    def value(self, place: float) -> int | float:
        """Return the value at a place in [0, 1], rounded to what is visited."""
        if place <= 0.0:
            return self.low
        if place >= 1.0:
            return self.high
        if self.log:
            raw = self.low * (self.high / self.low) ** place
        else:
            raw = self.low + place * (self.high - self.low)
        near = round(raw) if self.whole else float(f"{raw:.{DIGITS}g}")
        return min(max(near, self.low), self.high)

    def place(self, value: float) -> float:
        """Return where a value lies on the scale, 0 at the low end and 1 at the high one."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def narrow(self, low: float, high: float) -> bool:
        """Say whether two values are near enough."""
        if self.whole and high - low <= 1:
            return True
        width = high / low - 1.0 if self.log else high - low
        return width <= self.tolerance * (1.0 + 1e-9)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
