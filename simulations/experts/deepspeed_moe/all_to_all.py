"""All-to-all schedules of section 5.3: the same data with fewer messages.

Real payloads are moved between simulated ranks and every message is counted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.experts.deepspeed_moe._payloads import (
    Payload,
    by_local_index,
    by_rank,
    labelled,
)
from refutable.solvers import collectives
from refutable.theory.experts import deepspeed_moe as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)


def hierarchical_exchange(
    cell: Cell, order: Callable[[Payload, int], Payload] = by_rank, wider: int = 1
) -> Values:
    """Messages and blocks per rank, and whether the data equal those of the direct exchange.

    Parameters
    ----------
    order : callable
        In what order the blocks are left in the end.
    wider : int
        Nodes of so many times the cell's ranks.
    """
    payload = labelled(cell.ranks)
    exchange = collectives.hierarchical(payload, wider * cell.group)
    delivered = order(exchange.delivered, cell.group)
    plain = collectives.direct(payload)
    return {
        "same_data": bool(np.array_equal(delivered, plain.delivered)),
        "direct_messages": plain.messages.sum(axis=0),
        "messages": exchange.messages.sum(axis=0),
        "volume": exchange.volume.sum(axis=0),
        "volume_factor": exchange.volume.sum() / plain.volume.sum(),
    }


def divisors(*ranks: int) -> Cells:
    """All cells (p, G) with G a proper divisor of p."""
    return Cells.of(*({"ranks": p, "group": g} for p in ranks for g in range(2, p) if p % g == 0))


_SQUARE_ROOTS = {"ranks": (16, 64, 256), "group": (4, 8, 16)}

HIERARCHICAL = Claim(
    id="deepspeed_moe.hierarchical-all-to-all",
    title="Exchanging inside nodes first needs fewer messages for the same data",
    source="Section 5.3, hierarchical all-to-all: O(p) to $O(G + p/G)$ hops at twice the volume",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Exchanging inside nodes of G ranks first and between nodes second delivers exactly what "
        "the direct exchange delivers, with $(G - 1) + (p/G - 1)$ messages per rank instead of p - "
        "1, and less than twice the volume."
    ),
    formula="p - 1 arrow.r (G - 1) + (p/G - 1)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Time: no network, no latency and no bandwidth is modelled.",
    assumptions=("G divides p", "blocks of equal size"),
    cells=ByEffort(
        smoke=divisors(16, 64), standard=divisors(16, 64, 128, 256), full=divisors(16, 64, 128, 256)
    ),
    compute=hierarchical_exchange,
    expect=(
        Exact("same_data").equals(1),
        Exact("direct_messages").equals(lambda c: c.ranks - 1),
        Exact("messages").equals(lambda c: theory.hierarchical_messages(c.ranks, c.group)),
        Exact("volume").equals(lambda c: theory.hierarchical_volume(c.ranks, c.group)),
        Exact("volume_factor").at_most(2),
    ),
    controls=(
        FalseTheory(
            "volume unchanged (at $G = sqrt p$)",
            Exact("volume_factor", **_SQUARE_ROOTS).at_most(1.2),
        ),
        BrokenWorld(
            "blocks left in the order of the local index", change={"order": by_local_index}
        ),
        BrokenWorld("nodes twice as wide as counted", change={"wider": 2}),
    ),
    figure=Axis(x="group", label="ranks per node G", log=True, curve=True),
)


def square_root(root: int) -> int:
    """Node size sqrt(p)."""
    return root


def eight(root: int) -> int:
    """Node size 8, whatever the number of ranks."""
    del root
    return 8


def half_root(root: int) -> int:
    """Node size sqrt(p) / 2."""
    return root // 2


def growth(cell: Cell, node: Callable[[int], int] = square_root) -> Values:
    """Messages beyond 2 sqrt(p) - 2, and log-log slope of messages + 2 against p, a square."""
    roots = np.arange(8, cell.largest_root + 1, 8)
    counts = [
        collectives.hierarchical(np.zeros((g * g, g * g, 1), dtype=np.int8), node(int(g))).messages
        for g in roots
    ]
    messages = np.array([c.sum(axis=0).max() for c in counts])
    least = np.array([theory.hierarchical_messages(int(g * g), int(g)) for g in roots])
    return {
        "exponent": np.polyfit(np.log(roots**2.0), np.log(messages + 2.0), 1)[0],
        "beyond": messages - least,
    }


GROWTH = Claim(
    id="deepspeed_moe.all-to-all-growth",
    title="With the best node size, messages grow as the square root of the ranks",
    source="Section 5.3: $O(G + p/G)$, minimised over G",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="With $G = sqrt(p)$ the hierarchical exchange needs $2 sqrt(p) - 2$ messages per "
    "rank.",
    formula="min_G [(G - 1) + (p/G - 1)] = 2 sqrt(p) - 2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The best G of a real cluster, where G is the number of GPUs in a node.",
    assumptions=("the slope is that of messages + 2 = 2 sqrt(p), so that no constant bends it",),
    cells=ByEffort(
        smoke=Cells(largest_root=(32,)),
        standard=Cells(largest_root=(40,)),
        full=Cells(largest_root=(64,)),
    ),
    compute=growth,
    expect=(Exact("exponent").near(0.5, 0.02), Exact("beyond").equals(0)),
    controls=(
        BrokenWorld("nodes of half as many ranks", change={"node": half_root}),
        BrokenWorld(
            "nodes of 8 ranks, however many there are",
            change={"node": eight},
            judged_by="exponent",
        ),
    ),
)


# --- coordinated with tensor slicing ---------------------------------------------------------


def expert_marks(blocks: Payload) -> Payload:
    """Let expert e leave its mark on every number it sees."""
    expert = np.arange(len(blocks))[:, None, None]
    return blocks * (2 * expert + 3) + expert


def group_tokens(ranks: int, slicing: int, replicated: bool) -> Payload:
    """Blocks of every rank for every expert; the copies inside a group agree if `replicated`."""
    tokens = labelled(ranks)
    return np.repeat(tokens[: ranks // slicing], slicing, axis=0) if replicated else tokens


def coordinated_exchange(cell: Cell, replicated: bool = True, wider: int = 1) -> Values:
    """Run the coordinated schedule against the direct one.

    Parameters
    ----------
    replicated : bool
        Whether the ranks of a group hold the same tokens.
    wider : int
        The schedule takes groups for so many times as wide as those that hold the same tokens.
    """
    tokens = group_tokens(cell.ranks, cell.slicing, replicated)
    exchange = collectives.coordinated(tokens, wider * cell.slicing, expert_marks)
    plain = collectives.round_trip(tokens, expert_marks)
    there, back, gather = exchange.messages
    return {
        "same_data": bool(np.array_equal(exchange.delivered, plain.delivered)),
        "peers": np.concatenate([there, back]),
        "gather_messages": gather,
        "direct_peers": plain.messages.ravel(),
    }


COORDINATED = Claim(
    id="deepspeed_moe.coordinated-all-to-all",
    title="Ranks that hold the same tokens can share the exchange with all experts",
    source="Section 5.3, parallelism-coordinated communication: O(p) to $O(p/L) + O(L)$",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement=(
        "If the L ranks of a tensor-slicing group hold the same tokens, exchanging only with the "
        "$p/L$ ranks of equal slicing index, and gathering inside the group at the end, gives "
        "every rank what the direct exchange gives it."
    ),
    formula="p - 1 arrow.r (p/L - 1) + (L - 1)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Time: no network, no latency and no bandwidth is modelled.",
    assumptions=("one expert per rank", "tokens replicated inside each slicing group"),
    notes=(
        "The printed $128 C_1$ to $16 C_1$ leaves out the all-gather, whose 8 - 1 messages are "
        "counted here.",
    ),
    cells=ByEffort(
        smoke=Cells(ranks=(16, 64), slicing=(2, 4, 8)),
        standard=Cells(ranks=(16, 64, 128, 256), slicing=(2, 4, 8)),
        full=Cells(ranks=(16, 64, 128, 256), slicing=(2, 4, 8, 16)),
    ),
    compute=coordinated_exchange,
    expect=(
        Exact("same_data").equals(1),
        Exact("direct_peers").equals(lambda c: c.ranks - 1),
        Exact("peers").equals(lambda c: theory.coordinated_peers(c.ranks, c.slicing)),
        Exact("gather_messages").equals(lambda c: c.slicing - 1),
    ),
    controls=(
        BrokenWorld(
            "tokens differ inside a group", change={"replicated": False}, judged_by="same_data"
        ),
        BrokenWorld(
            "groups taken for twice as wide", change={"wider": 2}, at={"slicing": (2, 4, 8)}
        ),
    ),
    figure=Axis(x="ranks", label="ranks p", log=True, curve=True),
)
