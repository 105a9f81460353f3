"""Equations (5) and (6) read as probabilities, and in one layer as another gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy
from refutable.simulations.experts._identities.gap import IDENTITY
from refutable.solvers.contrastive_decoding import contrasted_logits, plausible
from refutable.solvers.gated_ffn import gelu
from refutable.solvers.moe_layer import (
    Routing,
    moe_forward,
    positions_in_expert,
    route,
    top_k_gate,
)
from refutable.theory.experts import scmoe as theory

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
)

VOCABULARY, SPREAD = 1000, 2.0
ROUNDING = 1e-12
"""Of probabilities, which are at most 1; double precision gives about 1e-16."""

Decoder = Callable[[FloatArray, FloatArray, float, float], FloatArray]


def strong_once(strong: FloatArray, weak: FloatArray, beta: float, alpha: float) -> FloatArray:
    """Classic contrastive decoding: the strong logits are not weighted with 1 + beta."""
    return np.where(plausible(strong, alpha), strong - beta * weak, -np.inf)


def decoded(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    decode: Decoder = contrasted_logits,
    alpha: float = theory.ALPHA,
) -> Columns:
    """Distributions from logits against those from probabilities, whose mask is the paper's."""
    z_strong, z_weak = SPREAD * rng.standard_normal((2, size, VOCABULARY))
    found = scipy.special.softmax(decode(z_strong, z_weak, cell.beta, alpha), axis=-1)
    strong, weak = (scipy.special.softmax(z, axis=-1) for z in (z_strong, z_weak))
    expected = theory.contrasted_probabilities(strong, weak, cell.beta, theory.ALPHA)
    masked = theory.contrasted_probabilities(strong, weak, 0.0, theory.ALPHA)
    return {
        "gap": np.abs(found - expected).max(axis=-1),
        "masks_differ": ((found > 0) != (expected > 0)).sum(axis=-1),
        "gap_to_masked_strong": np.abs(found - masked).max(axis=-1),
        "gap_to_strong": np.abs(found - strong).max(axis=-1),
    }


LOGITS = Claim(
    id="scmoe.logit-identity",
    title="Contrasting logits multiplies a probability by its ratio to the weaker one",
    source="Equations (5) and (6); moe_utils.py",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="The contrasted logits give the distribution $p_s (p_s / p_w)^beta$, normalised on "
    "the tokens with at least alpha times the greatest $p_s$; at $beta = 0$ that is the "
    "strong model within this mask.",
    formula="""op("softmax")((1 + beta) z_s - beta z_w) prop p_s (p_s \\/ p_w)^beta quad
    "on" {p_s >= alpha max p_s}""",
    scope=Scope.AS_STATED,
    does_not_show="That this distribution is a better one: see contrast-helps-iff-shared-error.",
    assumptions=("both temperatures are 1, as in the release",),
    cells=Cells(beta=(0.0, 0.5, 1.0, 2.0)),
    simulate=decoded,
    expect=(
        Exact("gap").at_most(ROUNDING),
        Exact("masks_differ").equals(0),
        Exact("gap_to_masked_strong", beta=0.0).at_most(ROUNDING),
    ),
    controls=(
        BrokenWorld(
            "strong logits weighted once, as in classic contrastive decoding",
            change={"decode": strong_once},
            at={"beta": (0.5, 1.0, 2.0)},
            judged_by="gap",
        ),
        BrokenWorld("a mask at 0.11 in place of 0.1", change={"alpha": 0.11}),
        FalseTheory(
            "without contrast the strong model is left whole",
            Exact("gap_to_strong", beta=0.0).at_most(ROUNDING),
        ),
        FalseTheory(
            "the contrast only masks",
            Exact("gap_to_masked_strong", beta=0.5).at_most(ROUNDING),
        ),
    ),
    block=20,
    cap=ByEffort(smoke=20, standard=60, full=400),
)

TOKENS, EXPERTS, WIDTH, WORDS = 24, 8, 12, 30


def ranked(logits: FloatArray, rank: int) -> Routing:
    """Route every token to its expert of this rank alone (1 is the best), with gate 1."""
    chosen = top_k_gate(logits, rank)[0][:, rank - 1 :]
    positions = positions_in_expert(chosen, EXPERTS)
    kept = np.ones(chosen.shape, dtype=bool)
    return Routing(chosen, np.ones(chosen.shape), positions, kept, EXPERTS, TOKENS)


