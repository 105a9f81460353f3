"""A top-k mixture-of-experts layer: gate, capacity, and two routes for dispatch and combine.

The table-driven route scatters and gathers rows by index; the one-hot route is the sparse einsum
``sec,sm->ecm`` of Lepikhin et al. (2021, GShard), kept as the reference. Sizes: S tokens, E
experts, k choices per token, c slots per expert (the capacity), M features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, refuse, whole_array, whole_number
from refutable.solvers.moe_layer._choice import k_largest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Routing:
    """Which slot of which expert every choice of every token takes.

    Attributes
    ----------
    experts
        (S, k) expert ids in 0..E-1, the token's best first.
    gates
        (S, k) weights of the chosen experts, before any token is dropped.
    positions
        (S, k) number of earlier choices of the same expert; all first choices come before all
        second choices, and within one rank the tokens come in order.
    kept
        (S, k) whether the position lies below the capacity.
    n_experts, capacity
        E and c.
    """

    experts: Integers
    gates: Floats
    positions: Integers
    kept: Booleans
    n_experts: int
    capacity: int

    def where_kept(self) -> tuple[Integers, Integers, Integers, Floats]:
        """Token, expert, slot and gate of every kept choice, each of shape (kept,)."""
        token, choice = np.nonzero(self.kept)
        at = (token, choice)
        return token, self.experts[at], self.positions[at], self.gates[at]


def top_k_gate(logits: Floats, k: int, *, renormalise: bool = False) -> tuple[Integers, Floats]:
    """Choose the k experts of each token by softmax probability.

    Parameters
    ----------
    logits
        (S, E) router outputs.
    k
        Choices per token, 1..E. Ties go to the smaller expert id.
    renormalise
        Whether the kept probabilities are divided by their sum.

    Returns
    -------
    tuple of arrays
        Experts and gates, both (S, k), best first.
    """
    logits = finite_array("logits", logits, ndim=2)
    k = whole_number("k", k, 1, logits.shape[1])
    experts = k_largest(logits, k)
    gates = np.take_along_axis(scipy.special.softmax(logits, axis=1), experts, axis=1)
    return experts, gates / gates.sum(axis=1, keepdims=True) if renormalise else gates


def positions_in_expert(experts: Integers, n_experts: int) -> Integers:
    """Exclusive count of earlier choices of the same expert, for choices (S, k)."""
    highest = whole_number("n_experts", n_experts) - 1
    experts = whole_array("experts", experts, 0, highest, ndim=2)
    flat = experts.T.ravel()  # first choices of all tokens, then second choices
    order = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(n_experts))
    positions = np.empty(flat.size, dtype=np.int64)
    positions[order] = np.arange(flat.size) - starts[flat[order]]
    return positions.reshape(experts.shape[::-1]).T


def route(
    logits: Floats, k: int = 1, *, capacity: int | None = None, renormalise: bool = False
) -> Routing:
    """Route tokens to experts.

    Parameters
    ----------
    logits
        (S, E) router outputs.
    k
        Choices per token.
    capacity
        Slots per expert; by default as many as there are tokens, so that nothing is dropped.
    renormalise
        See `top_k_gate`.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.
    """
    experts, gates = top_k_gate(logits, k, renormalise=renormalise)
    n_tokens, n_experts = np.shape(logits)
    slots = n_tokens if capacity is None else whole_number("capacity", capacity)
    positions = positions_in_expert(experts, n_experts)
    return Routing(experts, gates, positions, positions < slots, n_experts, slots)


def dispatch_table(tokens: Floats, routing: Routing) -> Floats:
    """Copy every kept token (S, M) into its slot: (E, c, M), unused slots zero."""
    tokens = _tokens_of(tokens, routing)
    slots = np.zeros((routing.n_experts, routing.capacity, tokens.shape[1]))
    token, expert, slot, _ = routing.where_kept()
    slots[expert, slot] = tokens[token]
    return slots


def combine_table(outputs: Floats, routing: Routing) -> Floats:
    """Gather expert outputs (E, c, M') into tokens (S, M'), weighted by the gates.

    A token none of whose choices was kept gets an exact row of zeros.
    """
    outputs = _outputs_of(outputs, routing)
    token, expert, slot, gate = routing.where_kept()
    combined = np.zeros((routing.experts.shape[0], outputs.shape[2]))
    np.add.at(combined, token, gate[:, None] * outputs[expert, slot])
    return combined


def one_hot_mask(routing: Routing) -> Floats:
    """Return the (S, E, c) mask that is 1 where a token takes a slot."""
    mask = np.zeros((routing.experts.shape[0], routing.n_experts, routing.capacity))
    token, expert, slot, _ = routing.where_kept()
    mask[token, expert, slot] = 1.0
    return mask


def dispatch_einsum(tokens: Floats, routing: Routing) -> Floats:
    """Dispatch by the one-hot product ``sec,sm->ecm``: the reference for `dispatch_table`."""
    tokens = _tokens_of(tokens, routing)
    slots: Floats = np.einsum("sec,sm->ecm", one_hot_mask(routing), tokens, optimize=True)
    return slots


def combine_einsum(outputs: Floats, routing: Routing) -> Floats:
    """Combine by the weighted product ``sec,ecm->sm``: the reference for `combine_table`."""
    outputs = _outputs_of(outputs, routing)
    weights = one_hot_mask(routing)
    token, expert, slot, gate = routing.where_kept()
    weights[token, expert, slot] = gate
    combined: Floats = np.einsum("sec,ecm->sm", weights, outputs, optimize=True)
    return combined


def moe_forward(tokens: Floats, routing: Routing, experts: Callable[[Floats], Floats]) -> Floats:
    """Run the layer: dispatch, `experts` on (E, c, M) -> (E, c, M'), combine to (S, M')."""
    return combine_table(experts(dispatch_table(tokens, routing)), routing)


def _tokens_of(tokens: Floats, routing: Routing) -> Floats:
    tokens = finite_array("tokens", tokens, ndim=2)
    if len(tokens) != len(routing.experts):
        refuse("tokens", tokens, f"one row for each of the {len(routing.experts)} routed tokens")
    return tokens


def _outputs_of(outputs: Floats, routing: Routing) -> Floats:
    outputs = finite_array("outputs", outputs, ndim=3)
    if outputs.shape[:2] != (routing.n_experts, routing.capacity):
        refuse("outputs", outputs, f"({routing.n_experts}, {routing.capacity}, M) = (E, c, M)")
    return outputs
