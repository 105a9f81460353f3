"""Parallel linear assignment sorting (PLAS): square grids rearranged until they are smooth.

Morgenstern, Barthel, Hilsmann and Eisert (ECCV 2024), as in the released code. For each of a
falling sequence of radii the grid is blurred, and cells are moved towards the blurred grid: it is
cut into blocks, the cells of a block into random groups of four, and each group is rearranged in
the best of its 24 orders. Repeated with new groups until a pass gains little, and with other blocks
until four have been tried and the last gained little at once.
"""

from refutable.solvers.parallel_linear_assignment_sorting._groups import ORDERS
from refutable.solvers.parallel_linear_assignment_sorting.blur import blurred, radii
from refutable.solvers.parallel_linear_assignment_sorting.sorting import (
    SortedGrids,
    assign_four,
    sort_grids,
    sort_towards,
)

__all__ = ["ORDERS", "SortedGrids", "assign_four", "blurred", "radii", "sort_grids", "sort_towards"]