def regated(strong: Routing, beta: float) -> Routing:
    """Give the best expert (1 + beta) g_1 and the second (1 + beta) g_2 - beta."""
    return replace(strong, gates=(1 + beta) * strong.gates - beta * np.array([0.0, 1.0]))


def one_layer(
    rng: np.random.Generator, beta: float, rank: int, normalise: bool, renormalise: bool
) -> tuple[float, float]:
    """Gap of contrasted outputs to the layer with another gate, and how far its sum is from 1."""
    first = rng.standard_normal((EXPERTS, WIDTH, 2 * WIDTH)) / np.sqrt(WIDTH)
    second = rng.standard_normal((EXPERTS, 2 * WIDTH, WIDTH)) / np.sqrt(WIDTH)
    head = rng.standard_normal((WIDTH, WORDS))
    tokens = rng.standard_normal((TOKENS, WIDTH))
    router = rng.standard_normal((TOKENS, EXPERTS))

    def logits(routing: Routing) -> FloatArray:
        out = moe_forward(tokens, routing, lambda slots: gelu(slots @ first) @ second)
        scale = np.sqrt((out**2).mean(axis=1, keepdims=True)) if normalise else 1.0
        return np.asarray((out / scale) @ head)

    strong = route(router, 2, renormalise=renormalise)
    moved = regated(strong, beta)
    found = contrasted_logits(logits(strong), logits(ranked(router, rank)), beta, 0.0)
    expected = logits(moved)
    gap = np.abs(found - expected).max() / np.abs(expected).max()
    return float(gap), float(np.abs(moved.gates.sum(axis=1) - 1).max())


def contrast_in_one_layer(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    rank: int = 2,
    normalise: bool = False,
    renormalise: bool = True,
) -> Columns:
    """Contrast top-2 with one expert in a single layer with a linear head.

    Parameters
    ----------
    rank : int
        Of the weak routing's expert; 2 in the paper's main runs.
    normalise : bool
        Whether the output is divided by its root mean square before the head.
    renormalise : bool
        Whether the gates of the top 2 add up to 1, as in Mixtral.
    """
    found = np.array([one_layer(rng, cell.beta, rank, normalise, renormalise) for _ in range(size)])
    return {"gap": found[:, 0], "gate_sum_error": found[:, 1]}


GATE = Claim(
    id="scmoe.second-expert-only-moves-the-gate",
    title="In a single layer, contrast with the second expert uses no unchosen expert",
    source="Main runs: weak activation of rank $k = 2$, strong activation top-2; derived",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="In one layer with a linear head, contrasting top-2 with the second expert alone is "
    "top-2 with another gate, moved towards the first expert: $(1 + beta) g_1$ and $(1 + "
    "beta) g_2 - beta$, which add up to 1. No unchosen expert takes part.",
    formula="(1 + beta)(g_1 e_1 + g_2 e_2) - beta e_2 = "
    "(1 + beta) g_1 e_1 + ((1 + beta) g_2 - beta) e_2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Deep models: after the first layer the two routings see other inputs and choose "
    "other experts, and the output is normalised before the head.",
    notes=(
        "The paper prints that 46.21 % of the weak routing's experts at rank 2 are unchosen ones, "
        "72.62 % at rank 3: the rest of the weak routing's experts are chosen by the strong one.",
    ),
    cells=ByEffort(
        smoke=Cells(beta=(0.5,)),
        standard=Cells(beta=(0.1, 0.5, 0.9)),
        full=Cells(beta=theory.BETAS),
    ),
    simulate=contrast_in_one_layer,
    expect=(Exact("gap").at_most(IDENTITY), Exact("gate_sum_error").at_most(IDENTITY)),
    controls=(
        BrokenWorld("the third expert, which is not chosen", change={"rank": 3}, judged_by="gap"),
        BrokenWorld(
            "an output that is normalised before the head",
            change={"normalise": True},
            judged_by="gap",
        ),
        BrokenWorld(
            "gates that do not add up to 1",
            change={"renormalise": False},
            judged_by="gate_sum_error",
        ),
    ),
    block=20,
    cap=ByEffort(smoke=20, standard=60, full=400),
)
