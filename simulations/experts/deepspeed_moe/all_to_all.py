"""All-to-all schedules and dispatch of DeepSpeed-MoE, played with real payloads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from refutable.solvers import collectives, moe_layer


def labelled(ranks, width=2):
    """Payload in which every number is unique: a block at the wrong place cannot go unnoticed."""
    return np.arange(ranks * ranks * width, dtype=np.int64).reshape(ranks, ranks, width)


def hierarchical_exchange(cell):
    """Messages and blocks per rank, and whether the data equal those of the direct exchange."""
    payload = labelled(cell.ranks)
    exchange = collectives.hierarchical(payload, cell.group)
    plain = collectives.direct(payload)
    return {
        "same_data": bool(np.array_equal(exchange.delivered, plain.delivered)),
        "direct_messages": plain.messages.sum(axis=0),
        "messages": exchange.messages.sum(axis=0),
        "volume": exchange.volume.sum(axis=0),
        "volume_factor": exchange.volume.sum() / plain.volume.sum(),
    }


def growth(cell):
    """Log-log slope of messages + 2 against p at G = sqrt(p), from counted messages."""
    roots = np.arange(8, cell.largest_root + 1, 8)
    counts = [
        collectives.hierarchical(np.zeros((g * g, g * g, 1), dtype=np.int8), int(g)).messages
        for g in roots
    ]
    messages = np.array([c.sum(axis=0).max() for c in counts])
    return {"exponent": np.polyfit(np.log(roots**2.0), np.log(messages + 2.0), 1)[0]}


def expert_marks(blocks):
    """Let expert e leave its mark on every number it sees."""
    expert = np.arange(len(blocks))[:, None, None]
    return blocks * (2 * expert + 3) + expert


def group_tokens(ranks, slicing, replicated):
    """Blocks of every rank for every expert; the copies inside a group agree if `replicated`."""
    tokens = labelled(ranks)
    return np.repeat(tokens[: ranks // slicing], slicing, axis=0) if replicated else tokens


def coordinated_exchange(replicated):
    """Run the coordinated schedule on replicated or different tokens, against the direct one."""

    def compute(cell):
        tokens = group_tokens(cell.ranks, cell.slicing, replicated)
        exchange = collectives.coordinated(tokens, cell.slicing, expert_marks)
        plain = collectives.round_trip(tokens, expert_marks)
        there, back, gather = exchange.messages
        return {
            "same_data": bool(np.array_equal(exchange.delivered, plain.delivered)),
            "peers": np.concatenate([there, back]),
            "gather_messages": gather,
            "direct_peers": plain.messages.ravel(),
        }

    return compute


def random_layer(cell, rng):
    """Tokens, top-1 routing and expert matrices of one layer."""
    tokens = rng.standard_normal((cell.tokens, cell.features))
    logits = rng.standard_normal((cell.tokens, cell.experts))
    weights = rng.standard_normal((cell.experts, cell.features, cell.features))
    return tokens, moe_layer.route(logits, capacity=cell.capacity), weights


def two_routes(tokens, routing, table_routing, weights):
    """One layer by the one-hot einsum and by the table: differences and counted work."""
    slots = moe_layer.dispatch_table(tokens, table_routing)
    reference = moe_layer.dispatch_einsum(tokens, routing)
    outputs = reference @ weights
    combined = moe_layer.combine_table(slots @ weights, table_routing)
    expected = moe_layer.combine_einsum(outputs, routing)
    dropped = ~routing.kept.any(axis=1)
    return (
        np.array_equal(slots, reference),
        np.abs(combined - expected).max() / np.abs(expected).max(),
        np.abs(combined[dropped]).sum(),
        moe_layer.one_hot_mask(routing).size * tokens.shape[1],
        routing.kept.sum() * tokens.shape[1],
    )


_DISPATCH_COLUMNS = ("same_dispatch", "combine_error", "dropped", "multiply_adds", "moves")


def dispatch(shift=0):
    """Simulate whole layers; `shift` misplaces the table's positions (1: inclusive count)."""

    def simulate(cell, rng, size):
        rows = []
        for _ in range(size):  # one replicate is a whole layer of array operations
            tokens, routing, weights = random_layer(cell, rng)
            positions = routing.positions + shift
            table = replace(routing, positions=positions, kept=positions < cell.capacity)
            rows.append(two_routes(tokens, routing, table, weights))
        return dict(zip(_DISPATCH_COLUMNS, map(np.array, zip(*rows, strict=True)), strict=True))

    return simulate
