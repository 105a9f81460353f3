"""Rows of Table 6 against their own layer counts and widths."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from refutable.simulations.experts.deepspeed_moe._tensors import BILLION
from refutable.theory.experts import deepspeed_moe as theory
from refutable.theory.experts.deepspeed_moe import TABLE_6

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    FalseTheory,
    MendedWorld,
    Origin,
    Printed,
    Scope,
    Values,
    Verdict,
)


def table_6_row(cell: Cell) -> Values:
    """Core size in billions under both conventions, from the layers and width of the cell."""
    return {
        "billions": Fraction(theory.core_parameters(cell.layers, cell.width), BILLION),
        "experts_extra": Fraction(
            theory.core_parameters(cell.layers, cell.width, extra=True), BILLION
        ),
    }


def row_and_base(cell: Cell) -> Values:
    """Row of the table with the core size of the dense base model."""
    base = theory.core_parameters(cell.layers, cell.width, 1)
    return {**table_6_row(cell), "base": Fraction(base, BILLION)}


def table_6_cell(name: str, layers: int | None = None) -> Mapping[str, str | int]:
    """Cell of a row, with its printed layer count or another one."""
    row = TABLE_6[name]
    return {"model": name, "layers": layers or row.layers, "width": row.width}


def as_printed(cell: Cell) -> str:
    """Size that Table 6 prints for the model."""
    return TABLE_6[cell.model].printed


def corrected(cell: Cell) -> str:
    """Size that Table 6 prints, and the tutorial's for the 24B row (1046.9, not 1064.9)."""
    return theory.TUTORIAL_24B.printed if cell.model.startswith("24B") else as_printed(cell)


def _size(model: str, digits: int) -> str:
    """Return a field that quotes the size that was computed for a row."""
    size = "billions reproduces the printed number"
    return f"{{estimate of {size} at model={model} to {digits} digits}}"


_CORE = "P approx 12 L h^2 + floor(L/2) (128 - 1) dot 8 h^2"
_CONSISTENT = ("1.3B+MoE-128", "2.4B+MoE-128", "47B+MoE-128")
_EXTRA = "128 experts counted in addition to the dense FFN"

TABLE_6_ROWS = Claim(
    id="deepspeed_moe.table6-consistent-rows",
    title="Three rows of the inference table follow from their own entries",
    source="Table 6, rows 1.3B, 2.4B and 47B",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Three rows of Table 6 follow from their own layer count and width; the 2.4B row only "
        "if its 128 experts are counted in addition to the dense feed-forward network."
    ),
    formula=_CORE,
    scope=Scope.ARITHMETIC,
    does_not_show="The latencies of Table 6's models.",
    assumptions=("matrices only: no embeddings, biases or gates, which would add 0.1-0.6B",),
    cells=Cells.of(*(table_6_cell(m) for m in _CONSISTENT)),
    compute=table_6_row,
    expect=(
        Printed("billions", model=("1.3B+MoE-128", "47B+MoE-128")).prints(as_printed),
        Printed(
            "billions", conventions={_EXTRA: "experts_extra"}, model="2.4B+MoE-128"
        ).prints_only_under(_EXTRA, as_printed),
    ),
    controls=(
        BrokenWorld(
            "the 47B row with the 24B row's layer count",
            cells=Cells.of(table_6_cell("47B+MoE-128", TABLE_6["24B+MoE-128"].layers)),
            at={"model": "47B+MoE-128"},
        ),
        BrokenWorld(
            "two more layers in every row",
            cells=Cells.of(*(table_6_cell(m, TABLE_6[m].layers + 2) for m in _CONSISTENT)),
        ),
    ),
)

TABLE_6_AS_PRINTED = Claim(
    id="deepspeed_moe.table6-as-printed",
    title="Two further rows of the inference table follow from their own entries",
    source="Table 6, rows 8B and 24B",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="The 8B and 24B rows of Table 6 follow from their printed layer counts and widths.",
    formula=_CORE,
    scope=Scope.ARITHMETIC,
    does_not_show="Which of the printed entries is the slip; see table6-exchanged.",
    cells=Cells.of(*(table_6_cell(m) for m in ("8B+MoE-128", "24B+MoE-128"))),
    compute=table_6_row,
    expect=(Printed("billions").prints(as_printed),),
    controls=(
        FalseTheory(
            "128 experts besides the dense FFN", Printed("experts_extra").prints(as_printed)
        ),
        BrokenWorld(
            "the 24B row with the 47B row's layer count",
            cells=Cells.of(table_6_cell("24B+MoE-128", TABLE_6["47B+MoE-128"].layers)),
            expect=(Printed("billions").prints(corrected),),
        ),
    ),
    positive=(
        MendedWorld(
            "the two layer counts exchanged, as the blog post has them",
            cells=Cells.of(
                table_6_cell("8B+MoE-128", TABLE_6["24B+MoE-128"].layers),
                table_6_cell("24B+MoE-128", TABLE_6["8B+MoE-128"].layers),
            ),
            expect=(Printed("billions").prints(corrected),),
        ),
    ),
    expected=Verdict.REFUTED,
    why=(
        f"With 30 layers of width 4096 the 8B row comes to {_size('8B+MoE-128', 4)}B (printed "
        f"349.0), with 40 layers of width 8192 the 24B row to {_size('24B+MoE-128', 5)}B (printed "
        "1064.9). "
        "Exchanging the two layer counts "
        "gives 348.97 and 1046.90; the project's tutorial prints 1046.9 with 30 layers, so "
        "1064.9 also has two digits transposed. The base names agree: 12 x 40 x 4096^2 = 8.05B "
        "and 12 x 30 x 8192^2 = 24.16B. Found by computing every row from its own layers and "
        "width. Read: a machine-converted copy of the paper."
    ),
    notes=(
        "A slip of the table: the authors' blog post prints both rows right (349.0 with 40 "
        "layers, 1,046.9 with 30).",
    ),
)

TABLE_6_EXCHANGED = Claim(
    id="deepspeed_moe.table6-exchanged",
    title="Exchanging two layer counts makes the inference table consistent",
    source="Table 6 with the layer counts of the 8B and 24B rows exchanged; MoE inference tutorial",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "With their layer counts exchanged the 8B row gives the printed 349.0 and the 24B row "
        "the tutorial's 1046.9, and the dense cores are 8B and 24B."
    ),
    formula=_CORE,
    scope=Scope.ARITHMETIC,
    does_not_show="That the models were built that way.",
    cells=Cells.of(
        table_6_cell("8B+MoE-128", TABLE_6["24B+MoE-128"].layers),
        table_6_cell("24B+MoE-128", TABLE_6["8B+MoE-128"].layers),
    ),
    compute=row_and_base,
    expect=(
        Printed("billions").prints(corrected),
        Printed("base").prints(lambda c: c.model.split("B+")[0]),
    ),
    controls=(
        FalseTheory(
            "the transposed digits 1064.9",
            Printed("billions", model="24B+MoE-128").prints("1064.9"),
        ),
        BrokenWorld(
            "exchanging 24B and 47B instead",
            cells=Cells.of(
                table_6_cell("24B+MoE-128", TABLE_6["47B+MoE-128"].layers),
                table_6_cell("47B+MoE-128", TABLE_6["24B+MoE-128"].layers),
            ),
        ),
    ),
)
