"""Networks cut into experts, and routers that see the teacher's output before any training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.gated_ffn import GatedFFN, cut_ffn, expert_outputs, random_ffn
from refutable.solvers.subsets import subset_indicators, subset_sum_errors

from refutable import ByEffort, Cell, Cells, Columns, FloatArray

WIDTH, HIDDEN = 64, 512
SHIFT, ALIGNMENT = 4.0, 1.0
"""How far the tokens of a domain are moved, and the gates of its expert turned towards them."""

STRUCTURES = ("unstructured", "structured")
SMALL = {"hidden": (128,), "tokens": (50,)}
MEDIUM = {"hidden": (HIDDEN,), "tokens": (100,)}
LARGE = {"hidden": (HIDDEN,), "tokens": (1000,)}


def grid(k: int, structure: Sequence[str], wide: Sequence[tuple[int, int]] = ()) -> ByEffort[Cells]:
    """Cells with k of 4 experts at every effort, and others above smoke."""
    where = {"structure": structure}
    four = {"n": (4,), "k": (k,)}
    more = [Cells(n=(n,), k=(m,), **where, **MEDIUM) for n, m in wide]
    large = [Cells(n=(n,), k=(m,), **where, **LARGE) for n, m in wide]
    return ByEffort(
        smoke=Cells(**four, **where, **SMALL),
        standard=sum(more, Cells(**four, **where, **MEDIUM)),
        full=sum(large, Cells(**four, **where, **LARGE)),
    )


def labelled_networks(cell: Cell, rng: np.random.Generator, size: int) -> FloatArray:
    """Return the outputs of N experts at T tokens: (size, T, N, d).

    In a structured cell every token is moved along the direction of one expert.
    """
    ffn = random_ffn(rng, size, WIDTH, cell.hidden)
    tokens = rng.standard_normal((size, cell.tokens, WIDTH))
    if cell.structure == "structured":
        directions = rng.standard_normal((size, cell.n, WIDTH))
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        domain = rng.integers(cell.n, size=(size, cell.tokens, 1))
        tokens += SHIFT * np.take_along_axis(directions, domain, axis=1)
        aligned = np.repeat(directions, cell.hidden // cell.n, axis=1)
        ffn = GatedFFN(ffn.gate + ALIGNMENT * aligned, ffn.up, ffn.down)
    order = np.broadcast_to(np.arange(cell.hidden), (size, cell.hidden))
    return np.moveaxis(expert_outputs(cut_ffn(ffn, order, cell.n), tokens), 1, 2)


def nearest(experts: FloatArray, target: FloatArray, k: int) -> NDArray[np.bool_]:
    """Mark the k experts closest to a target: (size, T, N)."""
    distance = ((experts - target[..., None, :]) ** 2).sum(axis=-1)
    ranks = distance.argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
    return np.asarray(ranks < k)


def error_of(experts: FloatArray, chosen: NDArray[np.bool_], scale: float) -> FloatArray:
    """Squared error of the scaled sum of chosen experts, per token: (size, T)."""
    output = scale * (experts * chosen[..., None]).sum(axis=2)
    return np.asarray(((output - experts.sum(axis=2)) ** 2).sum(axis=-1))


def squared_errors(experts: FloatArray, n: int, k: int) -> Columns:
    """Squared error of every router at every token: (size, T) each."""
    teacher, scale = experts.sum(axis=2), n / k
    every = subset_indicators(n, k)
    scaled = subset_sum_errors(experts, every, scale)
    return {
        "random": scaled.mean(axis=-1),
        "label": error_of(experts, nearest(experts, teacher / scale, k), scale),
        "best": scaled.min(axis=-1),
        "best_unscaled": subset_sum_errors(experts, every, 1.0).min(axis=-1),
        "closest_unscaled": error_of(experts, nearest(experts, teacher, k), 1.0),
    }


def routing_errors(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Relative squared errors of the routers, and what the label and the best subset gain."""
    experts = labelled_networks(cell, rng, size)
    power = (experts.sum(axis=2) ** 2).sum(axis=-1).mean(axis=-1)
    errors = squared_errors(experts, cell.n, cell.k)
    columns = {name: error.mean(axis=-1) / power for name, error in errors.items()}
    columns["label_gain"] = 1 - columns["label"] / columns["random"]
    columns["best_gain"] = 1 - columns["best"] / columns["random"]
    columns["shortfall"] = columns["label"] / columns["best"] - 1
    return columns
