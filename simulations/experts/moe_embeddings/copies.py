"""Experts that start as copies of one network: enforced routing decouples, upcycling preserves."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.simulations.experts._identities.gap import IDENTITY
from refutable.solvers.domain_training import (
    DomainData,
    DomainModel,
    train_jointly,
    train_separately,
)
from refutable.solvers.gated_ffn import gelu
from refutable.solvers.moe_layer import moe_forward, route

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

WIDTH, DOMAINS, POINTS, STEPS, RATE = 8, 3, 100, 100, 0.05


def domain_problem(rng: np.random.Generator) -> tuple[DomainModel, DomainData]:
    """Draw three domains with their own rotation-free targets, and a common start."""
    inputs = rng.standard_normal((DOMAINS, POINTS, WIDTH))
    maps = rng.standard_normal((DOMAINS, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    data = DomainData(inputs, np.tanh(inputs @ np.swapaxes(maps, 1, 2)))
    trunk = rng.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)
    heads = rng.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)
    return DomainModel(trunk, np.tile(heads, (DOMAINS, 1, 1))), data


def weight_gap(rng: np.random.Generator, train_trunk: bool, random_routing: bool) -> float:
    """Largest difference of head weights between joint and separate training."""
    start, data = domain_problem(rng)
    plan = rng.integers(DOMAINS, size=(STEPS, DOMAINS)) if random_routing else None
    joint = train_jointly(start, data, STEPS, RATE, train_trunk, plan)
    alone = train_separately(start, data, STEPS, RATE, train_trunk)
    return float(np.abs(joint.heads - np.concatenate([m.heads for m in alone])).max())


def both_trainings(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    train_trunk: bool = False,
    random_routing: bool = False,
) -> Columns:
    """Train heads jointly and separately; by default on a frozen trunk, each on its domain."""
    gaps = [weight_gap(rng, train_trunk, random_routing) for _ in range(size)]
    return {"weight_gap": np.array(gaps)}


DECOUPLING = Claim(
    id="moe_embeddings.routing-decoupling",
    title="With enforced routing and a frozen trunk, experts train independently",
    source="Enforced routing by domain; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With enforced routing and a frozen shared trunk, joint training of N experts is N "
    "independent trainings.",
    formula="partial^2 L / (partial W_i partial W_j) = 0 quad (i != j)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Anything with trainable shared attention, the paper's case: there the domains "
    "interact (first control).",
    assumptions=("full-batch gradient descent", "the trunk is frozen"),
    simulate=both_trainings,
    expect=(Exact("weight_gap").at_most(IDENTITY),),
    controls=(
        BrokenWorld("a trainable shared trunk", change={"train_trunk": True}),
        BrokenWorld("random routing", change={"random_routing": True}),
    ),
    block=4,
    cap=ByEffort(smoke=20, standard=20, full=40),
)

SIZE_IN, SIZE_HIDDEN, TOKENS, EXPERTS, TOP = 16, 32, 50, 5, 2


def upcycled(rng: np.random.Generator, spread: float, renormalise: bool) -> list[float]:
    """Gaps of N copies of one MLP to the MLP, under top-2 routing with random logits.

    `spread` is the relative size of a random difference between the copies' first matrices.
    """
    first = rng.standard_normal((SIZE_IN, SIZE_HIDDEN)) / np.sqrt(SIZE_IN)
    second = rng.standard_normal((SIZE_HIDDEN, SIZE_IN)) / np.sqrt(SIZE_HIDDEN)
    x = rng.standard_normal((TOKENS, SIZE_IN))
    logits = rng.standard_normal((TOKENS, EXPERTS))
    own = rng.standard_normal((EXPERTS, SIZE_IN, SIZE_HIDDEN)) / np.sqrt(SIZE_IN)

    def copies(slots: FloatArray) -> FloatArray:
        gate = slots @ np.zeros_like(first) + 1.0
        return np.asarray((gelu(slots @ (first + spread * own)) * gate) @ second)

    dense = gelu(x @ first) @ second
    scale = np.abs(dense).max()
    whole = moe_forward(x, route(logits, TOP, renormalise=renormalise), copies)
    raw = moe_forward(x, route(logits, TOP), copies)
    shares = np.sort(scipy.special.softmax(logits, axis=1), axis=1)
    kept = shares[:, -TOP:].sum(axis=1, keepdims=True)
    return [np.abs(a).max() / scale for a in (whole - dense, raw - kept * dense)]


def upcycling(
    cell: Cell, rng: np.random.Generator, size: int, spread: float = 0.0, renormalise: bool = True
) -> Columns:
    """Copy an MLP into experts and route at random."""
    gaps = np.array([upcycled(rng, spread, renormalise) for _ in range(size)])
    names = ("renormalised_gap", "kept_mass_gap")
    return dict(zip(names, gaps.T, strict=True))


UPCYCLING = Claim(
    id="moe_embeddings.upcycling-preserves-function",
    title="Copies of one network give its output under any routing",
    source="MLP copied into N experts, extra gate weight 0 and bias 1; models/moe_blocks.py",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="N copies of the MLP give the dense output for any routing if the kept weights are "
    "renormalised; otherwise the output is scaled by the kept mass.",
    formula='sum_(i in "top" k) g_i / (sum_j g_j) f(x) = f(x)',
    scope=Scope.AS_STATED,
    does_not_show="What training makes of the copies.",
    simulate=upcycling,
    expect=(
        Exact("renormalised_gap").at_most(IDENTITY),
        Exact("kept_mass_gap").at_most(IDENTITY),
    ),
    controls=(
        BrokenWorld(
            "without renormalising", change={"renormalise": False}, judged_by="renormalised_gap"
        ),
        BrokenWorld("copies that differ by a thousandth", change={"spread": 0.001}),
    ),
    block=32,
    cap=ByEffort(smoke=64, standard=256, full=1024),
)
