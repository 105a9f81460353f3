"""Expert-aware batching (Algorithm 1): fewest experts against brute force, and random batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.experts.read_me._requests import EXPERTS, Ids, draws, law_of, pairs
from refutable.theory.experts import read_me as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Mean,
    Origin,
    Scope,
)

Counts = NDArray[np.int64]


def covered(masks: Ids, weights: Counts, sets: Ids) -> Counts:
    """Tokens (R, U) of the items (R, I) whose experts all lie in each of the sets (R, U)."""
    fits = (masks[:, :, None] & ~sets[:, None, :]) == 0
    tokens: Counts = (weights[:, :, None] * fits).sum(axis=1)
    return tokens


def fewest_by_search(masks: Ids, weights: Counts, batch: Counts) -> Counts:
    """Fewest experts that serve at least `batch` tokens, over all sets of experts."""
    sets = np.arange(1 << EXPERTS)
    enough = covered(masks, weights, sets[None]) >= batch[:, None]
    fewest: Counts = np.where(enough, np.bitwise_count(sets), EXPERTS + 1).min(axis=1)
    return fewest


def fewest_by_demand(masks: Ids, weights: Counts, batch: Counts) -> Counts:
    """Experts taken in order of demand until at least `batch` tokens are served."""
    uses = (masks[:, :, None] >> np.arange(EXPERTS)) & 1
    order = np.argsort(-(weights[:, :, None] * uses).sum(axis=1), axis=1, kind="stable")
    prefixes = np.cumsum(1 << order, axis=1)
    served = covered(masks, weights, np.concatenate([np.zeros_like(batch)[:, None], prefixes], 1))
    taken: Counts = (served < batch[:, None]).sum(axis=1)
    return taken


def compare(masks: Ids, weights: Counts, rng: np.random.Generator) -> tuple[Counts, Counts, Counts]:
    """Greedy and brute force for a random batch size of at most all tokens, and that size."""
    batch = np.minimum(rng.integers(1, 60, len(weights)), weights.sum(axis=1))
    found = fewest_by_demand(masks, weights, batch)
    return found, fewest_by_search(masks, weights, batch), batch


def one_expert_tokens(cell: Cell, rng: np.random.Generator, size: int, spare: int = 0) -> Columns:
    """Queues of lengths 0..19, one per expert; the formula is told of `spare` tokens more."""
    del cell
    queues = rng.integers(0, 20, (size, EXPERTS))
    masks = np.broadcast_to(1 << np.arange(EXPERTS), queues.shape)
    greedy, best, batch = compare(masks, queues, rng)
    return {
        "excess": greedy - best,
        "formula_error": theory.fewest_experts(queues, batch + spare) - best,
    }


def two_expert_tokens(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Tokens that need two experts each: one queue for each of the 28 pairs."""
    del cell
    one, other = np.triu_indices(EXPERTS, 1)
    weights = rng.integers(0, 6, (size, one.size))
    masks = np.broadcast_to((1 << one) + (1 << other), weights.shape)
    greedy, best, _ = compare(masks, weights, rng)
    return {"excess": greedy - best}


def whole_requests(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Twelve requests of 1..9 tokens, kept together, each needing two experts."""
    del cell
    masks = pairs(rng, size, 12, EXPERTS)
    greedy, best, _ = compare(masks, rng.integers(1, 10, masks.shape), rng)
    return {"excess": greedy - best}


BATCHING = Claim(
    id="read_me.expert-batching",
    title="Filling a batch from the longest queues uses the fewest experts",
    source="Algorithm 1, expert-aware batching",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "If every token needs one expert, filling a batch of B tokens from the longest queues "
        "uses the fewest distinct experts."
    ),
    formula="j^* = min {j : sum_(i <= j) q_((i)) >= B}",
    scope=Scope.AS_STATED,
    does_not_show="Fairness or latency of the requests whose queues are short.",
    assumptions=("one expert per token in all layers", "tokens may be taken in any order"),
    simulate=one_expert_tokens,
    expect=(Exact("excess").equals(0), Exact("formula_error").equals(0)),
    controls=(
        BrokenWorld("two experts per token", simulate=two_expert_tokens, judged_by="excess"),
        BrokenWorld("requests kept together", simulate=whole_requests, judged_by="excess"),
        BrokenWorld(
            "the formula with more than B tokens in place of B",
            change={"spare": 1},
            judged_by="formula_error",
        ),
    ),
    block=256,
    cap=ByEffort(smoke=512, standard=2048, full=16384),
)


def random_batch(cell: Cell, rng: np.random.Generator, size: int, copies: int = 0) -> Columns:
    """Distinct experts of B tokens, `copies` of which need the first token's expert."""
    ids = draws(law_of(cell.law), rng, (size, cell.batch))
    ids[:, 1 : 1 + copies] = ids[:, :1]
    return {"distinct": np.bitwise_count(np.bitwise_or.reduce(1 << ids, axis=1))}


def expected_distinct(cell: Cell) -> float:
    """Return the closed form in the cell."""
    return theory.distinct_experts(law_of(cell.law), cell.batch)


RANDOM_BATCH = Claim(
    id="read_me.random-batch",
    title="The experts that a random batch needs follow a simple formula",
    source="Unique experts per batch: 7.63 of 8 for Mixtral at a mean batch of 56.8 tokens",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "A batch of B independent tokens needs sum_e 1 - (1 - p_e)^B distinct experts: the "
        "baseline that expert-aware batching improves on."
    ),
    formula="E[D] = sum_e 1 - (1 - p_e)^B",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Mixtral's own 7.63.",
    assumptions=("independent tokens",),
    notes=(
        "With uniform top-2 routing 56.8 tokens would need all 8 experts but for one batch in a "
        "million, so Mixtral's routing is far from uniform.",
    ),
    cells=Cells(law=("zipf", "uniform"), batch=(8, 16)),
    simulate=random_batch,
    expect=(Mean("distinct", bounds=(1, EXPERTS)).near(expected_distinct, 0.05),),
    controls=(
        BrokenWorld(
            "one token needs the expert of another",
            change={"copies": 1},
            at={"law": "uniform", "batch": 16},
        ),
    ),
    block=8192,
    cap=ByEffort(smoke=65536, standard=65536, full=131072),
    draw=Cells(law=("zipf", "uniform"), batch=(1, 2, 4, 12, 24, 32)),
    figure=Axis(x="batch", label="tokens B", curve=True),
)
