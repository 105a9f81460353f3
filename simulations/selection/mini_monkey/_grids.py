"""All pairs of a detailed and an adaptive grid that demo.py has to choose from."""

from __future__ import annotations

from refutable.solvers.tile_grids import candidate_grids
from refutable.theory.selection import mini_monkey as theory
from refutable.theory.selection.mini_monkey import Grid


def every_pair() -> tuple[tuple[Grid, Grid], ...]:
    """All 30 x 13 pairs of detailed and adaptive grids."""
    detailed, adaptive = (
        [(int(m), int(k)) for m, k in candidate_grids(*span)]
        for span in (theory.DETAILED, theory.ADAPTIVE)
    )
    return tuple((a, b) for a in detailed for b in adaptive)
