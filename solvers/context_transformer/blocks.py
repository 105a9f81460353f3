"""Forward and backward passes of the parts: normalisation, attention, the layer between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.context_transformer.layout import Floats, Weights

SMALL = 1e-5
"""Added to a token's variance before its root is taken, as is usual in layer normalisation."""

SIGMOID = 1.702
"""GELU as ``a sigmoid(1.702 a)``, the approximation of Hendrycks and Gimpel (2016)."""


class Kept(NamedTuple):
    """What the backward pass of a block needs of the forward pass."""

    attention: tuple[Floats, ...]
    between: tuple[Floats, ...]


def times(a: Floats, weight: Floats) -> Floats:
    """Return ``a @ weight`` as one product of matrices, whatever the leading axes of `a`."""
    flat = a.reshape(-1, a.shape[-1]) @ weight
    return flat.reshape(*a.shape[:-1], weight.shape[-1])


def slope(a: Floats, back: Floats) -> Floats:
    """Return the gradient with respect to the weight of `times`."""
    return a.reshape(-1, a.shape[-1]).T @ back.reshape(-1, back.shape[-1])


def total(back: Floats) -> Floats:
    """Return the gradient with respect to a bias."""
    return np.asarray(back.reshape(-1, back.shape[-1]).sum(axis=0))


def normalise(h: Floats) -> tuple[Floats, Floats]:
    """Centre each token and divide it by its deviation; return also one over the latter."""
    u = h - h.mean(axis=-1, keepdims=True)
    inverse = 1 / np.sqrt(np.einsum("...i,...i", u, u)[..., None] / h.shape[-1] + SMALL)
    u *= inverse
    return u, inverse


def normalise_back(back: Floats, u: Floats, inverse: Floats) -> Floats:
    """Return the gradient with respect to the tokens of `normalise`."""
    along = np.einsum("...i,...i", back, u)[..., None] / u.shape[-1]
    return np.asarray(inverse * (back - back.mean(axis=-1, keepdims=True) - u * along))


def gelu(a: Floats) -> tuple[Floats, Floats]:
    """Return GELU of `a`, and the sigmoid that it needs."""
    gate = np.exp(-SIGMOID * np.clip(a, -50, 50))  # beyond, it is 0 or 1 to the last digit
    gate += 1
    np.divide(1, gate, out=gate)
    return a * gate, gate


def gelu_back(back: Floats, value: Floats, gate: Floats) -> Floats:
    """Return the gradient with respect to the argument of GELU, which had this value and gate."""
    return np.asarray(back * (gate + SIGMOID * value * (1 - gate)))


def heads_first(a: Floats, heads: int) -> Floats:
    """Return tokens (b, t, heads * e) as (b, heads, t, e)."""
    return np.swapaxes(a.reshape(*a.shape[:2], heads, -1), 1, 2)


def heads_last(a: Floats) -> Floats:
    """Undo `heads_first`."""
    return np.swapaxes(a, 1, 2).reshape(len(a), a.shape[2], -1)


def attend(
    h: Floats, first: int, weights: Weights, heads: int, visible: NDArray[np.bool_]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Let tokens from the index `first` on attend to the visible context.

    Parameters
    ----------
    h : ndarray, shape (b, t, d)
        The context comes first.
    first : int
        0, or the length of the context where only queries are wanted any more.
    weights : dict
        Of the block.
    heads : int
    visible : ndarray of bool, shape (b, context)
        Where nothing is visible, nothing is added.

    Returns
    -------
    ndarray, shape (b, t - first, d)
        What is added to the tokens.
    """
    u, inverse = normalise(h)
    context = np.ascontiguousarray(u[:, : visible.shape[1]])
    asking = np.ascontiguousarray(u[:, first:])
    q = heads_first(times(asking, weights["query"]), heads)
    key, value = np.split(times(context, weights["key_value"]), 2, axis=-1)
    k, v = heads_first(key, heads), heads_first(value, heads)
    scores = (q @ np.swapaxes(k, -1, -2)) * h.dtype.type(q.shape[-1] ** -0.5)
    shares = masked_softmax(scores, visible[:, None, None, :])
    mixed = heads_last(shares @ v)
    return times(mixed, weights["out"]), (u, inverse, asking, context, q, k, v, shares, mixed)


def masked_softmax(scores: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Return softmax over what the mask allows; zeros where it allows nothing."""
    shifted = np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True)
    shares = np.exp(np.minimum(scores - np.where(np.isfinite(shifted), shifted, 0), 0)) * mask
    return np.asarray(shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-30))


def attend_back(
    back: Floats, first: int, weights: Weights, slopes: Weights, kept: tuple[Floats, ...]
) -> Floats:
    """Return the gradient with respect to the tokens of `attend`; fill in those of its weights."""
    u, inverse, asking, context, q, k, v, shares, mixed = kept
    heads = q.shape[1]
    slopes["out"][...] = slope(mixed, back)
    d_mixed = heads_first(times(back, weights["out"].T), heads)
    d_shares = d_mixed @ np.swapaxes(v, -1, -2)
    d_scores = shares * (d_shares - (d_shares * shares).sum(axis=-1, keepdims=True))
    d_scores *= u.dtype.type(q.shape[-1] ** -0.5)
    d_q = heads_last(d_scores @ k)
    d_k = heads_last(np.swapaxes(d_scores, -1, -2) @ q)
    d_v = heads_last(np.swapaxes(shares, -1, -2) @ d_mixed)
    d_key_value = np.concatenate([d_k, d_v], axis=-1)
    slopes["query"][...] = slope(asking, d_q)
    slopes["key_value"][...] = slope(context, d_key_value)
    d_u = np.zeros_like(u)
    d_u[:, first:] = times(d_q, weights["query"].T)
    d_u[:, : context.shape[1]] += times(d_key_value, weights["key_value"].T)
    return normalise_back(d_u, u, inverse)


def between(h: Floats, weights: Weights) -> tuple[Floats, tuple[Floats, ...]]:
    """Return what the layer between two attentions adds to each token."""
    u, inverse = normalise(h)
    value, gate = gelu(times(u, weights["up"]) + weights["up_bias"])
    added = times(value, weights["down"]) + weights["down_bias"]
    return added, (u, inverse, value, gate)


def between_back(
    back: Floats, weights: Weights, slopes: Weights, kept: tuple[Floats, ...]
) -> Floats:
    """Return the gradient with respect to the tokens of `between`; fill in those of its weights."""
    u, inverse, value, gate = kept
    slopes["down"][...] = slope(value, back)
    slopes["down_bias"][...] = total(back)
    d_up = gelu_back(times(back, weights["down"].T), value, gate)
    slopes["up"][...] = slope(u, d_up)
    slopes["up_bias"][...] = total(d_up)
    return normalise_back(times(d_up, weights["up"].T), u, inverse)
