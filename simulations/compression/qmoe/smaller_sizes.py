"""Whether the sizes of switch-large-128 and switch-base-128 follow likewise (Table 6)."""

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
    RightTheory,
    Scope,
    Values,
    Verdict,
)
from refutable.claims.expectations import Expectation

UNTIED = "embedding and output head counted twice"


def both_conventions(
    cell: Cell, model: Switch = theory.BASE, listing: Callable[[Switch], int] = listed
) -> Values:
    """Sizes with tied and, as *_untied, with untied embeddings."""
    del cell
    found = sizes(replace(model, untied=True), listing)
    return sizes(model, listing) | {f"{name}_untied": v for name, v in found.items()}


def large_and_base(
    cell: Cell,
    large: Switch = theory.LARGE,
    base: Switch = theory.BASE,
    listing: Callable[[Switch], int] = listed,
) -> Values:
    """Sizes of large128 and, as base_*, of base128."""
    smaller = {f"base_{name}": v for name, v in both_conventions(cell, base, listing).items()}
    return both_conventions(cell, large, listing) | smaller


def with_shared(model: Switch) -> Switch:
    """Return the model with one more expert in every sparse block, as if all tokens shared it."""
    return replace(model, experts=model.experts + 1)


def under_untied(column: str, printed: str) -> Expectation:
    """Expect a figure to be reproduced with untied embeddings and not otherwise."""
    figure = Printed(column, conventions={UNTIED: f"{column}_untied"})
    return figure.prints_only_under(UNTIED, printed)


LARGE_SIZES = Claim(
    id="qmoe.large128-sizes",
    title="The printed sizes of two smaller models follow if the head is untied",
    source=SIZE_SOURCE,
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement=(
        "The sizes of switch-large-128 (52.7 GB, 3.96 GB, 13.32x) and the 14.9 GB of "
        "switch-base-128 follow from their configurations, if embedding and output head are "
        "counted separately."
    ),
    formula='"bytes" = 2 M_("MoE") / 18.34 + 2 M_("dense")',
    scope=Scope.ARITHMETIC,
    does_not_show="The 18.34 itself.",
    compute=large_and_base,
    expect=(
        under_untied("bf16_gb", theory.LARGE.bf16_gb),
        under_untied("compressed_gb", theory.LARGE.compressed_gb),
        under_untied("ratio", theory.LARGE.ratio),
        under_untied("base_bf16_gb", theory.BASE.bf16_gb),
        Exact("routes_differ_by").equals(0),
        Exact("base_routes_differ_by").equals(0),
    ),
    controls=(
        BrokenWorld(
            "a shared expert beside the others",
            change={"large": with_shared(theory.LARGE), "base": with_shared(theory.BASE)},
        ),
        BrokenWorld("the second route forgets the norms", change={"listing": without_norms}),
    ),
)

BASE_SIZE = Claim(
    id="qmoe.base128-size",
    title="The smallest model compresses to 1.27 GB",
    source=SIZE_SOURCE,
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="switch-base-128 compresses to 1.27 GB, given the MoE-only ratio 17.06.",
    formula='2 M_("MoE") / 17.06 + 2 M_("dense") = 1.27 "GB"',
    scope=Scope.ARITHMETIC,
    does_not_show="The size of the authors' files, which may hold more than is counted here.",
    compute=both_conventions,
    expect=(
        Printed("compressed_gb", conventions={UNTIED: "compressed_gb_untied"}).prints(
            theory.BASE.compressed_gb
        ),
    ),
    controls=(
        BrokenWorld(
            "a shared expert beside the others", change={"model": with_shared(theory.BASE)}
        ),
    ),
    positive=(
        RightTheory(
            "1.18 GB, or 1.23 GB with the head untied",
            Printed("compressed_gb").prints("1.18"),
            Printed("compressed_gb_untied").prints("1.23"),
        ),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Experts at 17.06x and everything else in bf16 come to "
        "{estimate of compressed_gb reproduces 1.27 to 3 digits} GB, or 1.23 GB with untied "
        "embeddings, 3 to 7% below the printed 1.27; the same count reproduces c2048 and, untied, "
        "large128. The non-expert part was evidently counted larger (its checkpoint is published "
        "in float32). Moderately sure: the paper's non-expert count is not known, and the figures "
        "were read in two third-party notes that agree."
    ),
)
