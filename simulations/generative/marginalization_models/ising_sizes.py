"""Entropy per spin of larger tori, and what is left above it by the printed 30 x 30 result."""

from __future__ import annotations

from refutable.simulations.generative.marginalization_models._torus import torus
from refutable.theory.generative import marginalization_models as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

SETTLED = 1.0
"""Change in millionths of a bit per spin, from one width to the next, that counts as none."""
SHORT = 0.05
"""Bits per spin, somewhat less than was found."""
WIDE = 9
"""Spins in a row from which on the entropy is said to be settled."""


def strips(cell: Cell, coupling: float = theory.COUPLING, field: float = theory.FIELD) -> Values:
    """Entropy per spin of a torus of 30 rows, and by how much one spin less in a row changes it.

    Returns
    -------
    dict of float
        ``bits``; ``change``, in millionths; ``short``: bits that the printed
        30 x 30 result of MAM lies above, at the least that its digits allow.
    """
    bits, narrower = (
        torus(width, theory.LARGE_SIDE, coupling, field).bits_per_spin
        for width in (cell.width, cell.width - 1)
    )
    printed = float(theory.LARGE_BITS) - theory.half_unit(theory.LARGE_BITS)
    return {"bits": bits, "change": 1e6 * abs(bits - narrower), "short": printed - bits}


def settled(cell: Cell) -> bool:
    """Say whether the torus is one of the wide ones."""
    return bool(cell.width >= WIDE)


SIZES = Claim(
    id="marginalization_models.ising-large-torus",
    title="On 30 x 30 spins the printed result of MAM is 0.05 bits a spin above the entropy",
    source="Section on the Ising model: MAM has .835 bits per dimension on 30 x 30 spins",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The entropy per spin of tori of 30 rows no longer depends on their width from nine "
    "spins on, so that it is known for 30 x 30 spins, and the printed .835 bits lie at least 0.05 "
    "above it.",
    formula='H_(w times 30) / (30 w) -> 0.78332 "bits", quad .835 - H_(30 times 30) / 900 >= 0.05',
    scope=Scope.ARITHMETIC,
    does_not_show="Why. A different coupling or field at this size would change the entropy; the "
    "configuration file has one pair, beside 10 x 10 spins.",
    assumptions=(
        "coupling and field are those of the 10 x 10 configuration",
        "changes go on shrinking with the width, fourfold from each to the next, beyond nine",
    ),
    notes=(
        "Changes from one width to the next are 2.9e-6 bits at eight, 6.8e-7 at nine and 1.6e-7 "
        "at ten spins; the entropy is 0.783323 bits, which .835 exceeds by 0.0517.",
    ),
    cells=ByEffort(
        smoke=Cells(width=(4, 5, 6, 7, 8, 9)),
        standard=Cells(width=(4, 5, 6, 7, 8, 9, 10)),
        full=Cells(width=(4, 5, 6, 7, 8, 9, 10, 11)),
    ),
    compute=strips,
    expect=(
        Exact("change", where=settled).at_most(SETTLED),
        Exact("short", where=settled).at_least(SHORT),
        Exact("change", where=lambda cell: not settled(cell)).shown(),
        Exact("bits").shown(),
    ),
    controls=(
        FalseTheory("settled at eight spins", Exact("change", width=8).at_most(SETTLED)),
        BrokenWorld(
            "a field weaker by a quarter",
            change={"field": 0.75 * theory.FIELD},
            at={"width": WIDE},
            judged_by="change",
        ),
        BrokenWorld(
            "a coupling weaker by one percent",
            change={"coupling": 0.99 * theory.COUPLING},
            at={"width": WIDE},
            judged_by="short",
        ),
    ),
    figure=Axis(x="width", label="spins along a side"),
)
