"""Bars with half-normal tails: a density on a line that is constant between borders.

Known as Riemann distribution, too. In the released code of Mueller et al. (2022) the outer bars of
one with full support are half-normal laws that begin at their inner borders and have half of their
mass within the bar that they stand for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import bounded_array, finite_array, probabilities

__all__ = ["BarDistribution", "fit_bars"]

Floats = NDArray[np.float64]

QUARTILE = 0.6744897501960817
"""Upper quartile of the standard normal law: half of a half-normal law lies below it."""


@dataclass(frozen=True)
class BarDistribution:
    """Masses of bars between borders.

    Parameters
    ----------
    borders : ndarray, shape (bars + 1,)
        Increasing.
    masses : ndarray, shape (bars,)
        At least 0, of sum 1.
    tails : bool
        Whether the outer bars are half-normal; then there are at least two.

    Raises
    ------
    ValueError
        If the borders do not increase, or the masses are none.
    """

    borders: Floats
    masses: Floats
    tails: bool = False

    def __post_init__(self) -> None:
        borders = _increasing("borders", self.borders, 2 if self.tails else 1)
        masses = probabilities("masses", self.masses, shape=(len(borders) - 1,))
        object.__setattr__(self, "borders", borders)
        object.__setattr__(self, "masses", masses)

    @property
    def widths(self) -> Floats:
        """Width of each bar."""
        return np.diff(self.borders)

    def log_density(self, x: ArrayLike) -> Floats:
        """Return the log density; ``-inf`` outside of the borders where there are no tails.

        Parameters
        ----------
        x : array_like
            Any shape. A border counts to the bar on its right, the last one to the last bar.
        """
        points = finite_array("x", x)
        places = np.searchsorted(self.borders, points, side="right") - 1
        places = np.where(points == self.borders[-1], len(self.masses) - 1, places)
        bars = np.clip(places, 0, len(self.masses) - 1)
        with np.errstate(divide="ignore"):
            logs = np.log(self.masses / self.widths)[bars]
        if not self.tails:
            return np.asarray(np.where(places == bars, logs, -np.inf))
        lower = self._tail(self.borders[1] - points, 0)
        upper = self._tail(points - self.borders[-2], -1)
        return np.asarray(
            np.where(bars == 0, lower, np.where(bars == len(self.masses) - 1, upper, logs))
        )

    def _tail(self, depth: Floats, bar: int) -> Floats:
        """Log density of an outer bar at some depth from its inner border."""
        scale = self.widths[bar] / QUARTILE
        front = self.masses[bar] * math.sqrt(2 / math.pi) / scale
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(front) - 0.5 * (depth / scale) ** 2)


def fit_bars(borders: ArrayLike, below: ArrayLike, *, tails: bool = False) -> BarDistribution:
    """Return the bars nearest to a law p: with the least KL(p | q) of all with these borders.

    Parameters
    ----------
    borders : array_like, shape (bars + 1,)
        Increasing.
    below : array_like, shape (bars + 1,)
        Distribution function of p at the borders.
    tails : bool
        Give what lies beyond to the outer bars; else p is taken between the borders alone.

    Returns
    -------
    BarDistribution

    Raises
    ------
    ValueError
        If an argument is malformed, or no mass lies between the borders.
    """
    ends = _increasing("borders", borders, 2 if tails else 1)
    levels = bounded_array("below", below, 0, 1, shape=ends.shape)
    if (np.diff(levels) < 0).any():
        raise ValueError("below decreases: give a distribution function at increasing borders")
    if tails:
        levels = np.concatenate([[0.0], levels[1:-1], [1.0]])
    if levels[-1] == levels[0]:
        raise ValueError("below is constant: give borders with some mass between them")
    return BarDistribution(ends, np.diff(levels) / (levels[-1] - levels[0]), tails)


def _increasing(name: str, values: ArrayLike, bars: int) -> Floats:
    array = finite_array(name, values, ndim=1)
    if len(array) <= bars or (np.diff(array) <= 0).any():
        raise ValueError(f"{name}: give at least {bars + 1} numbers, each above the one before")
    return array
