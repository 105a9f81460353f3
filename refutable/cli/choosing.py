"""Which block `rerun` is asked for."""

from __future__ import annotations

from refutable.claims.cells import Cell, Scalar
from refutable.claims.claim import Claim, World
from refutable.claims.records import Effort
from refutable.errors import MisuseError


def cell_named(claim: Claim, world: World, text: str, effort: Effort | None) -> Cell:
    """Return the only cell of a world that is called so, or fits a part of its name.

    Parameters
    ----------
    claim : Claim
    world : World
    text : str
        A whole label, such as `n=200,ratio=0.6`, or any part of one.
    effort : Effort or None
        Whose grid; None for those of all efforts.

    Raises
    ------
    MisuseError
        If none or several fit.
    """
    cells = _cells(claim, world, effort)
    called = [cell for cell in cells if cell.label == text]
    wanted = dict(part.partition("=")[::2] for part in text.split(",") if part)
    fitting = called or [cell for cell in cells if _fits(cell, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    where = "at any effort" if effort is None else f"at effort {effort}"
    listed = "; ".join(cell.label or "(no parameters)" for cell in cells[:12])
    raise MisuseError(
        f"--cell {text!r} fits {len(fitting)} cells of {claim.id} {where}; name one of: {listed}"
    )


def cell_anywhere(claim: Claim, world: World, text: str) -> Cell:
    """Return the cell with these values, on the grid or not.

    Raises
    ------
    MisuseError
        If it has not just the parameters of a cell of the grid.
    """
    given = dict(part.partition("=")[::2] for part in text.split(",") if part)
    for cell in _cells(claim, world, None):
        if set(cell) == set(given):
            return Cell({name: typed(value) for name, value in given.items()})
    names = ", ".join(_cells(claim, world, None)[0])
    raise MisuseError(f"--cell {text!r} must name the parameters of a cell: {names}")


def typed(text: str) -> Scalar:
    """Return a value of a parameter as it is written: a truth value, a number or a text."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _cells(claim: Claim, world: World, effort: Effort | None) -> list[Cell]:
    alike = _at_efforts(claim, world, effort)
    return list(dict.fromkeys(cell for one in alike for cell in one.cells))


def _at_efforts(claim: Claim, world: World, effort: Effort | None) -> list[World]:
    """Return a world at the effort, or at all of them."""
    efforts = list(Effort) if effort is None else [effort]
    return [w for one in efforts for w in claim.worlds(one) if w.key == world.key]


def _fits(cell: Cell, wanted: dict[str, str]) -> bool:
    return all(name in cell and str(cell[name]) == value.strip() for name, value in wanted.items())


def check_block(claim: Claim, world: World, block: int, effort: Effort | None) -> None:
    """Refuse an index that no run would ever draw.

    Raises
    ------
    MisuseError
        If it is negative, or beyond the cap (of the effort, or the largest of all).
    """
    blocks = max(one.blocks for one in _at_efforts(claim, world, effort))
    if not 0 <= block < blocks:
        raise MisuseError(
            f"--block {block}: {claim.id} has the blocks 0 to {blocks - 1} in each cell."
        )
