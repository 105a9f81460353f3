"""All-to-all exchanges as message passing between simulated ranks, with every message counted.

Each rank owns a buffer; the only way data moves between ranks is `_Network.all_to_all`, which also
counts the messages and blocks that it carries. The schedules follow Rajbhandari et al. (2022,
section 5.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import real_array, refuse, whole_array, whole_number

Buffers = NDArray[np.int64]
Transform = Callable[[Buffers], Buffers]


@dataclass(frozen=True)
class Exchange:
    """What arrived, and what it cost.

    Attributes
    ----------
    delivered
        (p, p, B): `delivered[r, s]` is the block that rank r holds from or about rank s.
    messages, volume
        (phases, p): messages, and blocks of B numbers, that each rank sent in each phase.
        What a rank keeps for itself is no message.
    """

    delivered: Buffers
    messages: NDArray[np.int64]
    volume: NDArray[np.int64]


def _payload(payload: Buffers, name: str = "payload") -> Buffers:
    array: Buffers = real_array(name, payload)  # type: ignore[assignment]
    if array.ndim != 3 or array.shape[0] != array.shape[1] or array.size == 0:
        refuse(name, array, "a non-empty array of shape (p, p, B)")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinite values: remove or replace them")
    return array


def _divisor(name: str, value: int, ranks: int) -> int:
    divisor = whole_number(name, value)
    if ranks % divisor:
        refuse(name, value, f"a divisor of the {ranks} ranks")
    return divisor


class _Network:
    """The ranks and their wires: moves buffers and counts what crosses."""

    def __init__(self, ranks: int) -> None:
        self.ranks = ranks
        self._messages: list[NDArray[np.int64]] = []
        self._volume: list[NDArray[np.int64]] = []

    def all_to_all(self, send: Buffers, groups: NDArray[np.int64]) -> Buffers:
        """Member i of each group (a row of `groups`) hands its entry j of `send` to member j.

        `send` is (p, members, ..., B): everything between is a number of blocks per message.
        """
        received = np.empty_like(send)
        received[groups] = np.swapaxes(send[groups], 1, 2)
        peers = np.zeros(self.ranks, dtype=np.int64)
        np.add.at(peers, groups, groups.shape[1] - 1)
        self._messages.append(peers)
        self._volume.append(peers * int(np.prod(send.shape[2:-1], dtype=np.int64)))
        return received

    def result(self, delivered: Buffers) -> Exchange:
        return Exchange(delivered, np.array(self._messages), np.array(self._volume))


def direct(payload: Buffers) -> Exchange:
    """Every rank sends to every other: `payload[r, s]` goes from r to s. Shapes (p, p, B)."""
    payload = _payload(payload)
    network = _Network(payload.shape[0])
    return network.result(network.all_to_all(payload, np.arange(network.ranks)[None]))


def hierarchical(payload: Buffers, group: int) -> Exchange:
    """Exchange inside nodes of `group` ranks first, then between ranks of equal local index.

    Rank (n, i) hands (n, j) all that is destined to local index j of any node; then (n, j) hands
    (m, j) all that is destined to node m. Shapes (p, p, B); `group` divides p.
    """
    payload = _payload(payload)
    ranks, _, width = payload.shape
    group = _divisor("group", group, ranks)
    nodes = ranks // group
    grid = np.arange(ranks).reshape(nodes, group)
    by_local = payload.reshape(ranks, nodes, group, width).transpose(0, 2, 1, 3)
    network = _Network(ranks)
    gathered = network.all_to_all(by_local, grid)  # (rank, from local i, to node m, B)
    crossed = network.all_to_all(gathered.transpose(0, 2, 1, 3), grid.T)  # (rank, node, i, B)
    return network.result(crossed.reshape(payload.shape))


def round_trip(tokens: Buffers, transform: Transform) -> Exchange:
    """Direct reference of `coordinated`: to the experts, through `transform`, and back.

    `tokens[r, e]` is what rank r has for the expert on rank e; `transform` maps the blocks
    (p, sources, B) held by all experts, row e being those of expert e.
    """
    sent = direct(_payload(tokens, "tokens"))
    returned = direct(_same_shape(transform, sent.delivered))
    return Exchange(
        returned.delivered,
        np.concatenate([sent.messages, returned.messages]),
        np.concatenate([sent.volume, returned.volume]),
    )


def coordinated(tokens: Buffers, slicing: int, transform: Transform) -> Exchange:
    """Reach all p experts through the peers of equal slicing index only, then all-gather.

    Ranks (d, l) of one data group d hold the same tokens, one copy for each of the `slicing`
    indices l. Rank (d, l) handles the tokens whose expert sits on a rank of index l: all-to-all
    among the p / slicing ranks of that index, `transform`, the same all-to-all back, and an
    all-gather inside the group. Correct only if the copies of a group agree.

    Parameters
    ----------
    tokens
        (p, p, B) blocks of each rank's own copy for each expert.
    slicing
        Degree L of tensor slicing; divides p.
    transform
        As in `round_trip`.

    Returns
    -------
    Exchange
        Three phases: there, back, all-gather.
    """
    tokens = _payload(tokens, "tokens")
    ranks, _, width = tokens.shape
    slicing = _divisor("slicing", slicing, ranks)
    groups = ranks // slicing
    grid = np.arange(ranks).reshape(groups, slicing)
    index = np.arange(ranks) % slicing
    own = tokens.reshape(ranks, groups, slicing, width)[np.arange(ranks), :, index]
    network = _Network(ranks)
    there = network.all_to_all(own, grid.T)
    back = network.all_to_all(_same_shape(transform, there), grid.T)
    copies = np.repeat(back[:, None], slicing, axis=1)
    gathered = network.all_to_all(copies, grid)  # (rank, slicing index, expert group, B)
    return network.result(gathered.transpose(0, 2, 1, 3).reshape(tokens.shape))


def _same_shape(transform: Transform, blocks: Buffers) -> Buffers:
    changed = np.asarray(transform(blocks))
    if changed.shape != blocks.shape:
        raise ValueError(f"transform returns shape {changed.shape}: give it back as {blocks.shape}")
    return changed


def copies_between(
    homes: NDArray[np.int64], targets: NDArray[np.int64], ranks: int
) -> NDArray[np.int64]:
    """Count the copies of tokens that every rank hands to every rank, itself included.

    The exchange that takes tokens to their experts moves what stands off the diagonal; the one
    that brings results back moves the transpose.

    Parameters
    ----------
    homes
        (..., T) rank, 0..P-1, on which each token lives.
    targets
        (..., T, k) ranks to which each token is sent, one copy each.
    ranks
        P.

    Returns
    -------
    ndarray of int, shape (..., P, P)
        Entry r, s: copies from rank r to rank s.

    Raises
    ------
    ValueError
        If a rank is out of range, or the shapes do not fit.
    """
    count = whole_number("ranks", ranks)
    here = whole_array("homes", homes, 0, count - 1, least=1)
    there = whole_array("targets", targets, 0, count - 1, least=2)
    if there.shape[:-1] != here.shape:
        refuse("targets", there, f"shape (..., T, k) with (..., T) = {here.shape}, as homes")
    batch = here.shape[:-1]
    layers = int(np.prod(batch, dtype=np.int64))
    pairs = (here[..., None] * count + there).reshape(layers, -1)
    pairs = pairs + np.arange(layers)[:, None] * count**2
    counts = np.bincount(pairs.ravel(), minlength=layers * count**2)
    return counts.astype(np.int64, copy=False).reshape(*batch, count, count)
