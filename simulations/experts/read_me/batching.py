"""Batching and prefetching experiments of Read-ME, against brute force and a tick machine."""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts.read_me.hit_ratios import EXPERTS, draws, pairs
from refutable.theory.experts import read_me as theory

STEP_LIMIT = 1000


BACKLOGS = {"more tokens than fit": (9, 7, 5), "fewer tokens than fit": (3, 2, 0)}


def covered(masks, weights, sets):
    """Tokens (R, U) of the items (R, I) whose experts all lie in each of the sets (R, U)."""
    fits = (masks[:, :, None] & ~sets[:, None, :]) == 0
    return (weights[:, :, None] * fits).sum(axis=1)


def fewest_by_search(masks, weights, batch):
    """Fewest experts that serve at least `batch` tokens, over all sets of experts."""
    sets = np.arange(1 << EXPERTS)
    enough = covered(masks, weights, sets[None]) >= batch[:, None]
    return np.where(enough, np.bitwise_count(sets), EXPERTS + 1).min(axis=1)


def fewest_by_demand(masks, weights, batch):
    """Experts taken in order of demand until at least `batch` tokens are served."""
    uses = (masks[:, :, None] >> np.arange(EXPERTS)) & 1
    order = np.argsort(-(weights[:, :, None] * uses).sum(axis=1), axis=1, kind="stable")
    prefixes = np.cumsum(1 << order, axis=1)
    served = covered(masks, weights, np.concatenate([np.zeros_like(batch)[:, None], prefixes], 1))
    return (served < batch[:, None]).sum(axis=1)


def compare(masks, weights, rng):
    """Greedy against brute force for a random batch size of at most all tokens."""
    batch = np.minimum(rng.integers(1, 60, len(weights)), weights.sum(axis=1))
    found = fewest_by_demand(masks, weights, batch)
    return found, fewest_by_search(masks, weights, batch), batch


def one_expert_tokens(cell, rng, size):
    """Queues of lengths 0..19, one per expert."""
    del cell
    queues = rng.integers(0, 20, (size, EXPERTS))
    masks = np.broadcast_to(1 << np.arange(EXPERTS), queues.shape)
    greedy, best, batch = compare(masks, queues, rng)
    return {
        "excess": greedy - best,
        "formula_error": theory.fewest_experts(queues, batch) - best,
    }


def two_expert_tokens(cell, rng, size):
    """Tokens that need two experts each: one queue for each of the 28 pairs."""
    del cell
    one, other = np.triu_indices(EXPERTS, 1)
    weights = rng.integers(0, 6, (size, one.size))
    masks = np.broadcast_to((1 << one) + (1 << other), weights.shape)
    greedy, best, _ = compare(masks, weights, rng)
    return {"excess": greedy - best}


def whole_requests(cell, rng, size):
    """Twelve requests of 1..9 tokens, kept together, each needing two experts."""
    del cell
    masks = pairs(rng, size, 12, EXPERTS)
    greedy, best, _ = compare(masks, rng.integers(1, 10, masks.shape), rng)
    return {"excess": greedy - best}


def random_batch(cell, rng, size):
    """Distinct experts in a batch of B independent tokens."""
    law = theory.request_law(cell.law, EXPERTS)
    ids = draws(law, rng, (size, cell.batch))
    return {"distinct": np.bitwise_count(np.bitwise_or.reduce(1 << ids, axis=1))}


def clustered_batch(cell, rng, size):
    """Half of the batch follows one token's expert."""
    law = theory.request_law(cell.law, EXPERTS)
    ids = draws(law, rng, (size, cell.batch))
    ids[:, : cell.batch // 2] = ids[:, :1]
    return {"distinct": np.bitwise_count(np.bitwise_or.reduce(1 << ids, axis=1))}


def loop_stops(queues, most, *, need_room, need_tokens):
    """Run Algorithm 1's loop on queue lengths; say whether it stops within the step limit.

    As printed both tests are missing: the loop goes on while `most - scheduled >= 0`, and a whole
    queue is taken even if it is empty. `need_room` asks for > 0, `need_tokens` for a queue that
    is not empty.
    """
    queues, scheduled = list(queues), 0
    for _ in range(STEP_LIMIT):
        longest = max(range(len(queues)), key=queues.__getitem__)
        room = most - scheduled
        if (need_room and room <= 0) or (need_tokens and not queues[longest]) or room < 0:
            return True
        taken = min(room, queues[longest])
        queues[longest] -= taken
        scheduled += taken
    return False


def loops(**repairs):
    """Whether the loop stops, as printed or repaired, in the cell's backlog with room for 12."""

    def compute(cell):
        queues = BACKLOGS[cell.backlog]
        return {
            "stops": loop_stops(queues, 12, **repairs),
            "repaired_stops": loop_stops(queues, 12, need_room=True, need_tokens=True),
        }

    return compute


def play(load, compute):
    """Finish time (R,) of a pipeline played tick by tick; whole durations (R, L).

    A loader and a processor: layer 0 is loaded first; when the processor starts a layer that has
    been loaded, the loader starts the next one.
    """
    rows, layers = load.shape
    row = np.arange(rows)
    loading = np.zeros(rows, dtype=int)  # layer in the loader
    load_left = load[:, 0].copy()
    current = np.full(rows, -1)  # layer in the processor
    work_left = np.zeros(rows, dtype=int)
    clock = np.zeros(rows, dtype=int)
    while True:
        starts = (work_left == 0) & (load_left == 0) & (current < loading)
        current[starts] += 1
        work_left[starts] = compute[row, current][starts]
        more = starts & (loading < layers - 1)
        loading[more] += 1
        load_left[more] = load[row, loading][more]
        busy = (work_left > 0) | (load_left > 0)
        if not busy.any():
            return clock
        clock[busy] += 1
        work_left = np.maximum(work_left - 1, 0)
        load_left = np.maximum(load_left - 1, 0)


def pipeline(cell, rng, size):
    """Random whole durations: played time, formula and speed-up."""
    load = rng.integers(1, cell.longest_load + 1, (size, cell.layers))
    compute = rng.integers(1, 13, (size, cell.layers))
    played = play(load, compute)
    return {
        "formula_error": played - theory.pipelined_time(load, compute),
        "speed_up": theory.on_demand_time(load, compute) / played,
        "not_hidden": played - (load[:, 0] + compute.sum(axis=1)),
    }


def long_pipeline(cell):
    """Percentage saved by 1000 equal layers with the cell's times."""
    times = [np.full((1, 1000), t) for t in (cell.load, cell.compute)]
    return {"saved_percent": float(100 * (1 - play(*times) / theory.on_demand_time(*times))[0])}
