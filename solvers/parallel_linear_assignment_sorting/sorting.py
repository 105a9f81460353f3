"""Sorting grids, towards fixed targets or towards their own blurs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    between,
    finite_array,
    generator,
    refuse,
    whole_array,
    whole_number,
)
from refutable.solvers.parallel_linear_assignment_sorting._groups import ORDERS, approach, assign
from refutable.solvers.parallel_linear_assignment_sorting.blur import blur, radii, square_grids

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_BLOCK = 16
"""Least side of a block, as released."""
SHIFTS = 4
"""Least number of places where blocks are cut, as released."""


@dataclass(frozen=True)
class SortedGrids:
    """Rearranged grids.

    Attributes
    ----------
    grids : ndarray, shape (R, n, n, C)
        The cells in their new places.
    order : ndarray of int, shape (R, n * n)
        Where each place's cell lay before, places and cells counted along the rows.
    visits : ndarray of int, shape (R,)
        How often a cell was looked at, over all passes: what a sort costs.
    """

    grids: Floats
    order: Ints
    visits: Ints


def assign_four(costs: ArrayLike, choices: ArrayLike = ORDERS) -> tuple[Ints, Floats]:
    """Return the cheapest ways to put four things in four places.

    Parameters
    ----------
    costs : array_like, shape (R, 4, 4)
        Cost in place i of thing j.
    choices : array_like of int, shape (24, 4), or (P, 4) for fewer
        `ORDERS`, or the first few of them.

    Returns
    -------
    order : ndarray of int, shape (R, 4)
        The thing in each place.
    total : ndarray, shape (R,)
    """
    given = np.ascontiguousarray(finite_array("costs", costs, ndim=3))
    if given.shape[1:] != (4, 4):
        refuse("costs", given, "shape (R, 4, 4)")
    order, total = np.empty((len(given), 4), np.int64), np.empty(len(given))
    assign(given, _tried(choices), order, total)
    return order, total


def sort_towards(
    grids: ArrayLike,
    targets: ArrayLike,
    radius: int,
    rng: Generator,
    least_gain: float = 1e-4,
    shifts: int = SHIFTS,
    choices: ArrayLike = ORDERS,
    moves: ArrayLike = ORDERS,
) -> SortedGrids:
    """Rearrange grids towards targets that stay fixed: what PLAS does at one radius.

    Parameters
    ----------
    grids, targets : array_like, shape (R, n, n, C)
        Kept in single precision; n at least 4.
    radius : int
        Sets the side of the blocks, ``2 radius + 2``, but at least 16 and at most n, and even.
    rng : numpy.random.Generator
        Seeds a stream of its own for each grid.
    least_gain : float
        A pass that lessens the squared distance by a smaller share is the last of its blocks; with
        1 there is one pass for each cut into blocks.
    shifts : int
        Least number of cuts into blocks.
    choices : array_like of int, shape (P, 4)
        Orders that are tried, the first rows of `ORDERS`.
    moves : array_like of int, shape (24, 4)
        What is done when a choice is the cheapest. Anything but `ORDERS` spoils the method, and
        takes a `least_gain` of 1, or it might never end.

    Returns
    -------
    SortedGrids

    Raises
    ------
    ValueError
        If arrays are malformed or do not go together, or a number is out of range.
    """
    given, aims = square_grids("grids", grids), square_grids("targets", targets)
    if given.shape != aims.shape:
        refuse("targets", aims, f"the shape of grids, {given.shape}")
    n = given.shape[1]
    cells = _cells(given)
    cells[..., given.shape[3] :] = aims.reshape(*cells.shape[:2], -1)
    run = _Run(cells, n, rng, least_gain, shifts, choices, moves)
    run.approach(whole_number("radius", radius, 0, n // 2))
    return run.result(given)


def sort_grids(
    grids: ArrayLike,
    rng: Generator,
    least_gain: float = 1e-4,
    choices: ArrayLike = ORDERS,
    schedule: ArrayLike | None = None,
) -> SortedGrids:
    """Rearrange square grids until neighbouring cells are alike.

    Parameters
    ----------
    grids : array_like, shape (R, n, n, C)
        Rows, columns and channels, n at least 4.
    rng, least_gain, choices
        As in `sort_towards`. The released evaluations use 1e-4.
    schedule : array_like of int, shape (S,), optional
        Radii of the blurs, by default `radii`.

    Returns
    -------
    SortedGrids

    Raises
    ------
    ValueError
        As `sort_towards`.
    """
    given = square_grids("grids", grids)
    count, n, _, channels = given.shape
    asked = radii(n) if schedule is None else schedule
    steps = whole_array("schedule", asked, 0, (n - 1) // 2, ndim=1).tolist()
    run = _Run(_cells(given), n, rng, least_gain, SHIFTS, choices, ORDERS)
    for radius in steps:
        here = run.cells[..., :channels].reshape(count, n, n, channels)
        target = blur(here, radius)
        run.cells[..., channels:] = target.reshape(count, n * n, channels)
        run.approach(radius)
    return run.result(given)


def _tried(choices: ArrayLike) -> Ints:
    given = whole_array("choices", choices, 0, 3, ndim=2)
    if not np.array_equal(given, ORDERS[: len(given)]):
        refuse("choices", given, "the first rows of ORDERS")
    return np.ascontiguousarray(given)


def _cells(grids: Floats) -> NDArray[np.float32]:
    """Return cells (R, n^2, 2 C), the values first and room for the targets after them."""
    count, n, _, channels = grids.shape
    cells = np.zeros((count, n * n, 2 * channels), np.float32)
    cells[..., :channels] = grids.reshape(count, n * n, channels)
    return cells


class _Run:
    """What changes while grids are sorted."""

    def __init__(
        self,
        cells: NDArray[np.float32],
        n: int,
        rng: Generator,
        least_gain: float,
        shifts: int,
        choices: ArrayLike,
        moves: ArrayLike,
    ) -> None:
        count = len(cells)
        self.cells, self.n = cells, n
        self.order = np.tile(np.arange(n * n), (count, 1))
        self.visits = np.zeros(count, np.int64)
        self.state = generator("rng", rng).integers(0, 2**64, count, dtype=np.uint64)
        done = whole_array("moves", moves, 0, 3, shape=ORDERS.shape)
        gain = between("least_gain", least_gain, 0.0, 1.0)
        if gain < 1 and not np.array_equal(done, ORDERS):
            refuse("least_gain", least_gain, "1 where moves are not ORDERS")
        self.settings = (gain, whole_number("shifts", shifts), _tried(choices), done)

    def approach(self, radius: int) -> None:
        """Move the cells towards the targets that lie beside them."""
        side = max(min(2 * radius + 2, self.n), LEAST_BLOCK)
        side = min(side, self.n) // 2 * 2
        approach(self.cells, self.order, self.state, self.n, side, *self.settings, self.visits)

    def result(self, grids: Floats) -> SortedGrids:
        """Return the grids in the order that was found."""
        count, n, _, channels = grids.shape
        flat = grids.reshape(count, n * n, channels)
        moved = np.take_along_axis(flat, self.order[..., None], axis=1)
        return SortedGrids(moved.reshape(grids.shape), self.order, self.visits)
