"""Closed intervals, the only thing a kernel says about a functional."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """Closed interval of the extended real line; never empty.

    Parameters
    ----------
    lower, upper : float
        Ends, possibly infinite, ``lower <= upper``.
    conflict : bool
        True when an intersection that led here was empty (see `intersect`).

    Raises
    ------
    ValueError
        If an end is NaN or the ends are in the wrong order.
    """

    lower: float
    upper: float
    conflict: bool = False

    def __post_init__(self) -> None:
        if math.isnan(self.lower) or math.isnan(self.upper):
            raise ValueError(f"the ends of an interval must not be NaN: {self.lower}, {self.upper}")
        if self.lower > self.upper:
            raise ValueError(f"lower must not exceed upper: {self.lower} > {self.upper}")

    @classmethod
    def everything(cls) -> Interval:
        """Return the whole line: nothing is known yet."""
        return cls(-math.inf, math.inf)

    def intersect(self, other: Interval) -> Interval:
        """Return what is left of `self` when `other` holds too; always a subset of `self`.

        Two disjoint intervals of one confidence sequence mean that an event of probability
        `alpha` has happened, or that an assumption of the kernel is broken. Then the result is the
        end of `self` nearest to `other`, with ``conflict=True`` from there on: the running
        intersection stays nested, so a decision once made is never undone by more data, and the
        reader can be told.
        """
        conflict = self.conflict or other.conflict
        if other.lower > self.upper:
            return Interval(self.upper, self.upper, conflict=True)
        if other.upper < self.lower:
            return Interval(self.lower, self.lower, conflict=True)
        return Interval(max(self.lower, other.lower), min(self.upper, other.upper), conflict)

    def inside(self, lower: float, upper: float) -> bool:
        """Tell whether the closed region ``[lower, upper]`` contains the whole interval."""
        return lower <= self.lower and self.upper <= upper

    def disjoint(self, lower: float, upper: float) -> bool:
        """Tell whether no point of the closed region ``[lower, upper]`` is in the interval."""
        return self.upper < lower or self.lower > upper

    @property
    def width(self) -> float:
        """Length, possibly infinite."""
        return self.upper - self.lower if self.lower < self.upper else 0.0
