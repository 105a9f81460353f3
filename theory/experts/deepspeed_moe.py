"""DeepSpeed-MoE: model sizes, message counts and dispatch costs in closed form.

Rajbhandari et al., ICML 2022. Symbols: L layers, h width, E experts of a layer, S tokens, M
features, c_e slots per expert, p ranks, G ranks per node. Sizes count every parameter of the
released Megatron-DeepSpeed code: padded vocabulary, learned positions, tied head, biases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from refutable import Paper

PAPER = Paper(
    key="deepspeed_moe",
    field="experts",
    title=(
        "DeepSpeed-MoE: Advancing Mixture-of-Experts Inference and Training to Power "
        "Next-Generation AI Scale"
    ),
    authors=(
        "Samyam Rajbhandari",
        "Conglong Li",
        "Zhewei Yao",
        "Minjia Zhang",
        "Reza Yazdani Aminabadi",
        "Ammar Ahmad Awan",
        "Jeff Rasley",
        "Yuxiong He",
    ),
    year=2022,
    venue="ICML 2022",
    arxiv="2201.05596",
    code="https://github.com/microsoft/Megatron-DeepSpeed",
    read=(
        "a machine-converted copy of the paper, the ICML slides and the tutorial in the "
        "DeepSpeed repository, and the Megatron-DeepSpeed training scripts"
    ),
    not_checked=(
        "latency and throughput (7.3x, 4.5x, 9x): they need hundreds of GPUs",
        "every accuracy and validation loss: they need the trained models",
    ),
)

VOCABULARY = 50304  # 50257, padded to a multiple of 128
POSITIONS = 2048


@dataclass(frozen=True)
class Decoder:
    """A GPT decoder: L layers of width h, and the experts of each of its MoE layers.

    `residual` adds to each MoE layer one dense MLP and a mixing map Linear(h, 2).
    """

    layers: int
    width: int
    experts: tuple[int, ...] = ()
    residual: bool = False

    def __post_init__(self) -> None:
        if self.layers < 1 or self.width < 1 or min(self.experts, default=1) < 1:
            raise ValueError(f"layers, width and experts must be positive: {self}")
        if len(self.experts) > self.layers:
            raise ValueError(f"more MoE layers than layers: {self}")


_PYRAMID = {"350M": (32,) * 10 + (64,) * 2, "1.3B": (64,) * 10 + (128,) * 2}
_STUDENT = {"350M": (32,) * 8 + (64,) * 2, "1.3B": (64,) * 8 + (128,) * 2}
_WIDTH = {"350M": 1024, "1.3B": 2048}

DECODERS: dict[str, Decoder] = {
    "350M": Decoder(24, 1024),
    "1.3B": Decoder(24, 2048),
    "6.7B": Decoder(32, 4096),
    **{f"{b}+MoE-128": Decoder(24, h, (128,) * 12) for b, h in _WIDTH.items()},
    **{f"{b}+PR-MoE": Decoder(24, h, _PYRAMID[b], True) for b, h in _WIDTH.items()},
    **{f"{b}+PR-MoE+MoS": Decoder(21, h, _STUDENT[b], True) for b, h in _WIDTH.items()},
}

PRINTED_BILLIONS = {
    "350M+MoE-128": "13",
    "1.3B+MoE-128": "52",
    "350M+PR-MoE": "4",
    "1.3B+PR-MoE": "31",
    "350M+PR-MoE+MoS": "3.5",
    "1.3B+PR-MoE+MoS": "27",
}
PRINTED_REDUCTIONS = {
    "350M+PR-MoE": "3.2",
    "1.3B+PR-MoE": "1.7",
    "350M+PR-MoE+MoS": "3.7",
    "1.3B+PR-MoE+MoS": "1.9",
}
SLIDES_350M_PR_MOE = "4.0"


def parameters(decoder: Decoder) -> int:
    r"""Count of all parameters.

    .. math:: P = Vh + Sh + 2h + L(A+4h) + (L-n)F + \sum_l [E_l F + E_l h (+ F + 2h + 2)]

    with FFN :math:`F = 8h^2+5h`, attention :math:`A = 4h^2+4h` and n MoE layers.
    """
    h, layers, experts = decoder.width, decoder.layers, decoder.experts
    ffn, attention = 8 * h**2 + 5 * h, 4 * h**2 + 4 * h
    stem = VOCABULARY * h + POSITIONS * h + 2 * h
    residual = (ffn + 2 * h + 2) * len(experts) if decoder.residual else 0
    dense = layers * (attention + 4 * h) + (layers - len(experts)) * ffn
    return stem + dense + sum(experts) * (ffn + h) + residual


def activated_parameters(decoder: Decoder) -> int:
    """Count the parameters that one token meets: one expert of each layer, and the whole gate."""
    met = replace(decoder, experts=(1,) * len(decoder.experts))
    return parameters(met) + (sum(decoder.experts) - len(decoder.experts)) * decoder.width


def teacher_of(name: str) -> str:
    """Name of the plain MoE-128 model that a PR-MoE model is compared with."""
    return f"{name.split('+')[0]}+MoE-128"


def with_moe_everywhere(decoder: Decoder) -> Decoder:
    """Return the decoder with an MoE in every layer, the expert list lengthened in proportion."""
    counts = sorted(set(decoder.experts))
    shares = [decoder.experts.count(e) * decoder.layers // len(decoder.experts) for e in counts]
    shares[0] += decoder.layers - sum(shares)
    return replace(
        decoder, experts=tuple(e for e, n in zip(counts, shares, strict=True) for _ in range(n))
    )


@dataclass(frozen=True)
class InferenceModel:
    """One row of Table 6: layers, width, total size in billions as printed."""

    layers: int
    width: int
    printed: str


TABLE_6 = {
    "1.3B+MoE-128": InferenceModel(24, 2048, "52"),
    "2.4B+MoE-128": InferenceModel(16, 3584, "107.7"),
    "8B+MoE-128": InferenceModel(30, 4096, "349.0"),
    "24B+MoE-128": InferenceModel(40, 8192, "1064.9"),
    "47B+MoE-128": InferenceModel(58, 8192, "2024.0"),
}
TUTORIAL_24B = InferenceModel(30, 8192, "1046.9")


def core_parameters(layers: int, width: int, experts: int = 128, *, extra: bool = False) -> int:
    """Matrices only: 12 L h^2, plus the experts in every other layer.

    One expert takes the place of the dense FFN, so `experts - 1` are added; with `extra` the
    dense FFN is counted besides all `experts`.
    """
    added = experts if extra else experts - 1
    return 12 * layers * width**2 + layers // 2 * added * 8 * width**2


def hierarchical_messages(ranks: int, group: int) -> int:
    """Messages per rank of the hierarchical all-to-all: (G - 1) + (p/G - 1)."""
    return group - 1 + ranks // group - 1


def hierarchical_volume(ranks: int, group: int) -> int:
    """Blocks per rank of the hierarchical all-to-all: (G - 1) p/G + (p/G - 1) G."""
    nodes = ranks // group
    return (group - 1) * nodes + (nodes - 1) * group


def coordinated_peers(ranks: int, slicing: int) -> int:
    """Messages per rank of one coordinated all-to-all: p/L - 1; the all-gather adds L - 1."""
    return ranks // slicing - 1


def dispatch_multiply_adds(tokens: int, experts: int, features: int, capacity: int) -> int:
    """Multiply-adds of the one-hot einsum: S E M c_e."""
    return tokens * experts * features * capacity


def table_moves(tokens: int, features: int) -> int:
    """Numbers moved by the table-driven dispatch if no token is dropped: S M."""
    return tokens * features


THROUGHPUT = ("372", "70")
"""Samples per second on 128 A100: 1.3B+MoE-128, and the dense 6.7B model of equal quality."""

TABLE_5 = {
    "350M teacher": ("63.65", "73.99", "59.88", "35.69", "16.30", "4.73"),
    "350M student": ("63.46", "73.34", "58.07", "34.83", "13.69", "5.22"),
    "1.3B teacher": ("70.60", "77.75", "67.16", "38.09", "28.86", "7.73"),
    "1.3B student": ("70.17", "77.69", "65.66", "36.94", "29.05", "8.22"),
}
"""Zero-shot accuracies in % on six tasks."""

PRINTED_AVERAGES = {
    "350M teacher": "43.08",
    "350M student": "42.87",
    "1.3B teacher": "48.37",
    "1.3B student": "47.96",
}
PRINTED_RETAINED = {"350M": "99.5", "1.3B": "99.1"}
