"""QMoE: whether its code, its sizes, its solver and its sparsity are what the formulas say.

The code is the released one, rebuilt entry by entry; it is tried on independent trits with the
share of zeros it was built for. Layers for GPTQ are random, with correlated inputs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from refutable.simulations.compression.qmoe._code import (
    codewords,
    compressions,
    entropy_bound,
    expected_row,
    naive,
    rates,
    round_trip,
    zero_runs,
)
from refutable.simulations.compression.qmoe.gptq import STEP, layers, wrong_factor, zero_share
from refutable.simulations.compression.qmoe._sizes import both_conventions, c2048
from refutable.theory.compression import qmoe as theory

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Mean,
    Printed,
    Scope,
    Verdict,
)

# --- entropy ---------------------------------------------------------------------------------


ENTROPY = Claim(
    id="qmoe.ternary-entropy",
    paper=theory.PAPER,
    source="Section on exploiting sparsity: the entropy bound at 88.5% zeros is 25.40x",
    statement="Ternary weights with 88.5% zeros can be compressed by at most 25.40x over bf16.",
    formula="16 / H(0.885) = 25.40, quad H(p_0) = -p_0 log_2 p_0 - (1 - p_0) log_2 (1 - p_0)/2",
    scope=Scope.AS_STATED,
    does_not_show="That real weights are independent; dependence would allow more.",
    assumptions=("independent weights, both signs equally likely",),
    cells=Cells(p0=(theory.ZEROS,)),
    compute=entropy_bound,
    expect=(Printed("bound").prints("25.40"), Exact("routes_differ_by").equals(0, 1e-12)),
    controls=(
        FalseTheory("both signs as one symbol", Printed("signs_forgotten").prints("25.40")),
        FalseTheory("plain packing at log2 3 bits", Printed("packed").prints("25.40")),
    ),
)

# --- the code --------------------------------------------------------------------------------


def predicted(cell):
    """Exact expected codewords in the cell."""
    return expected_row(cell.p0, cell.width)


def margin(cell):
    """0.5% of the prediction for short rows, 0.2% for long ones."""
    return predicted(cell) * (0.005 if cell.width < 512 else 0.002)


_TIES = (
    "Other orders of ties: where the dictionary is cut at 2^16 entries, 2490 of 20,800 equally "
    "probable sequences are taken, and the order of the released heap (by product in double "
    "precision, then by symbols; sub1.py) decides which. It is used here and gives 10.8829 pairs a "
    "codeword, 0.7351 bits a weight, 85.7% of the bound. Of the orders by first and "
    "last pair, those that move this furthest give 10.8545 and 10.9351 pairs, 0.7370 and 0.7316 "
    "bits, 85.5% and 86.1%; figures computed with another heap may differ by as much. "
)

_P0 = (theory.ZEROS,)
_WIDTHS = (128, 512, 768, 1024, 2080, 3072, 4096, 6144)

CODE_RATE = Claim(
    id="qmoe.dictionary-code-rate",
    paper=theory.PAPER,
    source="Section on the dictionary code; sub1.py of the released code (2^16 entries, 14 pairs)",
    statement=(
        "On independent weights the released code needs exactly the number of 16-bit codewords "
        "that a Markov chain on its greedy parse predicts, for rows of every width."
    ),
    formula="E_m (r) = 1 + sum_(l < r, m') J_m (l, m') E_(m') (r - l), quad E_m (0) = 0",
    scope=Scope.AS_STATED,
    does_not_show=(
        _TIES
        + "Nor the measured 20.07x of c2048: real weights are not independent and their rows do "
        "not have 88.5% zeros each. Independent rows of its two shapes give 21.43x and 20.80x."
    ),
    assumptions=(
        "independent weights with the share of zeros the dictionary is built for",
        "equally probable sequences in the order of the released code",
    ),
    cells=ByEffort(
        smoke=Cells(p0=_P0, width=(128, 2080)),
        standard=Cells(p0=_P0, width=_WIDTHS),
        full=Cells(p0=(0.8, 0.85, theory.ZEROS, 0.9, 0.95), width=_WIDTHS),
    ),
    simulate=codewords(),
    expect=(Mean("codewords").near(predicted, margin),),
    controls=(
        FalseTheory("every codeword begins afresh", Mean("codewords").near(naive, margin)),
        BrokenWorld(
            "dictionary built for 50% zeros",
            simulate=codewords(built_for=0.5),
            cells=Cells(p0=_P0, width=(2080,)),
        ),
        BrokenWorld(
            "weights in runs of two",
            simulate=codewords(source=zero_runs),
            cells=Cells(p0=_P0, width=(2080,)),
        ),
    ),
    block=2048,
    cap=131072,
    figure=Axis(x="width", label="width of a row", log=True),
)


RATE_ORDER = Claim(
    id="qmoe.rate-order",
    paper=theory.PAPER,
    source="Section on the dictionary code; Tunstall (1967)",
    statement=(
        "In bits per weight, at 88.5% zeros, the entropy bound lies below Tunstall's code, that "
        "under the same cap of 14 pairs below the released code, and that below one bit: 0.735 on "
        "endless rows, 85.7% of the bound. The cap costs more than the greedy dictionary. The "
        "order in which ties are popped moves the rate by less than 0.5% and leaves this order."
    ),
    formula='H <= R_("Tunstall") <= R_("QMoE") = 16 / (2 macron(L)) < 1',
    scope=Scope.AS_STATED,
    does_not_show=(
        _TIES + "The 0.5% were chosen when these were known, and hold at 88.5% zeros (at 80% it is "
        "1.8%). Row offsets and scales, which add 64 bits a row; finite rows; real weights. The "
        "order of the codes is no theorem: Tunstall's is the best of those free of prefixes, and "
        "from 90% zeros on the released construction, which is not, does better under the same cap."
    ),
    assumptions=(
        "independent weights, the dictionary built for their share of zeros",
        "0.735 and 85.7%: equally probable sequences in the order of the released code",
    ),
    cells=ByEffort(
        smoke=Cells(p0=(theory.ZEROS, 0.9)),
        standard=Cells(p0=(theory.ZEROS, 0.9)),
        full=Cells(p0=(0.8, 0.85, theory.ZEROS, 0.9, 0.95)),
    ),
    compute=rates,
    expect=(
        Exact("tunstall_over_entropy").at_least(1),
        Exact("least_over_tunstall", p0=theory.ZEROS).at_least(1),
        Exact("cap_outweighs", p0=theory.ZEROS).equals(1),
        Exact("most_bits", p0=theory.ZEROS).at_most(float(np.nextafter(1, 0))),
        Exact("ties_move", p0=theory.ZEROS).at_most(theory.TIE_MARGIN),
        Printed("bits", p0=theory.ZEROS).prints("0.735"),
        Printed("efficiency", p0=theory.ZEROS).prints("0.857"),
    ),
    controls=(
        FalseTheory("the cap costs nothing", Exact("cap_costs", p0=theory.ZEROS).at_most(1.01)),
        FalseTheory(
            "Tunstall is never beaten under the cap",
            Exact("greedy_over_tunstall", p0=0.9).at_least(1),
        ),
        FalseTheory("95% of the entropy bound", Exact("efficiency").at_least(0.95)),
        FalseTheory(
            "the order of ties hardly matters", Exact("ties_move", p0=theory.ZEROS).at_most(0.001)
        ),
    ),
)


def near_expected(column):
    """Expect the compression within the margin that covers the order of ties."""

    def figure(cell):
        return theory.EXPECTED_COMPRESSION[cell.rows, cell.width]

    return Exact(column).near(figure, lambda cell: theory.TIE_MARGIN * figure(cell))


COMPRESSION = Claim(
    id="qmoe.expected-compression",
    paper=theory.PAPER,
    source=(
        "Sub1Linear in sub1.py (16-bit codewords, 32-bit offsets, two bf16 scales a row); test.py, "
        "which draws one matrix of each of the six shapes"
    ),
    statement=(
        "Independent weights with 88.5% zeros in the six shapes of the experts of base128, "
        "large128 and c2048 are compressed 21.14x, 19.37x, 21.30x, 19.92x, 21.47x and 20.84x, "
        "offsets and scales included, to 0.5% and in every order of ties tried."
    ),
    formula="(16 R C) / (16 R E(C/2) + 64 (R + 1))",
    scope=Scope.AS_STATED,
    does_not_show=(
        _TIES + "The six figures were computed apart from this project in yet another order, "
        "that of about 10.902 pairs; the released order lies 0.15 to 0.17% below each of them. "
        "The 0.5% were chosen when that was known. They are ratios of 16 bits to the expected "
        "size, on independent weights; the paper measured 17.06x, 18.34x and 20.07x on its own."
    ),
    assumptions=("independent weights with the share of zeros the dictionary is built for",),
    cells=Cells.of(*({"p0": theory.ZEROS, "rows": r, "width": c} for r, c in theory.SHAPES)),
    compute=compressions(),
    expect=(near_expected("compression"), near_expected("least"), near_expected("most")),
    controls=(
        FalseTheory("every codeword begins afresh", near_expected("afresh")),
        FalseTheory("endless rows without offsets and scales", near_expected("endless")),
        BrokenWorld("dictionary built for 50% zeros", compute=compressions(built_for=0.5)),
    ),
)

ROUND_TRIP = Claim(
    id="qmoe.round-trip",
    paper=theory.PAPER,
    source="Section on decoding; released code",
    statement=(
        "Because the dictionary is closed under prefixes, every row of every width is coded "
        "without loss: odd widths, rows of zeros only and rows without any zero included."
    ),
    formula='"decode"("encode"(W)) = W',
    scope=Scope.AS_STATED,
    does_not_show="The speed of the GPU kernel.",
    assumptions=("the last pair of an odd row is completed by a zero and cut off again",),
    cells=ByEffort(
        smoke=Cells(p0=_P0, width=(1, 27, 28, 131), rows=(16,)),
        standard=Cells(p0=_P0, width=(1, 27, 28, 131, 2080, 6144), rows=(16,)),
        full=Cells(p0=(0.5, theory.ZEROS, 0.95), width=(1, 27, 28, 131, *_WIDTHS), rows=(64,)),
    ),
    simulate=round_trip(),
    expect=(Exact("wrong").equals(0),),
    controls=(
        BrokenWorld(
            "decoded with the dictionary for 88% zeros",
            simulate=round_trip(decoded_with=0.88),
            cells=Cells(p0=_P0, width=(131,), rows=(16,)),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=16, standard=32, full=64),
)

# --- checkpoint sizes ------------------------------------------------------------------------


_CUT, _ROUNDED = "cut, not rounded", "two bytes times the rounded 1.6 trillion"
_SIZE_SOURCE = "Table of model sizes and abstract; configuration of the Switch models"

C2048_SIZES = Claim(
    id="qmoe.c2048-sizes",
    paper=theory.PAPER,
    source=_SIZE_SOURCE,
    statement=(
        "From the configuration of switch-c-2048 and the MoE-only ratio 20.07 follow 0.807 bits "
        "per parameter, 158.6 GB to 0.15%, and the abstract's 1.6 trillion, less than 160 GB, "
        "20x and 0.8 bits."
    ),
    formula='"bytes" = 2 M_("MoE") / 20.07 + 2 M_("dense")',
    scope=Scope.ARITHMETIC,
    does_not_show="The 20.07 itself. The 3.2 TB and 3142 GB are reproduced only as named.",
    assumptions=("15 + 15 sparse blocks and an untied head, as in the released code",),
    compute=c2048(theory.C2048),
    expect=(
        Exact("routes_differ_by").equals(0),
        Printed("bits").prints(theory.PRINTED_BITS),
        Exact("compressed_gb").near(158.6, 0.0015 * 158.6),
        Exact("ratio").near(19.81, 0.0015 * 19.81),
        Printed("trillions").prints("1.6"),
        Exact("compressed_gb").at_most(160),
        Printed("ratio").prints("20"),
        Printed("bits").prints("0.8"),
        Printed("bf16_gb", conventions={_CUT: "bf16_cut"}).prints_only_under(_CUT, "3142"),
        Printed("terabytes", conventions={_ROUNDED: "terabytes_of_rounded"}).prints_only_under(
            _ROUNDED, "3.2"
        ),
    ),
    controls=(
        BrokenWorld(
            "12 decoder blocks, as the published configuration says",
            compute=c2048(replace(theory.C2048, decoder=12)),
            expect=(Exact("bf16_gb").near(3142, 0.0015 * 3142),),
        ),
        FalseTheory("one bit per parameter", Printed("bits").prints("1.0")),
    ),
)

_UNTIED = "embedding and output head counted twice"


def under_untied(column, printed):
    """Expect a figure to be reproduced with untied embeddings and not otherwise."""
    figure = Printed(column, conventions={_UNTIED: f"{column}_untied"})
    return figure.prints_only_under(_UNTIED, printed)


LARGE_SIZES = Claim(
    id="qmoe.large128-sizes",
    paper=theory.PAPER,
    source=_SIZE_SOURCE,
    statement=(
        "The sizes of switch-large-128 (52.7 GB, 3.96 GB, 13.32x) and the 14.9 GB of "
        "switch-base-128 follow from their configurations, if embedding and output head are "
        "counted separately."
    ),
    formula='"bytes" = 2 M_("MoE") / 18.34 + 2 M_("dense")',
    scope=Scope.ARITHMETIC,
    does_not_show="The 18.34 itself.",
    compute=lambda cell: {
        **both_conventions(theory.LARGE)(cell),
        **{f"base_{k}": v for k, v in both_conventions(theory.BASE)(cell).items()},
    },
    expect=(
        under_untied("bf16_gb", theory.LARGE.bf16_gb),
        under_untied("compressed_gb", theory.LARGE.compressed_gb),
        under_untied("ratio", theory.LARGE.ratio),
        under_untied("base_bf16_gb", theory.BASE.bf16_gb),
        Exact("routes_differ_by").equals(0),
        Exact("base_routes_differ_by").equals(0),
    ),
    controls=(
        FalseTheory(
            "embedding shared with the head",
            Printed("compressed_gb").prints(theory.LARGE.compressed_gb),
        ),
        BrokenWorld(
            "sparse blocks everywhere",
            compute=both_conventions(replace(theory.LARGE, all_sparse=True)),
            expect=(under_untied("compressed_gb", theory.LARGE.compressed_gb),),
        ),
    ),
)

BASE_SIZE = Claim(
    id="qmoe.base128-size",
    paper=theory.PAPER,
    source=_SIZE_SOURCE,
    statement="switch-base-128 compresses to 1.27 GB, given the MoE-only ratio 17.06.",
    formula='2 M_("MoE") / 17.06 + 2 M_("dense") = 1.27 "GB"',
    scope=Scope.ARITHMETIC,
    does_not_show="The size of the authors' files, which may hold more than is counted here.",
    compute=both_conventions(theory.BASE),
    expect=(
        Printed("compressed_gb", conventions={_UNTIED: "compressed_gb_untied"}).prints(
            theory.BASE.compressed_gb
        ),
    ),
    controls=(
        FalseTheory(
            "untied embeddings", Printed("compressed_gb_untied").prints(theory.BASE.compressed_gb)
        ),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Experts at 17.06x and everything else in bf16 come to 1.18 GB, or 1.23 GB with untied "
        "embeddings, 3 to 7% below the printed 1.27; the same count reproduces c2048 and, untied, "
        "large128. The non-expert part was evidently counted larger (its checkpoint is published "
        "in float32). Moderately sure: the paper's non-expert count is not known, and the figures "
        "were read in two third-party notes that agree."
    ),
)

# --- GPTQ ------------------------------------------------------------------------------------


def layer_cells(rows, columns, *correlations):
    """Layers of one shape at several input correlations."""
    return Cells(correlation=correlations, rows=(rows,), columns=(columns,))


GPTQ = Claim(
    id="qmoe.gptq-identity",
    paper=theory.PAPER,
    source="Section on compression with GPTQ (Frantar et al., 2023); nearest-plane bound (Babai)",
    statement=(
        "GPTQ's accumulated loss is the quadratic error of the row, for any grid. On an unclipped "
        "uniform grid of step s the error of every row obeys the nearest-plane bound, its mean is "
        "a third of that bound, and never more than that of plain rounding."
    ),
    formula="sum_i (w_i - q_i)^2 / U_(i i)^2 = (w - q)^top H (w - q) <= s^2/4 sum_i U_(i i)^(-2), "
    "quad sum_i U_(i i)^(-2) <= tr H",
    scope=Scope.SCALED_DOWN,
    does_not_show="Losses of the language models; layers here are random and small.",
    assumptions=(
        "H includes the damping",
        "for the mean: rounding errors are uniform, which a step of half a standard deviation "
        "makes true to about 2%",
    ),
    cells=ByEffort(
        smoke=layer_cells(128, 64, 0.0, 0.9),
        standard=layer_cells(128, 128, 0.0, 0.5, 0.9),
        full=layer_cells(256, 256, 0.0, 0.5, 0.9),
    ),
    simulate=layers(),
    expect=(
        Exact("identity_error").at_most(1e-8),
        Exact("worst_over_bound").at_most(1),
        Mean("mean_over_predicted").near(1, 0.03),
        Mean("rounding_over_predicted").near(1, 0.03),
        Exact("trace_ratio").at_most(1),
        Mean("zeros_gained").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "the factor of the inverse the other way round",
            simulate=layers(wrong_factor),
            cells=layer_cells(64, 64, 0.9),
            expect=(Exact("identity_error").at_most(1e-8),),
        ),
        BrokenWorld(
            "a clipped grid",
            simulate=layers(largest=STEP),
            cells=layer_cells(64, 64, 0.9),
            expect=(Exact("worst_over_bound").at_most(1),),
        ),
        FalseTheory(
            "never worse than rounding, on any row", Exact("worse_rows", correlation=0.0).equals(0)
        ),
    ),
    block=16,
    cap=ByEffort(smoke=320, standard=512, full=512),
    figure=Axis(x="correlation", label="input correlation"),
)

# --- natural sparsity ------------------------------------------------------------------------


SPARSITY = Claim(
    id="qmoe.natural-sparsity",
    paper=theory.PAPER,
    source="Table of natural sparsity: 85.7% (base128) < 86.4% (large128) < 88.6% (c2048) zeros",
    statement=(
        "Rounding to the grid {min, 0, max} of its row makes most of the weights zero, the more "
        "the longer the row, with the share that the law of the extremes predicts."
    ),
    formula="1 - 2 integral n phi(m) Phi(m)^(n-1) [1/n + (1 - 1/n) (Phi(m) - Phi(m/2)) / Phi(m)] "
    "d m",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The printed shares, which lie below this prediction: they are of GPTQ on trained "
        "weights, and GPTQ leaves fewer zeros than rounding (see gptq-identity)."
    ),
    assumptions=("independent Gaussian weights, plain rounding",),
    cells=ByEffort(
        smoke=Cells(n=(768, 2080)),
        standard=Cells(n=(768, 1024, 2080, 3072, 4096, 6144)),
        full=Cells(n=(768, 1024, 2080, 3072, 4096, 6144)),
    ),
    simulate=zero_share(lambda rng, shape: rng.standard_normal(shape)),
    expect=(Mean("zeros").near(lambda c: theory.zero_probability(c.n), 0.003),),
    controls=(
        FalseTheory(
            "extremes at sqrt(2 ln n)",
            Mean("zeros").near(lambda c: theory.plug_in_zero_probability(c.n), 0.003),
        ),
        BrokenWorld(
            "Student weights with 4 degrees of freedom",
            simulate=zero_share(lambda rng, shape: rng.standard_t(4, shape)),
            cells=Cells(n=(768,)),
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16384, full=32768),
    figure=Axis(x="n", label="length of a row", log=True),
)
