"""Numbers to learn in either mechanism, counted in their arrays, beside the printed tables."""

from __future__ import annotations

import numpy as np
from refutable.theory.bayes import gaam as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Printed,
    Scope,
    Values,
)

PRINTED = {
    ("appendix", 8, 1024): "64",
    ("appendix", 8, 5120): "64",
    ("main", 8, 1024): "0.016",
    ("main", 8, 5120): "0.082",
    ("main", 1, 1024): "0.002",
    ("main", 1, 5120): "0.010",
}
"""Table 3, in parameters, whatever the width; Table 1, in millions."""

GAUSSIANS = 4


def counted(cell: Cell, heavier: int = 0, split: bool = False, fixed: int = 0) -> Values:
    """Count the parameters of a layer.

    Parameters
    ----------
    cell : Cell
        With ``mechanism`` (``appendix``: K Gaussians to a head; ``main``: an offset and a scale for
        each place), ``heads`` and ``width``.
    heavier : int
        Numbers to each Gaussian beside offset and scale.
    split : bool
        Heads have an equal part of the width each.
    fixed : int
        A width in place of the cell's, unless it is 0.

    Returns
    -------
    dict
        ``count``, and ``shown`` in the unit of the table.
    """
    places = int(fixed or cell.width) // (int(cell.heads) if split else 1)
    each = GAUSSIANS if cell.mechanism == "appendix" else places
    heads = [[np.zeros(each) for _ in range(2 + heavier)] for _ in range(cell.heads)]
    count = sum(array.size for arrays in heads for array in arrays)
    return {"count": count, "shown": count if cell.mechanism == "appendix" else count / 1e6}


def _printed(cell: Cell) -> str:
    return PRINTED[cell.mechanism, cell.heads, cell.width]


def _said(cell: Cell) -> float:
    appendix = theory.head_parameters(GAUSSIANS)
    one = appendix if cell.mechanism == "appendix" else theory.wide_parameters(int(cell.width))
    return float(cell.heads * one)


COUNT = Claim(
    id="gaam.param-count",
    title="A layer has two numbers for each Gaussian, or for each place, of each head",
    source="Tables 1 and 3 of the later version",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="8 heads of 4 Gaussians (Appendix B) have 64 parameters, whatever the width is. With "
    "an offset and a scale for each place (Algorithm 1) 8 heads have 0.016 million at width 1024 "
    "and 0.082 million at 5120, one head 0.002 and 0.010 million.",
    formula='"parameters" = 2 H K quad "or" quad 2 H d',
    scope=Scope.ARITHMETIC,
    does_not_show="That the two mechanisms do equally well. The count of 64 is that of Appendix B "
    "alone; that of the main mechanism grows with the width.",
    notes=("Projections of dot-product attention have $4 d^2$: 4,194,304 at width 1024.",),
    cells=Cells.of(
        *({"mechanism": m, "heads": h, "width": w} for m, h, w in PRINTED),
    ),
    compute=counted,
    expect=(
        Printed("shown").prints(_printed),
        Exact("count").equals(_said),
    ),
    controls=(
        BrokenWorld(
            "a third number, such as a mixture's weight, to each Gaussian",
            change={"heavier": 1},
            at={"mechanism": "appendix"},
        ),
        BrokenWorld(
            "the width divided among the heads",
            change={"split": True},
            at={"mechanism": "main", "heads": 8},
        ),
        BrokenWorld(
            "a count that the width does not change",
            change={"fixed": 1024},
            at={"mechanism": "main", "width": 5120},
        ),
    ),
)
