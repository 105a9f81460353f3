"""Grids over two numbers: a picture of the whole grid reads every one of their cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from refutable.claims.cells import Cell
from refutable.claims.claim import Claim, grid_at
from refutable.claims.expectations import Expectation, OfLadder
from refutable.claims.only_shown import everywhere
from refutable.claims.records import Effort

LEAST = 3
"""Values of either parameter from which a grid is drawn as a map; two are two curves."""


def map_axes(cells: Iterable[Mapping[str, object]]) -> tuple[str, str] | None:
    """Return the two parameters over which these cells are drawn as a map, the first across.

    Parameters
    ----------
    cells : iterable of Cell or dict
        A grid.

    Returns
    -------
    pair of str or None
        None unless two numbers vary, both with three values or more, and nothing else does.
    """
    values: dict[str, dict[object, None]] = {}
    for cell in cells:
        for name, value in cell.items():
            values.setdefault(name, {})[value] = None
    varying = [name for name, seen in values.items() if len(seen) > 1]
    numeric = all(_is_number(value) for name in varying for value in values[name])
    if len(varying) != 2 or not numeric or any(len(values[name]) < LEAST for name in varying):
        return None
    return varying[0], varying[1]


def shown_on(claim: Claim) -> Expectation | None:
    """Return what a map of the claim's cells shows where nothing is stated, or None.

    It is the first functional that decides, of all cells; a whole ladder is no colour.
    """
    first = next((e.functional for e in claim.expect if e.decides), None)
    if first is None or isinstance(first, OfLadder) or first.yes_or_no:
        return None
    if not all(map_axes(grid_at(claim.cells, effort)) for effort in Effort):
        return None
    return everywhere(first).shown()


def draw_whole_map(claim: Claim) -> None:
    """Let a claim show the cells of its map that none of its expectations selects."""
    shown = shown_on(claim)
    grids = (grid_at(claim.cells, effort) for effort in Effort)
    if shown is not None and any(unread(grid, claim.expect) for grid in grids):
        object.__setattr__(claim, "expect", (*claim.expect, shown))


def unread(cells: Iterable[Cell], readers: Collection[Expectation]) -> list[Cell]:
    """Return the cells that none of these expectations selects."""
    return [cell for cell in cells if not any(reader.selects(cell) for reader in readers)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
