"""Splitting an adapter's up projection into modules and adding them: the same adapter, its size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.experts._identities.gap import IDENTITY, relative_gap
from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, linear
from refutable.solvers.gated_ffn import gelu
from refutable.solvers.layer_norm import layer_norm
from refutable.solvers.subsets import part_masks, random_partitions
from refutable.theory.experts import mosa as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

WIDTH, BOTTLENECK, TOKENS = 48, 16, 64


def bottleneck(rng: np.random.Generator, size: int, *, norm: bool = False) -> FloatArray:
    """Features of a shared random down projection, (size, TOKENS, BOTTLENECK).

    `norm` puts a LayerNorm of random scale and shift before it, on tokens of another unit and
    origin, as the release does in its AdaptFormer and Pfeiffer styles.
    """
    h = rng.standard_normal((size, TOKENS, WIDTH))
    down = rng.standard_normal((size, WIDTH, BOTTLENECK)) / np.sqrt(WIDTH)
    shift = rng.standard_normal((size, 1, BOTTLENECK))
    if norm:
        h = layer_norm(5 * h + 3, *rng.standard_normal((2, size, 1, WIDTH)))
    return gelu(h @ down + shift)


def split_weights(
    cell: Cell, rng: np.random.Generator, size: int
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Trained up projections and the masks of N modules, (N, size, WIDTH, BOTTLENECK)."""
    trained = rng.standard_normal((size, WIDTH, BOTTLENECK))
    labels = random_partitions(rng, size, WIDTH * BOTTLENECK, cell.n)
    return trained, part_masks(labels.reshape(size, WIDTH, BOTTLENECK), cell.n)


def project(features: FloatArray, weights: FloatArray) -> FloatArray:
    """Apply up projections, with or without a leading axis of modules."""
    return np.asarray(features @ np.swapaxes(weights, -1, -2))


def split_and_merge(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    start: float = 0.0,
    bias: float = 0.0,
    norm_behind: bool = False,
) -> Columns:
    """Compare the modules with the merged adapter.

    Parameters
    ----------
    start : float
        Scale of the weights at which every module starts.
    bias : float
        Scale of an output bias that every module holds; the release does not mask it.
    norm_behind : bool
        Put the LayerNorm behind every module in place of before the shared down projection.
    """
    features = bottleneck(rng, size)
    trained, masks = split_weights(cell, rng, size)
    initial = rng.standard_normal(trained.shape)
    modules = masks * trained + start * ~masks * initial
    own_bias = bias * rng.standard_normal((size, 1, WIDTH))
    merged = project(features, trained) + own_bias
    outputs = project(features, modules) + own_bias
    started = (masks * trained + ~masks * initial).sum(axis=0) - trained
    counts = masks.sum(axis=(2, 3))
    normed = bottleneck(rng, size, norm=not norm_behind)
    apart, whole = project(normed, modules), project(normed, trained)
    if norm_behind:
        apart, whole = layer_norm(apart), layer_norm(whole)
    return {
        "cover": masks.sum(axis=0).reshape(size, -1).max(axis=1),
        "least_cover": masks.sum(axis=0).reshape(size, -1).min(axis=1),
        "uneven": np.ptp(counts, axis=0),
        "sum_gap": relative_gap(outputs.sum(axis=0), merged),
        "norm_gap": relative_gap(apart.sum(axis=0), whole),
        "mean_gap": relative_gap(cell.n * outputs.mean(axis=0), merged),
        "average_gap": relative_gap(outputs.mean(axis=0), merged),
        "start_excess": (started * initial).sum(axis=(1, 2)) / (initial**2).sum(axis=(1, 2)),
    }


