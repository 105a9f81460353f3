r"""MoSA: adapters whose weights are split into N modules, trained one at a time and added.

The adapter is :math:`h\mapsto W_{up}\,\phi(W_{down}h+b)+b'`. A random rank of every entry of
:math:`W_{up}` gives N disjoint masks; each step uses one module alone, drawn uniformly; at test
time the modules are added.
"""

from __future__ import annotations

from fractions import Fraction

from refutable.theory._arguments import whole

from refutable.claims.records import Paper

PAPER = Paper(
    key="mosa",
    field="experts",
    title="Split & Merge: Unlocking the Potential of Visual Adapters via Sparse Training",
    authors=("Qizhe Zhang", "Bocheng Zou", "Ruichuan An", "Jiaming Liu", "Shanghang Zhang"),
    year=2023,
    venue="arXiv preprint",
    arxiv="2312.02923",
    code="https://github.com/Theia-4869/MoSA",
    read="Code at commit 02847df: src/utils/pruner.py, src/models/vit_adapter/vit_mosa.py, "
    "src/engine/trainer.py and the scripts. The paper's body was not read.",
    not_checked=(
        "better accuracy on 27 visual tasks at no extra cost: needs the data sets and a pretrained "
        "vision transformer",
    ),
)

VIT_B_LAYERS = 12
VIT_B_WIDTH = 768
VIT_B_PARAMETERS = 85_800_000
BOTTLENECK = 64


def adapter_parameters(
    layers: int, width: int, bottleneck: int, *, layer_norm: bool = False
) -> int:
    """Parameters of standard adapters: two matrices and two biases per layer.

    `layer_norm` adds the scale and shift of a LayerNorm before the down projection, which the
    release trains in its AdaptFormer and Pfeiffer styles and does not have in its Houlsby style.
    """
    for name, count in (("layers", layers), ("width", width), ("bottleneck", bottleneck)):
        whole(name, count)
    norm = 2 * width if layer_norm else 0
    return layers * (2 * width * bottleneck + bottleneck + width + norm)


def nonzero_start_excess(n: int) -> int:
    """Count the starting weights left over after adding N modules: N - 1 copies.

    Each module keeps its full start outside its own mask, so the sum is
    ``trained + (N - 1) start`` instead of ``trained``.
    """
    return n - 1


def step_share(n: int) -> Fraction:
    """Share 1/N of the split entries that one step updates."""
    return Fraction(1, n)


def pass_coincidence(n: int) -> Fraction:
    """Probability 1/N that two independent passes draw the same module."""
    return Fraction(1, n)
