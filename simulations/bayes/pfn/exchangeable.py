"""The order of the context and other queries, on which no prediction is to depend."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.context_transformer import Layout, initial_parameters, predict

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

CONTEXT, QUERIES = 6, 4
LAYOUT = Layout(features=2, width=16, layers=2, heads=2)
ROUNDING = 1e-11
"""Differences are some 1e-15; a weight, or a position, that is off by 1e-8 shows."""


def changes(
    cell: Cell,
    rng: Generator,
    size: int,
    position: float = 0.0,
    leak: bool = False,
    hidden: bool = False,
) -> Columns:
    """Compare predictions for data sets that are the same but for what should not matter.

    All `size` data sets of a call share one network.

    Parameters
    ----------
    cell : Cell
        Without parameters.
    position : float
        What is added to a context point's inputs for each place in the order.
    leak : bool
        Let queries attend to another query, with 0 for its label.
    hidden : bool
        Let nothing of the context be seen.

    Returns
    -------
    dict of ndarray, shape (size,)
        Largest absolute differences of means and deviations of a data set: in another ``order`` of
        the context; with ``others`` in place of all queries but the first; with the first two
        labels ``swapped``, which does matter.
    """
    del cell
    weights = initial_parameters(LAYOUT, rng)
    x = rng.random((size, CONTEXT + QUERIES, LAYOUT.features))
    y = rng.standard_normal((size, CONTEXT))
    places = position * np.arange(CONTEXT)[:, None]

    def answer(inputs: FloatArray, labels: FloatArray) -> FloatArray:
        placed = inputs.copy()
        placed[:, :CONTEXT] += places
        if leak:
            placed = np.concatenate([placed[:, :CONTEXT], placed[:, -1:], placed[:, CONTEXT:]], 1)
            labels = np.concatenate([labels, np.zeros((size, 1))], axis=1)
        return np.stack(predict(weights, LAYOUT, placed, labels, np.full(labels.shape, not hidden)))

    order = rng.permutation(CONTEXT)
    permuted, other, swapped = x.copy(), x.copy(), y.copy()
    permuted[:, :CONTEXT] = x[:, order]
    other[:, CONTEXT + 1 :] = rng.random(other[:, CONTEXT + 1 :].shape)
    swapped[:, [0, 1]] = y[:, [1, 0]]
    base = answer(x, y)
    return {
        "order": np.abs(answer(permuted, y[:, order]) - base).max(axis=(0, 2)),
        "others": np.abs(answer(other, y) - base)[..., 0].max(axis=0),
        "swapped": np.abs(answer(x, swapped) - base).max(axis=(0, 2)),
    }


EXCHANGEABLE = Claim(
    id="pfn.order-of-context",
    title="Neither the order of the context nor another query changes a prediction",
    source="the architecture: no positional encodings, and queries attend to the context alone",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="A transformer without positional encodings whose queries attend to the context only "
    "gives the same prediction for every order of the context and whatever the other queries are; "
    "labels that change places do change it.",
    formula="q(y | x, pi(D)) = q(y | x, D)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the prediction is any good: weights are random.",
    assumptions=("6 context points, 4 queries, 2 layers of width 16 with 2 heads",),
    cells=Cells(),
    simulate=changes,
    expect=(
        Exact("order").at_most(ROUNDING),
        Exact("others").at_most(ROUNDING),
        Exact("swapped").at_least(1e-6),
    ),
    controls=(
        BrokenWorld(
            "positions that move inputs by a part in $10^8$",
            change={"position": 1e-8},
            judged_by="order",
        ),
        BrokenWorld("a query that others attend to", change={"leak": True}, judged_by="others"),
        BrokenWorld("a context that is hidden", change={"hidden": True}, judged_by="swapped"),
    ),
    block=1,  # a replicate is a network of its own
    cap=50,
)
