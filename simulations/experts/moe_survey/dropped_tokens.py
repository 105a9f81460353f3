"""Tokens that a capacity drops under uniform top-1 routing, against the binomial overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.moe_layer import positions_in_expert
from refutable.theory.experts import moe_survey as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Origin,
    Scope,
)

TOKENS = 1024


def capacity(cell: Cell) -> int:
    """Return the slots of an expert, C."""
    return theory.slots(TOKENS, cell.experts, cell.factor)


def predicted(cell: Cell) -> float:
    """Return the mean share of dropped tokens that theory gives."""
    return theory.dropped_share(TOKENS, cell.experts, capacity(cell))


def variance(cell: Cell) -> float:
    """Return a bound on the variance of the share."""
    return theory.dropped_variance_bound(TOKENS, cell.experts, capacity(cell))


def margin(cell: Cell) -> float:
    """Return 3 % of what is predicted, or one token in ten thousand where that is more."""
    return max(0.03 * predicted(cell), 1e-4)


def drawn(rng: np.random.Generator, size: int, experts: int, in_turn: bool) -> NDArray[np.int64]:
    """Draw the expert of every token uniformly, or take the experts in turn: (size, T)."""
    if in_turn:
        return np.broadcast_to(np.arange(TOKENS) % experts, (size, TOKENS))
    return rng.integers(experts, size=(size, TOKENS))


def dropped(
    cell: Cell, rng: np.random.Generator, size: int, in_turn: bool = False, more: int = 0
) -> Columns:
    """Shares of tokens that find their expert full.

    Parameters
    ----------
    in_turn : bool
        Whether tokens go to the experts in turn instead of at random.
    more : int
        Slots of an expert beyond the capacity.
    """
    experts = drawn(rng, size, cell.experts, in_turn)
    # Batches have experts of their own, so that one pass places the tokens of all.
    apart = experts + cell.experts * np.arange(size)[:, None]
    places = positions_in_expert(apart.reshape(-1, 1), cell.experts * size).reshape(experts.shape)
    return {"dropped": (places >= capacity(cell) + more).mean(axis=1)}


DROPPED = Claim(
    id="moe_survey.dropped-share",
    title="Uniform random routing drops the share of tokens that binomial loads predict",
    source="Expert capacity, C = cf $T / N$ for top-1 gates; mean overflow derived here",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Under uniform random top-1 routing the mean share of tokens that exceed the "
    "capacity is $N/T$ times the mean overflow of a binomial load.",
    formula='EE ["dropped"] = N/T EE ("Bin"(T, 1/N) - C)_+',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What trained routers drop: their tokens are neither uniform nor independent. "
    "Where less than one token in ten thousand is predicted, as for a factor of 2, hardly more "
    "than that hardly any is dropped.",
    assumptions=(
        "loads are multinomial, hence negatively associated: the variance that is declared adds "
        "up the experts' own",
    ),
    notes=(
        "With 1024 tokens and a capacity factor of 1 the share is 3.3, 4.8, 6.9 and 9.8 % for 8, "
        "16, 32 and 64 experts; at 1.25 it is 0.004, 0.11, 0.68 and 2.2 %, at 2 below 0.002 %.",
    ),
    cells=ByEffort(
        smoke=Cells(experts=(64,), factor=(1.0, 1.25)) + Cells(experts=(16,), factor=(1.0,)),
        standard=Cells(experts=(8, 16, 64), factor=(1.0, 1.25, 2.0)),
        full=Cells(experts=(8, 16, 32, 64), factor=(1.0, 1.1, 1.25, 1.5, 2.0)),
    ),
    simulate=dropped,
    expect=(Mean("dropped", variance_at_most=variance).near(predicted, margin),),
    controls=(
        BrokenWorld(
            "tokens take the experts in turn", change={"in_turn": True}, at={"factor": 1.0}
        ),
        BrokenWorld("one slot more per expert", change={"more": 1}, at={"factor": 1.0}),
    ),
    block=200,
    cap=ByEffort(smoke=20_000, standard=40_000, full=160_000),
    figure=Axis(x="factor", label="capacity factor", curve=True),
)
