"""Whether the sizes of switch-c-2048 (Table 6) follow from its configuration and 20.07x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from refutable.simulations.compression.qmoe._sizes import (
    SIZE_SOURCE,
    listed,
    sizes,
    without_norms,
)
from refutable.theory.compression import qmoe as theory
from refutable.theory.compression.qmoe import Switch

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Claim,
    Exact,
    Origin,
    Printed,
    Scope,
    Values,
)

CUT, ROUNDED = "cut, not rounded", "two bytes times the rounded 1.6 trillion"


def c2048(
    cell: Cell, model: Switch = theory.C2048, listing: Callable[[Switch], int] = listed
) -> Values:
    """Sizes of c2048, with the printed figures' conventions."""
    del cell
    found = sizes(model, listing)
    return found | {
        "bf16_cut": int(found["bf16_gb"]),
        "terabytes": found["bf16_gb"] / 1000,
        "terabytes_of_rounded": 2 * round(found["trillions"], 1),
    }


C2048_SIZES = Claim(
    id="qmoe.c2048-sizes",
    title="The printed sizes of the largest model follow from its configuration",
    source=SIZE_SOURCE,
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement=(
        "From the configuration of switch-c-2048 and the MoE-only ratio 20.07 follow 0.807 bits "
        "per parameter, 158.6 GB to 0.15%, and the abstract's 1.6 trillion, less than 160 GB, "
        "20x and 0.8 bits."
    ),
    formula='"bytes" = 2 M_("MoE") / 20.07 + 2 M_("dense")',
    scope=Scope.ARITHMETIC,
    does_not_show="The 20.07 itself. The 3.2 TB and 3142 GB are reproduced only as named.",
    assumptions=("15 + 15 sparse blocks and an untied head, as in the released code",),
    compute=c2048,
    expect=(
        Exact("routes_differ_by").equals(0),
        Printed("bits").prints(theory.PRINTED_BITS),
        Exact("compressed_gb").near(158.6, 0.0015 * 158.6),
        Exact("ratio").near(19.81, 0.0015 * 19.81),
        Printed("trillions").prints("1.6"),
        Exact("compressed_gb").at_most(160),
        Printed("ratio").prints("20"),
        Printed("bits").prints("0.8"),
        Printed("bf16_gb", conventions={CUT: "bf16_cut"}).prints_only_under(CUT, "3142"),
        Printed("terabytes", conventions={ROUNDED: "terabytes_of_rounded"}).prints_only_under(
            ROUNDED, "3.2"
        ),
    ),
    controls=(
        BrokenWorld(
            "12 decoder blocks, as the published configuration says",
            change={"model": replace(theory.C2048, decoder=12)},
        ),
        BrokenWorld(
            "embedding shared with the head",
            change={"model": replace(theory.C2048, untied=False)},
        ),
        BrokenWorld(
            "a ratio of 20.70, two digits exchanged",
            change={"model": replace(theory.C2048, moe_ratio="20.70")},
        ),
        BrokenWorld("the second route forgets the norms", change={"listing": without_norms}),
    ),
)