SPLIT = Claim(
    id="mosa.split-merge-identity",
    title="The sparse modules add up to one standard adapter",
    source="Split-and-merge; Pruner.divide in pruner.py, merge 'add' in vit_mosa.py",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The masks partition the entries, the modules add up to one standard adapter, with "
    "and without a LayerNorm before its down projection, and one random module gives $1/N$ of it "
    "on average.",
    formula='sum_(i=1)^N f_i = f_("merged"), quad EE f_B = 1/N f_("merged")',
    scope=Scope.AS_STATED,
    does_not_show="That training finds good modules. The output bias is left out: the release does "
    "not mask it (second control).",
    assumptions=("up projection starts at zero", "shared down projection", "no output bias"),
    cells=ByEffort(
        smoke=Cells(n=(2, 4)), standard=Cells(n=(2, 4, 8)), full=Cells(n=(2, 3, 4, 6, 8))
    ),
    simulate=split_and_merge,
    expect=(
        Exact("cover").equals(1),
        Exact("least_cover").equals(1),
        Exact("uneven").equals(0),
        Exact("sum_gap").at_most(IDENTITY),
        Exact("norm_gap").at_most(IDENTITY),
        Exact("mean_gap").at_most(IDENTITY),
        Exact("start_excess").near(lambda c: theory.nonzero_start_excess(c.n), IDENTITY),
    ),
    controls=(
        BrokenWorld("modules that do not start at zero", change={"start": 1.0}),
        BrokenWorld("an output bias in every module", change={"bias": 1.0}),
        BrokenWorld(
            "a LayerNorm behind every module", change={"norm_behind": True}, judged_by="norm_gap"
        ),
        FalseTheory("averaging instead of adding", Exact("average_gap").at_most(IDENTITY)),
    ),
    block=8,
    cap=ByEffort(smoke=24, standard=64, full=512),
)


def vit_adapters(
    cell: Cell, apart: bool = False, bias: bool = True, shifted: bool = True
) -> Values:
    """Parameters of adapters on ViT-B, without and with their LayerNorm.

    `apart` keeps the N modules instead of merging them; without `bias` only matrices are counted,
    and without `shifted` only the scale of the LayerNorm.
    """
    width, bottleneck_size = theory.VIT_B_WIDTH, theory.BOTTLENECK
    copies = cell.n if apart else 1
    down = linear("down", width, bottleneck_size, count=theory.VIT_B_LAYERS, bias=bias)
    up = linear("up", bottleneck_size, width, count=copies * theory.VIT_B_LAYERS, bias=bias)
    norm = Tensor("norm", (width,), count=(2 if shifted else 1) * theory.VIT_B_LAYERS)
    count = accounting.parameters((*down, *up))
    return {
        "merged": count,
        "normed": accounting.parameters((*down, *up, norm)),
        "share_percent": 100 * count / theory.VIT_B_PARAMETERS,
    }


VIT_B = (theory.VIT_B_LAYERS, theory.VIT_B_WIDTH, theory.BOTTLENECK)
STANDARD = theory.adapter_parameters(*VIT_B)
NORMED = theory.adapter_parameters(*VIT_B, layer_norm=True)

SIZE = Claim(
    id="mosa.merged-size",
    title="The merged adapter is exactly as large as a standard one",
    source="Merge at inference; adapter sizes of vit_mosa.py for ViT-B, bottleneck 64",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The merged adapter has exactly the parameters of a standard one: 1,189,632 on "
    "ViT-B, about 1.4 % of the backbone, and 1,208,064 with a LayerNorm before the down "
    "projection, as in the AdaptFormer and Pfeiffer styles of the release.",
    formula="12 (2 dot 768 dot 64 + 64 + 768) = 1189632, quad + 12 dot 2 dot 768 = 1208064",
    scope=Scope.ARITHMETIC,
    does_not_show="Memory while training, where N modules are held.",
    cells=Cells(n=(4,)),
    compute=vit_adapters,
    expect=(
        Exact("merged").equals(STANDARD),
        Exact("normed").equals(NORMED),
        Exact("share_percent").within(1.3, 1.5),
    ),
    controls=(
        BrokenWorld("modules that are kept apart", change={"apart": True}),
        BrokenWorld("matrices alone", change={"bias": False}, judged_by="merged"),
        BrokenWorld("a LayerNorm without a shift", change={"shifted": False}, judged_by="normed"),
    ),
)
